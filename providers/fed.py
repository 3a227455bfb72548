"""
The Federal Reserve's own calendar: GET https://www.federalreserve.gov/json/calendar.json; no key, about 530 KB.

The file begins with a byte order mark, ends with an empty row, and tells times as New York reads them. It does not say
when it was written: told as of when it was fetched.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from providers.headlines import plain
from providers.payload import decoded, most, rows, table, understood
from providers.trading_days import NEW_YORK
from providers.types import Event, Importance, Reading
from providers.upstream import Upstream

NAME = "fed"
FRESH = timedelta(days=1)
KEEP = timedelta(days=14)

DECISION = "FOMC Meeting"  # named on its last day, when the decision is told
DECIDED_AT = time(14)
_TIME = re.compile(r"(\d{1,2}):(\d{2})\s*([ap])\.?m", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAYS = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
_TITLE_LENGTH = 200


class Fed:
    """Events: decisions and minutes, speeches, testimony, the Beige Book."""

    name = "Fed calendar"

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def events(self, since: date, until: date) -> Reading[tuple[Event, ...]]:
        answer = await self._upstream.get("", {}, parse_events, fresh=FRESH, keep=KEEP)
        return answer.map(lambda events: tuple(e for e in events if since <= e.at.date() <= until))


def parse_events(text: str) -> tuple[Event, ...]:
    """
    Soonest first. Statistical releases are left out, and so is what has no time of day: but a decision, which is
    always announced at 14:00 in New York, on the last day of its meeting.
    """
    listed = rows(table(decoded(text))["events"])
    events = [event for found in most(listed, _events) for event in found]
    if not events:
        raise ValueError("a calendar without a single event")
    return tuple(sorted(events, key=lambda event: (event.at, event.name)))


def _events(row: Mapping[str, Any]) -> list[Event]:
    weight = _weight(row)
    if weight is None:
        return []
    title = plain(str(row["title"]), _TITLE_LENGTH)
    decision = title.casefold() == DECISION.casefold()
    at = _time(str(row.get("time") or "")) or (DECIDED_AT if decision else None)
    if at is None:
        return []
    days = _dates(row)
    return [
        Event(title, weight, datetime.combine(day, at, NEW_YORK).astimezone(UTC), NAME)
        for day in (days[-1:] if decision else days)
    ]


def _dates(row: Mapping[str, Any]) -> list[date]:
    """
    One row may stand for several days, "3, 10, 17" or "8-9", also over the end of its month ("30-1"). Drafts of long
    ago have no month and so no date.
    """
    month = _MONTH.fullmatch(str(row.get("month") or ""))
    if month is None:
        return []
    first = date(int(month[1]), int(month[2]), 1)
    days: list[date] = []
    for start, end in _DAYS.findall(str(row["days"])):
        began = first.replace(day=int(start))
        ended = began if not end else _next(began, int(end))
        days += (began + timedelta(days=n) for n in range((ended - began).days + 1))
    return days


def _next(began: date, number: int) -> date:
    """The first day of this number, counting from `began`."""
    month = began if number >= began.day else began.replace(day=28) + timedelta(days=4)
    return month.replace(day=number)


def _weight(row: Mapping[str, Any]) -> Importance | None:
    """None for what moves no market: weekly statistics, conferences, the empty last row."""
    title = str(row.get("title", "")).strip().casefold()
    match row.get("type"):
        case "FOMC":
            return Importance.HIGH if title == DECISION.casefold() else Importance.MEDIUM
        case "Testimony":
            return Importance.MEDIUM
        case "Speeches":
            # Only the Chair's own words; "Vice Chair" contains them too.
            chair = re.search(r"(?<!vice )\bchair(man)?\b(?! for)", title)
            return Importance.MEDIUM if chair else Importance.LOW
        case "Beige":
            return Importance.LOW
        case _:
            # Some meetings are filed under "events".
            return Importance.HIGH if title == DECISION.casefold() else None


def _time(words: str) -> time | None:
    found = _TIME.search(words)
    if found is None:
        return None
    hour, minute, half = int(found[1]) % 12, int(found[2]), found[3].lower()
    return time(hour + (12 if half == "p" else 0), minute)


READS: dict[str, Callable[[str], Sequence[object]]] = {"event": understood(NAME, parse_events)}
