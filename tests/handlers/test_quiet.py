from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.preferences import Preferences, QuietHours, Severity
from handlers.quiet import awake_until, held_until

NIGHT = QuietHours("22:00", "07:00")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2030-03-06T21:59", None),
        ("2030-03-06T22:00", "2030-03-07T07:00"),
        ("2030-03-07T06:59", "2030-03-07T07:00"),
        ("2030-03-07T07:00", None),
    ],
)
def test_a_night_over_midnight(now, until):
    held = held_until(Preferences(quiet=NIGHT), Severity.WARNING, utc(now))

    assert held == (until and utc(until))


def test_the_night_is_that_of_the_chat():
    chat = Preferences(quiet=NIGHT, zone="America/New_York")

    assert held_until(chat, Severity.INFO, utc("2030-03-06T04:00")) == utc("2030-03-06T12:00")


def test_what_is_critical_passes_unless_the_chat_chose_otherwise():
    now, strict = utc("2030-03-06T23:00"), QuietHours("22:00", "07:00", critical_passes=False)

    assert held_until(Preferences(quiet=NIGHT), Severity.CRITICAL, now) is None
    assert held_until(Preferences(quiet=strict), Severity.CRITICAL, now) is not None


def test_a_mute_ends_and_lets_what_is_critical_pass():
    now = utc("2030-03-06T12:00")
    muted = Preferences(muted_until=now + timedelta(hours=1))

    assert held_until(muted, Severity.WARNING, now) == muted.muted_until
    assert held_until(muted, Severity.CRITICAL, now) is None
    assert held_until(muted, Severity.WARNING, now + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    ("start", "hours", "until"),
    [
        ("2030-03-06T12:00", 6, "2030-03-06T18:00"),
        ("2030-03-06T21:00", 6, "2030-03-07T12:00"),
        ("2030-03-06T23:00", 6, "2030-03-07T13:00"),
        ("2030-03-07T01:00", 6, "2030-03-07T13:00"),
        ("2030-03-06T16:00", 6, "2030-03-06T22:00"),
        ("2030-03-06T07:00", 24, "2030-03-07T16:00"),
    ],
    ids=[
        "a day",
        "an evening",
        "a night",
        "six hours before its end",
        "up to it",
        "more than a day",
    ],
)
def test_the_quiet_hours_do_not_make_old(start, hours, until):
    ends = awake_until(
        Preferences(quiet=NIGHT), Severity.WARNING, utc(start), timedelta(hours=hours)
    )

    assert ends == utc(until)


def test_a_mute_does_not_make_old_when_it_is_over_either():
    start, six = utc("2030-03-06T12:00"), timedelta(hours=6)
    muted = Preferences(muted_until=start + timedelta(hours=9))

    assert awake_until(muted, Severity.WARNING, start, six) == utc("2030-03-07T03:00")
    assert awake_until(muted, Severity.CRITICAL, start, six) == utc("2030-03-06T18:00")
    assert awake_until(muted, Severity.WARNING, utc("2030-03-06T22:00"), six) == utc(
        "2030-03-07T04:00"
    )


def test_time_passes_where_the_quiet_hours_are_empty():
    never = Preferences(quiet=QuietHours("08:00", "08:00"))
    start = utc("2030-03-06T06:00")

    assert awake_until(never, Severity.INFO, start, timedelta(hours=6)) == utc("2030-03-06T12:00")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("quiet", [("02:15", "02:45"), ("22:00", "02:30"), ("00:00", "20:00")])
def test_time_comes_to_an_end_over_every_change_of_clocks(zone, quiet):
    chat = Preferences(quiet=QuietHours(*quiet), zone=zone)
    start, length = utc("2030-01-01T00:00"), timedelta(hours=6)
    for _ in range(366):
        start += timedelta(hours=23, minutes=37)
        end = awake_until(chat, Severity.INFO, start, length)
        assert end >= start + length


def test_equal_ends_are_never_quiet():
    assert (
        held_until(
            Preferences(quiet=QuietHours("08:00", "08:00")), Severity.INFO, utc("2030-03-06T08:00")
        )
        is None
    )


NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        pytest.param(("01:30", "06:00"), "2030-11-03T05:29", None, id="01:29 EDT, before"),
        pytest.param(("01:30", "06:00"), "2030-11-03T05:30", "2030-11-03T11:00", id="01:30 EDT"),
        pytest.param(("01:30", "06:00"), "2030-11-03T06:15", "2030-11-03T11:00", id="01:15 EST"),
        pytest.param(("01:30", "06:00"), "2030-11-03T06:45", "2030-11-03T11:00", id="01:45 EST"),
        pytest.param(("22:00", "01:30"), "2030-11-03T05:29", "2030-11-03T05:30", id="01:29 EDT"),
        pytest.param(("22:00", "01:30"), "2030-11-03T05:30", None, id="01:30 EDT, over"),
        pytest.param(("22:00", "01:30"), "2030-11-03T06:15", None, id="01:15 EST, over"),
        pytest.param(("22:00", "02:30"), "2030-03-10T06:59", "2030-03-10T07:00", id="01:59 EST"),
        pytest.param(("22:00", "02:30"), "2030-03-10T07:00", None, id="03:00 EDT, over"),
        pytest.param(("02:30", "06:00"), "2030-03-10T07:00", "2030-03-10T10:00", id="03:00 EDT"),
        pytest.param(("02:10", "02:50"), "2030-03-10T07:00", None, id="hours that are skipped"),
    ],
)
def test_a_change_of_the_clock_neither_interrupts_nor_restarts_the_night(hours, now, until):
    chat = Preferences(quiet=QuietHours(*hours), zone=NEW_YORK)

    assert held_until(chat, Severity.INFO, utc(now)) == (until and utc(until))


@given(st.times(), st.times(), st.integers(0, 72 * 60))
def test_a_night_of_a_changed_clock_begins_once_and_ends_once(start, end, first):
    """Looked at every five minutes over twenty hours around the change."""
    quiet = QuietHours(f"{start:%H:%M}", f"{end:%H:%M}")
    chat = Preferences(quiet=quiet, zone=NEW_YORK)
    begin = utc("2030-11-02T04:00") + timedelta(minutes=first)
    held = [
        held_until(chat, Severity.INFO, begin + timedelta(minutes=5 * n)) is not None
        for n in range(12 * 20)
    ]
    changes = sum(one is not two for one, two in pairwise(held))

    assert changes <= 2
