"""Until when a venue is to be left alone: by all processes, and on all of its hosts that share its name here."""

from collections.abc import Callable
from datetime import datetime, timedelta

from providers.cache import Cache


class Rest:
    """Kept here and in the store; without the store each process knows what it was told itself."""

    def __init__(self, name: str, cache: Cache, now: Callable[[], datetime]) -> None:
        self._name = name
        self._cache = cache
        self._now = now
        self._until: datetime | None = None

    async def left(self) -> timedelta | None:
        """How much longer; None when it may be asked."""
        if self._until is None or self._until <= self._now():
            self._until = await self._cache.resting(self._name)
        if self._until is None or self._until <= self._now():
            return None
        return self._until - self._now()

    async def begin(self, length: timedelta) -> None:
        """From now on; a longer rest that has begun stays as long as it is."""
        if (await self.left() or timedelta()) >= length:
            return
        self._until = self._now() + length
        await self._cache.rest(self._name, self._until, self._now())
