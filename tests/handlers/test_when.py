"""Times and days as people type them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.subscription import Days, Schedule
from handlers.when import clock, end_of, timing, zone_named, zones_like

NOW = datetime(2030, 3, 6, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("08:00", Schedule("08:00", "UTC")),
        ("daily 8.30 Europe/Berlin", Schedule("08:30", "Europe/Berlin")),
        ("every day at 8am ET", Schedule("08:00", "America/New_York")),
        ("weekdays 12am tokyo", Schedule("00:00", "Asia/Tokyo", Days.WEEKDAYS)),
        ("mon,fri 7:30pm", Schedule("19:30", "UTC", Days.CUSTOM, (0, 4))),
        ("friday 07:00", Schedule("07:00", "UTC", Days.CUSTOM, (4,))),
        ("after the etf flows", Schedule("00:00", "UTC", Days.TRADING, after_flows=True)),
    ],
)
def test_a_schedule_is_read_as_people_write_it(typed, means):
    assert timing(tuple(typed.split()), "UTC") == type(timing((), "UTC"))(means, ())


def test_words_that_mean_no_time_are_handed_back():
    found = timing(("weekly", "eth", "08:00"), "UTC")
    assert found.rest == ("weekly", "eth")


@pytest.mark.parametrize("typed", ["8", "24:00", "08:60", "13pm", "0am", "8:5", "noon", ""])
def test_what_is_no_time_of_day_is_none(typed):
    assert clock(typed) is None


@given(st.times())
def test_every_minute_of_the_day_reads_back(at):
    assert clock(f"{at:%H:%M}") == f"{at:%H:%M}"
    assert clock(f"{at:%I:%M%p}") == f"{at:%H:%M}"


@given(st.text(max_size=12))
def test_no_text_breaks_the_reading(typed):
    words = tuple(typed.split())
    timing(words, "UTC")
    ended = end_of(words, NOW, BERLIN)
    assert ended is None or ended >= NOW


@given(
    st.times(),
    st.datetimes(datetime(2030, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001 -- made aware below
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
)
def test_until_is_the_next_such_time_on_that_clock(at, now, zone):
    now = now.replace(tzinfo=UTC)
    ended = end_of(("until", f"{at:%H:%M}"), now, ZoneInfo(zone))
    assert now < ended <= now + timedelta(hours=26)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [("berlin", "Europe/Berlin"), ("New_York", "America/New_York"), ("CET", "Europe/Berlin"),
     ("utc", "UTC"), ("atlantis", None), ("IST", None)],
)  # fmt: skip
def test_a_zone_is_known_by_name_city_and_plain_letters(typed, zone):
    assert zone_named(typed) == zone


def test_letters_of_a_zone_suggest_it():
    assert "Europe/Berlin" in zones_like("berl")
    assert zones_like("x") == ()
