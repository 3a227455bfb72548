"""Round prices are those that people call round."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.crossing import SPAN, round_lines, round_step


@pytest.mark.parametrize(
    ("price", "step"),
    [
        pytest.param(72_000, 5_000, id="bitcoin"),
        pytest.param(126_000, 10_000, id="six digits"),
        pytest.param(2_300, 200, id="ether"),
        pytest.param(95, 5, id="solana"),
        pytest.param(0.072, 0.005, id="cents"),
    ],
)
def test_the_step_grows_with_the_price(price, step):
    assert round_step(price) == pytest.approx(step)


def test_the_levels_around_a_price_are_its_round_lines():
    assert round_lines(76_200, span=0.1) == (70_000.0, 75_000.0, 80_000.0)


@pytest.mark.parametrize("price", [0.0, -5.0, math.nan, math.inf])
def test_no_price_has_no_levels(price):
    assert round_lines(price) == ()


@given(st.floats(1e-6, 1e7))
def test_every_price_has_levels_near_it_on_both_sides(price):
    lines = round_lines(price)

    assert any(line <= price for line in lines)
    assert any(line >= price for line in lines)
    assert all(abs(line / price - 1) <= SPAN * 1.001 for line in lines)
