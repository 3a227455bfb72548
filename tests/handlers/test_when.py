"""Times and days as people type them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages import Languages
from config.watchlist import Watchlist
from handlers.briefings import BRIEFINGS
from handlers.ending import end_of
from handlers.preferences import Preferences
from handlers.subscribed import days_in_words
from handlers.subscription import Days, Schedule
from handlers.when import clock, offset, timing, zone_named, zones_at, zones_like

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
        ("7 Berlin", Schedule("07:00", "Europe/Berlin")),
        ("8 am new york", Schedule("08:00", "America/New_York")),
        ("at 19 o'clock", Schedule("19:00", "UTC")),
        ("7:30 PM", Schedule("19:30", "UTC")),
        ("after the etf flows", Schedule("00:00", "UTC", Days.TRADING, after_flows=True)),
        ("once the ETF flows are final", Schedule("00:00", "UTC", Days.TRADING, after_flows=True)),
        ("mon wed fri 08:00", Schedule("08:00", "UTC", Days.CUSTOM, (0, 2, 4))),
        ("Mondays, wednesdays and fri 8am", Schedule("08:00", "UTC", Days.CUSTOM, (0, 2, 4))),
        ("weekdays and sat 7:30", Schedule("07:30", "UTC", Days.CUSTOM, (0, 1, 2, 3, 4, 5))),
        ("mon-fri 08:00", Schedule("08:00", "UTC", Days.WEEKDAYS)),
        ("mo–fr 08:00", Schedule("08:00", "UTC", Days.WEEKDAYS)),
        ("monday to thursday 08:00", Schedule("08:00", "UTC", Days.CUSTOM, (0, 1, 2, 3))),
        ("fri - mon 08:00", Schedule("08:00", "UTC", Days.CUSTOM, (0, 4, 5, 6))),
        ("sat, sun 08:00", Schedule("08:00", "UTC", Days.WEEKENDS)),
        ("noon Berlin", Schedule("12:00", "Europe/Berlin")),
        ("daily at midnight", Schedule("00:00", "UTC")),
    ],
)
def test_a_schedule_is_read_as_people_write_it(typed, means):
    found = timing(tuple(typed.split()), "UTC")
    assert (found.schedule, found.rest, found.again) == (means, (), ())


@pytest.mark.parametrize(
    ("typed", "again"),
    [
        ("08:00 20:00", "20:00"),
        ("08:00,20:00", "20:00"),
        ("8:00 and 8 pm", "8pm"),
        ("08:00 berlin london", "london"),
        ("trading days and sat 08:00", "sat"),
        ("mon daily 08:00", "daily"),
        ("after flows 08:00", "08:00"),
        ("mon after flows", "Mon"),
    ],
)
def test_what_is_said_twice_is_handed_back_and_never_forgotten(typed, again):
    assert timing(tuple(typed.split()), "UTC").again == (again,)


def test_said_twice_alike_is_said_once():
    assert timing(("08:00", "daily", "at", "8am", "daily"), "UTC").again == ()


@pytest.mark.parametrize("typed", ["after close", "after 22:00", "once a week 08:00"])
def test_after_something_else_than_the_flows_is_not_understood(typed):
    found = timing(tuple(typed.split()), "UTC")
    assert found.rest
    assert found.schedule is None or not found.schedule.after_flows


SPOKEN = Languages(default="en", zone="UTC")


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("montags 08:00", (0,)),
        ("Montag 08:00", (0,)),
        ("Mo 08:00", (0,)),
        ("Mo, Mi und Do 8:30", (0, 2, 3)),
        ("Di–Do 08:00", (1, 2, 3)),
        ("Samstag bis Montag 8:00", (0, 5, 6)),
        ("Monday 08:00", (0,)),
    ],
)
def test_days_are_named_in_the_language_of_the_chat_or_in_english(typed, days):
    found = timing(tuple(typed.split()), "UTC", SPOKEN.words(Preferences(language="de")))
    assert (found.schedule.weekdays, found.rest) == (days, ())


@pytest.mark.parametrize("language", SPOKEN.known)
@pytest.mark.parametrize("days", [*Days])
def test_the_days_of_an_echo_may_be_typed_back(language, days):
    words = SPOKEN.words(Preferences(language=language))
    schedule = Schedule("08:00", "UTC", days, (1, 3) if days is Days.CUSTOM else ())
    typed = f"{days_in_words(words, schedule)} 08:00"
    assert timing(tuple(typed.split()), "UTC", words).schedule == schedule


def test_words_that_mean_no_time_are_handed_back():
    found = timing(("weekly", "eth", "08:00"), "UTC")
    assert found.rest == ("weekly", "eth")


@pytest.mark.parametrize("typed", ["8", "24:00", "08:60", "13pm", "0am", "8:5", "morning", ""])
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
    end_of(words, NOW, BERLIN, "en")
    end_of(("until", *words), NOW, BERLIN, "de")


@given(
    st.times(),
    st.datetimes(datetime(2030, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001 -- made aware below
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
)
def test_until_is_the_next_such_time_on_that_clock(at, now, zone):
    now = now.replace(tzinfo=UTC)
    ended = end_of(("until", f"{at:%H:%M}"), now, ZoneInfo(zone), "en")
    assert now < ended <= now + timedelta(hours=26)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [("berlin", "Europe/Berlin"), ("New_York", "America/New_York"), ("CET", "Europe/Berlin"),
     ("utc", "UTC"), ("atlantis", None), ("IST", None)],
)  # fmt: skip
def test_a_zone_is_known_by_name_city_and_plain_letters(typed, zone):
    assert zone_named(typed) == zone


CITIES = sorted({n for n in available_timezones() if "/" in n and not n.startswith("Etc/")})


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("new york", "America/New_York"), ("New_York", "America/New_York"), ("NEW-YORK", "America/New_York"),
        ("los angeles", "America/Los_Angeles"), ("europe/berlin", "Europe/Berlin"), ("são paulo", "America/Sao_Paulo"),
        ("Zürich", "Europe/Zurich"), ("port of spain", "America/Port_of_Spain"), ("Mexico City", "America/Mexico_City"),
        ("new york city", "America/New_York"), ("in hong kong", "Asia/Hong_Kong"),
        ("ho chi minh city", "Asia/Ho_Chi_Minh"),
        ("america/new york", "America/New_York"), ("Berlin, time", "Europe/Berlin"), ("UTC+0", "UTC"), ("gmt", "UTC"),
        ("Etc/GMT+2", "Etc/GMT+2"),
    ],
)  # fmt: skip
def test_a_city_of_several_words_is_read_before_and_after_the_time(typed, zone):
    for line in (f"08:00 {typed}", f"{typed} 08:00", f"weekdays {typed} at 08:00"):
        found = timing(tuple(line.split()), "Asia/Tokyo")
        assert (found.schedule.zone, found.schedule.at, found.rest) == (zone, "08:00", ())


@given(st.sampled_from(CITIES), st.sampled_from(["_", " ", "-"]), st.booleans(), st.booleans())
def test_every_city_of_the_zone_database_is_understood(name, between, shout, whole):
    spelled = (name if whole else name.rsplit("/", 1)[-1]).replace("_", between)
    spelled = spelled.upper() if shout else spelled.lower()
    found = timing(("08:00", *spelled.split(), "weekdays"), "UTC")
    assert (found.schedule.at, found.schedule.days, found.rest) == ("08:00", Days.WEEKDAYS, ())
    assert found.schedule.zone.rsplit("/", 1)[-1] == name.rsplit("/", 1)[-1]


def test_no_asset_and_no_briefing_is_taken_for_a_place():
    names = [a.symbol for a in Watchlist.load().assets] + [b.name for b in BRIEFINGS]
    for language in SPOKEN.known:
        words = SPOKEN.words(Preferences(language=language))
        for one in names:
            for other in names:
                assert timing((one, other, "08:00"), "UTC", words).rest == (one, other)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [("UTC+2", 2), ("gmt-5", -5), ("+05:30", 5.5), ("UTC−3", -3), ("utc+0545", 5.75), ("UTC+15", None), ("2", None),
     ("UTC", None), ("+2.5", None)],
)  # fmt: skip
def test_an_offset_is_told_from_a_place(typed, hours):
    assert offset(typed) == (None if hours is None else timedelta(hours=hours))
    assert hours is None or zone_named(typed) is None


@given(st.sampled_from(CITIES))
def test_zones_at_an_offset_show_that_offset(name):
    ahead = NOW.astimezone(ZoneInfo(name)).utcoffset()
    for zone in zones_at(ahead, NOW):
        assert NOW.astimezone(ZoneInfo(zone)).utcoffset() == ahead


def test_cities_at_an_offset_change_with_the_summer():
    assert "Europe/Berlin" in zones_at(timedelta(hours=1), NOW)
    assert "Europe/Berlin" in zones_at(timedelta(hours=2), NOW + timedelta(days=120))


def test_letters_of_a_zone_suggest_it():
    assert "Europe/Berlin" in zones_like("berl")
    assert zones_like("x") == ()
