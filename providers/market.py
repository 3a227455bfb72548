"""Ask for a fact, get the first source that answers, with its source and age."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeVar

from config.watchlist import Asset
from providers import ports
from providers.candles import sound, until
from providers.errors import (
    NoSource,
    NothingAnswers,
    ProviderError,
    StillCounting,
    Unavailable,
    UnknownSymbol,
)
from providers.flow_days import Disagreement
from providers.health import Health
from providers.kept import LastSaid
from providers.quote import priced
from providers.recent import Recent
from providers.types import (
    Candle,
    Event,
    FlowDay,
    Funding,
    Headline,
    Holding,
    Interval,
    LeverageTier,
    LiquidationBook,
    LiquidationTotal,
    MaxPain,
    OpenInterest,
    OptionInterest,
    Reading,
    Sentiment,
    SourceState,
    Ticker,
)

T = TypeVar("T")

OLD_PRICE = timedelta(minutes=5)  # these markets never close: who tells an older one hangs
OLD_PAIR = timedelta(hours=1)  # in other currencies there are few trades
OLD_BARS = 2  # lengths of a bar by which the newest may have ended


class Named(Protocol):
    name: str


S = TypeVar("S", bound=Named)


@dataclass(frozen=True, slots=True)
class Sources:
    """For each kind of fact its sources, best first."""

    live: tuple[ports.Prices, ...] = ()  # the last trade off a stream: a price and nothing else
    prices: tuple[ports.Prices, ...] = ()
    candles: tuple[ports.Candles, ...] = ()
    history: tuple[ports.History, ...] = ()
    flows: tuple[ports.Flows, ...] = ()
    liquidations: tuple[ports.Liquidations, ...] = ()
    liquidation_totals: tuple[ports.LiquidationTotals, ...] = ()
    open_interest: tuple[ports.OpenInterests, ...] = ()
    funding: tuple[ports.Fundings, ...] = ()
    funding_history: tuple[ports.FundingHistories, ...] = ()
    options: tuple[ports.Options, ...] = ()
    max_pain: tuple[ports.MaxPains, ...] = ()
    tiers: tuple[ports.LeverageTiers, ...] = ()
    sentiment: tuple[ports.Sentiments, ...] = ()
    holdings: tuple[ports.Holdings, ...] = ()
    headlines: tuple[ports.Headlines, ...] = ()
    events: tuple[ports.Events, ...] = ()


async def _nobody_disagrees(_: Asset) -> tuple[Disagreement, ...]:
    return ()


@dataclass(slots=True)
class Market:
    """
    Every method raises a ProviderError when no source answers: UnknownSymbol when none lists the asset, StillCounting
    when our own count is too young and nobody else's is there, otherwise NothingAnswers with what was last known. A
    source that failed is skipped for a while; one that does not list an asset is not at fault. What a source said
    before it failed, and what it tells of long ago as if it were now, is given only when no other source answers.

    `waiting_for_key` names sources without their key and `switched_off` those that whoever runs the bot does without,
    as (source, kind of fact), so that /status can say so; `also` tells of sources that stand behind another one, and
    `flow_disagreements` of recent trade dates on which two of those give figures more than 1 % apart, oldest first.
    """

    sources: Sources
    now: Callable[[], datetime]
    waiting_for_key: tuple[tuple[str, str], ...] = ()
    also: Callable[[], tuple[SourceState, ...]] = tuple
    flow_disagreements: Callable[[Asset], Awaitable[tuple[Disagreement, ...]]] = _nobody_disagrees
    switched_off: tuple[tuple[str, str], ...] = ()
    recent: Recent = field(default_factory=Recent)
    _health: dict[tuple[str, str], Health] = field(default_factory=dict)
    _last: LastSaid = field(default_factory=LastSaid)
    _answered_at: dict[str, datetime] = field(default_factory=dict)

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        """The last trade off a stream while one is live, else what the best venue says."""
        for live in self.sources.live:
            with suppress(ProviderError):
                return await priced(live.ticker(asset))
        known = self.sources.prices
        return await self._first(
            "price", known, asset, lambda s: priced(s.ticker(asset)), oldest=OLD_PRICE
        )

    async def tickers(self, asset: Asset) -> tuple[Reading[Ticker], ...]:
        """Every venue that answers, in order of preference."""
        known = self.sources.prices
        return await self._all(
            "price", known, asset, lambda s: priced(s.ticker(asset)), oldest=OLD_PRICE
        )

    async def price_in(self, asset: Asset, currency: str) -> Reading[Ticker]:
        """What a venue asks for it in this currency (ISO 4217): a price of its own market, never converted."""
        pair = asset.traded_for(currency)
        return await self._first(
            "price",
            self.sources.prices,
            (pair, currency),
            lambda s: priced(s.ticker(pair)),
            oldest=OLD_PAIR,
        )

    async def candles(
        self, asset: Asset, interval: Interval, limit: int = 300
    ) -> Reading[tuple[Candle, ...]]:
        answer = await self._first(
            "candles",
            self.sources.candles,
            (asset, interval, limit),
            lambda s: s.candles(asset, interval, limit),
            oldest=OLD_BARS * interval.length,
        )
        honest = until(sound(answer.value), interval.length, self.now())
        return answer if honest is answer.value else answer.map(lambda _: honest)

    async def history(self, asset: Asset) -> Reading[tuple[Candle, ...]]:
        """Closed daily bars as far back as any source goes."""
        return await self._first("history", self.sources.history, asset, lambda s: s.history(asset))

    async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        return await self._first("flows", self.sources.flows, asset, lambda s: s.flows(asset))

    async def all_flows(self, asset: Asset) -> tuple[Reading[tuple[FlowDay, ...]], ...]:
        """Every source that answers, so that a disagreement can be said."""
        return await self._all("flows", self.sources.flows, asset, lambda s: s.flows(asset))

    async def liquidations(self, asset: Asset, since: datetime) -> Reading[LiquidationBook]:
        return await self._first(
            "liquidations", self.sources.liquidations, asset, lambda s: s.book(asset, since)
        )

    async def liquidation_totals(
        self, asset: Asset | None, window: timedelta
    ) -> Reading[tuple[LiquidationTotal, ...]]:
        return await self._first(
            "liquidation_totals",
            self.sources.liquidation_totals,
            (asset, window),
            lambda s: s.totals(asset, window),
        )

    async def open_interest(self, asset: Asset) -> tuple[Reading[OpenInterest], ...]:
        return await self._all(
            "open_interest", self.sources.open_interest, asset, lambda s: s.open_interest(asset)
        )

    async def open_interest_history(
        self, asset: Asset, since: datetime
    ) -> Reading[tuple[OpenInterest, ...]]:
        return await self._first(
            "open_interest_history",
            self.sources.open_interest,
            asset,
            lambda s: s.open_interest_history(asset, since),
        )

    async def funding(self, asset: Asset) -> tuple[Reading[Funding], ...]:
        return await self._all("funding", self.sources.funding, asset, lambda s: s.funding(asset))

    async def funding_history(self, asset: Asset, since: datetime) -> Reading[tuple[Funding, ...]]:
        return await self._first(
            "funding_history",
            self.sources.funding_history,
            asset,
            lambda s: s.funding_history(asset, since),
        )

    async def options(self, asset: Asset) -> Reading[tuple[OptionInterest, ...]]:
        return await self._first("options", self.sources.options, asset, lambda s: s.options(asset))

    async def max_pain(self, asset: Asset) -> Reading[tuple[MaxPain, ...]]:
        """Somebody else's reckoning of the same options."""
        known = self.sources.max_pain
        return await self._first("options", known, ("max_pain", asset), lambda s: s.max_pain(asset))

    def tiers(self, asset: Asset) -> Reading[tuple[LeverageTier, ...]] | None:
        """Smallest position first; None when no source knows this asset's tiers. Nobody is asked: tables are data."""
        known = (Reading(s.tiers(asset), s.name, s.as_of) for s in self.sources.tiers)
        return next((table for table in known if table.value), None)

    async def sentiment(self) -> Reading[tuple[Sentiment, ...]]:
        return await self._first("sentiment", self.sources.sentiment, None, lambda s: s.sentiment())

    async def holdings(self, asset: Asset, who: str) -> Reading[tuple[Holding, ...]]:
        return await self._first(
            "holdings", self.sources.holdings, (asset, who), lambda s: s.holdings(asset, who)
        )

    async def headlines(self) -> tuple[Reading[tuple[Headline, ...]], ...]:
        """One reading per feed that answers."""
        return await self._all("headlines", self.sources.headlines, None, lambda s: s.headlines())

    async def events(self, since: date, until: date) -> tuple[Reading[tuple[Event, ...]], ...]:
        """One reading per calendar that answers."""
        return await self._all(
            "events", self.sources.events, (since, until), lambda s: s.events(since, until)
        )

    def states(self) -> tuple[SourceState, ...]:
        """Every source that was asked so far, and those that are not asked at all."""
        asked = tuple(
            health.state(kind, name) for (kind, name), health in sorted(self._health.items())
        )
        waiting = tuple(
            SourceState(name, kind, None, enabled=False) for name, kind in self.waiting_for_key
        )
        off = tuple(
            SourceState(name, kind, None, enabled=False, needs_key=False)
            for name, kind in self.switched_off
        )
        return asked + self.also() + waiting + off

    async def _first(
        self,
        kind: str,
        sources: Sequence[S],
        question: Hashable,
        ask: Callable[[S], Awaitable[Reading[T]]],
        *,
        oldest: timedelta | None = None,
    ) -> Reading[T]:
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
        self._last.put((kind, question), newest)
        return newest

    async def _all(
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
            self._last.put((kind, question), before[0])
        return tuple(good + before)

    def _remember(self, kind: str, question: Hashable, answer: Reading[Any]) -> None:
        self._answered_at[kind] = self.now()
        self._last.put((kind, question), answer)

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
            last=self._last.get((kind, question)),
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
