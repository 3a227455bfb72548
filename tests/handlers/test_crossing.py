"""Round prices are those that people call round."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.analysis.levels import round_numbers
from handlers.crossing import SPAN, round_lines


@pytest.mark.parametrize(
    ("price", "lines"),
    [
        pytest.param(72_000, (70_000, 75_000), id="bitcoin"),
        pytest.param(121_000, (120_000, 125_000), id="six digits"),
        pytest.param(2_300, (2_250, 2_500), id="ether"),
        pytest.param(97, (95, 100), id="solana"),
        pytest.param(0.072, (0.07, 0.075), id="cents"),
    ],
)
def test_the_step_grows_with_the_price(price, lines):
    below, above = lines

    found = round_lines(price)

    assert max(line for line in found if line < price) == pytest.approx(below)
    assert min(line for line in found if line > price) == pytest.approx(above)


@given(st.floats(1e-6, 1e7))
def test_the_lines_under_watch_are_those_that_levels_name(price):
    named = round_numbers(price * (1 - SPAN), price * (1 + SPAN), price)

    assert round_lines(price) == tuple(reason.price for reason in named)


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
