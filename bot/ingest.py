"""The live feeds come in here: last prices, thresholds told at once, forced closes counted, holes remembered."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import msgspec
from redis.exceptions import RedisError

from bot import liquidations
from bot.prices import LivePrices
from providers.feed import Connected, Feed, FeedState, Gap, Heard, Tick
from providers.stream import Patience, Stream
from providers.types import Liquidation

log = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
SKEWED = timedelta(seconds=5)  # a clock further ahead than this is worth telling
RIGHT_AGAIN = timedelta(minutes=1)  # late events look right whatever the clock does
NO_TIME = timedelta(
    hours=1
)  # further ahead an event's time is no time at all, and the event is not counted
MOST_WAITING = 50_000  # while the store is away; beyond it the oldest go, and are told as a hole

# Asset, price, time, venue; called on the event loop for every tick, so it must be quick.
OnTick = Callable[[str, float, datetime, str], None]


@dataclass(slots=True)
class _Waiting:
    """What the store has not got yet."""

    events: list[Liquidation] = field(default_factory=list)
    gaps: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    began: list[tuple[Feed, datetime]] = field(default_factory=list)


class Ingest:
    """
    Runs every feed until cancelled. The lease decides who runs this; two at once for a while do no harm, since
    the store counts each event once. A venue's clock that is ahead of ours is told, and nothing it says is counted or
    shown as later than it was heard.
    """

    def __init__(
        self,
        feeds: Sequence[Feed],
        *,
        session: aiohttp.ClientSession,
        redis: Any,
        prices: LivePrices,
        now: Callable[[], datetime],
        on_tick: Sequence[OnTick] = (),
        patience: Patience | None = None,
        flush_every: float = FLUSH_SECONDS,
    ) -> None:
        self._redis = redis
        self._prices = prices
        self._now = now
        self._on_tick = tuple(on_tick)
        self._flush_every = flush_every
        self._waiting = _Waiting()
        self._begun: set[str] = set()
        self._ahead: dict[str, tuple[timedelta, datetime]] = {}  # and when that was last seen
        self._store_down = False
        self._streams = tuple(
            Stream(
                feed,
                session=session,
                now=now,
                on_event=partial(self.take, feed),
                patience=patience,
            )
            for feed in feeds
        )

    def feeds(self) -> tuple[FeedState, ...]:
        """How each feed is doing, for /status and health."""
        states = (stream.state for stream in self._streams)
        return tuple(
            replace(state, ahead=self._ahead[state.name][0]) if state.name in self._ahead else state
            for state in states
        )

    async def run(self) -> None:
        """Never returns by itself; what was heard until it is cancelled is still saved."""
        try:
            async with asyncio.TaskGroup() as group:
                for stream in self._streams:
                    group.create_task(stream.run(), name=stream.feed.name)
                group.create_task(self._flush_forever(), name="flush")
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.flush()

    def take(self, feed: Feed, heard: Heard) -> None:
        """One thing a feed heard."""
        match heard:
            case Tick():
                now = self._now()
                if self._is_ahead(feed, heard.at - now):
                    heard = msgspec.structs.replace(heard, at=now)
                self._prices.put(heard)
                for tell in self._on_tick:
                    tell(heard.asset, heard.price, heard.at, heard.venue)
            case Liquidation():
                ahead = timedelta(milliseconds=heard.at_ms - self._now().timestamp() * 1000)
                if not self._is_ahead(feed, ahead) or ahead < NO_TIME:
                    self._waiting.events.append(heard)
            case Gap() if feed.carries_liquidations:
                self._waiting.gaps.append((feed.venue, heard.began, heard.ended))
            case Connected() if feed.carries_liquidations and feed.name not in self._begun:
                self._begun.add(feed.name)
                self._waiting.began.append((feed, heard.at))

    def _is_ahead(self, feed: Feed, ahead: timedelta) -> bool:
        """Whether this time is still to come by our clock. Told once when it is far ahead, once when no longer."""
        known, now = self._ahead.get(feed.name), self._now()
        if ahead > SKEWED:
            self._ahead[feed.name] = ahead, now
            if known is None:
                seconds = round(ahead.total_seconds())
                log.warning("feed_clock_ahead", extra={"feed": feed.name, "seconds": seconds})
        elif known is not None and now - known[1] > RIGHT_AGAIN:
            del self._ahead[feed.name]
            log.info("feed_clock_right", extra={"feed": feed.name})
        return ahead > timedelta()

    async def flush(self) -> None:
        """Everything that waits, into the store; what fails stays for the next time."""
        waiting, self._waiting = self._waiting, _Waiting()
        try:
            await self._save(waiting)
        except (RedisError, OSError, TimeoutError, asyncio.CancelledError) as error:
            self._put_back(waiting)
            if isinstance(error, asyncio.CancelledError):
                raise
            self._changed(down=True)
            return
        self._changed(down=False)

    async def _flush_forever(self) -> None:
        # Before Python 3.12 wait_for, and with it the store's client, may swallow a cancellation: it is looked for.
        task = asyncio.current_task()
        while task is None or not task.cancelling():
            await asyncio.sleep(self._flush_every)
            await self.flush()

    async def _save(self, waiting: _Waiting) -> None:
        """Each step may be repeated, so a failure between two of them costs nothing."""
        for feed, at in waiting.began:
            await liquidations.heard(self._redis, feed.venue, feed.name, at, complete=feed.complete)
        waiting.began.clear()
        for gap in waiting.gaps:
            await liquidations.missed(self._redis, *gap)
        waiting.gaps.clear()
        if waiting.events:
            await liquidations.count(self._redis, waiting.events, self._now())
        waiting.events.clear()
        await liquidations.still_heard(self._redis, self._last_heard())
        await self._prices.save()

    def _last_heard(self) -> list[tuple[str, str, datetime]]:
        return [
            (stream.feed.venue, stream.feed.name, at)
            for stream in self._streams
            if stream.feed.carries_liquidations and (at := stream.state.last_data_at) is not None
        ]

    def _put_back(self, waiting: _Waiting) -> None:
        later, self._waiting = self._waiting, waiting
        waiting.events += later.events
        waiting.gaps += later.gaps
        waiting.began += later.began
        if len(waiting.events) > MOST_WAITING:
            lost, waiting.events = (
                waiting.events[: -MOST_WAITING // 2],
                waiting.events[-MOST_WAITING // 2 :],
            )
            log.warning("liquidations_lost", extra={"count": len(lost)})
            for venue in {event.venue for event in lost}:
                times = [event.at for event in lost if event.venue == venue]
                waiting.gaps.append((venue, min(times), max(times)))

    def _changed(self, *, down: bool) -> None:
        if down != self._store_down:
            self._store_down = down
            log.log(
                logging.WARNING if down else logging.INFO,
                "ingest_store_down" if down else "ingest_store_up",
            )
