"""Each section alone: a Reading of its facts, or Missing with the reason and since when."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from config.watchlist import Asset
from handlers.analysis.flows import CostBasis
from handlers.analysis.levels import Level
from handlers.analysis.options import ExpiryPain
from handlers.analysis.unusual import unusual
from handlers.facts.bars import Bars, fetch_bars
from handlers.facts.derivatives import (
    DAY,
    KEPT,
    expiries_ahead,
    liquidation_facts,
    positioning_facts,
    told_facts,
)
from handlers.facts.flows import flow_facts
from handlers.facts.levels import level_facts
from handlers.facts.price import leverage_facts, momentum_facts, price_facts, trend_facts
from handlers.facts.shapes import (
    FlowFacts,
    HoldingFacts,
    LeverageFacts,
    LiquidationFacts,
    Missing,
    MomentumFacts,
    Mood,
    PositioningFacts,
    PriceFacts,
    Section,
    TrendFacts,
)
from providers.errors import ProviderError, StillCounting, Unavailable
from providers.market import Market
from providers.types import Event, Headline, OpenInterest, Reading, Sentiment

T = TypeVar("T")
SPAN = timedelta(hours=1)
AHEAD = timedelta(days=14)
HEADLINES = 20
RECENT = timedelta(hours=8)  # hourly points that end earlier tell of another day
US_NAMES = (
    "united states",
    "united states of america",
    "united states government",
    "us government",
)


async def section(
    kind: Section, market: Market, ask: Callable[[], Awaitable[Reading[T]]]
) -> Reading[T] | Missing:
    """What `ask` gives, or Missing when its source fails. `since` is when that source last answered."""
    try:
        return await ask()
    except ProviderError as error:
        last = [s.last_good_at for s in market.states() if s.name == error.source]
        known = [at for at in last if at is not None]
        return Missing(kind, error.code, error.source, max(known, default=None))


async def bars_section(market: Market, asset: Asset, now: datetime) -> Reading[Bars] | Missing:
    async def ask() -> Reading[Bars]:
        bars = await fetch_bars(market, asset, now)
        return Reading(bars, bars.source, bars.as_of)

    async def recent() -> Reading[Bars]:
        return await market.recent.get(("bars", asset.symbol), now, ask)

    return await section(Section.PRICE, market, recent)


def from_bars(
    kind: Section, bars: Reading[Bars] | Missing, compute: Callable[[Bars], T]
) -> Reading[T] | Missing:
    if isinstance(bars, Missing):
        return Missing(kind, bars.reason, bars.source, bars.since)
    return bars.map(compute)


async def price_section(
    market: Market, asset: Asset, now: datetime
) -> Reading[PriceFacts] | Missing:
    return from_bars(Section.PRICE, await bars_section(market, asset, now), price_facts)


async def momentum_section(
    market: Market, asset: Asset, now: datetime
) -> Reading[MomentumFacts] | Missing:
    return from_bars(Section.MOMENTUM, await bars_section(market, asset, now), momentum_facts)


async def trend_section(
    market: Market, asset: Asset, now: datetime
) -> Reading[TrendFacts] | Missing:
    return from_bars(Section.TREND, await bars_section(market, asset, now), trend_facts)


async def leverage_section(
    market: Market, asset: Asset, now: datetime
) -> Reading[LeverageFacts] | Missing:
    bars = await bars_section(market, asset, now)
    return from_bars(Section.LEVERAGE, bars, lambda b: leverage_facts(b, market.tiers(asset)))


async def flows_section(
    market: Market, asset: Asset, now: datetime, bars: Bars | None = None
) -> Reading[FlowFacts] | Missing:
    """With bars there is a cost basis too."""

    async def ask() -> Reading[FlowFacts]:
        days = await market.flows(asset)
        return days.map(lambda known: flow_facts(known, bars, now, asset.etf_since))

    async def recent() -> Reading[FlowFacts]:
        about = (
            "flows",
            asset.symbol,
            None if bars is None else (bars.source, bars.as_of, bars.last),
        )
        return await market.recent.get(about, now, ask)

    return await section(Section.FLOWS, market, recent)


async def liquidations_section(
    market: Market, asset: Asset, now: datetime
) -> Reading[LiquidationFacts] | Missing:
    """Our own count; while that is too young for a day, another's total of it, which is more than none."""

    async def count() -> Reading[LiquidationFacts]:
        book = await market.liquidations(asset, now - KEPT - SPAN)
        found = book.map(lambda known: liquidation_facts(known, now))
        if found.value.silent:
            raise StillCounting(book.source, "too little was heard for any figure")
        return found

    async def total() -> Reading[LiquidationFacts]:
        told = await market.liquidation_totals(asset, DAY)
        every = next((one for one in told.value if one.venue is None), None)
        if every is None:
            raise Unavailable(told.source, "no total of all venues")
        return told.map(lambda _: told_facts(every, told.as_of))

    own = await section(Section.LIQUIDATIONS, market, count)
    day = own.value.sum_24h if isinstance(own, Reading) else None
    if day is not None and day.whole:
        return own
    other = await section(Section.LIQUIDATIONS, market, total)
    return other if isinstance(other, Reading) else own


async def positioning_section(
    market: Market, asset: Asset, now: datetime
) -> Reading[PositioningFacts] | Missing:
    """Open interest or funding alone is still an answer."""

    async def ask() -> Reading[PositioningFacts]:
        interest, history, funding = await asyncio.gather(
            _or_empty(market.open_interest(asset)),
            _history(market, asset, now),
            _or_empty(market.funding(asset)),
        )
        told: list[tuple[str, datetime]] = [(r.source, r.as_of) for r in interest]
        told += [(r.source, r.as_of) for r in funding]
        if not told:
            raise Unavailable("open_interest", "no venue answered")
        names = " + ".join(dict.fromkeys(name for name, _ in told))
        value = positioning_facts(interest, history, funding)
        return Reading(value, names, min(as_of for _, as_of in told))

    return await section(Section.POSITIONING, market, ask)


async def sentiments_section(market: Market) -> Reading[tuple[Sentiment, ...]] | Missing:
    """Newest last, at least one."""

    async def ask() -> Reading[tuple[Sentiment, ...]]:
        known = await market.sentiment()
        if not known.value:
            raise Unavailable(known.source, "no value")
        return known

    return await section(Section.SENTIMENT, market, ask)


async def sentiment_section(market: Market) -> Reading[Sentiment] | Missing:
    known = await sentiments_section(market)
    return known if isinstance(known, Missing) else known.map(lambda values: values[-1])


def mood(values: Sequence[Sentiment]) -> Mood | None:
    """None without a value of the day before."""
    last = values[-61:]
    if len(last) < 2 or last[-1].date - last[-2].date != timedelta(days=1):
        return None
    steps = [float(b.value - a.value) for a, b in pairwise(last)]
    return Mood(last[-2], unusual(steps[-1], steps[:-1]))


async def options_section(
    market: Market, asset: Asset, now: datetime
) -> Reading[tuple[ExpiryPain, ...]] | Missing:
    async def ask() -> Reading[tuple[ExpiryPain, ...]]:
        return await expiries_ahead(market, asset, now)

    async def recent() -> Reading[tuple[ExpiryPain, ...]]:
        return await market.recent.get(("options", asset.symbol), now, ask)

    return await section(Section.OPTIONS, market, recent)


async def holdings_section(market: Market, asset: Asset) -> Reading[HoldingFacts] | Missing:
    async def ask() -> Reading[HoldingFacts]:
        known = await market.holdings(asset, "governments")
        return known.map(
            lambda all_: HoldingFacts(
                next((h for h in all_ if h.name.strip().casefold() in US_NAMES), None), all_
            )
        )

    return await section(Section.HOLDINGS, market, ask)


async def levels_section(
    market: Market,
    asset: Asset,
    now: datetime,
    bars: Reading[Bars] | Missing | None = None,
    basis: CostBasis | None = None,
    options: tuple[ExpiryPain, ...] = (),
) -> Reading[tuple[Level, ...]] | Missing:
    """Best rank first. A cost basis and options, when at hand, are further reasons."""
    known = bars if bars is not None else await bars_section(market, asset, now)
    if isinstance(known, Missing):
        return Missing(Section.LEVELS, known.reason, known.source, known.since)

    async def work() -> Reading[tuple[Level, ...]]:
        return known.map(lambda b: level_facts(b, trend_facts(b), now, basis, options))

    about = ("levels", asset.symbol, known.source, known.as_of, known.value.last, basis, options)
    return await market.recent.get(about, now, work)


async def events_section(market: Market, now: datetime) -> Reading[tuple[Event, ...]] | Missing:
    """What is still to come, soonest first."""

    async def ask() -> Reading[tuple[Event, ...]]:
        told = await market.events(now.date(), (now + AHEAD).date())
        events = {(e.name, e.at): e for reading in told for e in reading.value if e.at >= now}
        return _joined(told, tuple(sorted(events.values(), key=lambda e: e.at)))

    return await section(Section.EVENTS, market, ask)


async def headlines_section(market: Market) -> Reading[tuple[Headline, ...]] | Missing:
    """Newest first over all feeds."""

    async def ask() -> Reading[tuple[Headline, ...]]:
        told = await market.headlines()
        newest = sorted((h for r in told for h in r.value), key=lambda h: h.published_at)
        return _joined(told, tuple(reversed(newest))[:HEADLINES])

    return await section(Section.HEADLINES, market, ask)


def _joined(told: tuple[Reading[T], ...], value: T) -> Reading[T]:
    return Reading(value, " + ".join(r.source for r in told), min(r.as_of for r in told))


async def _or_empty(asked: Awaitable[tuple[T, ...]]) -> tuple[T, ...]:
    try:
        return await asked
    except ProviderError:
        return ()


async def _history(market: Market, asset: Asset, now: datetime) -> tuple[OpenInterest, ...]:
    """Empty when it ends too early for its last day to be ours."""
    try:
        known = (await market.open_interest_history(asset, now - timedelta(days=2))).value
    except ProviderError:
        return ()
    return known if known and now - known[-1].at <= RECENT else ()
