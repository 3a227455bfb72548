"""Which leverage a move closes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.analysis.leverage import gone_above, gone_above_at, liquidation_price, tier_of
from providers.types import LeverageTier, Side

TIERS = (
    LeverageTier(300_000, 0.004, 0),
    LeverageTier(800_000, 0.005, 300),
    LeverageTier(3_000_000, 0.0065, 1_500),
)
sides = st.sampled_from(Side)


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
    assert liquidation_price(100_000, 10, 9e6, TIERS, Side.LONG) is None
    assert tier_of(300_000, TIERS) is TIERS[0]


def test_the_tier_is_that_of_what_the_position_is_worth_when_it_is_closed():
    fallen = liquidation_price(100_000, 2, 350_000, TIERS, Side.LONG)
    risen = liquidation_price(100_000, 2, 280_000, TIERS, Side.SHORT)

    assert fallen == pytest.approx(50_000 / 0.996)  # 350 k when opened, 176 k then
    assert risen == pytest.approx((150_000 + 300 / 2.8) / 1.005)


def test_a_long_without_borrowing_is_never_closed():
    assert liquidation_price(100.0, 1, 1_000, TIERS, Side.LONG) is None


def test_a_larger_position_goes_at_a_lower_leverage():
    assert gone_above_at(-10, 10_000, TIERS) == pytest.approx(1 / (0.1 + 0.9 * 0.004))
    assert gone_above_at(-10, 2e6, TIERS) == pytest.approx(
        1 / (0.1 + (1.8e6 * 0.0065 - 1500) / 2e6)
    )
    assert gone_above_at(10, 2e6, TIERS, Side.SHORT) == pytest.approx(
        1 / (0.1 + (2.2e6 * 0.0065 - 1500) / 2e6)
    )


@pytest.mark.parametrize(
    ("move", "usd", "tiers", "side"),
    [
        pytest.param(10, 1e4, TIERS, Side.LONG, id="a rise hurts no long"),
        pytest.param(-10, 1e4, TIERS, Side.SHORT, id="a fall hurts no short"),
        pytest.param(-100, 1e4, TIERS, Side.LONG, id="to nothing"),
        pytest.param(float("nan"), 1e4, TIERS, Side.LONG, id="not a number"),
        pytest.param(-10, 0, TIERS, Side.LONG, id="no position"),
        pytest.param(-10, 9e6, TIERS, Side.LONG, id="above the largest tier"),
        pytest.param(-10, 1e4, (), Side.LONG, id="no tiers"),
    ],
)
def test_no_leverage_is_named_where_there_is_none(move, usd, tiers, side):
    assert gone_above_at(move, usd, tiers, side) is None


@given(st.floats(0.5, 90), st.floats(1, 1.5e6), sides)
def test_a_sized_position_at_that_leverage_is_closed_exactly_there(size, usd, side):
    move = -size if side is Side.LONG else size
    leverage = gone_above_at(move, usd, TIERS, side)

    price = liquidation_price(100.0, leverage, usd, TIERS, side)
    assert price == pytest.approx(100 * (1 + move / 100))


@given(st.floats(-90, -0.5), st.floats(1, 3e6), st.floats(1, 3e6))
def test_no_larger_position_survives_a_higher_leverage(move, one, other):
    small, large = sorted((one, other))
    assert gone_above_at(move, large, TIERS) <= gone_above_at(move, small, TIERS) * (1 + 1e-12)
