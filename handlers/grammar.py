"""Reads what people write to /alert. The grammar stands beside it in grammar.lark."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Transformer, v_args
from lark.exceptions import LarkError, UnexpectedInput, VisitError

from handlers.command import UserError
from handlers.draft import Draft
from handlers.preferences import Severity
from handlers.rule import Direction, Metric
from handlers.words import Words

LONGEST = 200
MOST_VALUES = 10  # each becomes an alert of its own, tried on the past
EXAMPLE = "/alert add btc < 70000 close 1h"
SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12, "tn": 1e12}
UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
INTERVALS = {900: "15m", 3600: "1h", 14400: "4h", 86400: "1d", 604800: "1w"}
LONGEST_SPAN = 366 * 86400
_PLAIN = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "≤": "<=", "≥": ">=", "“": '"', "”": '"', "„": '"', "«": '"'}
    | {"»": '"', "、": ",", "⁓": "~"}
)
_POWER = re.compile(r"[-+]?\$?\d[\d.,]*e[-+]?\d+", re.IGNORECASE)
_DOTTED = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(\.\d{3})+(?![\d.]|\s?[kmbt%])", re.IGNORECASE)


def parse(text: str, words: Words) -> Draft:
    """What was asked for. Raises UserError, and nothing else, with an example that works."""
    plain = _plain(text, words)
    try:
        tree = _parser().parse(plain)
        options, draft = _Reader(words).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, UserError):
            raise error.orig_exc from None
        raise UserError(_unread(plain, None, words), example=EXAMPLE) from error
    except UnexpectedInput as error:
        raise UserError(_unread(plain, error.pos_in_stream, words), example=EXAMPLE) from error
    except LarkError as error:
        raise UserError(_unread(plain, None, words), example=EXAMPLE) from error
    read: Draft = draft
    for option in options:
        read = option(read)
    return read


@cache
def _parser() -> Lark:
    """Built when the first alert is read: the tables take some milliseconds."""
    grammar = Path(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=True, g_regex_flags=re.IGNORECASE)


def _plain(text: str, words: Words) -> str:
    """One spelling of digits, signs and quotes, before anything is parsed; bounded first."""
    if len(text) > LONGEST:
        raise UserError(words("That is too long for one alert."), example=EXAMPLE)
    plain = unicodedata.normalize("NFKC", text).translate(_PLAIN).strip()
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc") or c in "\t\n")
    if not plain:
        raise UserError(words("Say what to watch."), example=EXAMPLE)
    if '"' not in plain and (found := _DOTTED.search(plain)):
        raise UserError(
            words(
                "{text} can be read in two ways. Write {whole} or {point}.",
                text=found[0],
                whole=found[0].replace(".", ""),
                point=found[0] + "0",
            ),
            example=EXAMPLE,
        )
    return plain


def _unread(text: str, position: int | None, words: Words) -> str:
    if found := _POWER.search(text):
        return words("{text} is no number.", text=found[0])
    if position is None or not 0 <= position < len(text):
        return words("Something is missing at the end of this alert.")
    return words("I cannot read this alert from “{rest}”.", rest=text[position : position + 20])


Option = Callable[[Draft], Draft]


@v_args(inline=True)
class _Reader(Transformer[Any, Any]):
    """Turns the tree into a draft and the options that change it."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.words = words

    def start(self, asset: str | None, draft: Draft, *options: Option) -> tuple[Any, Draft]:
        named = asset.lstrip("$").upper() if asset else None
        return options, replace(draft, asset=named)

    def price(self, compare: str | None, *rest: Any) -> Draft:
        *numbers, close = rest
        values = tuple(dict.fromkeys(self._number(n) for n in numbers))
        if len(values) > MOST_VALUES:
            raise self._wrong(self.words("One line takes {n} prices at most.", n=MOST_VALUES))
        draft = self._compared(Draft(Metric.PRICE, values=values), compare)
        return replace(draft, on_close=True, interval=close) if close else draft

    def closing(self, interval: str | None) -> str:
        return self._interval(interval) or "1h"

    def change(self, compare: str | None, percent: str, window: str | None) -> Draft:
        value = float(percent.rstrip("% "))
        signed = Direction.BELOW if value < 0 else Direction.ABOVE
        direction = signed if percent[0] in "+-" else Direction.EITHER
        draft = Draft(Metric.CHANGE, values=(value,), direction=direction)
        return replace(self._compared(draft, compare), window=self._seconds(window) or 86400)

    def extreme(self, which: str, window: str | None) -> Draft:
        low = which.lower() == "low"
        days = (self._seconds(window) or 90 * 86400) / 86400
        if days < 2 or days != int(days):
            raise self._wrong(self.words("A new low or high needs a window of two days or more."))
        metric, direction = (
            (Metric.NEW_LOW, Direction.BELOW) if low else (Metric.NEW_HIGH, Direction.ABOVE)
        )
        return Draft(metric, values=(days,), direction=direction)

    def rsi(self, compare: str | None, number: str, interval: str | None) -> Draft:
        value = self._number(number)
        default = Direction.BELOW if value < 50 else Direction.ABOVE
        draft = Draft(Metric.RSI, values=(value,), direction=default)
        return replace(self._compared(draft, compare), interval=self._interval(interval) or "1d")

    def liquidations(self, compare: str | None, number: str, window: str | None) -> Draft:
        draft = Draft(
            Metric.LIQUIDATIONS, values=(self._number(number),), direction=Direction.ABOVE
        )
        return replace(self._compared(draft, compare), window=self._seconds(window) or 86400)

    def flow(self, compare: str | None, number: str) -> Draft:
        return self._signed(Metric.FLOW, compare, self._number(number))

    def streak(self, compare: str | None, number: str) -> Draft:
        value = self._number(number)
        if value != int(value):
            raise self._wrong(self.words("A streak is counted in whole days."))
        signed = Direction.BELOW if value < 0 else Direction.ABOVE
        direction = signed if number[0] in "+-" else Direction.EITHER
        draft = Draft(Metric.FLOW_STREAK, values=(value,), direction=direction)
        return self._compared(draft, compare or "") if compare else replace(draft, inclusive=True)

    def funding(self, compare: str | None, number: str) -> Draft:
        percent = number.endswith("%")
        value = float(number.rstrip("% ")) / 100 if percent else self._number(number)
        return self._signed(Metric.FUNDING, compare, value)

    def fear(self, compare: str | None, number: str) -> Draft:
        value = self._number(number)
        default = Direction.BELOW if value < 50 else Direction.ABOVE
        draft = Draft(Metric.FEAR, values=(value,), direction=default)
        return self._compared(draft, compare)

    def level(self, *_: object) -> Draft:
        return Draft(Metric.LEVEL, direction=Direction.EITHER)

    def headline(self, word: str) -> Draft:
        wanted = word.strip('"').strip()
        if len(wanted) < 2:
            raise self._wrong(self.words("A word needs two letters or more."))
        return Draft(Metric.HEADLINE, word=wanted, direction=Direction.ABOVE)

    def hold(self, *parts: str) -> Option:
        seconds = self._seconds(parts[-1]) or 0
        return lambda draft: replace(draft, hold=seconds)

    def cooldown(self, *parts: str) -> Option:
        seconds = self._seconds(parts[-1]) or 0
        return lambda draft: replace(draft, cooldown=seconds)

    def until(self, *parts: str) -> Option:
        try:
            day = date.fromisoformat(parts[-1])
        except ValueError:
            raise self._wrong(self.words("{day} is no date.", day=parts[-1])) from None
        return lambda draft: replace(draft, until=day)

    def once(self, *_: object) -> Option:
        return lambda draft: replace(draft, once=True)

    def severity(self, name: str) -> Option:
        return lambda draft: replace(draft, severity=Severity(name.lower()))

    def rearm(self, *parts: str) -> Option:
        value = self._number(parts[-1])
        return lambda draft: replace(draft, rearm_at=value)

    def _signed(self, metric: Metric, compare: str | None, value: float) -> Draft:
        """Without a comparison the sign says it: −500M is a day below it."""
        direction = Direction.BELOW if value < 0 else Direction.ABOVE
        return self._compared(Draft(metric, values=(value,), direction=direction), compare)

    def _compared(self, draft: Draft, compare: str | None) -> Draft:
        if not compare:
            return draft
        below = compare.lower() in ("<", "<=", "below", "under")
        direction = Direction.BELOW if below else Direction.ABOVE
        return replace(draft, direction=direction, inclusive=compare.endswith("="))

    def _number(self, text: str) -> float:
        body = text.lower().replace("$", "").replace(",", "")
        match = re.fullmatch(r"([-+]?[-+]?)([0-9.]+)\s?([a-z]*)", body)
        if match is None or len(match[1]) > 1:
            raise self._wrong(self.words("{text} is no number.", text=text))
        value = float(match[2]) * SCALES.get(match[3], 1.0)
        if value > 1e15:
            raise self._wrong(self.words("{text} is too large.", text=text))
        return -value if match[1] == "-" else value

    def _seconds(self, text: str | None) -> int | None:
        if text is None:
            return None
        match = re.match(r"([0-9.]+)\s?([a-z])", text.lower())
        seconds = round(float(match[1]) * UNITS[match[2]]) if match else 0
        if not 0 < seconds <= LONGEST_SPAN:
            raise self._wrong(self.words("{text} is no span of time I can watch.", text=text))
        return seconds

    def _interval(self, text: str | None) -> str | None:
        seconds = self._seconds(text)
        if seconds is not None and seconds not in INTERVALS:
            raise self._wrong(self.words("Candles come in 15m, 1h, 4h, 1d and 1w."))
        return None if seconds is None else INTERVALS[seconds]

    def _wrong(self, text: str) -> UserError:
        return UserError(text, example=EXAMPLE)
