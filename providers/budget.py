"""How much we may ask of a host; one count for all processes, so that many of us look like one polite client."""

import asyncio
import logging
import time
from datetime import timedelta
from typing import Any

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter
from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

from providers.errors import BudgetSpent

log = logging.getLogger(__name__)

# A long history in several answers is worth that much; beyond it we say so.
LONGEST_WAIT_SECONDS = 5.0
PATIENCE_SECONDS = 1.0
FEW = 100  # of which each is remembered by itself

_Limiter = MovingWindowRateLimiter | SlidingWindowCounterRateLimiter


class _OneClient(RedisStorage):
    """The library's scripts over the client we already have (its keys share a hash tag, so a cluster will do)."""

    STORAGE_SCHEME = ["levelhead"]  # noqa: RUF012 - as the library declares it
    # Of its three clients it would load each that it finds.
    DEPENDENCIES = {"redis": RedisStorage.DEPENDENCIES["redis"]}  # noqa: RUF012

    def __init__(self, client: Redis | RedisCluster) -> None:
        self._client = client
        super().__init__("redis://", implementation="redispy", key_prefix="lh:budget")

    def configure_bridge(self) -> None:
        bridge: Any = self.bridge
        bridge.storage = self._client
        bridge.connection_getter = lambda _: self._client


class Budget:
    """
    `rules` in the words of the limits library, "6000/minute; 40/2 seconds"; a request may cost more than one.

    A rule of few is kept to the letter. Of many a sliding counter will do: two numbers instead of one entry per unit
    of weight (Binance allows 6,000 a minute), though a burst over the seam of two windows may count too little. Without
    Redis, or while it is away, the count is this process's own.
    """

    def __init__(self, name: str, rules: str, redis: Redis | RedisCluster | None = None) -> None:
        self.name = name
        self._rules: tuple[RateLimitItem, ...] = tuple(parse_many(rules))
        own, shared = MemoryStorage(), _shared(redis)
        self._own = {rule: _limiter(rule, own) for rule in self._rules}
        self._shared = {rule: _limiter(rule, shared) for rule in self._rules if shared is not None}

    async def spend(self, cost: int = 1) -> None:
        """Waits up to five seconds when that is enough; otherwise raises BudgetSpent saying when to come back."""
        until = time.monotonic() + LONGEST_WAIT_SECONDS
        for rule in self._rules:
            # Others who wait for the same window may be faster.
            while (wait := await self._hit(rule, cost)) is not None:
                if time.monotonic() + wait > until:
                    raise BudgetSpent(
                        self.name, "our own budget is spent", retry_after=timedelta(seconds=wait)
                    )
                await asyncio.sleep(wait)

    async def _hit(self, rule: RateLimitItem, cost: int) -> float | None:
        """None when it was granted, otherwise the seconds until it is worth another try."""
        if rule in self._shared:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await self._ask(self._shared[rule], rule, cost)
            except (RedisError, OSError, TimeoutError):
                log.debug("budget_counts_alone", extra={"source": self.name})
        return await self._ask(self._own[rule], rule, cost)

    async def _ask(self, limiter: _Limiter, rule: RateLimitItem, cost: int) -> float | None:
        if await limiter.hit(rule, self.name, cost=min(cost, rule.amount)):
            return None
        stats = await limiter.get_window_stats(rule, self.name)
        return max(0.05, stats.reset_time - time.time())  # the library's own clock, not a fact's


def _shared(redis: Redis | RedisCluster | None) -> Any:
    """Any: the library types its storage by the client that it would have made itself."""
    return _OneClient(redis) if redis is not None else None


def _limiter(rule: RateLimitItem, storage: Any) -> _Limiter:
    few = rule.amount <= FEW
    return MovingWindowRateLimiter(storage) if few else SlidingWindowCounterRateLimiter(storage)
