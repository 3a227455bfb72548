"""Putting bars in order, marking the running one, and building longer bars from shorter ones."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from math import inf

from providers.errors import ProviderError
from providers.quote import Untraded
from providers.seen import Seen
from providers.types import NEVER, Candle, Interval, Reading
from providers.upstream import Params, Upstream

PAGES = 3  # answers of one venue to one question
PAST = timedelta(days=1)  # how long a page that will not change is remembered
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)  # ISO weeks begin on Mondays, the epoch was a Thursday
MONTH = (timedelta(days=28), timedelta(days=31))  # the shortest and the longest
QUARTER = (timedelta(days=90), timedelta(days=92))


def tidy(candles: Iterable[Candle]) -> tuple[Candle, ...]:
    """Oldest first and each opening time once; of two that open together the later given is kept."""
    by_time = {candle.opened_at: candle for candle in candles}
    return tuple(by_time[opened_at] for opened_at in sorted(by_time))


async def newest(
    upstream: Upstream,
    path: str,
    params: Params,
    parse: Callable[[str], tuple[Candle, ...]],
    length: timedelta,
    *,
    fresh: timedelta = timedelta(seconds=30),
    cost: int = 1,
) -> Reading[tuple[Candle, ...]]:
    """The venue's latest bars of this length, as it lists them."""
    return await upstream.get(
        path,
        params,
        parse,
        fresh=fresh,
        keep=timedelta(minutes=10),
        as_of=told_until(length),
        bar=length,
        cost=cost,
    )


async def paged(
    latest: Reading[tuple[Candle, ...]],
    limit: int,
    most: int,
    older: Callable[[datetime], Awaitable[Reading[tuple[Candle, ...]]]],
) -> Reading[tuple[Candle, ...]]:
    """
    Further answers before the latest, for which `older` is asked with the opening time of the first known bar, until
    there are `limit` bars. A page shorter than `most` is the venue's last; one that fails leaves what is known.
    """
    page = found = latest.value
    for _ in range(PAGES - 1):
        if len(found) >= limit or len(page) < most:
            break
        try:
            page = (await older(found[0].opened_at)).value
        except ProviderError:
            break
        found = tidy((*page, *found))
    return latest.map(lambda _: found[-limit:])


def running(candles: tuple[Candle, ...], length: timedelta, as_of: datetime) -> tuple[Candle, ...]:
    """The same bars, those that had not ended when the venue was asked marked as not closed."""
    return tuple(
        candle if _end(candle.opened_at, length) <= as_of else replace(candle, closed=False)
        for candle in candles
    )


def told_until(length: timedelta) -> Callable[[tuple[Candle, ...]], datetime]:
    """
    How far bars of this length reach: the end of the newest, for `Upstream.get`, where the time of asking comes first
    while that bar runs. So a venue that hangs, and tells the bars of an hour ago, is an hour old.
    """
    return lambda candles: candles[-1].opened_at + length if candles else NEVER


def sound(candles: tuple[Candle, ...]) -> tuple[Candle, ...]:
    """Without bars of which a price is no price: none, negative, infinite or not a number. They are gaps."""
    kept = tuple(
        bar
        for bar in candles
        if 0 < bar.low < inf and 0 < bar.high < inf and 0 < bar.open < inf and 0 < bar.close < inf
    )
    return candles if len(kept) == len(candles) else kept


def until(candles: tuple[Candle, ...], length: timedelta, now: datetime) -> tuple[Candle, ...]:
    """The same bars by our clock: none of times to come, and none closed that has not ended; a venue's may be ahead."""
    ended = len(candles)
    while ended and candles[ended - 1].opened_at + length > now:
        ended -= 1
    tail = candles[ended:]
    honest = tuple(replace(bar, closed=False) for bar in tail if bar.opened_at <= now)
    return candles if honest == tail else candles[:ended] + honest


def filled(candles: tuple[Candle, ...], length: timedelta) -> tuple[Candle, ...]:
    """Flat bars without volume where a venue leaves out the times in which nothing was traded."""
    whole: list[Candle] = []
    for candle in candles:
        while whole and whole[-1].opened_at + length < candle.opened_at:
            last = whole[-1].close
            whole.append(Candle(whole[-1].opened_at + length, last, last, last, last, 0.0))
        whole.append(candle)
    return tuple(whole)


def weekly(daily: tuple[Candle, ...]) -> tuple[Candle, ...]:
    """ISO weeks, Monday 00:00 UTC, from daily bars; see `aggregate`."""
    return aggregate(daily, Interval.W1)


def aggregate(candles: tuple[Candle, ...], interval: Interval) -> tuple[Candle, ...]:
    """
    Longer bars from shorter ones that are oldest first.

    A first bar whose beginning is missing is left out: its open, high and low are not known. The last
    one is closed only when its own last part is there and closed.
    """
    step, length = spacing(candles) or timedelta(0), interval.length
    groups = [
        (opened_at, tuple(parts))
        for opened_at, parts in groupby(candles, lambda c: _opening(c.opened_at, length))
    ]
    if groups and groups[0][1][0].opened_at != groups[0][0]:
        groups = groups[1:]
    bars = [_joined(opened_at, parts) for opened_at, parts in groups]
    if groups:
        opened_at, parts = groups[-1]
        whole = step > timedelta(0) and parts[-1].opened_at + step >= opened_at + length
        bars[-1] = replace(bars[-1], closed=whole and parts[-1].closed)
    return tuple(bars)


def spacing(candles: Sequence[Candle | Untraded]) -> timedelta | None:
    """The length of these bars, told from their opening times; None for fewer than two."""
    return min((b.opened_at - a.opened_at for a, b in pairwise(candles)), default=None)


def _end(opened_at: datetime, length: timedelta) -> datetime:
    """A bar of a month that begins on its first day ends with it, however long it is."""
    monthly = MONTH[0] <= length <= MONTH[1] and opened_at.day == 1
    return (opened_at + MONTH[1]).replace(day=1) if monthly else opened_at + length


def seen(
    candles: tuple[Candle, ...], venue: str, symbol: str | None, interval: str | None = None
) -> list[Seen]:
    """These bars as `read` shows them."""
    name = interval or length_name(spacing(candles))
    return [Seen(candle, venue, symbol, name, candle.opened_at) for candle in candles]


def newest_open(candles: tuple[Candle, ...]) -> tuple[Candle, ...]:
    """For an answer of unknown age: its newest bar cannot be shown to have closed."""
    return (*candles[:-1], *(replace(candle, closed=False) for candle in candles[-1:]))


def _opening(moment: datetime, length: timedelta) -> datetime:
    return moment - (moment - MONDAY) % length


def _joined(opened_at: datetime, parts: tuple[Candle, ...]) -> Candle:
    return Candle(
        opened_at,
        parts[0].open,
        max(part.high for part in parts),
        min(part.low for part in parts),
        parts[-1].close,
        sum(part.volume for part in parts),
    )


def length_name(length: timedelta | None) -> str | None:
    """ "15m", "1h", "1d", "1M"; None for an unknown length. No venue has bars of four weeks: those are months."""
    if length is None:
        return None
    if MONTH[0] <= length <= MONTH[1]:
        return "1M"
    if QUARTER[0] <= length <= QUARTER[1]:
        return "3M"
    for unit, letter in (
        (timedelta(weeks=1), "w"),
        (timedelta(days=1), "d"),
        (timedelta(hours=1), "h"),
        (timedelta(minutes=1), "m"),
    ):
        if length >= unit and not length % unit:
            return f"{length // unit}{letter}"
    return f"{length.seconds}s"
