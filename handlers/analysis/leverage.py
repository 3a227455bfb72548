"""
Which leverage a move has already closed, and which the next one would.

Isolated USDT-margined positions without top-ups: Binance closes a long at (EP·(1 − 1/L) − cum/Q) / (1 − MMR) and a
short at (EP·(1 + 1/L) + cum/Q) / (1 + MMR), with the maintenance rate and `cum` of the tier of its notional
(Binance FAQ "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts"). For the smallest tier cum is 0.
Cross margin and added margin survive longer: say "about".
"""

from collections.abc import Sequence
from math import isfinite

from providers.types import LeverageTier, Side


def gone_above(
    move_pct: float, maintenance: float, side: Side = Side.LONG, fee: float = 0.0
) -> float | None:
    """
    Leverage from which an isolated position of that side, opened before the move, is closed by it. `move_pct` is
    signed; `maintenance` and `fee` are fractions. None when the move does not hurt this side or hurts at no leverage.
    """
    move = move_pct / 100
    rate = maintenance + fee
    if not isfinite(move) or (move >= 0 if side is Side.LONG else move <= 0):
        return None
    sign = 1 if side is Side.LONG else -1
    margin = sign * (1 - (1 + move) * (1 - sign * rate))
    return 1 / margin if margin > 0 and move > -1 else None


def liquidation_price(
    entry: float, leverage: float, notional: float, tiers: Sequence[LeverageTier], side: Side
) -> float | None:
    """Where a position of `notional` USD opened at `entry` is closed; None above the venue's largest tier."""
    tier = tier_of(notional, tiers)
    if tier is None or entry <= 0 or leverage <= 0:
        return None
    per_coin = tier.deduction * entry / notional if notional > 0 else 0.0
    if side is Side.LONG:
        return (entry * (1 - 1 / leverage) - per_coin) / (1 - tier.maintenance_rate)
    return (entry * (1 + 1 / leverage) + per_coin) / (1 + tier.maintenance_rate)


def tier_of(notional: float, tiers: Sequence[LeverageTier]) -> LeverageTier | None:
    """The first tier whose cap holds `notional`; tiers are smallest first."""
    return next((tier for tier in tiers if notional <= tier.cap_usd), None)
