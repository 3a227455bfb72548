"""Levels with every reason that the facts at hand can give."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from handlers.analysis.flows import CostBasis
from handlers.analysis.levels import Ground, Level, Reason, ReasonKind, key_levels
from handlers.analysis.options import ExpiryPain
from handlers.analysis.price import peak
from handlers.facts.bars import Bars, closed
from handlers.facts.shapes import TrendFacts

EXPIRIES = 4  # max pain of farther expiries moves too much to be a place
WEIGHTS = {
    ReasonKind.EMA_200W: 3.0,
    ReasonKind.SMA_200W: 2.0,
    ReasonKind.SMA_200D: 1.5,
    ReasonKind.COST_CREATIONS: 1.5,
    ReasonKind.COST_RUNNING: 1.5,
    ReasonKind.ALL_TIME_HIGH: 3.0,
    ReasonKind.MAX_PAIN: 0.75,
}


def level_facts(
    bars: Bars,
    trend: TrendFacts,
    now: datetime,
    basis: CostBasis | None = None,
    options: Sequence[ExpiryPain] = (),
) -> tuple[Level, ...]:
    """Best rank first; empty for a market too young to have a usual range."""
    if trend.atr14d is None:
        return ()
    ground = Ground(bars.closed_days, closed(bars.hours), bars.last, trend.atr14d, now)
    return key_levels(ground, tuple(_reasons(bars, trend, basis, options)))


def _reasons(
    bars: Bars, trend: TrendFacts, basis: CostBasis | None, options: Sequence[ExpiryPain]
) -> Iterator[Reason]:
    top = peak(bars.closed_days)
    prices = {
        ReasonKind.EMA_200W: trend.ema200w,
        ReasonKind.SMA_200W: trend.sma200w,
        ReasonKind.SMA_200D: trend.sma200d,
        ReasonKind.COST_CREATIONS: basis.creations if basis else None,
        ReasonKind.COST_RUNNING: basis.running if basis else None,
        ReasonKind.ALL_TIME_HIGH: top.price if top else None,
    }
    for kind, price in prices.items():
        if price is not None:
            yield Reason(kind, price, WEIGHTS[kind])
    for expiry in options[:EXPIRIES]:
        yield Reason(
            ReasonKind.MAX_PAIN, expiry.max_pain, WEIGHTS[ReasonKind.MAX_PAIN], expiry=expiry.expiry
        )
