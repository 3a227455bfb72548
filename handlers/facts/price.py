"""What the bars say: price, momentum, trend, and the leverage that the move has closed."""

from datetime import datetime, timedelta

from handlers.analysis import momentum
from handlers.analysis.leverage import gone_above, gone_above_at
from handlers.analysis.price import (
    change_pct,
    close_before,
    highest_since,
    lowest_since,
    peak,
    window,
)
from handlers.analysis.unusual import ENOUGH, changes_pct, stretches, unusual
from handlers.facts.bars import DAY, HOUR, Bars, closed
from handlers.facts.shapes import (
    LeverageFacts,
    MomentumFacts,
    PriceFacts,
    Sized,
    TrendFacts,
    Wipeout,
)
from providers.types import Candle, LeverageTier, Reading, Side

TWO_DAYS = timedelta(hours=48)
WEEK = timedelta(days=7)
THREE_WEEKS = timedelta(days=21)
MONTH = timedelta(days=30)
LONG = 200
MAINTENANCE = (
    0.005  # what venues ask of ordinary position sizes (Binance BTCUSDT up to 800,000 USDT)
)
NEXT_PCT = 5.0
LEAST = 0.05  # percent: what would be written as 0.0 is no fall
SIZES = (1e4, 1e6, 1e7)  # USD: a person's position, a desk's, a fund's

Tiers = Reading[tuple[LeverageTier, ...]]


def price_facts(bars: Bars) -> PriceFacts:
    two_days, month = window(bars.within(TWO_DAYS)), window(bars.within(MONTH))
    top = peak(bars.days)
    began = _end(bars, TWO_DAYS) - TWO_DAYS
    return PriceFacts(
        last=bars.last,
        change_24h_pct=change_over(bars, DAY),
        change_48h_pct=change_over(bars, TWO_DAYS),
        change_7d_pct=change_over(bars, WEEK),
        window_24h=window(bars.within(DAY)),
        window_48h=two_days,
        window_7d=window(bars.within(WEEK)),
        window_21d=window(bars.within(THREE_WEEKS)),
        window_30d=month,
        lowest_since=lowest_since(bars.days, two_days.low, began) if two_days else None,
        highest_since=highest_since(bars.days, two_days.high, began) if two_days else None,
        ath=top,
        from_ath_pct=change_pct(two_days.low, top.price) if two_days and top else None,
        from_high_30d_pct=change_pct(two_days.low, month.high) if two_days and month else None,
        hourly=bars.hourly(TWO_DAYS),
        unusual_24h=price_unusual(bars, DAY),
        unusual_7d=price_unusual(bars, WEEK),
    )


def price_unusual(bars: Bars, span: timedelta) -> float | None:
    """How far the change over `span` is from earlier such changes, end to end."""
    series, length = _hours_or_days(bars, span)
    closes = stretches([bar.close for bar in series], max(1, round(span / length)))
    past = changes_pct(closes)[:-1]
    return unusual(change_over(bars, span), past)


def _hours_or_days(bars: Bars, span: timedelta) -> tuple[tuple[Candle, ...], timedelta]:
    """Hours only where they hold enough stretches of `span` to know a habit."""
    if bars.hourly((ENOUGH + 1) * span):
        return closed(bars.hours), HOUR
    return bars.closed_days, DAY


def momentum_facts(bars: Bars) -> MomentumFacts:
    return MomentumFacts(
        rsi14_1d=momentum.rsi(_closes(bars.days)),
        rsi14_4h=momentum.rsi(_closes(bars.four_hours)),
        rsi14_1w_live=momentum.rsi(_closes(bars.weeks)),
        rsi14_1w_closed=momentum.rsi(_closes(closed(bars.weeks))),
    )


def trend_facts(bars: Bars) -> TrendFacts:
    weeks, days = _closes(bars.weeks), _closes(bars.days)
    return TrendFacts(
        ema200w=momentum.ema(weeks, LONG),
        sma200w=momentum.sma(weeks, LONG),
        ema200d=momentum.ema(days, LONG),
        sma200d=momentum.sma(days, LONG),
        atr14d=momentum.atr(bars.closed_days),
    )


def leverage_facts(bars: Bars, tiers: Tiers | None = None) -> LeverageFacts:
    return LeverageFacts(
        from_high_48h=_wipeout(bars, TWO_DAYS, tiers),
        from_high_7d=_wipeout(bars, WEEK, tiers),
        from_high_21d=_wipeout(bars, THREE_WEEKS, tiers),
        next_5pct_longs=gone_above(-NEXT_PCT, MAINTENANCE, Side.LONG),
        next_5pct_shorts=gone_above(NEXT_PCT, MAINTENANCE, Side.SHORT),
        longs_sized=_sized(-NEXT_PCT, tiers, Side.LONG),
        shorts_sized=_sized(NEXT_PCT, tiers, Side.SHORT),
        tiers=tiers,
    )


def _wipeout(bars: Bars, span: timedelta, tiers: Tiers | None) -> Wipeout | None:
    seen = window(bars.within(span))
    if seen is None:
        return None
    fall = seen.fall_pct if seen.fall_pct <= -LEAST else 0.0
    sized = _sized(fall, tiers, Side.LONG)
    return Wipeout(seen.high, seen.high_at, fall, gone_above(fall, MAINTENANCE), sized)


def _sized(move_pct: float, tiers: Tiers | None, side: Side) -> tuple[Sized, ...]:
    if tiers is None:
        return ()
    return tuple(Sized(usd, gone_above_at(move_pct, usd, tiers.value, side)) for usd in SIZES)


def change_over(bars: Bars, span: timedelta) -> float | None:
    """Percent against the close `span` before; None when bars do not reach back."""
    series, length = _series(bars, span)
    before = close_before(series, _end(bars, span) - span, length)
    return None if before is None else change_pct(bars.last, before)


def _end(bars: Bars, span: timedelta) -> datetime:
    """When the last closed bar of the series for this span closed."""
    series, length = _series(bars, span)
    return series[-1].opened_at + length if series else bars.as_of


def _series(bars: Bars, span: timedelta) -> tuple[tuple[Candle, ...], timedelta]:
    return (closed(bars.hours), HOUR) if bars.hourly(span) else (bars.closed_days, DAY)


def _closes(bars: tuple[Candle, ...]) -> list[float]:
    return [bar.close for bar in bars]
