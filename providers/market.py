"""Ask for a fact, get the first source that answers, with its source and age."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from config.watchlist import Asset
from providers import ports
from providers.candles import sound, until
from providers.errors import ProviderError
from providers.fallback import Fallback
from providers.flow_days import Disagreement
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

OLD_PRICE = timedelta(minutes=5)  # these markets never close: who tells an older one hangs
OLD_PAIR = timedelta(hours=1)  # in other currencies there are few trades
OLD_BARS = 2  # lengths of a bar by which the newest may have ended


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
    _fallback: Fallback = field(init=False)

    def __post_init__(self) -> None:
        self._fallback = Fallback(self.now)

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        """The last trade off a stream while one is live, else what the best venue says."""
        for live in self.sources.live:
            with suppress(ProviderError):
                return await priced(live.ticker(asset))
        known = self.sources.prices
        return await self._fallback.first(
            "price", known, asset, lambda s: priced(s.ticker(asset)), oldest=OLD_PRICE
        )

    async def tickers(self, asset: Asset) -> tuple[Reading[Ticker], ...]:
        """Every venue that answers, in order of preference."""
        known = self.sources.prices
        return await self._fallback.all(
            "price", known, asset, lambda s: priced(s.ticker(asset)), oldest=OLD_PRICE
        )

    async def price_in(self, asset: Asset, currency: str) -> Reading[Ticker]:
        """What a venue asks for it in this currency (ISO 4217): a price of its own market, never converted."""
        pair = asset.traded_for(currency)
        return await self._fallback.first(
            "price",
            self.sources.prices,
            (pair, currency),
            lambda s: priced(s.ticker(pair)),
            oldest=OLD_PAIR,
        )

    async def candles(
        self, asset: Asset, interval: Interval, limit: int = 300
    ) -> Reading[tuple[Candle, ...]]:
        answer = await self._fallback.first(
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
        return await self._fallback.first(
            "history", self.sources.history, asset, lambda s: s.history(asset)
        )

    async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        return await self._fallback.first(
            "flows", self.sources.flows, asset, lambda s: s.flows(asset)
        )

    async def all_flows(self, asset: Asset) -> tuple[Reading[tuple[FlowDay, ...]], ...]:
        """Every source that answers, so that a disagreement can be said."""
        return await self._fallback.all(
            "flows", self.sources.flows, asset, lambda s: s.flows(asset)
        )

    async def liquidations(self, asset: Asset, since: datetime) -> Reading[LiquidationBook]:
        return await self._fallback.first(
            "liquidations", self.sources.liquidations, asset, lambda s: s.book(asset, since)
        )

    async def liquidation_totals(
        self, asset: Asset | None, window: timedelta
    ) -> Reading[tuple[LiquidationTotal, ...]]:
        return await self._fallback.first(
            "liquidation_totals",
            self.sources.liquidation_totals,
            (asset, window),
            lambda s: s.totals(asset, window),
        )

    async def open_interest(self, asset: Asset) -> tuple[Reading[OpenInterest], ...]:
        return await self._fallback.all(
            "open_interest", self.sources.open_interest, asset, lambda s: s.open_interest(asset)
        )

    async def open_interest_history(
        self, asset: Asset, since: datetime
    ) -> Reading[tuple[OpenInterest, ...]]:
        return await self._fallback.first(
            "open_interest_history",
            self.sources.open_interest,
            asset,
            lambda s: s.open_interest_history(asset, since),
        )

    async def funding(self, asset: Asset) -> tuple[Reading[Funding], ...]:
        return await self._fallback.all(
            "funding", self.sources.funding, asset, lambda s: s.funding(asset)
        )

    async def funding_history(self, asset: Asset, since: datetime) -> Reading[tuple[Funding, ...]]:
        return await self._fallback.first(
            "funding_history",
            self.sources.funding_history,
            asset,
            lambda s: s.funding_history(asset, since),
        )

    async def options(self, asset: Asset) -> Reading[tuple[OptionInterest, ...]]:
        return await self._fallback.first(
            "options", self.sources.options, asset, lambda s: s.options(asset)
        )

    async def max_pain(self, asset: Asset) -> Reading[tuple[MaxPain, ...]]:
        """Somebody else's reckoning of the same options."""
        known = self.sources.max_pain
        return await self._fallback.first(
            "options", known, ("max_pain", asset), lambda s: s.max_pain(asset)
        )

    def tiers(self, asset: Asset) -> Reading[tuple[LeverageTier, ...]] | None:
        """Smallest position first; None when no source knows this asset's tiers. Nobody is asked: tables are data."""
        known = (Reading(s.tiers(asset), s.name, s.as_of) for s in self.sources.tiers)
        return next((table for table in known if table.value), None)

    async def sentiment(self) -> Reading[tuple[Sentiment, ...]]:
        return await self._fallback.first(
            "sentiment", self.sources.sentiment, None, lambda s: s.sentiment()
        )

    async def holdings(self, asset: Asset, who: str) -> Reading[tuple[Holding, ...]]:
        return await self._fallback.first(
            "holdings", self.sources.holdings, (asset, who), lambda s: s.holdings(asset, who)
        )

    async def headlines(self) -> tuple[Reading[tuple[Headline, ...]], ...]:
        """One reading per feed that answers."""
        return await self._fallback.all(
            "headlines", self.sources.headlines, None, lambda s: s.headlines()
        )

    async def events(self, since: date, until: date) -> tuple[Reading[tuple[Event, ...]], ...]:
        """One reading per calendar that answers."""
        return await self._fallback.all(
            "events", self.sources.events, (since, until), lambda s: s.events(since, until)
        )

    def states(self) -> tuple[SourceState, ...]:
        """Every source that was asked so far, and those that are not asked at all."""
        waiting = tuple(
            SourceState(name, kind, None, enabled=False) for name, kind in self.waiting_for_key
        )
        off = tuple(
            SourceState(name, kind, None, enabled=False, needs_key=False)
            for name, kind in self.switched_off
        )
        return self._fallback.states() + self.also() + waiting + off
