"""How far back a text looks, and what the facts know of that stretch."""

from datetime import timedelta

from handlers.analysis.liquidations import LiquidationSum
from handlers.analysis.price import Window
from handlers.facts.shapes import LiquidationFacts, PriceFacts
from handlers.words import Words

DAY = timedelta(days=1)
TWO_DAYS = timedelta(days=2)
WEEK = timedelta(days=7)


def span_name(words: Words, span: timedelta) -> str:
    """24 h, 48 h, 7 d: hours up to two days, as people say it."""
    if span <= TWO_DAYS:
        return words("{h} h", h=span // timedelta(hours=1))
    return words("{d} d", d=span // DAY)


def heard_name(words: Words, total: LiquidationSum, name: str) -> str:
    """The window's name, or since when we count."""
    return name if total.whole else words("since {time}", time=words.clock(total.since))


def change_over(price: PriceFacts, span: timedelta) -> float | None:
    """Percent, signed."""
    known = {DAY: price.change_24h_pct, TWO_DAYS: price.change_48h_pct, WEEK: price.change_7d_pct}
    return known.get(span)


def window_over(price: PriceFacts, span: timedelta) -> Window | None:
    return {DAY: price.window_24h, TWO_DAYS: price.window_48h, WEEK: price.window_7d}.get(span)


def unusual_over(price: PriceFacts, span: timedelta) -> float | None:
    return {DAY: price.unusual_24h, WEEK: price.unusual_7d}.get(span)


def closed_over(liquidations: LiquidationFacts, span: timedelta) -> LiquidationSum | None:
    """What was closed by force in all of that time: a floor. None when not all of it was heard."""
    total = heard_over(liquidations, span)
    return total if total is not None and total.whole else None


def heard_over(liquidations: LiquidationFacts, span: timedelta) -> LiquidationSum | None:
    """What was heard of that time, however little."""
    known = {
        DAY: liquidations.sum_24h,
        TWO_DAYS: liquidations.sum_48h,
        WEEK: liquidations.sum_7d,
    }
    return known.get(span)
