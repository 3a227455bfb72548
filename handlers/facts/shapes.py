"""The shapes of one picture of the market. Percent signed, money in USD, unknown None."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from config.watchlist import Asset
from handlers.analysis.flows import CostBasis, FlowSum
from handlers.analysis.levels import Level
from handlers.analysis.liquidations import Hour, LiquidationSum
from handlers.analysis.options import ExpiryPain
from handlers.analysis.price import Peak, Window
from handlers.analysis.squeeze import Squeeze
from providers.types import (
    Event,
    FlowDay,
    FlowStatus,
    Funding,
    Headline,
    Holding,
    LeverageTier,
    OpenInterest,
    Reading,
    Sentiment,
)


class Section(StrEnum):
    PRICE = "price"
    FLOWS = "flows"
    LIQUIDATIONS = "liquidations"
    MOMENTUM = "momentum"
    TREND = "trend"
    LEVERAGE = "leverage"
    POSITIONING = "positioning"
    SENTIMENT = "sentiment"
    OPTIONS = "options"
    HOLDINGS = "holdings"
    LEVELS = "levels"
    SQUEEZE = "squeeze"
    EVENTS = "events"
    HEADLINES = "headlines"


@dataclass(frozen=True, slots=True)
class Missing:
    """A section that could not be had. `reason` is a ProviderError's code; `since` when its source last answered."""

    kind: Section
    reason: str
    source: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """
    `lowest_since` None: never lower as far as we know. `hourly` False: windows are of whole days. `unusual_*`: how far
    the change is from the usual change over so long, in standard deviations.
    """

    last: float
    change_24h_pct: float | None
    change_48h_pct: float | None
    change_7d_pct: float | None
    window_24h: Window | None
    window_48h: Window | None
    window_7d: Window | None
    window_21d: Window | None
    window_30d: Window | None
    lowest_since: date | None
    highest_since: date | None
    ath: Peak | None
    from_ath_pct: float | None
    from_high_30d_pct: float | None
    hourly: bool
    unusual_24h: float | None = None
    unusual_7d: float | None = None


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """
    `last` is the last final day; `recent` the newest days, partial included, oldest first. `unusual`: how far the last
    day is from the days before it, in standard deviations. `needs_since`: the funds' first day, where the history does
    not reach back to it or has holes, so that there is no cost basis.
    """

    last: FlowDay
    partial: FlowDay | None
    sum_12d: FlowSum
    sum_5d: FlowSum
    streak: int
    longest_outflow_90d: int | None
    cost_basis: CostBasis | None
    gap_creations_pct: float | None
    gap_running_pct: float | None
    recent: tuple[FlowDay, ...]
    unusual: float | None = None
    needs_since: date | None = None

    @property
    def status(self) -> FlowStatus:
        return self.last.status


@dataclass(frozen=True, slots=True)
class LiquidationFacts:
    """
    A floor: what these venues told. `z_score` of the last closed hour against the usual hour; `unusual_24h` of the last
    day against the days before it, in standard deviations.
    """

    venues: tuple[str, ...]
    sum_1h: LiquidationSum | None
    sum_4h: LiquidationSum | None
    sum_24h: LiquidationSum | None
    sum_7d: LiquidationSum | None
    sum_21d: LiquidationSum | None
    largest_hour_24h: Hour | None
    z_score: float | None
    usual_long_24h_usd: float | None
    sum_48h: LiquidationSum | None = None
    unusual_24h: float | None = None

    @property
    def silent(self) -> bool:
        """Whether too little was heard for any figure."""
        sums = (self.sum_1h, self.sum_4h, self.sum_24h, self.sum_48h, self.sum_7d, self.sum_21d)
        return all(one is None for one in sums)


@dataclass(frozen=True, slots=True)
class MomentumFacts:
    rsi14_1d: float | None
    rsi14_4h: float | None
    rsi14_1w_live: float | None
    rsi14_1w_closed: float | None


@dataclass(frozen=True, slots=True)
class TrendFacts:
    """Live: the running day and week count. Weeks are ISO weeks from the asset's first year."""

    ema200w: float | None
    sma200w: float | None
    ema200d: float | None
    sma200d: float | None
    atr14d: float | None


@dataclass(frozen=True, slots=True)
class Sized:
    """Of a position of `usd` the leverage above which it is gone, by a venue's tiers; None above the largest."""

    usd: float
    above: float | None


@dataclass(frozen=True, slots=True)
class Wipeout:
    """
    A fall from `high` to the lowest low after it, and the leverage above which longs opened there are gone at a flat
    0.5 % of maintenance margin; `sized`: by the venue's tiers, smallest position first, empty without a table.
    """

    high: float
    high_at: datetime
    fall_pct: float
    longs_above: float | None
    sized: tuple[Sized, ...] = ()


@dataclass(frozen=True, slots=True)
class LeverageFacts:
    """
    `next_5pct_longs`, `next_5pct_shorts`: leverage above which positions opened now die in the next 5 %, flat and by
    tiers. `tiers`: the table that was used.
    """

    from_high_48h: Wipeout | None
    from_high_7d: Wipeout | None
    from_high_21d: Wipeout | None
    next_5pct_longs: float | None
    next_5pct_shorts: float | None
    longs_sized: tuple[Sized, ...] = ()
    shorts_sized: tuple[Sized, ...] = ()
    tiers: Reading[tuple[LeverageTier, ...]] | None = None


@dataclass(frozen=True, slots=True)
class PositioningFacts:
    """
    Readings per venue; `open_interest_24h_pct` in dollars as reported by the venue with a history, and in coins where
    that venue counts them too.
    """

    open_interest: tuple[Reading[OpenInterest], ...]
    open_interest_24h_pct: float | None
    funding: tuple[Reading[Funding], ...]
    open_interest_24h_coins_pct: float | None = None


@dataclass(frozen=True, slots=True)
class Mood:
    """Fear & Greed of the day before, and how far the step from it is from the usual step, in standard deviations."""

    before: Sentiment | None
    unusual: float | None


@dataclass(frozen=True, slots=True)
class HoldingFacts:
    """Named holders of the asset: the United States government and, when known, all governments and companies."""

    us_government: Holding | None
    governments: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """One picture of everything at one time; each part a Reading or Missing."""

    asset: Asset
    at: datetime
    price: Reading[PriceFacts] | Missing
    flows: Reading[FlowFacts] | Missing
    liquidations: Reading[LiquidationFacts] | Missing
    momentum: Reading[MomentumFacts] | Missing
    trend: Reading[TrendFacts] | Missing
    leverage: Reading[LeverageFacts] | Missing
    positioning: Reading[PositioningFacts] | Missing
    sentiment: Reading[Sentiment] | Missing
    options: Reading[tuple[ExpiryPain, ...]] | Missing
    holdings: Reading[HoldingFacts] | Missing
    levels: Reading[tuple[Level, ...]] | Missing
    squeeze: Reading[Squeeze] | Missing
    events: Reading[tuple[Event, ...]] | Missing
    headlines: Reading[tuple[Headline, ...]] | Missing
    mood: Mood | None = None
