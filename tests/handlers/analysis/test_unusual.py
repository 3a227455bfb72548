"""How far a number is from what is usual for it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.analysis.unusual import changes_pct, stretches, unusual

numbers = st.lists(st.floats(-1e9, 1e9), min_size=10, max_size=40)


PAST = [9.0, 11.0] * 6  # mean 10, and of a sample of twelve a deviation of √(12/11)


@pytest.mark.parametrize(("value", "away"), [(13.0, 3.0), (10.0, 0.0), (8.0, -2.0), (0.0, -10.0)])
def test_a_score_counts_deviations_from_the_mean_and_not_from_zero(value, away):
    assert unusual(value, PAST) == pytest.approx(away / math.sqrt(12 / 11))


def test_numbers_that_are_none_do_not_count():
    assert unusual(13.0, [*PAST, math.nan, math.inf]) == unusual(13.0, PAST)


@given(st.floats(-1e6, 1e6), st.lists(st.floats(-1e6, 1e6), min_size=10), st.floats(-1e6, 1e6))
def test_what_is_usual_may_stand_anywhere(value, past, moved):
    score, shifted = unusual(value, past), unusual(value + moved, [one + moved for one in past])
    if score is not None and shifted is not None and max(past) - min(past) > 1:
        assert shifted == pytest.approx(score, rel=1e-3, abs=1e-3)


def test_without_a_habit_nothing_is_unusual():
    assert unusual(3.0, [1.0, 2.0] * 4) is None
    assert unusual(3.0, [1.0] * 20) is None
    assert unusual(None, [1.0, 2.0] * 10) is None
    assert unusual(math.nan, [1.0, 2.0] * 10) is None


@given(st.floats(-1e9, 1e9), numbers)
def test_the_sign_is_that_of_the_distance_to_the_mean(value, past):
    score = unusual(value, past)
    if score is not None and abs(score) > 1e-6:
        assert (score > 0) == (value > sum(past) / len(past))


@given(st.lists(st.integers(), max_size=50), st.integers(1, 9), st.integers(1, 9))
def test_stretches_end_at_the_last_value_and_keep_their_step(values, step, most):
    found = stretches(values, step, most)
    assert len(found) <= most + 1
    assert found == tuple(values[len(values) - 1 - n * step] for n in range(len(found)))[::-1]


def test_changes_skip_what_cannot_be_compared():
    assert changes_pct([100.0, 110.0, 0.0, 5.0]) == pytest.approx((10.0, -100.0))
