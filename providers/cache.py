"""What the wire said, kept in Redis for all processes; when Redis is away, everything simply costs an upstream call."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

PREFIX = "lh:wire:"
FOREVER = timedelta(days=36_500)  # for what never changes again; stored without expiry
PATIENCE_SECONDS = 1.0  # a slow store must not cost more than it saves
REST_SECONDS = 5.0  # a store that failed is left alone for so long

# Deletes the lock only while it is still ours: a late holder must not free its successor's.
UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


class Page(msgspec.Struct, frozen=True):
    """A body that was understood, when it was fetched or last confirmed, and what to confirm it with."""

    text: str
    fetched: datetime
    etag: str | None = None
    modified: str | None = None


class Cache:
    """Never raises: a store that does not answer reads as empty, and its locks are ours."""

    def __init__(self, redis: Redis | RedisCluster | None) -> None:
        self._redis = redis
        self._down = False
        self._down_until = 0.0

    async def load(self, key: str) -> Page | None:
        raw = await self._try(lambda r: r.get(PREFIX + key))
        if raw is None:
            return None
        with contextlib.suppress(msgspec.MsgspecError):  # another version's words are no page
            return msgspec.json.decode(raw, type=Page)
        return None

    async def save(self, key: str, page: Page, keep: timedelta) -> None:
        ttl = None if keep >= FOREVER else max(1, int(keep.total_seconds() * 1000))
        await self._try(lambda r: r.set(PREFIX + key, msgspec.json.encode(page), px=ttl))

    async def lock(self, key: str, token: str, ttl: timedelta) -> bool:
        """True when it is ours to fetch: also when the client repeated the command and met its own success."""
        name, ms = f"{PREFIX}lock:{key}", int(ttl.total_seconds() * 1000)
        if await self._try(lambda r: r.set(name, token, nx=True, px=ms)):
            return True
        holder = await self._try(lambda r: r.get(name))
        if (
            holder is None
        ):  # given back just now: ask again; but without a store nobody holds anything
            return self._redis is None or self._down
        return _text(holder) == token

    async def unlock(self, key: str, token: str) -> None:
        await self._try(lambda r: r.eval(UNLOCK, 1, f"{PREFIX}lock:{key}", token))

    async def rest(self, source: str, until: datetime, now: datetime) -> None:
        """Tells every process that this source wants to be left alone."""
        ms = max(1, int((until - now).total_seconds() * 1000))
        await self._try(lambda r: r.set(f"{PREFIX}rest:{source}", str(until.timestamp()), px=ms))

    async def resting(self, source: str) -> datetime | None:
        raw = await self._try(lambda r: r.get(f"{PREFIX}rest:{source}"))
        return datetime.fromtimestamp(float(raw), UTC) if raw is not None else None

    async def _try(self, ask: Callable[[Any], Awaitable[Any]]) -> Any:
        """What the store says; None when it is absent or away. Any: redis-py types both its clients loosely."""
        if self._redis is None or time.monotonic() < self._down_until:
            return None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await ask(self._redis)
        except (RedisError, OSError, TimeoutError) as error:
            self._down_until = time.monotonic() + REST_SECONDS
            self._changed(down=True, detail=type(error).__name__)
            return None
        self._changed(down=False)
        return answer

    def _changed(self, *, down: bool, detail: str = "") -> None:
        if down != self._down:
            self._down = down
            level = logging.WARNING if down else logging.INFO
            log.log(level, "cache_down" if down else "cache_up", extra={"detail": detail})


def _text(raw: str | bytes) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw
