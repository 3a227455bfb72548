"""Ask for a fact, get the first source that answers, with its source and age."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from config.watchlist import Asset
from providers import ports
from providers.errors import GeoBlocked, ProviderError, Unavailable, UnknownSymbol
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
    OpenInterest,
    OptionInterest,
    Reading,
    Sentiment,
    SourceState,
    Ticker,
)

log = logging.getLogger(__name__)
T = TypeVar("T")

SKIP = timedelta(seconds=60)  # a source that failed is not asked again for so long
SKIP_BLOCKED = timedelta(hours=6)  # a geo block does not pass within a conversation


class Named(Protocol):
    name: str


S = TypeVar("S", bound=Named)


@dataclass(frozen=True, slots=True)
class Sources:
    """For each kind of fact its sources, best first."""

    prices: tuple[ports.Prices, ...] = ()
    candles: tuple[ports.Candles, ...] = ()
    history: tuple[ports.History, ...] = ()
    flows: tuple[ports.Flows, ...] = ()
    liquidations: tuple[ports.Liquidations, ...] = ()
    liquidation_totals: tuple[ports.LiquidationTotals, ...] = ()
    open_interest: tuple[ports.OpenInterests, ...] = ()
    funding: tuple[ports.Fundings, ...] = ()
    options: tuple[ports.Options, ...] = ()
    tiers: tuple[ports.LeverageTiers, ...] = ()
    sentiment: tuple[ports.Sentiments, ...] = ()
    holdings: tuple[ports.Holdings, ...] = ()
    headlines: tuple[ports.Headlines, ...] = ()
    events: tuple[ports.Events, ...] = ()


@dataclass(slots=True)
class _Health:
    """What we know of one source for one kind of fact."""

    last_good_at: datetime | None = None
    error: str | None = None
    error_at: datetime | None = None
    skip_until: datetime | None = None


@dataclass(slots=True)
class Market:
    """
    Every method raises ProviderError (the last source's) when no source answers.
    `keyed` names sources that wait for a key, so that /status can say so.
    """

    sources: Sources
    now: Callable[[], datetime]
    waiting_for_key: tuple[tuple[str, str], ...] = ()
    _health: dict[tuple[str, str], _Health] = field(default_factory=dict)

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        return await self._first("price", self.sources.prices, lambda s: s.ticker(asset))

    async def tickers(self, asset: Asset) -> tuple[Reading[Ticker], ...]:
        """Every venue that answers, in order of preference."""
        return await self._all("price", self.sources.prices, lambda s: s.ticker(asset))

    async def candles(
        self, asset: Asset, interval: Interval, limit: int = 300
    ) -> Reading[tuple[Candle, ...]]:
        return await self._first(
            "candles", self.sources.candles, lambda s: s.candles(asset, interval, limit)
        )

    async def history(self, asset: Asset) -> Reading[tuple[Candle, ...]]:
        """Closed daily bars as far back as any source goes."""
        return await self._first("history", self.sources.history, lambda s: s.history(asset))

    async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        return await self._first("flows", self.sources.flows, lambda s: s.flows(asset))

    async def all_flows(self, asset: Asset) -> tuple[Reading[tuple[FlowDay, ...]], ...]:
        """Every source that answers, so that a disagreement can be said."""
        return await self._all("flows", self.sources.flows, lambda s: s.flows(asset))

    async def liquidations(self, asset: Asset, since: datetime) -> Reading[LiquidationBook]:
        return await self._first(
            "liquidations", self.sources.liquidations, lambda s: s.book(asset, since)
        )

    async def liquidation_totals(
        self, asset: Asset | None, window: timedelta
    ) -> Reading[tuple[LiquidationTotal, ...]]:
        return await self._first(
            "liquidation_totals", self.sources.liquidation_totals, lambda s: s.totals(asset, window)
        )

    async def open_interest(self, asset: Asset) -> tuple[Reading[OpenInterest], ...]:
        return await self._all(
            "open_interest", self.sources.open_interest, lambda s: s.open_interest(asset)
        )

    async def open_interest_history(
        self, asset: Asset, since: datetime
    ) -> Reading[tuple[OpenInterest, ...]]:
        return await self._first(
            "open_interest_history",
            self.sources.open_interest,
            lambda s: s.open_interest_history(asset, since),
        )

    async def funding(self, asset: Asset) -> tuple[Reading[Funding], ...]:
        return await self._all("funding", self.sources.funding, lambda s: s.funding(asset))

    async def options(self, asset: Asset) -> Reading[tuple[OptionInterest, ...]]:
        return await self._first("options", self.sources.options, lambda s: s.options(asset))

    def tiers(self, asset: Asset) -> tuple[LeverageTier, ...]:
        """Smallest position first; empty when no source knows this asset's tiers."""
        return next((t for s in self.sources.tiers if (t := s.tiers(asset))), ())

    async def sentiment(self) -> Reading[tuple[Sentiment, ...]]:
        return await self._first("sentiment", self.sources.sentiment, lambda s: s.sentiment())

    async def holdings(self, asset: Asset, who: str) -> Reading[tuple[Holding, ...]]:
        return await self._first(
            "holdings", self.sources.holdings, lambda s: s.holdings(asset, who)
        )

    async def headlines(self) -> tuple[Reading[tuple[Headline, ...]], ...]:
        """One reading per feed that answers."""
        return await self._all("headlines", self.sources.headlines, lambda s: s.headlines())

    async def events(self, since: date, until: date) -> tuple[Reading[tuple[Event, ...]], ...]:
        """One reading per calendar that answers."""
        return await self._all("events", self.sources.events, lambda s: s.events(since, until))

    def states(self) -> tuple[SourceState, ...]:
        """Every source that was asked so far, and those that wait for a key."""
        asked = tuple(
            SourceState(name, kind, h.last_good_at, h.error, h.error_at)
            for (kind, name), h in sorted(self._health.items())
        )
        waiting = tuple(
            SourceState(name, kind, None, enabled=False) for name, kind in self.waiting_for_key
        )
        return asked + waiting

    async def _first(
        self, kind: str, sources: Sequence[S], ask: Callable[[S], Awaitable[Reading[T]]]
    ) -> Reading[T]:
        if not sources:
            raise Unavailable(kind, "no source is configured")
        error: ProviderError | None = None
        for source in self._awake(kind, sources):
            try:
                return await self._ask(kind, source, ask)
            except ProviderError as failure:
                error = failure if error is None or isinstance(error, UnknownSymbol) else error
        raise error or Unavailable(kind, "no source answered")

    async def _all(
        self, kind: str, sources: Sequence[S], ask: Callable[[S], Awaitable[Reading[T]]]
    ) -> tuple[Reading[T], ...]:
        if not sources:
            raise Unavailable(kind, "no source is configured")
        answers = await asyncio.gather(
            *(self._ask(kind, s, ask) for s in self._awake(kind, sources)), return_exceptions=True
        )
        good: list[Reading[T]] = []
        bad: list[ProviderError] = []
        for answer in answers:
            if isinstance(answer, ProviderError):
                bad.append(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                good.append(answer)
        if not good:
            raise bad[0] if bad else Unavailable(kind, "no source answered")
        return tuple(good)

    def _awake(self, kind: str, sources: Sequence[S]) -> Sequence[S]:
        """Those not resting after a failure; all of them when every one is resting."""
        now = self.now()
        awake = [
            s
            for s in sources
            if (h := self._health.get((kind, s.name))) is None
            or h.skip_until is None
            or h.skip_until <= now
        ]
        return awake or sources

    async def _ask(
        self, kind: str, source: S, ask: Callable[[S], Awaitable[Reading[T]]]
    ) -> Reading[T]:
        health = self._health.setdefault((kind, source.name), _Health())
        try:
            answer = await ask(source)
        except UnknownSymbol:
            raise  # about the question, not about the source
        except ProviderError as error:
            self._went(health, kind, source.name, error)
            raise
        if health.error is not None:
            log.info("source_up", extra={"source": source.name, "kind": kind})
        health.last_good_at, health.error, health.skip_until = answer.as_of, None, None
        return answer

    def _went(self, health: _Health, kind: str, name: str, error: ProviderError) -> None:
        now = self.now()
        if health.error is None:
            log.warning("source_down", extra={"source": name, "kind": kind, "detail": error.detail})
        rest = SKIP_BLOCKED if isinstance(error, GeoBlocked) else error.retry_after or SKIP
        health.error, health.error_at, health.skip_until = error.detail, now, now + rest
