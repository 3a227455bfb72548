"""The Fed's calendar, FRED's release dates and ForexFactory's week."""

import json
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from providers import fed, forexfactory, fred
from providers.errors import BadPayload, RateLimited, Refused
from providers.types import Importance
from tests.fakes import Clock
from tests.providers.sources import Source, upstream

MARCH = (date(2030, 3, 1), date(2030, 3, 31))


def row(title: str, kind: str, days: str, time: str = "2:00 p.m.", **more: str) -> dict[str, str]:
    return {"title": title, "type": kind, "month": "2030-03", "days": days, "time": time, **more}


FED = {
    "events": [
        row(" FOMC meeting", "FOMC", "20", ""),
        row("FOMC Minutes", "FOMC", "6"),
        row("H.8 - Assets &amp; Liabilities", "Stat", "1, 8, 15"),
        row("Testimony -- Chair A. Person", "Testimony", "12, 13", "10:00 a.m."),
        row("Speech - Vice Chair B. Person", "Speeches", "5", "12:30 p.m."),
        row("Speech -- Chair A. Person", "Speeches", "7", "12:15 a.m."),
        row("Speech - Governor C. Person", "Speeches", "8", ""),
        row("FOMC Meeting", "events", "18", month=""),
        row("FOMC Meeting", "FOMC", "1", month="2030-05"),
        {},
    ]
}


async def test_the_feds_times_are_new_yorks_and_its_statistics_are_left_out(clock: Clock) -> None:
    source = Source({"/": "\ufeff" + json.dumps(FED)})

    events = (await fed.Fed(upstream(source, clock)).events(*MARCH)).value

    assert [(e.name, e.importance.value, e.at.strftime("%d %H:%M")) for e in events] == [
        ("Speech - Vice Chair B. Person", "low", "05 17:30"),
        ("FOMC Minutes", "medium", "06 19:00"),
        ("Speech -- Chair A. Person", "medium", "07 05:15"),
        ("Testimony -- Chair A. Person", "medium", "12 14:00"),
        ("Testimony -- Chair A. Person", "medium", "13 14:00"),
        ("FOMC meeting", "high", "20 18:00"),
    ]


@pytest.mark.parametrize(
    ("month", "days", "decided"),
    [
        pytest.param("2030-03", "8-9", "2030-03-09T19", id="two days"),
        pytest.param("2030-04", "30-1", "2030-05-01T18", id="over the end of a month"),
        pytest.param("2030-03", "19, 20", "2030-03-20T18", id="days one by one"),
    ],
)
def test_a_meeting_decides_once_on_its_last_day(month: str, days: str, decided: str) -> None:
    meeting = row("FOMC Meeting", "FOMC", days, "", month=month)

    events = fed.parse_events(json.dumps({"events": [meeting]}))

    assert [e.at.strftime("%Y-%m-%dT%H") for e in events] == [decided]


def test_hearings_over_several_days_are_told_day_by_day() -> None:
    hearing = row("Testimony -- Chair A. Person", "Testimony", "12–14", "10:00 a.m.")

    assert [e.at.day for e in fed.parse_events(json.dumps({"events": [hearing]}))] == [12, 13, 14]


def test_a_day_that_no_month_has_costs_its_own_row() -> None:
    wrong = row("FOMC Minutes", "FOMC", "31", month="2030-04")

    events = fed.parse_events(json.dumps({"events": [*FED["events"], wrong]}))

    assert len(events) == 7


def test_an_unknown_weight_costs_its_own_row() -> None:
    odd = {**WEEK[0], "title": "Odd", "impact": "Colossal"}
    text = json.dumps([*WEEK, odd])

    assert "Odd" not in {r.event.name for r in forexfactory.parse_week(text)}
    assert len(forexfactory.parse_week(text)) == 3
    with pytest.raises(BadPayload):
        forexfactory.READS["event"](json.dumps([odd]))


def test_a_release_without_a_date_costs_its_own_row() -> None:
    text = json.dumps(dates((10, "2030-03-08"), (10, "soon")))

    assert [e.at.day for e in fred.parse_events(text)] == [8]


@pytest.mark.parametrize("text", ["{}", "[]", '{"events": [{}]}', "<html>"])
def test_a_calendar_without_events_is_refused(text: str) -> None:
    with pytest.raises(BadPayload):
        fed.READS["event"](text)


def dates(*released: tuple[int, str]) -> dict[str, object]:
    return {"release_dates": [{"release_id": n, "date": d} for n, d in released]}


async def test_releases_come_at_half_past_eight_in_new_york(clock: Clock) -> None:
    class Releases(Source):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            number = int(request.url.params["release_id"])
            return httpx.Response(200, json=dates((number, "2030-04-10"), (number, "2030-03-08")))

    one = fred.Fred(upstream(Releases({}), clock), SecretStr("k" * 32))

    events = (await one.events(*MARCH)).value

    assert {e.at for e in events} == {datetime(2030, 3, 8, 13, 30, tzinfo=UTC)}
    assert [e.name for e in events if e.importance is Importance.HIGH] == [
        "US consumer prices (CPI)",
        "US employment report",
    ]
    assert len(events) == 4


def test_a_wrong_key_is_refused_without_repeating_it() -> None:
    text = '{"error_code": 400, "error_message": "The value for variable api_key abc is not valid"}'

    error = fred.refusal(400, {}, text)

    assert isinstance(error, Refused)
    assert "abc" not in error.detail
    with pytest.raises(Refused):
        fred.READS["event"](text)
    assert isinstance(fred.refusal(429, {}, '{"error_code": 429}'), RateLimited)


WEEK = [
    {
        "title": "CPI m/m",
        "country": "USD",
        "date": "2030-03-12T08:30:00-04:00",
        "impact": "High",
        "forecast": "0.3%",
        "previous": "",
    },
    {
        "title": "Bank Holiday",
        "country": "USD",
        "date": "2030-03-11T00:00:00-04:00",
        "impact": "Holiday",
        "forecast": "",
        "previous": "",
    },
    {
        "title": "GDP q/q",
        "country": "EUR",
        "date": "2030-03-12T05:00:00-04:00",
        "impact": "Medium",
        "forecast": "",
        "previous": "0.1%",
    },
]


async def test_the_week_tells_the_dollars_events(clock: Clock) -> None:
    events = (
        await forexfactory.ForexFactory(upstream(Source({"/": WEEK}), clock)).events(*MARCH)
    ).value

    assert [(e.name, e.importance, e.at) for e in events] == [
        ("Bank Holiday", Importance.LOW, datetime(2030, 3, 11, 4, tzinfo=UTC)),
        ("CPI m/m", Importance.HIGH, datetime(2030, 3, 12, 12, 30, tzinfo=UTC)),
    ]


def test_nothing_said_is_none() -> None:
    by_title = {r.event.name: r for r in forexfactory.parse_week(json.dumps(WEEK))}

    assert (by_title["CPI m/m"].forecast, by_title["CPI m/m"].previous) == ("0.3%", None)
    assert by_title["Bank Holiday"].holiday


async def test_the_week_is_asked_for_every_four_hours_at_most(clock: Clock) -> None:
    source = Source({"/": WEEK})
    one = forexfactory.ForexFactory(upstream(source, clock))
    for _ in range(4):
        await one.events(*MARCH)
        clock.time += timedelta(minutes=59)

    assert len(source.asked) == 1
