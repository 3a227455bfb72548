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


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:  # noqa: ARG001 -- no source keeps old rates
    return ()


FUNDING = RuleKind((Metric.FUNDING,), timedelta(minutes=5), read, past)
