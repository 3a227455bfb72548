"""
ForexFactory: this week's economic calendar, GET https://nfs.faireconomy.media/ff_calendar_thisweek.json; no key.

At most one request an hour; bursts are answered with 429. Events carry their times and the list none: told as of when
it was fetched.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from providers.payload import decoded, most, rows, understood
from providers.types import Event, Importance, Reading
from providers.upstream import Upstream

NAME = "forexfactory"
FRESH = timedelta(hours=4)
KEEP = timedelta(days=2)
CURRENCY = "USD"

_IMPORTANCE = {
    "Low": Importance.LOW,
    "Medium": Importance.MEDIUM,
    "High": Importance.HIGH,
    "Holiday": Importance.LOW,
    "Non-Economic": Importance.LOW,
}


@dataclass(frozen=True, slots=True)
class Release:
    """One row: an event of one currency and what is expected of it; None where nothing is said."""

    event: Event
    currency: str
    forecast: str | None
    previous: str | None
    actual: str | None
    holiday: bool


class ForexFactory:
    """Events of the dollar, this week."""

    name = "ForexFactory"

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def events(self, since: date, until: date) -> Reading[tuple[Event, ...]]:
        answer = await self._upstream.get("", {}, parse_week, fresh=FRESH, keep=KEEP)
        return answer.map(
            lambda week: tuple(
                r.event
                for r in week
                if r.currency == CURRENCY and since <= r.event.at.date() <= until
            )
        )


def parse_week(text: str) -> tuple[Release, ...]:
    """Every currency, soonest first."""
    found = most(rows(decoded(text)), _release)
    return tuple(sorted(found, key=lambda release: release.event.at))


def _release(row: Mapping[str, Any]) -> Release:
    at = datetime.fromisoformat(str(row["date"]))
    if at.tzinfo is None:
        raise ValueError("a time without an offset")
    return Release(
        Event(str(row["title"]).strip(), _IMPORTANCE[row["impact"]], at.astimezone(UTC), NAME),
        str(row["country"]),
        row.get("forecast") or None,
        row.get("previous") or None,
        row.get("actual") or None,
        row["impact"] == "Holiday",
    )


def _read(text: str) -> tuple[Event, ...]:
    return tuple(release.event for release in parse_week(text))


READS: dict[str, Callable[[str], Sequence[object]]] = {"event": understood(NAME, _read)}
