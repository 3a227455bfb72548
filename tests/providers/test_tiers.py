"""Binance's margin tiers."""

from itertools import pairwise

import pytest

from providers.tiers import BinanceTiers
from tests.providers.sources import asset


@pytest.mark.parametrize("symbol", ["BTC", "ETH"])
def test_margin_is_continuous_where_tiers_meet(symbol: str) -> None:
    tiers = BinanceTiers().tiers(asset(symbol))

    assert (tiers[0].maintenance_rate, tiers[0].deduction) == (0.004, 0.0)
    for lower, upper in pairwise(tiers):
        at = lower.cap_usd
        assert at * lower.maintenance_rate - lower.deduction == pytest.approx(
            at * upper.maintenance_rate - upper.deduction
        )


def test_an_asset_without_a_table_has_no_tiers() -> None:
    assert BinanceTiers().tiers(asset("DOGE")) == ()
