"""alternative.me: the Fear & Greed index, GET https://api.alternative.me/fng/?limit=0 (all days); no key."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta

from providers.errors import Unavailable
from providers.payload import decoded, figure, moment, rows, table, understood
from providers.types import Reading, Sentiment
from providers.upstream import Upstream

NAME = "alternative"
FRESH = timedelta(hours=1)
KEEP = timedelta(days=3)


class Alternative:
    """Sentiments since February 2018."""

    name = "alternative.me"

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def sentiment(self) -> Reading[tuple[Sentiment, ...]]:
        return await self._upstream.get(
            "/fng/", {"limit": 0}, parse_sentiment, fresh=FRESH, keep=KEEP, as_of=_began
        )


def _began(known: tuple[Sentiment, ...]) -> datetime:
    """The index of a date is made at its midnight UTC."""
    return datetime.combine(known[-1].date, time(), UTC)


def parse_sentiment(text: str) -> tuple[Sentiment, ...]:
    """Newest last. Raises Unavailable for the empty list that the service gives at times."""
    body = table(decoded(text))
    days = {}
    for row in rows(body["data"]):
        value = int(figure(row["value"]))
        if not 0 <= value <= 100:
            raise ValueError("an index outside 0 to 100")
        date = moment(row["timestamp"]).astimezone(UTC).date()
        days[date] = Sentiment(value, str(row["value_classification"]), date)
    if not days:
        raise Unavailable(NAME, "an empty list")
    return tuple(days[date] for date in sorted(days))


READS: dict[str, Callable[[str], Sequence[object]]] = {
    "sentiment": understood(NAME, parse_sentiment)
}
