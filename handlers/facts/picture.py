"""Everything at once: what needs the bars waits for them, the rest is asked at the same time."""

import asyncio
from datetime import datetime
from typing import TypeVar

from config.watchlist import Asset
from handlers.analysis.squeeze import Squeeze
from handlers.facts.ask import (
    bars_section,
    events_section,
    flows_section,
    from_bars,
    headlines_section,
    holdings_section,
    levels_section,
    liquidations_section,
    mood,
    options_section,
    positioning_section,
    sentiments_section,
)
from handlers.facts.bars import STALE, Bars
from handlers.facts.derivatives import squeeze_facts
from handlers.facts.price import leverage_facts, momentum_facts, price_facts, trend_facts
from handlers.facts.shapes import (
    Facts,
    LiquidationFacts,
    Missing,
    PositioningFacts,
    Section,
)
from providers.market import Market
from providers.types import Reading

T = TypeVar("T")


async def facts(market: Market, asset: Asset, now: datetime) -> Facts:
    """Never raises for a source that fails: its section is Missing."""
    async with asyncio.TaskGroup() as asked:
        barring = asked.create_task(bars_section(market, asset, now))
        liquidating = asked.create_task(liquidations_section(market, asset, now))
        positioning = asked.create_task(positioning_section(market, asset, now))
        feeling = asked.create_task(sentiments_section(market))
        optioning = asked.create_task(options_section(market, asset, now))
        holding = asked.create_task(holdings_section(market, asset))
        coming = asked.create_task(events_section(market, now))
        reading = asked.create_task(headlines_section(market))
    feelings = feeling.result()
    bars, options = barring.result(), optioning.result()
    flows = await flows_section(market, asset, now, value_of(bars))
    known = value_of(flows)
    levels = await levels_section(
        market, asset, now, bars, known.cost_basis if known else None, value_of(options) or ()
    )
    return Facts(
        asset=asset,
        at=now,
        price=from_bars(Section.PRICE, bars, price_facts),
        flows=flows,
        liquidations=liquidating.result(),
        momentum=from_bars(Section.MOMENTUM, bars, momentum_facts),
        trend=from_bars(Section.TREND, bars, trend_facts),
        leverage=from_bars(
            Section.LEVERAGE, bars, lambda b: leverage_facts(b, market.tiers(asset))
        ),
        positioning=positioning.result(),
        sentiment=feelings if isinstance(feelings, Missing) else feelings.map(lambda v: v[-1]),
        options=options,
        holdings=holding.result(),
        levels=levels,
        squeeze=_squeeze(bars, liquidating.result(), _present(positioning.result(), now)),
        events=coming.result(),
        headlines=reading.result(),
        mood=None if isinstance(feelings, Missing) else mood(feelings.value),
    )


def _squeeze(
    bars: Reading[Bars] | Missing,
    liquidations: Reading[LiquidationFacts] | Missing,
    positions: PositioningFacts | None,
) -> Reading[Squeeze] | Missing:
    return from_bars(
        Section.SQUEEZE,
        bars,
        lambda b: squeeze_facts(price_facts(b), trend_facts(b), value_of(liquidations), positions),
    )


def _present(
    positioning: Reading[PositioningFacts] | Missing, now: datetime
) -> PositioningFacts | None:
    """What was open days ago says nothing about the last day."""
    if isinstance(positioning, Missing) or positioning.age(now) > STALE:
        return None
    return positioning.value


def value_of(section: Reading[T] | Missing) -> T | None:
    return None if isinstance(section, Missing) else section.value
