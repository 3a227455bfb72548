"""How one chat reads: its language, its number and date forms, its zone. Every text goes through here."""

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import floor, log10
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.numbers import format_currency, format_decimal, get_currency_symbol

from handlers.reply import Inline, Line, Moment

Translate = Callable[[str], str]
UTC_ZONE = ZoneInfo("UTC")
DOLLAR = "USD"
MINUS = "−"  # U+2212: as wide as a plus, and never a line break
SIGNS = {1: "+", -1: MINUS, 0: ""}
_SCALES = ((1e12, "tn"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))
_formatter = string.Formatter()


@lru_cache(4096)  # one answer writes some eighty numbers, the next person's mostly the same ones
def _decimal(value: float, digits: int, locale: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=locale)


@lru_cache(1024)  # reading a pattern anew takes longer than the rest of a line
def _date(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


def _same(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Words:
    """
    Call it with an English sentence and its values: `words("Below {price}", price=words.price(70_000))`.
    The sentence is looked up in the chat's catalogue, so it must be a literal; what varies goes into the values.
    """

    locale: str = "en"
    zone: ZoneInfo = UTC_ZONE
    translate: Translate = _same
    currency: str = DOLLAR  # prices are told in it too, where a venue trades for it
    today: date | None = None  # in the chat's zone; None: no date needs its year

    def __call__(self, message: str, /, **values: object) -> str:
        return self.translate(message).format(**values) if values else self.translate(message)

    def at(self, now: datetime) -> "Words":
        """The same words, said at this time: dates of another year carry it."""
        return replace(self, today=now.astimezone(self.zone).date())

    def line(self, message: str, /, **values: object) -> Line:
        """The same, for values that are parts (Strong, Code, Link, Moment, Role): a line of parts."""
        parts: list[Inline] = []
        for literal, field, _, _ in _formatter.parse(self.translate(message)):
            if literal:
                parts.append(literal)
            if field is not None:
                value = values[field]
                parts.append(value if isinstance(value, Inline) else str(value))
        return tuple(parts)

    def number(self, value: float, digits: int = 0, *, signed: bool = False) -> str:
        """Grouped by locale, `digits` after the point, a true minus; `signed` shows a plus too."""
        rounded = round(value, digits) + 0.0
        body = _decimal(abs(rounded), digits, self.locale)
        sign = (rounded > 0) - (rounded < 0)
        return (SIGNS[sign] if signed or sign < 0 else "") + body

    def price(self, value: float) -> str:
        """Dollars with as many digits as the size of the price asks for."""
        return self._dollars(self.number(value, _digits(value)))

    def price_in(self, value: float, currency: str) -> str:
        """The same in another currency (ISO 4217), written as the language does: €61,234, 61.234 €."""
        digits = _digits(value)
        standard = Locale.parse(self.locale).currency_formats["standard"].pattern
        pattern = standard.replace("0.00", "0" + ("." + "0" * digits if digits else ""))
        if get_currency_symbol(currency, self.locale)[-1].isalpha():
            pattern = pattern.replace("¤#", "¤\xa0#")  # letters need a space: CHF 61,234
        return format_currency(value, currency, pattern, self.locale, currency_digits=False)

    def money(self, value: float, digits: int = 1, *, signed: bool = False) -> str:
        """Dollars in short: $2.9 bn, −$272.0 M, $950."""
        for scale, unit in _SCALES:
            if abs(value) >= scale * 0.99995:
                short = self.number(value / scale, digits, signed=signed)
                return self._dollars(f"{short} {self.translate(unit)}")
        return self._dollars(self.number(value, 0, signed=signed))

    def coins(self, value: float, symbol: str) -> str:
        return f"{self.number(value, 0 if abs(value) >= 100 else 4)} {symbol}"

    def percent(self, value: float, digits: int = 1, *, signed: bool = True) -> str:
        """`value` is in percent already."""
        sign, number = _apart(self.number(value, digits, signed=signed))
        return self("{sign}{number} %", sign=sign, number=number)

    def times(self, value: float, digits: int = 1) -> str:
        return f"{self.number(value, digits)}x"

    def long_date(self, day: date) -> str:
        return _date(day, self("d MMM yyyy"), self.locale)

    def month(self, day: date) -> str:
        return _date(day, self("MMMM yyyy"), self.locale)

    def day(self, day: date) -> str:
        """Tue 3 Feb, and with the year where that is another than today's: Fri 26 Dec 2025."""
        if self.today is not None and day.year != self.today.year:
            return _date(day, self("EEE d MMM yyyy"), self.locale)
        return _date(day, self("EEE d MMM"), self.locale)

    def weekday(self, day: int) -> str:
        """The day's name, 0 for Monday."""
        return str(get_day_names("wide", locale=self.locale)[day])

    def clock(self, at: datetime) -> str:
        """Time of day in the chat's zone with its name, and in UTC when the two differ: 09:00 CET (08:00 UTC)."""
        local, utc = at.astimezone(self.zone), at.astimezone(UTC)
        shown = f"{local:%H:%M} {_zone_name(local)}"
        return shown if local.utcoffset() == timedelta() else f"{shown} ({utc:%H:%M} UTC)"

    def time(self, at: datetime) -> str:
        """Date and time of day in the chat's zone."""
        local = at.astimezone(self.zone)
        return f"{self.day(local.date())} {self.clock(at)}"

    def moment(self, at: datetime, style: str = "t") -> Moment:
        """An instant inside a line: Discord shows the reader's own time, others the chat's."""
        return Moment(at, self.clock(at) if style == "t" else self.time(at), style)

    def span(self, length: timedelta) -> str:
        """A length of time in its two largest units: 3 min, 2 h 5 min, 4 d 3 h."""
        seconds = max(0, round(length.total_seconds()))
        minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
        if minutes < 1:
            return self("{n} s", n=seconds)
        if hours < 1:
            return self("{n} min", n=minutes)
        if days < 1:
            rest = minutes - hours * 60
            return self("{h} h {m} min", h=hours, m=rest) if rest else self("{h} h", h=hours)
        rest = hours - days * 24
        return self("{d} d {h} h", d=days, h=rest) if rest else self("{d} d", d=days)

    def age(self, as_of: datetime, now: datetime) -> str:
        """How old something is: now, 3 min old."""
        age = now - as_of
        if age < timedelta(minutes=1):
            return self("now")
        return self("{span} old", span=self.span(age))

    def join(self, items: Sequence[str]) -> str:
        return self(" · ").join(items)

    def arrow(self, value: float) -> str:
        return "↑" if value > 0 else "↓" if value < 0 else "→"

    def _dollars(self, number: str) -> str:
        sign, plain = _apart(number)
        return self("{sign}${number}", sign=sign, number=plain)


def _apart(number: str) -> tuple[str, str]:
    """A number's sign and the rest: languages put the unit before, between or behind them."""
    sign = number[:1] if number[:1] in (MINUS, "+") else ""
    return sign, number.removeprefix(sign)


def _digits(price: float) -> int:
    size = abs(price)
    if size >= 0.01 or size == 0:
        return 0 if size >= 1000 else 2 if size >= 1 or size == 0 else 4
    return max(8, min(3 - floor(log10(size)), 16))  # a price is never written as nothing


def _zone_name(local: datetime) -> str:
    name = local.tzname() or "UTC"
    return name if name[:1].isalpha() else f"UTC{name}"


def age_limit(limit: timedelta, as_of: datetime, now: datetime) -> bool:
    """Whether something is too old to be shown without its age."""
    return now - as_of > limit
