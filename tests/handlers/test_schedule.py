from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.schedule import instant, next_runs, occurrences
from handlers.subscription import Days, Schedule

NY, LONDON, SYDNEY, HOWE = (
    "America/New_York",
    "Europe/London",
    "Australia/Sydney",
    "Australia/Lord_Howe",
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def weekday(day: date) -> bool:
    return day.weekday() < 5


def day_of(schedule: Schedule, day: date) -> list[str]:
    start = datetime.combine(day, time(), tzinfo=ZoneInfo(schedule.zone)).astimezone(UTC)
    runs = occurrences(schedule, start - timedelta(hours=2), start + timedelta(hours=26), weekday)
    return [f"{run.utc:%H:%M}" for run in runs if run.local.date() == day]


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        pytest.param(NY, date(2030, 3, 10), "02:30", "07:00", id="New York skips it"),
        pytest.param(NY, date(2030, 11, 3), "01:30", "05:30", id="New York repeats it"),
        pytest.param(LONDON, date(2030, 3, 31), "01:30", "01:00", id="London skips it"),
        pytest.param(LONDON, date(2030, 10, 27), "01:30", "00:30", id="London repeats it"),
        pytest.param(SYDNEY, date(2030, 10, 6), "02:30", "16:00", id="Sydney skips it"),
        pytest.param(SYDNEY, date(2030, 4, 7), "02:30", "15:30", id="Sydney repeats it"),
        pytest.param(HOWE, date(2030, 10, 6), "02:15", "15:30", id="Lord Howe skips half an hour"),
        pytest.param(HOWE, date(2030, 4, 7), "01:45", "14:45", id="Lord Howe repeats half an hour"),
        pytest.param("UTC", date(2028, 2, 29), "08:00", "08:00", id="a leap day"),
        pytest.param(NY, date(2030, 12, 31), "23:59", "04:59", id="the last minute of a year"),
    ],
)
def test_every_day_has_its_one_occurrence(zone, day, at, expected):
    assert day_of(Schedule(at, zone), day) == [expected]


@given(
    st.sampled_from((NY, LONDON, SYDNEY, HOWE, "Asia/Kolkata", "UTC")),
    st.dates(date(2024, 1, 1), date(2035, 12, 31)),
    st.times(),
)
def test_a_wall_clock_time_is_met_exactly_unless_the_day_skips_it(zone, day, clock):
    clock = clock.replace(second=0, microsecond=0, tzinfo=None)
    local = instant(day, clock, ZoneInfo(zone)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    gap = local - datetime.combine(day, clock)
    assert timedelta() <= gap <= timedelta(hours=1)
    assert local.date() == day


@given(st.sampled_from((NY, LONDON, SYDNEY, HOWE)), st.integers(0, 1439))
def test_a_year_in_pieces_neither_doubles_nor_drops_a_day(zone, minute):
    schedule = Schedule(f"{minute // 60:02}:{minute % 60:02}", zone)
    start = utc("2030-01-01T00:00")
    cuts = [start + timedelta(hours=73 * i) for i in range(121)]
    keys = [
        run.key
        for after, until in pairwise(cuts)
        for run in occurrences(schedule, after, until, weekday)
    ]

    assert len(keys) == len(set(keys)) == 365


def test_the_next_runs_are_named_by_local_time():
    runs = next_runs(Schedule("08:00", NY, Days.TRADING), utc("2030-03-08T14:00"), weekday)

    assert [run.key for run in runs] == ["2030-03-11T08:00", "2030-03-12T08:00", "2030-03-13T08:00"]
    assert [f"{run.utc:%H:%M}" for run in runs] == ["12:00"] * 3


@pytest.mark.parametrize(
    ("zone", "at", "runs"),
    [
        pytest.param("Asia/Tokyo", "07:00", ["Fri", "Sat", "Tue"], id="Tokyo after the close"),
        pytest.param("Asia/Tokyo", "20:00", ["Fri", "Mon", "Tue"], id="Tokyo before the open"),
        pytest.param("Europe/Berlin", "08:00", ["Fri", "Mon", "Tue"], id="Berlin's morning"),
        pytest.param("Europe/Berlin", "02:00", ["Fri", "Sat", "Tue"], id="Berlin's night"),
        pytest.param(
            "America/Los_Angeles", "22:00", ["Thu", "Fri", "Mon"], id="California's night"
        ),
    ],
)
def test_a_trading_day_is_new_yorks_wherever_the_reader_lives(zone, at, runs):
    """From a Thursday afternoon in London on."""
    schedule = Schedule(at, zone, Days.TRADING)

    found = next_runs(schedule, utc("2030-03-07T16:00"), weekday)

    assert [f"{run.local:%a}" for run in found] == runs


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        (Schedule("08:00", "UTC", Days.WEEKDAYS), [0, 1, 2, 3, 4]),
        (Schedule("08:00", "UTC", Days.WEEKENDS), [5, 6]),
        (Schedule("08:00", "UTC", Days.CUSTOM, (1, 6)), [1, 6]),
        (Schedule("08:00", "UTC", after_flows=True), []),
    ],
    ids=["weekdays", "weekends", "chosen days", "after the flows"],
)
def test_only_on_its_days(schedule, days):
    runs = occurrences(schedule, utc("2030-03-04T00:00"), utc("2030-03-11T00:00"), weekday)

    assert [run.local.weekday() for run in runs] == days


def test_an_exchange_holiday_is_left_out():
    runs = next_runs(
        Schedule("08:00", NY, Days.TRADING),
        utc("2030-07-03T20:00"),
        lambda d: d != date(2030, 7, 4),
        1,
    )

    assert [run.key for run in runs] == ["2030-07-05T08:00"]
