"""When a fall may be called a long squeeze."""

from dataclasses import replace

import pytest

from handlers.analysis.squeeze import Mark, SqueezeInput, coins_change_pct, long_squeeze

SQUEEZE = SqueezeInput(
    price_pct=-8.0,
    average_range_pct=4.0,
    long_usd=300.0,
    short_usd=50.0,
    usual_usd=100.0,
    open_interest_pct=-6.0,
    funding_8h=-0.0001,
)


def test_all_marks_make_a_squeeze():
    assert long_squeeze(SQUEEZE).is_long_squeeze


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        ({"price_pct": -3.0}, Mark.FALL),
        ({"price_pct": 8.0}, Mark.FALL),
        ({"short_usd": 300.0}, Mark.LONGS),
        ({"usual_usd": 200.0}, Mark.UNUSUAL),
        ({"open_interest_pct": -1.0}, Mark.OPEN_INTEREST),
        ({"funding_8h": 0.0003}, Mark.FUNDING),
    ],
)
def test_one_mark_missing_is_no_squeeze(change, mark):
    found = long_squeeze(replace(SQUEEZE, **change))

    assert not found.is_long_squeeze
    assert found.held == frozenset(Mark) - {mark}
    assert not found.unknown


def test_what_is_unknown_is_said_and_never_assumed():
    found = long_squeeze(SqueezeInput(None, None, None, None, None, None, None))

    assert found.unknown == frozenset(Mark)
    assert not found.is_long_squeeze


def test_nobody_closed_is_no_squeeze():
    found = long_squeeze(replace(SQUEEZE, long_usd=0.0, short_usd=0.0, usual_usd=0.0))

    assert found.held.isdisjoint({Mark.LONGS, Mark.UNUSUAL})


def test_interest_in_coins_is_freed_of_the_price():
    assert coins_change_pct(-10.0, -10.0) == pytest.approx(0)
    assert coins_change_pct(0.0, -50.0) == pytest.approx(100)
    assert coins_change_pct(None, 1.0) is None
    assert coins_change_pct(1.0, -100.0) is None
