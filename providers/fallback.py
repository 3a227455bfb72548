"""Going through the sources of one kind of fact: who is asked, whose answer counts, what is left when none answers."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from providers.errors import (
    NoSource,
    NothingAnswers,
    ProviderError,
    StillCounting,
    Unavailable,
    UnknownSymbol,
)
from providers.health import Health
from providers.kept import LastSaid
from providers.types import Reading, SourceState

T = TypeVar("T")


class Named(Protocol):
    name: str


S = TypeVar("S", bound=Named)


@dataclass(slots=True)
class Fallback:
    """
    Remembers how each source is doing and what was last said to each question. `oldest` is how old an answer may be
    that is told as if it were now; a source that tells an older one hangs.
    """

    now: Callable[[], datetime]
    last: LastSaid = field(default_factory=LastSaid)
    _health: dict[tuple[str, str], Health] = field(default_factory=dict)
    _answered_at: dict[str, datetime] = field(default_factory=dict)

    def states(self) -> tuple[SourceState, ...]:
        """Every source that was asked so far, by kind of fact."""
        return tuple(
            health.state(kind, name) for (kind, name), health in sorted(self._health.items())
        )

    async def first(
        self,
        kind: str,
        sources: Sequence[S],
        question: Hashable,
        ask: Callable[[S], Awaitable[Reading[T]]],
        *,
        oldest: timedelta | None = None,
    ) -> Reading[T]:
        """The first good answer, else the newest of what those said before that do not answer now."""
        errors: list[ProviderError] = []
        before: list[Reading[T]] = []
        for source in self._awake(kind, sources):
            try:
                answer = await self._ask(kind, source, ask, oldest)
            except ProviderError as error:
                errors.append(error)
                continue
            if answer.failed is None:
                self._remember(kind, question, answer)
                return answer
            before.append(replace(answer, failed=None))
        if not before:
            raise self._nothing(kind, question, sources, errors)
        newest = max(before, key=lambda reading: reading.as_of)
        self.last.put((kind, question), newest)
        return newest

    async def all(
        self,
        kind: str,
        sources: Sequence[S],
        question: Hashable,
        ask: Callable[[S], Awaitable[Reading[T]]],
        *,
        oldest: timedelta | None = None,
    ) -> tuple[Reading[T], ...]:
        """Those that answer, then what those said before that do not answer now; each has its own age."""
        answers = await asyncio.gather(
            *(self._ask(kind, s, ask, oldest) for s in self._awake(kind, sources)),
            return_exceptions=True,
        )
        good: list[Reading[T]] = []
        before: list[Reading[T]] = []
        errors: list[ProviderError] = []
        for answer in answers:
            if isinstance(answer, ProviderError):
                errors.append(answer)
            elif isinstance(answer, BaseException):
                raise answer
            elif answer.failed is None:
                good.append(answer)
            else:
                before.append(replace(answer, failed=None))
        if not good and not before:
            raise self._nothing(kind, question, sources, errors)
        if good:
            self._remember(kind, question, good[0])
        else:
            self.last.put((kind, question), before[0])
        return tuple(good + before)

    def _remember(self, kind: str, question: Hashable, answer: Reading[Any]) -> None:
        self._answered_at[kind] = self.now()
        self.last.put((kind, question), answer)

    def _nothing(
        self, kind: str, question: Hashable, sources: Sequence[S], errors: list[ProviderError]
    ) -> ProviderError:
        if not sources:
            return NoSource(kind, "no source is configured")
        faults = [e for e in errors if not isinstance(e, UnknownSymbol | StillCounting)]
        if errors and not faults and len(errors) == len(sources):
            return errors[0]
        return NothingAnswers(
            kind,
            faults[0] if faults else None,
            last=self.last.get((kind, question)),
            since=self._answered_at.get(kind),
        )

    def _awake(self, kind: str, sources: Sequence[S]) -> Sequence[S]:
        """
        Those not resting after a failure, then those that rest and remember what they said. When there are none,
        those that failed for no lasting reason are tried again after a few seconds: nobody else could answer.
        """
        now = self.now()
        known = [(s, self._health.get((kind, s.name))) for s in sources]
        awake = [s for s, h in known if h is None or not h.rests(now)]
        remembering = [s for s, h in known if h is not None and h.rests(now) and h.remembers]
        if awake or remembering:
            return awake + remembering
        return [s for s, h in known if h is not None and h.may_try(now)]

    async def _ask(
        self,
        kind: str,
        source: S,
        ask: Callable[[S], Awaitable[Reading[T]]],
        oldest: timedelta | None,
    ) -> Reading[T]:
        """With `failed` where the source did not answer well, be it that it tells what is older than `oldest`."""
        health = self._health.setdefault((kind, source.name), Health())
        try:
            answer = await ask(source)
        except UnknownSymbol:
            raise  # about the question, not about the source
        except ProviderError as error:
            health.went(kind, source.name, error, self.now())
            raise
        if oldest is not None and answer.failed is None and answer.age(self.now()) > oldest:
            hangs = Unavailable(answer.source, "it tells what is long past")
            answer = replace(answer, failed=hangs)
        health.told(kind, source.name, answer, self.now())
        return answer
