"""Bars in order, marked, filled and joined."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from providers.candles import aggregate, filled, running, tidy, weekly
from providers.types import Candle, Interval

MONDAY = datetime(2030, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def bar(opened_at: datetime, close: float = 10.0, closed: bool = True) -> Candle:
    return Candle(opened_at, 9.0, close + 2, close - 2, close, 1.5, closed)


def test_a_bar_listed_twice_is_kept_as_last_said():
    first, again, other = bar(MONDAY, 10), bar(MONDAY, 11), bar(MONDAY - DAY)

    assert tidy([first, again, other]) == (other, again)


def test_a_bar_is_closed_only_once_it_had_ended_when_asked():
    days = (bar(MONDAY), bar(MONDAY + DAY))

    assert [d.closed for d in running(days, DAY, MONDAY + DAY)] == [True, False]


def test_a_week_runs_from_monday_and_a_cut_first_week_is_left_out():
    days = tuple(bar(MONDAY + n * DAY, 10.0 + n) for n in range(-3, 9))

    whole, started = weekly(days)

    assert whole == Candle(MONDAY, 9.0, 18.0, 8.0, 16.0, 10.5, closed=True)
    assert (started.opened_at, started.closed) == (MONDAY + 7 * DAY, False)


def test_a_week_whose_sunday_still_runs_is_not_closed():
    days = tuple(bar(MONDAY + n * DAY, closed=n < 6) for n in range(7))

    assert [week.closed for week in weekly(days)] == [False]


def test_a_time_without_trades_is_flat_and_without_volume():
    made = filled((bar(MONDAY, 10), bar(MONDAY + 2 * DAY, 12)), DAY)

    assert made[1] == Candle(MONDAY + DAY, 10.0, 10.0, 10.0, 10.0, 0.0)


@given(st.lists(st.floats(3, 1e6), min_size=30, max_size=90))
def test_longer_bars_lose_no_volume_and_keep_the_extremes(closes):
    hours = tuple(bar(MONDAY + n * timedelta(hours=1), c) for n, c in enumerate(closes))

    days = aggregate(hours, Interval.D1)

    assert max(d.high for d in days) == max(h.high for h in hours)
    assert abs(sum(d.volume for d in days) - 1.5 * len(hours)) < 1e-6
    assert days[-1].close == hours[-1].close
