"""`flows < -500M` and `flows streak 5`: what the exchange-traded funds took in, final days only."""

from datetime import datetime, timedelta

from handlers.analysis.flows import final_days, streak
from handlers.observing import RuleKind, Sight
from handlers.rule import Metric, Observation, Rule
from providers.trading_days import settles_at
from providers.types import FlowDay

RECENT = 5  # days that may become final at once, after a holiday or an outage
FRESH = timedelta(days=5)  # over a long weekend the last day stays the last word


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """The last final days, known since the reading's own time."""
    reading = await sight.market.flows(sight.asset)
    days = final_days(reading.value)
    return tuple(
        _seen(rule, days[: n + 1], reading.source, reading.as_of)
        for n in range(max(0, len(days) - RECENT), len(days))
    )


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    """Each final day as of when its figures are usually complete."""
    reading = await sight.market.flows(sight.asset)
    days = final_days(reading.value)
    return tuple(
        _seen(rule, days[: n + 1], reading.source, at)
        for n, day in enumerate(days)
        if since <= (at := settles_at(day.trade_date)) <= sight.now
    )


def _seen(rule: Rule, days: tuple[FlowDay, ...], source: str, at: datetime) -> Observation:
    last = days[-1]
    nets = [day.net_usd for day in days if day.net_usd is not None]
    run = rule.metric is Metric.FLOW_STREAK
    return Observation(
        float(streak(nets)) if run else last.net_usd,
        at,
        source,
        key=last.trade_date.isoformat(),
        fresh_for=FRESH,
        detail={"day": last.trade_date.isoformat(), "net": nets[-1], "status": last.status.value},
    )


FLOW = RuleKind((Metric.FLOW, Metric.FLOW_STREAK), timedelta(minutes=1), read, past)
