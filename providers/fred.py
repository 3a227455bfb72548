"""
FRED: when the great figures are published, months ahead; a free key is needed (parameter api_key).

GET https://api.stlouisfed.org/fred/release/dates?release_id=…&include_release_dates_with_no_data=true. Dates only; the
hour is the agencies' own convention, 08:30 in New York (fred.stlouisfed.org/docs/api/fred/release_dates.html). The
answer's realtime_start and realtime_end repeat the question, so a list is told as of when it was fetched.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pydantic import SecretStr

from providers.errors import ProviderError, RateLimited, Refused, Unavailable
from providers.payload import day, decoded, most, rows, table, understood
from providers.trading_days import NEW_YORK
from providers.types import Event, Importance, Reading
from providers.upstream import Upstream

NAME = "fred"
FRESH = timedelta(days=1)
KEEP = timedelta(days=30)
PUBLISHED_AT = time(8, 30)

RELEASES = {
    10: ("US consumer prices (CPI)", Importance.HIGH),
    50: ("US employment report", Importance.HIGH),
    46: ("US producer prices (PPI)", Importance.MEDIUM),
    53: ("US gross domestic product (GDP)", Importance.MEDIUM),
}


class Fred:
    """Events of four releases."""

    name = "FRED"

    def __init__(self, upstream: Upstream, key: SecretStr) -> None:
        self._upstream = upstream
        self._key = key

    async def events(self, since: date, until: date) -> Reading[tuple[Event, ...]]:
        """Raises ProviderError when one release is missing: a calendar with a hole looks like a quiet week."""
        answers = await asyncio.gather(*(self._release(number) for number in RELEASES))
        oldest = min(answers, key=lambda answer: answer.as_of)
        events = sorted((e for a in answers for e in a.value), key=lambda e: (e.at, e.name))
        return oldest.map(lambda _: tuple(e for e in events if since <= e.at.date() <= until))

    async def _release(self, number: int) -> Reading[tuple[Event, ...]]:
        return await self._upstream.get(
            "/release/dates",
            {
                "release_id": number,
                "include_release_dates_with_no_data": "true",
                "sort_order": "desc",
                "limit": 100,
                "file_type": "json",
                "api_key": self._key.get_secret_value(),
            },
            parse_events,
            fresh=FRESH,
            keep=KEEP,
        )


def parse_events(text: str) -> tuple[Event, ...]:
    """Soonest first; releases we do not follow are left out."""
    body = table(decoded(text))
    error = _error(body)
    if error is not None:
        raise error
    followed = [r for r in rows(body["release_dates"]) if r["release_id"] in RELEASES]
    events = most(followed, lambda r: _event(*RELEASES[r["release_id"]], day(r["date"])))
    return tuple(sorted(events, key=lambda event: event.at))


def refusal(status: int, _headers: Mapping[str, str], text: str) -> ProviderError | None:
    """{"error_code", "error_message"}; a wrong key is HTTP 400."""
    try:
        body = decoded(text)
    except ValueError:
        return None
    return _error(body) if status >= 400 and isinstance(body, dict) else None


def _error(body: Mapping[str, Any]) -> ProviderError | None:
    code = body.get("error_code")
    if code is None:
        return None
    words = str(body.get("error_message") or f"code {code}")
    if code == 429:
        return RateLimited(NAME, "asked too often", retry_after=timedelta(seconds=60))
    if "api_key" in words:
        return Refused(NAME, "the key is not accepted")  # their words may quote it
    return (Unavailable if code >= 500 else Refused)(NAME, words[:200])


def _event(name: str, importance: Importance, release: date) -> Event:
    at = datetime.combine(release, PUBLISHED_AT, NEW_YORK).astimezone(UTC)
    return Event(name, importance, at, NAME)


READS: dict[str, Callable[[str], Sequence[object]]] = {"event": understood(NAME, parse_events)}
