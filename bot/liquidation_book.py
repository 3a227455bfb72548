"""What our own feeds counted, read back: closed hours once, the running one every few seconds."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from sys import intern
from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.liquidations import HEARD, KEPT, day_key, gaps_key, hour_key, moment, top_key
from config.watchlist import Asset
from providers.errors import StillCounting, Unavailable
from providers.types import (
    Coverage,
    Liquidation,
    LiquidationBook,
    LiquidationBucket,
    Reading,
)

BY_MINUTE = timedelta(days=2)  # older is told by the hour
FRESH = timedelta(seconds=3)
LATE = timedelta(minutes=10)  # an event may come that late; after it a closed hour is final
SILENT = timedelta(seconds=20)  # heard less recently: the hole is still open
NOTHING = 0.0
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Part:
    """One hash: an hour by minute or a day by hour."""

    buckets: tuple[LiquidationBucket, ...]
    uncounted: tuple[tuple[datetime, int], ...]  # by when their bucket opened
    final: bool
    loaded: datetime
    told_until: datetime


@dataclass(frozen=True, slots=True)
class _Span:
    """Which hash to read, and how."""

    key: str
    opened_at: datetime
    width: timedelta
    length: timedelta

    @property
    def told_until(self) -> datetime:
        """From when on no book tells it any more: as it is told by the hour, or too long ago."""
        return self.opened_at + self.length + (BY_MINUTE if self.length == HOUR else KEPT)

    def tells(self, opened_at: datetime, since: datetime, by_minute: datetime) -> bool:
        """Of the day in which telling by the minute begins, the hours before that."""
        early = self.length == HOUR or opened_at < by_minute
        return early and opened_at + self.width > since


class OwnLiquidations:
    """
    Our own count as a source, over the `expected` venues. Raises StillCounting while nothing was ever heard and
    Unavailable while the store is away.
    """

    name = "own count"

    def __init__(
        self, redis: Any, now: Callable[[], datetime], expected: tuple[str, ...] = ()
    ) -> None:
        self._redis = redis
        self._now = now
        self._expected = expected
        self._parts: dict[str, _Part] = {}
        self._about: dict[str, tuple[tuple[Coverage, ...], Liquidation | None, datetime]] = {}

    async def book(self, asset: Asset, since: datetime) -> Reading[LiquidationBook]:
        """By minute within the last two days and by hour before; at most 35 days back."""
        now = self._now()
        since = max(since, now - KEPT)
        spans = _spans(asset.symbol, since, now)
        try:
            async with asyncio.timeout(2.0):
                await self._load([s for s in spans if self._stale(s, now)], now)
                coverage, largest = await self._known(asset.symbol, now)
        except (RedisError, OSError, TimeoutError):
            raise Unavailable(self.name, "the store does not answer") from None
        if not coverage:
            raise StillCounting(self.name, "no liquidation feed has been heard yet")
        by_minute = _by_minute(now)
        parts = [(span, self._parts[span.key]) for span in spans]
        book = LiquidationBook(
            asset=asset.symbol,
            buckets=tuple(
                bucket
                for span, part in parts
                for bucket in part.buckets
                if span.tells(bucket.opened_at, since, by_minute)
            ),
            coverage=tuple(_within(c, since) for c in coverage),
            largest=largest,
            uncounted=sum(
                number
                for span, part in parts
                for opened_at, number in part.uncounted
                if span.tells(opened_at, since, by_minute)
            ),
            unheard=tuple(v for v in self._expected if v not in {c.venue for c in coverage}),
        )
        return Reading(book, self.name, now)

    def _stale(self, span: _Span, now: datetime) -> bool:
        part = self._parts.get(span.key)
        return part is None or (not part.final and now - part.loaded >= FRESH)

    async def _load(self, spans: list[_Span], now: datetime) -> None:
        if not spans:
            return
        async with self._redis.pipeline(transaction=False) as pipe:
            for span in spans:
                pipe.hgetall(span.key)
            tables = await pipe.execute()
        for span, table in zip(spans, tables, strict=True):
            final = span.opened_at + span.length + LATE < now
            self._parts[span.key] = _part(span, table, final=final, loaded=now)
        self._forget(now)

    async def _known(
        self, asset: str, now: datetime
    ) -> tuple[tuple[Coverage, ...], Liquidation | None]:
        known = self._about.get(asset)
        if known is None or now - known[2] >= FRESH:
            table = {_text(k): _text(v) for k, v in (await self._redis.hgetall(HEARD)).items()}
            venues = _venues(table)
            async with self._redis.pipeline(transaction=False) as pipe:
                for venue in venues:
                    pipe.zrange(gaps_key(venue), 0, -1)
                for hours in range(25):
                    pipe.zrange(top_key(asset, now - hours * HOUR), 0, -1)
                rows = await pipe.execute()
            coverage = tuple(
                _coverage(v, table, gaps, now) for v, gaps in zip(venues, rows, strict=False)
            )
            known = self._about[asset] = (coverage, _largest(rows[len(venues) :], now - DAY), now)
        return known[0], known[1]

    def _forget(self, now: datetime) -> None:
        """Each hour brings a new part for each asset: those that nobody is told any more go."""
        self._parts = {key: part for key, part in self._parts.items() if part.told_until > now}


async def venues_heard(redis: Any, now: datetime) -> tuple[tuple[Coverage, datetime | None], ...]:
    """What was heard of each venue, by whichever process, and when last. Raises redis's own errors."""
    table = {_text(k): _text(v) for k, v in (await redis.hgetall(HEARD)).items()}
    found = []
    for venue in _venues(table):
        gaps = await redis.zrange(gaps_key(venue), 0, -1)
        found.append((_coverage(venue, table, gaps, now), max(_last(venue, table), default=None)))
    return tuple(found)


def _venues(table: Mapping[str, str]) -> list[str]:
    return sorted(key.partition(":")[2] for key in table if key.startswith("since:"))


def _last(venue: str, table: Mapping[str, str]) -> list[datetime]:
    return [moment(at) for key, at in table.items() if key.startswith(f"last:{venue}:")]


def _spans(asset: str, since: datetime, now: datetime) -> list[_Span]:
    """Days by hour, then the hours that are told by minute, oldest first."""
    by_minute = _by_minute(now)
    spans: list[_Span] = []
    day = _floor_day(since)
    while day < by_minute:
        spans.append(_Span(day_key(asset, day), day, HOUR, DAY))
        day += DAY
    start = max(since.astimezone(UTC), by_minute)
    hour = start.replace(minute=0, second=0, microsecond=0)
    while hour <= now:
        spans.append(_Span(hour_key(asset, hour), hour, MINUTE, HOUR))
        hour += HOUR
    return spans


def _by_minute(now: datetime) -> datetime:
    return (now.astimezone(UTC) - BY_MINUTE).replace(minute=0, second=0, microsecond=0)


def _part(span: _Span, table: Mapping[Any, Any], *, final: bool, loaded: datetime) -> _Part:
    sums: dict[tuple[int, str], list[int]] = {}
    uncounted: dict[int, int] = {}
    for field, value in table.items():
        number, venue, side = _text(field).split(":")
        if side == "?":
            uncounted[int(number)] = uncounted.get(int(number), 0) + int(value)
            continue
        sums.setdefault((int(number), intern(venue)), [0, 0])[side == "S"] = int(value)
    # Two days of minutes are tens of thousands of these: what is equal in them is held once.
    numbers = {number for number, _ in sums} | uncounted.keys()
    times = {number: span.opened_at + number * span.width for number in numbers}
    buckets = tuple(
        LiquidationBucket(times[number], span.width, venue, _dollars(longs), _dollars(shorts))
        for (number, venue), (longs, shorts) in sorted(sums.items())
    )
    unknown = tuple((times[number], count) for number, count in uncounted.items())
    return _Part(buckets, unknown, final, loaded, span.told_until)


def _dollars(cents: int) -> float:
    return cents / 100 if cents else NOTHING


def _coverage(
    venue: str, table: Mapping[str, str], gaps: Iterable[str | bytes], now: datetime
) -> Coverage:
    holes = [(moment(a), moment(b)) for a, b in (_text(gap).split("|") for gap in gaps)]
    holes += [(at, now) for at in _last(venue, table) if now - at > SILENT]
    return Coverage(
        venue=venue,
        since=max(moment(table[f"since:{venue}"]), now - KEPT),
        gaps=_merged(holes),
        complete=table.get(f"complete:{venue}") == "1",
    )


def _merged(
    holes: Iterable[tuple[datetime, datetime]],
) -> tuple[tuple[datetime, datetime], ...]:
    """Oldest first, overlapping ones as one."""
    merged: list[tuple[datetime, datetime]] = []
    for began, ended in sorted(holes):
        if merged and began <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ended, merged[-1][1]))
        else:
            merged.append((began, ended))
    return tuple(merged)


def _within(coverage: Coverage, since: datetime) -> Coverage:
    gaps = tuple((max(began, since), ended) for began, ended in coverage.gaps if ended > since)
    return Coverage(coverage.venue, coverage.since, gaps, coverage.complete)


def _largest(rows: Iterable[Iterable[str | bytes]], since: datetime) -> Liquidation | None:
    events = (msgspec.json.decode(raw, type=Liquidation) for row in rows for raw in row)
    return max((e for e in events if e.at >= since), key=lambda e: e.usd or 0.0, default=None)


def _floor_day(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _text(raw: str | bytes) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw
