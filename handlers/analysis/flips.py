"""Role reversal: a floor that gave way and then held rallies down, a ceiling that gave way and then held falls up."""

from collections.abc import Sequence
from datetime import datetime

from handlers.analysis.swings import Swing
from providers.types import Candle

SAME_PLACE = 0.1  # of a zone's width


def flips(
    swings: Sequence[Swing], bars: Sequence[Candle], price: float, span: float
) -> tuple[tuple[Swing, ...], ...]:
    """
    Turning points that belong to one reversed zone: a low that a bar closed beneath, with every later high within
    `span` above it, while price is below; and the mirror image. A flip needs a close beyond and a retest (Rekt
    Capital's usage), a wick is neither. Groups do not overlap; the one with the larger broken turning point wins.
    """
    found = [_group(swing, swings, bars, price, span) for swing in swings]
    groups: list[tuple[Swing, ...]] = []
    for group in sorted(found, key=lambda g: (g[0].size, len(g)), reverse=True):
        if len(group) > 1 and not any(_overlap(group, other) for other in groups):
            groups.append(group)
    return tuple(groups)


def _overlap(a: Sequence[Swing], b: Sequence[Swing]) -> bool:
    return min(s.price for s in a) <= max(s.price for s in b) and min(s.price for s in b) <= max(
        s.price for s in a
    )


def _group(
    broken: Swing, swings: Sequence[Swing], bars: Sequence[Candle], price: float, span: float
) -> tuple[Swing, ...]:
    """The broken turning point first, then its retests and what broke with it at the same place."""
    retests = _retests(broken, swings, bars, price, span)
    if not retests:
        return (broken,)
    same = [
        other
        for other in swings
        if other is not broken
        and other.high is broken.high
        and abs(other.price - broken.price) <= SAME_PLACE * span
    ]
    return (broken, *same, *retests)


def _retests(
    broken: Swing, swings: Sequence[Swing], bars: Sequence[Candle], price: float, span: float
) -> list[Swing]:
    sign = 1 if not broken.high else -1  # a broken high is a broken low upside down
    if sign * (broken.price - price) <= 0:
        return []
    at = _broken_at(broken, bars, sign)
    if at is None:
        return []
    return [
        later
        for later in swings
        if later.high is not broken.high
        and later.at > at
        and 0 <= sign * (later.price - broken.price) <= span
    ]


def _broken_at(broken: Swing, bars: Sequence[Candle], sign: int) -> datetime | None:
    closes = (
        bar.opened_at
        for bar in bars
        if bar.opened_at > broken.at and sign * (bar.close - broken.price) < 0
    )
    return next(closes, None)
