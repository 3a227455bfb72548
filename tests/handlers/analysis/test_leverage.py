"""Which leverage a move closes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.analysis.leverage import gone_above, liquidation_price, tier_of
from providers.types import LeverageTier, Side

TIERS = (LeverageTier(300_000, 0.004, 0), LeverageTier(800_000, 0.005, 300))


@pytest.mark.parametrize(
    ("move", "rate", "side", "expected"),
    [
        pytest.param(-10, 0.004, Side.LONG, 9.65, id="ten percent down"),
        pytest.param(-25, 0.004, Side.LONG, 3.95, id="a quarter down"),
        pytest.param(-50, 0.005, Side.LONG, 1.99, id="halved"),
        pytest.param(10, 0.004, Side.SHORT, 9.58, id="ten percent up"),
        pytest.param(10, 0.004, Side.LONG, None, id="a rise hurts no long"),
        pytest.param(-10, 0.004, Side.SHORT, None, id="a fall hurts no short"),
        pytest.param(0, 0.004, Side.LONG, None, id="no move"),
        pytest.param(-100, 0.004, Side.LONG, None, id="to nothing"),
        pytest.param(float("nan"), 0.004, Side.LONG, None, id="not a number"),
    ],
)
def test_leverage_that_is_gone(move, rate, side, expected):
    found = gone_above(move, rate, side)

    assert found is None if expected is None else found == pytest.approx(expected, abs=0.01)


@given(st.floats(-90, -0.5), st.sampled_from([0.004, 0.005]))
def test_a_long_at_that_leverage_is_closed_exactly_there(move, rate):
    leverage = gone_above(move, rate)
    tiers = (LeverageTier(1e9, rate, 0),)

    price = liquidation_price(100.0, leverage, 1000.0, tiers, Side.LONG)
    assert price == pytest.approx(100 * (1 + move / 100))


@given(st.floats(0.5, 300))
def test_a_short_at_that_leverage_is_closed_exactly_there(move):
    leverage = gone_above(move, 0.005, Side.SHORT)
    tiers = (LeverageTier(1e9, 0.005, 0),)

    price = liquidation_price(100.0, leverage, 1000.0, tiers, Side.SHORT)
    assert price == pytest.approx(100 * (1 + move / 100))


def test_a_larger_position_is_held_to_its_own_tier():
    small = liquidation_price(100_000, 10, 200_000, TIERS, Side.LONG)
    large = liquidation_price(100_000, 10, 700_000, TIERS, Side.LONG)

    assert small == pytest.approx(90_361.4, abs=0.1)
    assert large == pytest.approx((90_000 - 300 / 7) / 0.995)
    assert liquidation_price(100_000, 10, 900_000, TIERS, Side.LONG) is None
    assert tier_of(300_000, TIERS) is TIERS[0]
