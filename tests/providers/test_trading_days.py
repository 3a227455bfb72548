"""When New York trades."""

from datetime import UTC, date, datetime

import pytest

from providers.trading_days import (
    closes_at,
    is_trading_day,
    last_closed,
    previous_trading_day,
    settles_at,
    trading_days,
)


@pytest.mark.parametrize(
    ("day", "trades"),
    [
        pytest.param(date(2025, 1, 9), False, id="a day of mourning"),
        pytest.param(date(2025, 4, 18), False, id="Good Friday"),
        pytest.param(date(2026, 7, 3), False, id="Independence Day on a Saturday"),
        pytest.param(date(2026, 11, 27), True, id="the short day after Thanksgiving"),
        pytest.param(date(2030, 3, 9), False, id="Saturday"),
    ],
)
def test_holidays_and_weekends_do_not_trade(day: date, trades: bool) -> None:
    assert is_trading_day(day) is trades


def test_the_bell_rings_at_four_in_new_york_and_at_one_on_short_days() -> None:
    assert closes_at(date(2030, 3, 6)) == datetime(2030, 3, 6, 21, tzinfo=UTC)
    assert closes_at(date(2030, 7, 2)) == datetime(2030, 7, 2, 20, tzinfo=UTC)
    assert closes_at(date(2026, 11, 27)) == datetime(2026, 11, 27, 18, tzinfo=UTC)


def test_the_last_closed_day_changes_with_the_bell() -> None:
    assert last_closed(datetime(2030, 3, 6, 20, 59, tzinfo=UTC)) == date(2030, 3, 5)
    assert last_closed(datetime(2030, 3, 6, 21, 0, tzinfo=UTC)) == date(2030, 3, 6)
    assert last_closed(datetime(2030, 3, 10, 12, tzinfo=UTC)) == date(2030, 3, 8)


def test_after_midnight_utc_it_is_still_yesterday_in_new_york() -> None:
    assert last_closed(datetime(2030, 3, 7, 2, tzinfo=UTC)) == date(2030, 3, 6)


def test_days_are_listed_without_holidays() -> None:
    assert list(trading_days(date(2026, 7, 1), date(2026, 7, 6))) == [
        date(2026, 7, 1),
        date(2026, 7, 2),
        date(2026, 7, 6),
    ]
    assert previous_trading_day(date(2026, 7, 6)) == date(2026, 7, 2)


def test_figures_settle_at_noon_of_the_next_day() -> None:
    assert settles_at(date(2030, 3, 8)) == datetime(2030, 3, 9, 12, tzinfo=UTC)
