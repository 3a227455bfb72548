"""Where price stands against its past."""

from datetime import date

import pytest
from hypothesis import given

from handlers.analysis import price
from tests.handlers.analysis.bars import DAY, START, bar, path, walks


def test_the_fall_is_to_a_low_that_came_after_the_high():
    seen = price.window(path([50.0, 40.0, 100.0, 90.0, 80.0, 85.0]))

    assert seen is not None
    assert (seen.low, seen.high) == (40.0, 100.0)
    assert seen.fall_pct == pytest.approx(-20)
    assert seen.rise_pct == pytest.approx(150)


def test_a_high_in_the_last_bar_fell_nowhere():
    seen = price.window(path([90.0, 95.0, 100.0]))

    assert seen is not None
    assert seen.fall_pct == 0


def test_a_bar_that_falls_by_half_in_itself_counts():
    seen = price.window([bar(0, 50.0, open_=100.0)])

    assert seen is not None
    assert seen.fall_pct == pytest.approx(-50)


@given(walks)
def test_a_window_is_between_its_extremes_and_finite(closes):
    seen = price.window(path(closes) if closes else [])

    if not closes:
        assert seen is None
    else:
        assert -100 < seen.fall_pct <= 0 <= seen.rise_pct
        assert all(seen.low <= close <= seen.high for close in closes)


def test_not_a_number_is_left_out():
    seen = price.window([bar(0, 10.0), bar(1, 5.0, high=float("nan")), bar(2, 20.0)])

    assert seen is not None
    assert (seen.low, seen.high) == (10.0, 20.0)


def test_lowest_since_is_the_last_whole_day_at_or_below():
    days = path([10.0, 5.0, 20.0, 30.0, 4.0])

    assert price.lowest_since(days, 5.0, START + 4 * DAY) == date(2030, 1, 9)
    assert price.lowest_since(days, 4.5, START + 4 * DAY) is None
    assert price.lowest_since(days, 5.0, START + 4.5 * DAY) == date(2030, 1, 9)


def test_highest_since_is_the_last_whole_day_at_or_above():
    days = path([30.0, 20.0, 10.0, 40.0])

    assert price.highest_since(days, 30.0, START + 3 * DAY) == date(2030, 1, 8)
    assert price.highest_since(days, 31.0, START + 3 * DAY) is None


def test_the_close_before_a_gap_is_not_passed_off_as_the_close_then():
    days = [bar(0, 10.0), bar(9, 20.0)]

    assert price.close_before(days, START + DAY, DAY) == 10.0
    assert price.close_before(days, START + 5 * DAY, DAY) is None
    assert price.close_before([], START, DAY) is None


def test_since_gives_the_bars_from_then_on():
    assert [b.close for b in price.since(path([1.0, 2.0, 3.0]), START + DAY)] == [2.0, 3.0]


def test_the_peak_is_the_first_of_equals():
    found = price.peak([bar(0, 1.0), bar(1, 3.0), bar(2, 3.0)])

    assert found == price.Peak(3.0, date(2030, 1, 8))
    assert price.peak([]) is None


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [(110.0, 100.0, 10.0), (50.0, 100.0, -50.0), (1.0, 0.0, None), (float("nan"), 1.0, None)],
)
def test_change_in_percent(now, then, expected):
    found = price.change_pct(now, then)

    assert found is None if expected is None else found == pytest.approx(expected)
