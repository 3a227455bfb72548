"""`funding < 0`: the rate of the running interval at the first venue that answers."""

from datetime import datetime, timedelta

from handlers.observing import RuleKind, Sight
from handlers.rule import Metric, Observation, Rule


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:  # noqa: ARG001 -- one shape for all kinds
    first = (await sight.market.funding(sight.asset))[0]
    detail: dict[str, str | float] = {"venue": first.value.venue}
    fresh = timedelta(hours=9)
    return (
        Observation(first.value.rate, first.as_of, first.source, fresh_for=fresh, detail=detail),
    )


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:  # noqa: ARG001 -- one shape for all kinds
    """The rates that were paid; what they would have been in between no source keeps."""
    reading = await sight.market.funding_history(sight.asset, since)
    return tuple(
        Observation(
            one.rate,
            one.at,
            reading.source,
            fresh_for=timedelta(hours=9),
            step=timedelta(hours=one.interval_hours) if one.interval_hours else None,
        )
        for one in reading.value
        if one.at >= since
    )


FUNDING = RuleKind((Metric.FUNDING,), timedelta(minutes=5), read, past)
