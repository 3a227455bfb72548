"""
Maintenance margin by position size, as Binance publishes it for USDⓈ-M perpetuals.

Source: Binance "Leverage & Margin" table and FAQ b3c689c1f50a44cabb3a84e663b81d93. Shipped as data because the live
endpoint needs an account; a tier's deduction ("cum") follows from the rates and is computed.
"""

from datetime import UTC, datetime

from config.watchlist import Asset
from providers.types import LeverageTier

MILLION = 1e6
PUBLISHED = datetime(2026, 9, 1, tzinfo=UTC)  # the month in which the table below was read

# Position size in USDT up to which a rate holds, and the rate.
_RATES = (0.004, 0.005, 0.0065, 0.01, 0.02, 0.025, 0.05, 0.1, 0.125, 0.15, 0.25, 0.5)
_CAPS = {
    "BTCUSDT": (0.3, 0.8, 3, 12, 70, 100, 230, 480, 600, 800, 1200, 1800),
    "ETHUSDT": (0.3, 0.8, 3, 12, 50, 65, 150, 320, 400, 530, 800, 1200),
}


class BinanceTiers:
    """LeverageTiers of the contracts whose table we know; empty for any other."""

    name = "Binance"
    as_of = PUBLISHED

    def tiers(self, asset: Asset) -> tuple[LeverageTier, ...]:
        caps = _CAPS.get(asset.at("binance_usdm") or "", ())
        tiers: list[LeverageTier] = []
        floor = rate_before = deduction = 0.0
        for millions, rate in zip(caps, _RATES, strict=False):  # no caps, no tiers
            deduction += floor * (rate - rate_before) if tiers else 0.0
            tiers.append(LeverageTier(millions * MILLION, rate, round(deduction, 2)))
            floor, rate_before = millions * MILLION, rate
        return tuple(tiers)
