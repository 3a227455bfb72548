"""Turning points of a zigzag."""

from itertools import pairwise

from hypothesis import given

from handlers.analysis.swings import swings
from tests.handlers.analysis.bars import path, walks

WALK = [100.0, 110.0, 120.0, 112.0, 100.0, 108.0, 118.0]


def told(closes, size=2.0, unit=5.0):
    return [(swing.price, swing.high) for swing in swings(path(closes), (size,), unit)]


def test_the_extremes_of_each_leg_are_the_turning_points():
    assert told(WALK) == [(100.0, False), (120.0, True), (100.0, False)]


def test_a_leg_shorter_than_the_size_turns_nothing():
    assert told(WALK, size=6.0) == []


def test_the_running_extreme_is_not_a_turn_yet():
    assert (118.0, True) not in told(WALK)


@given(walks.filter(len))
def test_highs_and_lows_alternate(closes):
    sides = [swing.high for swing in swings(path(closes), (1.0,))]

    assert all(a is not b for a, b in pairwise(sides))
