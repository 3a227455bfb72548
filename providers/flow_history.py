"""One history of fund flows out of several sources: what was final stays, in Redis, for good."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import msgspec
from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError

from config.watchlist import Asset
from providers.errors import PlanNeeded, ProviderError, Unavailable, UnknownSymbol
from providers.flow_days import Disagreement, disagreements, good_for, honest, merge, revise
from providers.health import Health
from providers.ports import Flows
from providers.types import FlowDay, FlowStatus, Reading, SourceState

RETRY = timedelta(minutes=10)  # for what failed while the rest told that all is final
RECENT = 30  # days compared between sources; older ones were settled long ago
_AS_OF = "as_of"

Days = tuple[FlowDay, ...]


class _Stored(msgspec.Struct, frozen=True):
    """A final day and who said so: only the same source can revise it."""

    source: str
    net_usd: float
    by_fund: tuple[tuple[str, float | None], ...]
    status: FlowStatus


@dataclass(frozen=True, slots=True)
class _Round:
    """All sources asked once: when, what each said, whether one failed, and what that makes together."""

    at: datetime
    answers: Mapping[str, Reading[Days]]  # by the source that was asked
    failed: bool
    told: Reading[Days]

    def good(self, now: datetime) -> bool:
        patience = good_for(self.told.value, now)
        return now - self.at < (min(patience, RETRY) if self.failed else patience)


@dataclass(slots=True)
class FlowHistory:
    """
    Flows over `sources`, best for the current day first; the others fill what the first does not reach back to.

    A final day keeps the figure of the source that was first to say it; when that source changes it by more than
    rounding the day is revised. A newer answer of another source is a disagreement, not a revision. When every
    source fails, what was stored is told with its own age. Sources are asked all the time while a report is due and
    hourly once it is final; one that failed is left alone for a minute, and what it said last stands until then.
    """

    sources: tuple[Flows, ...]
    client: "Redis | RedisCluster"
    now: Callable[[], datetime]
    name: str = "flows"
    _rounds: dict[str, _Round] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    _health: dict[tuple[str, str], Health] = field(default_factory=dict)  # by source and asset

    async def flows(self, asset: Asset) -> Reading[Days]:
        return (await self._round(asset)).told

    async def compare(self, asset: Asset) -> tuple[Disagreement, ...]:
        """Recent final days on which another source differs from what we tell by more than 1 %, oldest first."""
        last = await self._round(asset)
        found: list[Disagreement] = []
        for theirs in last.answers.values():
            if theirs.source != last.told.source:
                recent = last.told.value[-RECENT:]
                found += disagreements(recent, theirs.value, by=theirs.source)
        return tuple(sorted(found, key=lambda item: item.trade_date))

    def states(self) -> tuple[SourceState, ...]:
        """How each source is doing, for /status."""
        told: dict[str, SourceState] = {}
        for (name, _), health in sorted(self._health.items()):
            state = health.state("flows", name)
            told[name] = _worse(told.get(name, state), state)
        return tuple(told.values())

    async def _round(self, asset: Asset) -> _Round:
        async with self._locks.setdefault(asset.symbol, asyncio.Lock()):
            known = self._rounds.get(asset.symbol)
            if known is None or not known.good(self.now()):
                before = known.answers if known is not None else {}
                answers, errors = await self._asked(asset, before)
                told = await self._joined(asset, tuple(answers.values()), next(iter(errors), None))
                failed = any(not isinstance(e, UnknownSymbol | PlanNeeded) for e in errors)
                known = _Round(self.now(), answers, failed, told)
                self._rounds[asset.symbol] = known
            return known

    async def _joined(
        self, asset: Asset, answers: tuple[Reading[Days], ...], error: ProviderError | None
    ) -> Reading[Days]:
        try:
            stored, stored_at = await self._stored(asset)
        except RedisError:
            return self._without_memory(answers, error)
        if not answers:
            if not stored or stored_at is None:
                raise error or Unavailable(self.name, "no source is configured")
            return Reading(tuple(d for _, d in stored.values()), _sources_of(stored), stored_at)
        final = _kept(stored, answers)
        as_of = max(answer.as_of for answer in answers)
        with contextlib.suppress(RedisError):  # the next round stores it
            await self._store(asset, stored, final, as_of)
        # Days that are not final yet come from whoever has heard of the most funds.
        days = merge([tuple(d for _, d in final.values()), *(a.value for a in answers)])
        newest = _author(days, final, answers)
        return Reading(honest(days, self.now()), newest.source, newest.as_of)

    def _without_memory(
        self, answers: Sequence[Reading[Days]], error: ProviderError | None
    ) -> Reading[Days]:
        """What the sources say now; nothing is stored, lest it replace what was final before."""
        if not answers:
            raise error or Unavailable(self.name, "no source is configured")
        days = merge([answer.value for answer in answers])
        newest = _author(days, {}, answers)
        return Reading(days, newest.source, newest.as_of)

    async def _asked(
        self, asset: Asset, before: Mapping[str, Reading[Days]]
    ) -> tuple[dict[str, Reading[Days]], list[ProviderError]]:
        """What each source says, or said `before` where it rests or does not answer; and what failed."""
        asked = (self._ask(source, asset, before.get(source.name)) for source in self.sources)
        answers: dict[str, Reading[Days]] = {}
        errors: list[ProviderError] = []
        for source, answer in zip(self.sources, await asyncio.gather(*asked), strict=True):
            if isinstance(answer, ProviderError):
                errors.append(answer)
                continue
            if answer.failed is not None:
                errors.append(answer.failed)
            answers[source.name] = answer
        return answers, errors

    async def _ask(
        self, source: Flows, asset: Asset, before: Reading[Days] | None
    ) -> Reading[Days] | ProviderError:
        health = self._health.setdefault((source.name, asset.symbol), Health())
        now = self.now()
        if health.rests(now):
            resting = Unavailable(source.name, health.error or "rests")
            return replace(before, failed=resting) if before is not None else resting
        try:
            answer = await source.flows(asset)
        except UnknownSymbol as error:
            return error  # about the question, not about the source
        except ProviderError as error:
            health.went("flows", source.name, error, now)
            return error
        health.told("flows", source.name, answer, now)
        return answer

    async def _stored(
        self, asset: Asset
    ) -> tuple[dict[date, tuple[str, FlowDay]], datetime | None]:
        found: Mapping[bytes | str, bytes | str] = await self.client.hgetall(_key(asset))
        days: dict[date, tuple[str, FlowDay]] = {}
        as_of: datetime | None = None
        for raw_name, raw in found.items():
            name, text = _text(raw_name), _text(raw)
            if name == _AS_OF:
                as_of = datetime.fromisoformat(text)
                continue
            kept = msgspec.json.decode(text, type=_Stored)
            day = date.fromisoformat(name)
            days[day] = (kept.source, FlowDay(day, kept.net_usd, kept.by_fund, kept.status))
        return dict(sorted(days.items())), as_of

    async def _store(
        self,
        asset: Asset,
        before: Mapping[date, tuple[str, FlowDay]],
        now: Mapping[date, tuple[str, FlowDay]],
        as_of: datetime,
    ) -> None:
        fields = [_AS_OF, as_of.isoformat()]
        for day, (source, kept) in now.items():
            if before.get(day) != (source, kept) and kept.net_usd is not None:
                record = _Stored(source, kept.net_usd, kept.by_fund, kept.status)
                fields += [day.isoformat(), msgspec.json.encode(record).decode()]
        await self.client.hset(_key(asset), items=fields)


def _worse(one: SourceState, other: SourceState) -> SourceState:
    """Of two assets' the one that fails, otherwise the one that was asked last."""
    if (one.error is None) != (other.error is None):
        return one if one.error is not None else other
    return max(one, other, key=lambda s: s.answered_at.timestamp() if s.answered_at else 0.0)


def _kept(
    stored: Mapping[date, tuple[str, FlowDay]], answers: Sequence[Reading[Days]]
) -> dict[date, tuple[str, FlowDay]]:
    """Every day that is final: as stored, as revised by its own source, or new from the best source that has it."""
    final = dict(stored)
    for answer in answers:
        own = [day for source, day in final.values() if source == answer.source]
        for day in revise(own, answer.value):
            source, _ = final.get(day.trade_date, (answer.source, day))
            if day.final and source == answer.source:
                final[day.trade_date] = (source, day)
    return dict(sorted(final.items()))


def _author(
    days: Days, final: Mapping[date, tuple[str, FlowDay]], answers: Sequence[Reading[Days]]
) -> Reading[Days]:
    """Who said the newest figure that is told; the first answer when nobody said any."""
    told = next((day for day in reversed(days) if day.net_usd is not None), None)
    if told is None:
        return answers[0]
    if told.final and told.trade_date in final:
        source = final[told.trade_date][0]
        return next((a for a in answers if a.source == source), answers[0])
    return next((a for a in answers if told in a.value), answers[0])


def _sources_of(stored: Mapping[date, tuple[str, FlowDay]]) -> str:
    return stored[max(stored)][0]


def _key(asset: Asset) -> str:
    return f"lh:{{flows}}:{asset.symbol}"


def _text(raw: bytes | str) -> str:
    return raw.decode() if isinstance(raw, bytes) else raw
