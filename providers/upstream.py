"""One source over HTTP: asked once for everybody, remembered, rested when it says so, and never trusted blindly."""

import asyncio
import contextlib
import hashlib
import logging
import uuid
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

import httpx
import msgspec

from providers.budget import Budget
from providers.cache import FOREVER, Cache, Page
from providers.errors import BadPayload, BudgetSpent, ProviderError, RateLimited, Unavailable
from providers.failures import Failures
from providers.kept import Answers, Kept
from providers.payload import UNREADABLE
from providers.rest import Rest
from providers.types import Reading
from providers.wire import TRIES, Answer, Refusal, Wire, no_refusal

__all__ = ["FOREVER", "Budget", "Cache", "Refusal", "Rest", "Upstream", "no_refusal"]

log = logging.getLogger(__name__)
T = TypeVar("T")
Params = Mapping[str, str | int | float | bool | None]

LONG = 50_000  # characters
PATIENCE = timedelta(seconds=8)  # what a person waits for an answer, all tries together
LOCK_TTL = timedelta(seconds=6)  # what a process that died while asking costs the others
LOOK_AGAIN_SECONDS = 0.05
STALE = 3  # times `fresh`: younger is given at once while a newer one is fetched
FIRST_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Ask(Generic[T]):
    """One question, with all that is needed to ask it again in the background."""

    key: Hashable
    path: str
    params: Params
    parse: Callable[[str], T]
    fresh: timedelta
    at_once: timedelta
    keep: timedelta
    as_of: Callable[[T], datetime] | None
    cost: int
    method: str
    body: object | None

    @property
    def digest(self) -> str:
        """Names the answer in the store; a digest, because a path or a parameter may hold anything."""
        asked = (self.method, self.path, sorted(self.params.items()), self.body)
        return hashlib.blake2b(repr(asked).encode(), digest_size=16).hexdigest()


class Upstream:
    """
    `get` asks at most once however many want to know, in this process and in all that share the store.

    A key belongs in `headers`, never in a path or a parameter. `refusal` knows what this source's own error
    bodies mean. `conditional` asks "changed since?" where the source supports it. `budget` is of the whole host, but
    for the paths in `budgets`, which the source counts by themselves. `rest` is shared by hosts of one venue, `apart`
    the least time between two requests of a source that allows very few.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        client: httpx.AsyncClient,
        cache: Cache,
        budget: Budget,
        now: Callable[[], datetime],
        headers: Mapping[str, str] | None = None,
        refusal: Refusal = no_refusal,
        conditional: bool = False,
        max_bytes: int = 5_000_000,
        patience: timedelta = PATIENCE,
        budgets: Mapping[str, Budget] | None = None,
        rest: Rest | None = None,
        apart: timedelta | None = None,
    ) -> None:
        self.name = name
        self._wire = Wire(
            name,
            base_url,
            client=client,
            now=now,
            headers=headers or {},
            refusal=refusal,
            max_bytes=max_bytes,
            patience=patience,
            tries=TRIES if apart is None else 1,
        )
        self._cache = cache
        self._budget = budget
        self._budgets = budgets or {}
        self._rest = rest or Rest(name, cache, now)
        self._apart = apart
        self._now = now
        self._conditional = conditional
        self._patience = patience
        self._kept = Answers()
        self._failures = Failures()
        self._flights: dict[Hashable, asyncio.Task[Kept[Any]]] = {}

    async def get(
        self,
        path: str,
        params: Params,
        parse: Callable[[str], T],
        *,
        fresh: timedelta,
        keep: timedelta,
        as_of: Callable[[T], datetime] | None = None,
        cost: int = 1,
        method: str = "GET",
        body: object | None = None,
        bar: timedelta | None = None,
    ) -> Reading[T]:
        """
        The answer, at most `fresh` old, or up to three times that while a newer one is fetched behind it.

        When the source fails, what it last said is given with its true age, and why as `failed`, until that age
        exceeds `keep`; only then the ProviderError is raised. Meanwhile the source is tried once a minute, and nobody
        waits for it in between. `parse` gets the body and raises BadPayload (or any ValueError and the like)
        for what it cannot read: such an answer is never stored. `as_of` is the source's own time, when it says
        one, and never later than the time of fetching; otherwise that time. `keep` is how old an answer may be
        before the next source's is better; FOREVER for what never changes again. `bar` is the length of a candle:
        what was fetched before the running one opened lacks the last close: however young, a newer one is waited for.
        """
        at_once = min(STALE * fresh, keep)
        if bar is not None:
            opened = _since_opening(bar, self._now())
            fresh, at_once = min(fresh, opened), min(at_once, opened)
        key = (method, path, tuple(params.items()), repr(body) if body else None, _identity(parse))
        kept = self._kept.get(key)
        if kept is not None and self._now() - kept.page.fetched < fresh:
            return kept.reading
        ask = _Ask(key, path, params, parse, fresh, at_once, keep, as_of, cost, method, body)
        return await self._revalidated(ask, kept)

    async def aclose(self) -> None:
        """Ends what is still being fetched. The HTTP client belongs to whoever made it."""
        flights = tuple(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    async def _revalidated(self, ask: _Ask[T], kept: Kept[T] | None) -> Reading[T]:
        age = self._now() - kept.page.fetched if kept is not None else FOREVER
        failure = self._failures.get(ask.key)
        if failure is not None and failure.stands(self._now(), remembered=age < ask.keep):
            return self._remembered(ask, failure.error)
        flight = self._flight(ask)
        if kept is not None and age < ask.at_once:
            return self._remembered(ask, failure.error) if failure is not None else kept.reading
        try:
            # Shielded: one impatient caller must not end it for the others.
            return (await asyncio.shield(flight)).reading
        except ProviderError as error:
            return self._remembered(ask, error)

    def _remembered(self, ask: _Ask[T], error: ProviderError) -> Reading[T]:
        """What the source said before this error; raises the error where that is nothing, or too old."""
        kept: Kept[T] | None = self._kept.get(ask.key)
        if kept is None or self._now() - kept.page.fetched >= ask.keep:
            raise error.anew()
        return replace(kept.reading, failed=error.anew())

    def _flight(self, ask: _Ask[T]) -> "asyncio.Task[Kept[T]]":
        running = self._flights.get(ask.key)
        if running is not None:
            return running
        flight = asyncio.create_task(self._refresh(ask), name=f"{self.name} {ask.path}")
        self._flights[ask.key] = flight
        flight.add_done_callback(partial(self._landed, ask.key))
        return flight

    def _landed(self, key: Hashable, flight: "asyncio.Task[Kept[Any]]") -> None:
        self._flights.pop(key, None)
        if flight.cancelled():
            return
        error = flight.exception()
        if isinstance(error, ProviderError):
            self._failures.put(key, error, self._now())
        if error is None:
            self._failures.drop(key)
        else:
            # Market tells people and the log once; a background refresh has nobody else to tell.
            log.debug("refresh_failed", extra={"source": self.name, "detail": str(error)})

    async def _refresh(self, ask: _Ask[T]) -> Kept[T]:
        """From the store when another process was faster, otherwise from the source."""
        name, token = f"{self.name}:{ask.digest}", uuid.uuid4().hex
        before = await self._cache.load(name) or self._own_page(ask)
        if before is not None and self._now() - before.fetched < ask.fresh:
            return await self._understood(ask, before)
        try:
            newer = await self._others(name, token, before)
            if newer is not None:
                return await self._understood(ask, newer)
            return await self._asked(ask, name, before)
        except ProviderError:
            await self._recall(ask, before)
            raise
        finally:
            await self._cache.unlock(name, token)

    async def _recall(self, ask: _Ask[T], before: Page | None) -> None:
        """Has at hand what only the store knew: it may still be given."""
        known = self._kept.get(ask.key)
        if before is not None and (known is None or known.page.fetched < before.fetched):
            with contextlib.suppress(BadPayload):
                await self._understood(ask, before)

    async def _others(self, name: str, token: str, before: Page | None) -> Page | None:
        """What another process fetched meanwhile; None once it is our turn to ask."""
        patience = self._patience.total_seconds()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while True:
                    ours = await self._cache.lock(name, token, LOCK_TTL)
                    # Also when it is ours: the one before us may have finished since we last looked.
                    page = await self._cache.load(name)
                    if page is not None and (before is None or page.fetched > before.fetched):
                        return page
                    if ours:
                        return None
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
        raise Unavailable(self.name, "another process is asking and has no answer")

    async def _asked(self, ask: _Ask[T], name: str, before: Page | None) -> Kept[T]:
        left = await self._rest.left()
        if left is not None:
            raise RateLimited(self.name, "is left alone for a while", retry_after=left)
        if self._apart is not None:
            await self._rest.begin(self._apart)
        try:
            answer = await self._answer(ask, before)
            page = self._page(answer, before)
            kept = await self._answered(ask, answer, page)
        except BudgetSpent:
            raise  # the source asked for nothing
        except ProviderError as error:
            if error.retry_after is not None:
                await self._rest.begin(error.retry_after)
            raise
        await self._cache.save(name, page, ask.keep)
        return kept

    async def _answered(self, ask: _Ask[T], answer: Answer, page: Page) -> Kept[T]:
        try:
            return await self._understood(ask, page)
        except RateLimited as error:
            if not error.retry_after:
                error.retry_after = self._wire.rest(answer)
            raise

    async def _answer(self, ask: _Ask[T], before: Page | None) -> Answer:
        headers: dict[str, str] = {}
        if self._conditional and before is not None:
            headers |= {"if-none-match": before.etag} if before.etag else {}
            headers |= {"if-modified-since": before.modified} if before.modified else {}
        budget = self._budgets.get(ask.path, self._budget)
        return await self._wire.fetch(
            ask.method,
            ask.path,
            ask.params,
            spend=partial(budget.spend, ask.cost),
            body=ask.body,
            headers=headers,
        )

    def _page(self, answer: Answer, before: Page | None) -> Page:
        if answer.text is not None:
            return Page(answer.text, self._now(), answer.etag, answer.modified)
        if before is None:
            raise BadPayload(self.name, "not modified, though nobody had it")
        return msgspec.structs.replace(before, fetched=self._now())

    async def _understood(self, ask: _Ask[T], page: Page) -> Kept[T]:
        """The parsed page, remembered for `get`."""
        try:
            value = await _parsed(ask.parse, page.text)
            said = ask.as_of(value) if ask.as_of is not None else page.fetched
        except UNREADABLE as error:
            detail = f"cannot be read ({type(error).__name__})"
            raise BadPayload(self.name, detail) from error
        text = page.text if self._conditional else ""
        as_of = min(
            said, page.fetched
        )  # a clock that is ahead makes nothing newer than our question
        own = msgspec.structs.replace(page, text=text)
        reading = Reading(value, self.name, as_of, answered_at=page.fetched)
        kept = Kept(reading, own, len(page.text), ask.keep)
        self._kept.put(ask.key, kept, self._now())
        return kept

    def _own_page(self, ask: _Ask[T]) -> Page | None:
        kept = self._kept.get(ask.key)
        return kept.page if kept is not None and kept.page.text else None


async def _parsed(parse: Callable[[str], T], text: str) -> T:
    """Beside the event loop when it may take long: nobody else waits for a long feed or a whole history."""
    return await asyncio.to_thread(parse, text) if len(text) > LONG else parse(text)


def _identity(parse: Callable[[str], Any]) -> Hashable:
    """
    Equal for parsers that do the same, so that a lambda or partial made anew for each question finds its answer.
    """
    if isinstance(parse, partial):
        return (parse.func, parse.args, tuple(parse.keywords.items()))
    closure = getattr(parse, "__closure__", None)
    if closure is None:
        return parse
    return (parse.__code__, tuple(cell.cell_contents for cell in closure))


def _since_opening(bar: timedelta, now: datetime) -> timedelta:
    """Bars of all lengths we ask for open at whole multiples since Monday 5 January 1970."""
    return max((now - FIRST_MONDAY) % bar, timedelta(seconds=1))
