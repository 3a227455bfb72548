"""Where things stand: values on a scale, round figures and times along it, labels that do not overlap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor, isfinite, log10

from babel.dates import format_date

from handlers.words import Words

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
STEPS = (
    HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY,
)  # fmt: skip
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
MONTH = timedelta(days=30.44)
UNITS = (1e12, 1e9, 1e6, 1e3)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` on pixels from `start` to `end`; upwards when `start` is below `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Plot:
    """The box that data are drawn in."""

    left: float
    top: float
    right: float
    bottom: float

    def scale(self, low: float, high: float, room: float = 0.06) -> Scale:
        """Upright, with some air at both ends; a flat line stands in the middle."""
        span = high - low
        air = span * room if span > 0 else max(abs(high) * 0.01, 1e-9)
        return Scale(low - air, high + air, self.bottom, self.top)


def round_values(low: float, high: float, about: int = 5) -> tuple[tuple[float, ...], int]:
    """Round figures between two values, about so many, and the digits that tell them apart."""
    span = high - low
    if not (isfinite(span) and span > 0):
        return (), 0
    size = 10.0 ** floor(log10(span / about))
    step = next(size * n for n in (1, 2, 2.5, 5, 10) if size * n * about >= span)
    digits = max(0, -floor(log10(step) + 1e-9) + (round(step / size * 10) == 25))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return tuple(n * step for n in range(first, last + 1)), digits


def dollars(words: Words, value: float) -> str:
    """Dollars in short with no more digits than the value has: $500 M, $1.5 bn."""
    unit = next((unit for unit in UNITS if abs(value) >= unit), 1.0)
    scaled = abs(value) / unit
    digits = next((n for n in (0, 1) if abs(scaled - round(scaled, n)) < 1e-6), 2)
    return words.money(value, digits)


def times(first: datetime, last: datetime, about: int = 5) -> tuple[datetime, ...]:
    """Round times between two, about so many at most: hours, days, Mondays, firsts of months or years."""
    wanted = (last - first) / about
    step = next((step for step in STEPS if step >= wanted), None)
    if step is None:
        return tuple(_firsts(first, last, wanted))
    at = MONDAY + -((MONDAY - first) // step) * step
    return tuple(at + n * step for n in range((last - at) // step + 1))


def _firsts(first: datetime, last: datetime, wanted: timedelta) -> Iterator[datetime]:
    months = next((n for n in MONTHS if n * MONTH >= wanted), MONTHS[-1])
    count = -(-(first.year * 12 + first.month - 1) // months) * months
    while count // 12 <= last.year:
        at = datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)
        if first <= at <= last:
            yield at
        count += months


def time_label(words: Words, at: datetime, step: timedelta) -> str:
    """What tells this time from its neighbours: an hour, and at midnight the day; a month, and in January the year."""
    if step >= 28 * DAY:
        return f"{at:%Y}" if at.month == 1 else format_date(at, "LLL", locale=words.locale)
    if step < DAY and (at.hour or at.minute):
        return f"{at:%H:%M}"
    return format_date(at, words("d MMM"), locale=words.locale)


def spread(wanted: Sequence[float], height: float, top: float, bottom: float) -> list[float]:
    """
    Places for labels of this height as near as can be to where each wants to be, highest first: neighbours that would
    overlap move apart together (pool adjacent violators). More labels than there is room for stay evenly spaced.
    """
    pools: list[tuple[float, int]] = []  # (where its first label stands, how many)
    for place, want in enumerate(wanted):
        pools.append((want - place * height, 1))
        while len(pools) > 1 and pools[-1][0] < pools[-2][0]:
            (a, n), (b, m) = pools[-2:]
            pools[-2:] = [((a * n + b * m) / (n + m), n + m)]
    lowest = bottom - (len(wanted) - 1) * height
    firsts = [max(min(start, lowest), top) for start, count in pools for _ in range(count)]
    return [first + place * height for place, first in enumerate(firsts)]
