"""How often a rule would have fired: the same step over what the market did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.alerting import EVENTS, beyond, step
from handlers.observing import RuleKind, Sight
from handlers.rule import Metric, Observation, Phase, Rule, RuleState, Transition
from providers.errors import ProviderError

SPAN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """
    `fired` is None where no history could be had; `since` is when it really begins. `met`: the value with which the
    condition holds already, None when it does not.
    """

    fired: int | None
    since: datetime | None = None
    last: datetime | None = None
    met: float | None = None


def kind_of(kinds: Sequence[RuleKind], metric: Metric) -> RuleKind:
    return next(kind for kind in kinds if metric in kind.metrics)


async def rehearse(rule: Rule, kind: RuleKind, sight: Sight) -> Rehearsal:
    """A dry run over the last 90 days, or as many as there are."""
    try:
        seen = await kind.past(rule, sight, sight.now - SPAN)
    except ProviderError:
        return Rehearsal(None)
    if not seen:
        return Rehearsal(None)
    fires = would_fire(rule, seen)
    met = await _met(rule, sight, seen[-1])
    return Rehearsal(len(fires), seen[0].as_of, fires[-1] if fires else None, met)


def would_fire(rule: Rule, seen: Sequence[Observation]) -> tuple[datetime, ...]:
    """
    When it would have rung: a rule that was made just before the first look. What was so from the start is where it
    begins, not something that happened.
    """
    state, fires, calm = RuleState(), [], False
    for one in seen:
        if one.value is None or not _judges(rule, one):
            continue
        state, told = step(rule, state, one, one.as_of)
        if told is Transition.FIRED and calm:
            fires.append(one.as_of)
        calm = calm or told is Transition.RESOLVED or state.phase is Phase.ARMED
    return tuple(fires)


def _judges(rule: Rule, seen: Observation) -> bool:
    """Trades in between say nothing to a rule that waits for a close."""
    return not rule.on_close or rule.interval in seen.closes


async def _met(rule: Rule, sight: Sight, last: Observation) -> float | None:
    """A price by the market's, a close and everything else by the last look; days and headlines are never so yet."""
    if rule.metric in (*EVENTS, Metric.LEVEL):
        return None
    value = last.value
    if rule.metric is Metric.PRICE and not rule.on_close:
        try:
            value = (await sight.market.ticker(sight.asset)).value.last
        except ProviderError:
            return None
    line = last.line if last.line is not None else rule.value
    return value if value is not None and beyond(rule, value, line) else None
