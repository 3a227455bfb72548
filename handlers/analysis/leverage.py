"""
Which leverage a move has already closed, and which the next one would.

Isolated USDT-margined positions without top-ups: a position is closed once margin and loss together are less than the
maintenance margin, the rate of the tier of what it is worth then, less that tier's deduction. That gives Binance's
(EP·(1 − 1/L) − cum/Q) / (1 − MMR) for a long and (EP·(1 + 1/L) + cum/Q) / (1 + MMR) for a short (Binance FAQ "How to
Calculate Liquidation Price of USDⓈ-M Futures Contracts"). For the smallest tier cum is 0.
Cross margin and added margin survive longer: say "about".
"""

from collections.abc import Sequence
from math import isfinite

from providers.types import LeverageTier, Side


def gone_above(move_pct: float, maintenance: float, side: Side = Side.LONG) -> float | None:
    """
    Leverage from which an isolated position of that side, opened before the move, is closed by it. `move_pct` is
    signed; `maintenance` is a fraction. None when the move does not hurt this side or hurts at no leverage.
    """
    move = move_pct / 100
    if not _hurts(move, side):
        return None
    return 1 / (abs(move) + (1 + move) * maintenance)


def gone_above_at(
    move_pct: float, usd: float, tiers: Sequence[LeverageTier], side: Side = Side.LONG
) -> float | None:
    """The same for a position worth `usd` when opened, by the tiers; None above the venue's largest tier too."""
    move = move_pct / 100
    tier = tier_of(usd * (1 + move), tiers)
    if tier is None or usd <= 0 or not _hurts(move, side):
        return None
    kept = usd * (1 + move) * tier.maintenance_rate - tier.deduction
    return 1 / (abs(move) + kept / usd)


def liquidation_price(
    entry: float, leverage: float, usd: float, tiers: Sequence[LeverageTier], side: Side
) -> float | None:
    """Where a position of `usd` opened at `entry` is closed; None above the largest tier, and where it never is."""
    if entry <= 0 or leverage <= 0 or usd <= 0:
        return None
    sign = 1 if side is Side.LONG else -1
    for tier in tiers:
        owed = usd * (1 - sign / leverage) - sign * tier.deduction
        left = owed / (1 - sign * tier.maintenance_rate)  # what the position is worth then
        if left <= tier.cap_usd:
            return entry * left / usd if left > 0 else None
    return None


def tier_of(usd: float, tiers: Sequence[LeverageTier]) -> LeverageTier | None:
    """The first tier whose cap holds a position of `usd`; tiers are smallest first."""
    return next((tier for tier in tiers if usd <= tier.cap_usd), None)


def _hurts(move: float, side: Side) -> bool:
    return isfinite(move) and (-1 < move < 0 if side is Side.LONG else move > 0)
