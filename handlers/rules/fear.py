"""`fear < 15`: the Fear & Greed index, once a day."""

from datetime import UTC, datetime, time, timedelta

from handlers.observing import RuleKind, Sight
from handlers.rule import Metric, Observation, Rule


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:  # noqa: ARG001 -- one shape for all kinds
    return (await _values(sight))[-1:]


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:  # noqa: ARG001 -- one shape for all kinds
    return tuple(seen for seen in await _values(sight) if seen.as_of >= since)


async def _values(sight: Sight) -> tuple[Observation, ...]:
    reading = await sight.market.sentiment()
    return tuple(
        Observation(
            float(day.value),
            datetime.combine(day.date, time(), UTC),
            reading.source,
            fresh_for=timedelta(hours=48),
            detail={"label": day.label},
        )
        for day in reading.value
    )


FEAR = RuleKind((Metric.FEAR,), timedelta(minutes=10), read, past)
