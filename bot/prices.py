"""The last price of each asset at each venue, from the live feeds, for every process."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from redis.exceptions import RedisError

from bot.liquidations import moment
from config.watchlist import Asset
from providers.errors import Unavailable, UnknownSymbol
from providers.feed import Tick
from providers.types import Reading, Ticker

OLD = timedelta(seconds=15)  # older is not live: ask the venue
LOOK_AGAIN = timedelta(seconds=1)
EXPIRES_SECONDS = 3600


class LivePrices:
    """
    A price source that costs no request. The process that ingests writes what it hears to the store once a
    second; the others read it there. `venues` in order of preference; raises Unavailable beyond 15 seconds.
    """

    name = "live feeds"

    def __init__(self, redis: Any, now: Callable[[], datetime], venues: tuple[str, ...]) -> None:
        self._redis = redis
        self._now = now
        self._venues = venues
        self._last: dict[str, dict[str, Tick]] = {}
        self._unsaved: set[str] = set()
        self._looked: dict[str, datetime] = {}

    def put(self, tick: Tick) -> None:
        """
        Newer only: a venue's late repeat does not turn the price back. A venue's clock that is ahead of ours counts as
        ours, lest its price stay when it is long gone.
        """
        if tick.at > (now := self._now()):
            tick = msgspec.structs.replace(tick, at=now)
        known = self._last.setdefault(tick.asset, {})
        before = known.get(tick.venue)
        if before is None or tick.at >= before.at:
            known[tick.venue] = tick
            self._unsaved.add(tick.asset)

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        """The preferred venue that is live; its name is the reading's source."""
        now = self._now()
        tick = self._live(asset.symbol, now)
        if tick is None and now - self._looked.get(asset.symbol, now - OLD) >= LOOK_AGAIN:
            self._looked[asset.symbol] = now
            await self._load(asset.symbol)
            tick = self._live(asset.symbol, now)
        if tick is None and not self._last.get(asset.symbol):
            raise UnknownSymbol(self.name, "never heard")
        if tick is None:
            raise Unavailable(self.name, "no live price", retry_after=LOOK_AGAIN)
        return Reading(Ticker(last=tick.price), tick.venue, tick.at)

    async def save(self) -> None:
        """Writes what changed since the last time. Raises redis's own errors; nothing is lost by them."""
        assets, self._unsaved = self._unsaved, set()
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for asset in assets:
                    ticks = self._last[asset].items()
                    said = {venue: f"{t.price!r}|{t.at.timestamp()}" for venue, t in ticks}
                    pipe.hset(_key(asset), mapping=said)
                    pipe.expire(_key(asset), EXPIRES_SECONDS)
                await pipe.execute()
        except (RedisError, OSError, TimeoutError):
            self._unsaved |= assets
            raise

    def _live(self, asset: str, now: datetime) -> Tick | None:
        known = self._last.get(asset, {})
        ticks = (known.get(venue) for venue in self._venues)
        return next((t for t in ticks if t is not None and now - t.at <= OLD), None)

    async def _load(self, asset: str) -> None:
        try:
            async with asyncio.timeout(1.0):
                said = await self._redis.hgetall(_key(asset))
        except (RedisError, OSError, TimeoutError):
            return
        known = self._last.setdefault(asset, {})
        for venue, value in said.items():
            name = venue.decode() if isinstance(venue, bytes) else venue
            text = value.decode() if isinstance(value, bytes) else value
            price, _, at = text.partition("|")
            tick = Tick(name, asset, float(price), moment(at))
            if name not in known or known[name].at < tick.at:
                known[name] = tick


def _key(asset: str) -> str:
    return f"lh:price:{asset}"
