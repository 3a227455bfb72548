"""Turns what the grammar found in an alert into a draft, or asks back what can be meant in two ways."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from lark import Token, Transformer, v_args

from handlers.command import UserError
from handlers.draft import Draft
from handlers.numerals import two_ways
from handlers.preferences import Severity
from handlers.rule import Direction, Metric
from handlers.words import Words

LONGEST_WORD = 60
MOST_VALUES = 10  # each becomes an alert of its own, tried on the past
SCALES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}  # of "mn", "mio", "million" by the first letter
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
INTERVALS = {900: "15m", 3600: "1h", 14400: "4h", 86400: "1d", 604800: "1w"}
NAMED_CANDLES = {"hourly": "1h", "daily": "1d", "weekly": "1w"}
LONGEST_SPAN = 366 * 86400
BARE_RATE = 0.001  # a funding rate without its % is from here on more likely meant in percent
BELOW, ABOVE, EITHER = Direction.BELOW, Direction.ABOVE, Direction.EITHER
_UNDER = re.compile(r"<|=<|at most|less|lower|below|under|unter", re.IGNORECASE)
_NUMBER = re.compile(r"([-+]?)\$?([-+]?)([0-9.]+)\s?(k|m|b|t)?[a-z]*\s?\$?[a-z]*", re.IGNORECASE)

Option = Callable[[Draft], Draft]


@dataclass(frozen=True, slots=True)
class _Way:
    """ "falls below": how the value moves and on which side it then is, each None when it was not said."""

    typed: str
    moves: Direction | None = None
    side: Direction | None = None
    inclusive: bool = False


NOT_SAID = _Way("")


@v_args(inline=True)
class Reader(Transformer[Any, Any]):
    """Turns the tree into a draft and the options that change it."""

    def __init__(self, words: Words, example: str) -> None:
        super().__init__()
        self.words, self.example = words, example

    def start(
        self, severity: str | None, asset: str | None, draft: Draft, *options: Option
    ) -> tuple[Any, Draft]:
        named = asset.lstrip("$").upper() if asset else None
        first = (self.severity(severity),) if severity else ()
        return (*first, *options), replace(draft, asset=named)

    def way(self, first: Token, second: Token | None = None) -> _Way:
        """A comparison, or a movement and perhaps a comparison."""
        moves = {"FALL": BELOW, "RISE": ABOVE}.get(first.type)
        compare = second if moves else first
        typed = f"{first} {second}" if second else str(first)
        if compare is None:
            return _Way(typed, moves)
        return _Way(typed, moves, _side(compare), _reaches(compare))

    def price(self, way: _Way | None, *rest: Any) -> Draft:
        *numbers, close = rest
        values = tuple(dict.fromkeys(self._number(n) for n in numbers))
        if len(values) > MOST_VALUES:
            raise self._wrong(self.words("One line takes {n} prices at most.", n=MOST_VALUES))
        draft = self._directed(Draft(Metric.PRICE, values=values), way)
        return replace(draft, on_close=True, interval=close) if close else draft

    def closed(self, close: str, way: _Way | None, *numbers: str) -> Draft:
        return self.price(way, *numbers, close)

    def closing(self, candle: str | None) -> str:
        return self._candle(candle) or "1h"

    leading = closing

    def change(self, way: _Way | None, percent: str, window: str | None) -> Draft:
        size, sign = float(_percent(percent)), percent[0] if percent[0] in "+-" else ""
        said = way or NOT_SAID
        signed = {"+": ABOVE, "-": BELOW, "": None}[sign]
        wanted = said.moves or said.side or signed
        smaller = said.moves is not None and said.side is BELOW
        if smaller or (signed is not None and wanted is not signed):
            typed = f"{said.typed} {percent}"
            raise two_ways(
                typed, f"-{abs(size):g}%", f"+{abs(size):g}%", self.words, example=self.example
            )
        value = -abs(size) if wanted is BELOW else abs(size)
        draft = Draft(Metric.CHANGE, values=(value,), direction=wanted or EITHER)
        return replace(draft, inclusive=said.inclusive, window=self._window(window))

    def extreme(self, which: str, window: str | None) -> Draft:
        days = (self._seconds(window) or 90 * 86400) / 86400
        if days < 2 or days != int(days):
            raise self._wrong(self.words("A new low or high needs a window of two days or more."))
        if which.lower() == "low":
            return Draft(Metric.NEW_LOW, values=(days,), direction=BELOW)
        return Draft(Metric.NEW_HIGH, values=(days,), direction=ABOVE)

    def lately(self, window: str, which: str) -> Draft:
        return self.extreme(which, window)

    def rsi(self, way: _Way | None, number: str, candle: str | None) -> Draft:
        draft = self._halved(Metric.RSI, way, number)
        return replace(draft, interval=self._candle(candle) or "1d")

    def candled(self, candle: str, way: _Way | None, number: str) -> Draft:
        return self.rsi(way, number, candle)

    def liquidations(self, way: _Way | None, number: str, window: str | None) -> Draft:
        draft = Draft(Metric.LIQUIDATIONS, values=(self._number(number),), direction=ABOVE)
        return replace(self._directed(draft, way), window=self._window(window))

    def liquidated(self, window: str, way: _Way | None, number: str) -> Draft:
        return self.liquidations(way, number, window)

    def flow(self, way: _Way | None, number: str) -> Draft:
        return self._signed(Metric.FLOW, way, self._number(number))

    def sided(self, side: str, compare: str | None, number: str) -> Draft:
        """An outflow above 500M is a day below −500M."""
        value, out = abs(self._number(number)), side.lower().startswith("out")
        if compare and _side(compare) is BELOW:
            sign = "-" if out else ""
            raise two_ways(
                f"{side} {compare} {number}",
                f"flows < {sign}{number}",
                f"flows > {sign}{number}",
                self.words,
                example=self.example,
            )
        direction, size = (BELOW, -value) if out else (ABOVE, value)
        reaches = compare is not None and _reaches(compare)
        return Draft(Metric.FLOW, values=(size,), direction=direction, inclusive=reaches)

    def streak(self, compare: str | None, count: str) -> Draft:
        value = self._days(count)
        signed = {"+": ABOVE, "-": BELOW}.get(count[0])
        if compare is None:
            direction = signed or EITHER
            return Draft(Metric.FLOW_STREAK, values=(value,), direction=direction, inclusive=True)
        if (_side(compare) is BELOW) is not (value < 0):
            size = f"{abs(value):g}"
            raise two_ways(
                f"{compare} {count}", f"< -{size}", f"> {size}", self.words, example=self.example
            )
        return Draft(
            Metric.FLOW_STREAK,
            values=(value,),
            direction=_side(compare),
            inclusive=_reaches(compare),
        )

    def run(self, side: str, count: str) -> Draft:
        sign = "-" if side.lower().startswith("out") else "+"
        return self.streak(None, sign + count.lstrip("+-"))

    def funding(self, way: _Way | None, number: Token) -> Draft:
        return self._signed(Metric.FUNDING, way, self._rate(number))

    def fear(self, way: _Way | None, number: str) -> Draft:
        return self._halved(Metric.FEAR, way, number)

    def level(self) -> Draft:
        return Draft(Metric.LEVEL, direction=EITHER)

    def headline(self, word: Token) -> Draft:
        wanted = (word[1:-1] if word.type == "QUOTED" else word).strip()
        if len(wanted) < 2:
            raise self._wrong(self.words("A word needs two letters or more."))
        if len(wanted) > LONGEST_WORD:
            raise self._wrong(self.words("That is too long for one alert."))
        return Draft(Metric.HEADLINE, word=str(wanted), direction=ABOVE)

    def hold(self, span: str) -> Option:
        seconds = self._seconds(span) or 0
        return lambda draft: replace(draft, hold=seconds)

    def cooldown(self, span: str) -> Option:
        seconds = self._seconds(span) or 0
        return lambda draft: replace(draft, cooldown=seconds)

    def until(self, moment: str) -> Option:
        return lambda draft: replace(draft, until=str(moment).strip())

    def once(self) -> Option:
        return lambda draft: replace(draft, once=True)

    def severity(self, name: str) -> Option:
        return lambda draft: replace(draft, severity=Severity(name.lower()))

    def rearm(self, number: Token) -> Option:
        """Without a sign of its own it has the alert's: "-5% rearm 3" is ready again at −3 %."""

        def rearmed(draft: Draft) -> Draft:
            at = self._of(draft.metric, number)
            falls = draft.values[0] < 0 and number[0] not in "+-"
            return replace(draft, rearm_at=-at if falls else at)

        return rearmed

    def _of(self, metric: Metric, number: Token) -> float:
        """A number in the metric's unit."""
        if metric is Metric.FUNDING:
            return self._rate(number)
        return float(_percent(number)) if number.type == "PERCENT" else self._number(number)

    def _rate(self, number: Token) -> float:
        """A share of one, typed in percent, or bare when it is so small that it can be nothing else."""
        if number.type == "PERCENT":
            return float(_percent(number) / 100)
        value = self._number(number)
        if abs(value) >= BARE_RATE:
            raise two_ways(
                number, f"{number}%", f"{value * 100:g}%", self.words, example=self.example
            )
        return value

    def _halved(self, metric: Metric, way: _Way | None, number: str) -> Draft:
        """Of 0 to 100: a low value is waited for from above, a high one from below."""
        value = self._number(number)
        draft = Draft(metric, values=(value,), direction=BELOW if value < 50 else ABOVE)
        return self._directed(draft, way)

    def _signed(self, metric: Metric, way: _Way | None, value: float) -> Draft:
        """Without a comparison the sign says it: −500M is a day below it."""
        direction = BELOW if value < 0 else ABOVE
        return self._directed(Draft(metric, values=(value,), direction=direction), way)

    def _directed(self, draft: Draft, way: _Way | None) -> Draft:
        if way is None:
            return draft
        if way.moves and way.side and way.moves is not way.side:
            raise two_ways(way.typed, "<", ">", self.words, example=self.example)
        return replace(draft, direction=way.side or way.moves, inclusive=way.inclusive)

    def _number(self, text: str) -> float:
        match = _NUMBER.fullmatch(text)
        if match is None or (match[1] and match[2]):
            raise self._wrong(self.words("{text} is no number.", text=text))
        value = float(match[3]) * SCALES.get((match[4] or "").lower(), 1.0)
        if value > 1e15:
            raise self._wrong(self.words("{text} is too large.", text=text))
        return -value if "-" in (match[1], match[2]) else value

    def _days(self, count: str) -> float:
        """How many days a streak has, with its sign."""
        value = float(count.rstrip("DAYSdays "))
        if value != int(value):
            raise self._wrong(self.words("A streak is counted in whole days."))
        if not value:
            raise self._wrong(self.words("A streak has one day or more."))
        return value

    def _seconds(self, text: str | None) -> int | None:
        if text is None:
            return None
        match = re.match(r"([0-9.]+)[\s-]?([a-z])", text.lower())
        seconds = round(float(match[1]) * UNITS[match[2]]) if match else 0
        if not 0 < seconds <= LONGEST_SPAN:
            raise self._wrong(self.words("{text} is no span of time I can watch.", text=text))
        return seconds

    def _window(self, text: str | None) -> int:
        """What is looked back over: a day, or a minute and longer."""
        seconds = self._seconds(text) or UNITS["d"]
        if seconds < UNITS["m"]:
            raise self._wrong(self.words("{text} is no span of time I can watch.", text=text))
        return seconds

    def _candle(self, text: str | None) -> str | None:
        if text is None or text.lower() in NAMED_CANDLES:
            return NAMED_CANDLES.get((text or "").lower())
        seconds = self._seconds(text)
        if seconds not in INTERVALS:
            raise self._wrong(self.words("Candles come in 15m, 1h, 4h, 1d and 1w."))
        return INTERVALS[seconds]

    def _wrong(self, text: str) -> UserError:
        return UserError(text, example=self.example)


def _side(compare: str) -> Direction:
    return BELOW if _UNDER.match(compare) else ABOVE


def _reaches(compare: str) -> bool:
    """Whether the value itself is enough."""
    return "=" in compare or compare.lower().startswith("at")


def _percent(text: str) -> Decimal:
    """The figure before the sign; exact, since a rate in percent becomes a share of one."""
    return Decimal(re.sub(r"%|percent|pct|\s", "", text, flags=re.IGNORECASE))
