"""Forced closes in windows."""

from datetime import timedelta

import pytest

from handlers.analysis import liquidations as counts
from providers.types import Coverage, LiquidationBucket
from tests.handlers.analysis.bars import HOUR, START

DAY = timedelta(days=1)


def bucket(hour, long_usd, short_usd=0.0, venue="a", width=HOUR):
    return LiquidationBucket(START + hour * HOUR, width, venue, long_usd, short_usd)


def test_a_window_adds_the_buckets_that_closed_in_it():
    buckets = [bucket(0, 1), bucket(1, 2, 5), bucket(2, 4), bucket(3, 8)]

    found = counts.liquidation_sum(buckets, [Coverage("a", START)], START + 3 * HOUR, 2 * HOUR)
    assert (found.long_usd, found.short_usd, found.total_usd) == (6, 5, 11)
    assert found.covered == 1
    assert found.since == START + HOUR


def test_a_feed_that_began_late_or_had_a_hole_covers_less():
    late = Coverage("a", START + 12 * HOUR)
    holed = Coverage("b", START, ((START, START + 6 * HOUR),))

    found = counts.liquidation_sum([], [late, holed], START + DAY, DAY)
    assert found.covered == pytest.approx((0.5 + 0.75) / 2)
    assert found.total_usd == 0


def test_nobody_heard_is_not_nobody_closed():
    assert counts.liquidation_sum([], [], START + DAY, DAY) is None
    deaf = Coverage("a", START, ((START - DAY, START + 2 * DAY),))
    assert counts.liquidation_sum([], [deaf], START + DAY, DAY) is None
    assert counts.liquidation_sum([], [Coverage("a", START + DAY)], START + DAY, DAY) is None


@pytest.mark.parametrize(("window", "heard"), [(DAY, 2 * HOUR), (HOUR, HOUR / 10), (21 * DAY, DAY)])
def test_a_window_of_which_little_was_heard_has_no_figure(window, heard):
    coverage = [Coverage("a", START + DAY - heard)]

    assert counts.liquidation_sum([], coverage, START + DAY, window) is None


def test_hours_add_up_venues_and_minutes():
    minute = timedelta(minutes=1)
    buckets = [bucket(0, 1, 2), bucket(0, 3, 0, "b"), bucket(0.5, 4, width=minute)]

    [hour] = counts.hours(buckets)
    assert (hour.long_usd, hour.short_usd) == (8, 2)


def test_the_largest_hour_is_found():
    buckets = [bucket(0, 100), bucket(1, 5, 5), bucket(2, 4)]

    assert counts.largest_hour(buckets, START + HOUR).opened_at == START + HOUR
    assert counts.largest_hour([], START) is None


def test_windows_end_where_the_widest_bucket_closed():
    now = START + 5.5 * HOUR

    assert counts.closed_end([bucket(0, 1)], now) == START + 5 * HOUR


def test_the_running_minute_of_a_live_count_counts():
    now = START + 5.5 * HOUR

    assert counts.closed_end([], now + timedelta(seconds=10)) == now + timedelta(minutes=1)


def test_z_score_needs_a_day_of_hours_that_differ():
    usual = [0.0, 2.0] * 12

    assert counts.z_score(4.0, usual) == pytest.approx(3.0 / (24 / 23) ** 0.5)
    assert counts.z_score(1.0, usual) == pytest.approx(0.0)
    assert counts.z_score(4.0, usual[1:]) is None
    assert counts.z_score(4.0, [1.0] * 30) is None
