"""Numbers, dates and times as one chat reads them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.words import Words

NEW_YEAR = datetime(2030, 1, 1, 3, 0, tzinfo=UTC)
dates = st.dates(date(2010, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("zone", "day", "shown"),
    [
        ("UTC", date(2030, 2, 1), "Fri 1 Feb"),
        ("UTC", date(2029, 12, 31), "Mon 31 Dec 2029"),
        ("UTC", date(2031, 1, 1), "Wed 1 Jan 2031"),
        ("America/New_York", date(2029, 12, 31), "Mon 31 Dec"),  # where it is still that year
        ("America/New_York", date(2030, 1, 1), "Tue 1 Jan 2030"),
    ],
)
def test_a_date_of_another_year_carries_it(zone, day, shown):
    assert Words(zone=ZoneInfo(zone)).at(NEW_YEAR).day(day) == shown


def test_an_instant_of_another_year_carries_it_too():
    words = Words().at(NEW_YEAR)
    before = datetime(2029, 12, 31, 18, 0, tzinfo=UTC)
    assert words.time(before) == "Mon 31 Dec 2029 18:00 UTC"
    assert words.moment(before, "f").text == "Mon 31 Dec 2029 18:00 UTC"
    assert words.time(NEW_YEAR) == "Tue 1 Jan 03:00 UTC"


@given(dates, dates)
def test_two_days_are_never_written_alike_in_one_text(one, other):
    words = Words().at(NEW_YEAR)
    assert (words.day(one) == words.day(other)) == (one == other)


@pytest.mark.parametrize(
    ("price", "shown"),
    [(72_576.4, "$72,576"), (2.5, "$2.50"), (0.0123, "$0.0123"), (0.00001234, "$0.00001234"),
     (1.5e-9, "$0.000000001500"), (0.0, "$0.00")],
)  # fmt: skip
def test_a_price_has_the_digits_that_its_size_asks_for(price, shown):
    assert Words().price(price) == shown


@given(st.floats(1e-15, 1e9))
def test_a_price_is_never_written_as_nothing(price):
    assert any(digit in Words().price(price) for digit in "123456789")
