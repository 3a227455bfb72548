"""Forced closes in windows of time, and whether this hour is unusual. A count of ours is a floor: "at least"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean

from handlers.analysis.unusual import unusual
from providers.types import Coverage, LiquidationBucket

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
A_DAY_OF_HOURS = 24
WHOLE = 0.95  # of a window heard is as good as all of it
FEWEST, SHORTEST = 0.1, timedelta(minutes=10)  # heard of a window, before its sum is a figure


@dataclass(frozen=True, slots=True)
class LiquidationSum:
    """`since` is when counting really began inside the window; `covered` the share of it that was heard, 0 to 1."""

    window: timedelta
    since: datetime
    until: datetime
    long_usd: float
    short_usd: float
    covered: float

    @property
    def total_usd(self) -> float:
        return self.long_usd + self.short_usd

    @property
    def whole(self) -> bool:
        """Whether it may be called by the window's name; otherwise it counts since `since` only."""
        return self.covered >= WHOLE


@dataclass(frozen=True, slots=True)
class Hour:
    opened_at: datetime
    long_usd: float
    short_usd: float

    @property
    def total_usd(self) -> float:
        return self.long_usd + self.short_usd


def closed_end(buckets: Iterable[LiquidationBucket], now: datetime) -> datetime:
    """
    The last instant at which every width of bucket among these had closed. The running minute of a live count is taken
    as closed: its figure is a floor like every other.
    """
    width = max((bucket.width for bucket in buckets), default=MINUTE)
    start = datetime(1970, 1, 1, tzinfo=UTC)
    end = start + (now - start) // width * width
    return end + MINUTE if width == MINUTE else end


def liquidation_sum(
    buckets: Sequence[LiquidationBucket],
    coverage: Sequence[Coverage],
    end: datetime,
    window: timedelta,
) -> LiquidationSum | None:
    """The `window` up to `end`; None when too little of it was heard, which is not the same as nobody closed."""
    start = end - window
    shares = [_heard(venue, start, end) / window for venue in coverage]
    covered = fmean(shares) if shares else 0.0
    if covered < FEWEST or covered * window < SHORTEST:
        return None
    inside = [b for b in buckets if b.opened_at >= start and b.opened_at + b.width <= end]
    return LiquidationSum(
        window,
        max(start, min(venue.since for venue in coverage)),
        end,
        sum(b.long_usd for b in inside),
        sum(b.short_usd for b in inside),
        covered,
    )


def hours(buckets: Iterable[LiquidationBucket]) -> tuple[Hour, ...]:
    """All venues added up by clock hour, oldest first; an hour without a bucket is absent, not zero."""
    longs: dict[datetime, float] = {}
    shorts: dict[datetime, float] = {}
    for bucket in buckets:
        at = bucket.opened_at.replace(minute=0, second=0, microsecond=0)
        longs[at] = longs.get(at, 0.0) + bucket.long_usd
        shorts[at] = shorts.get(at, 0.0) + bucket.short_usd
    return tuple(Hour(at, longs[at], shorts[at]) for at in sorted(longs))


def largest_hour(buckets: Iterable[LiquidationBucket], since: datetime) -> Hour | None:
    found = (hour for hour in hours(buckets) if hour.opened_at >= since)
    return max(found, key=lambda hour: hour.total_usd, default=None)


def lost_in_a_day(venue: Coverage, now: datetime) -> timedelta:
    """How much of the last day, since we count, was not heard."""
    day = max(venue.since, now - A_DAY_OF_HOURS * HOUR)
    gaps = ((max(left, day), min(back, now)) for left, back in venue.gaps)
    return sum((back - left for left, back in gaps if back > left), timedelta())


def z_score(value: float, usual: Sequence[float]) -> float | None:
    """
    How many standard deviations an hour's `value` is above (+) or below (−) the mean of the usual hours before it.
    None for less than a day of hours to compare with, or hours that never differ.
    """
    return unusual(value, usual) if len(usual) >= A_DAY_OF_HOURS else None


def _heard(venue: Coverage, start: datetime, end: datetime) -> timedelta:
    since = max(venue.since, start)
    total = max(end - since, timedelta())
    for left, back in venue.gaps:
        total -= max(min(back, end) - max(left, since), timedelta())
    return max(total, timedelta())
