"""How often a rule would have fired: the same step over what the market did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.alerting import step
from handlers.observing import RuleKind, Sight
from handlers.rule import Metric, Observation, Rule, RuleState, Transition
from providers.errors import ProviderError

SPAN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`fired` is None where no history could be had; `since` is when it really begins."""

    fired: int | None
    since: datetime | None = None
    last: datetime | None = None


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
    return Rehearsal(len(fires), seen[0].as_of, fires[-1] if fires else None)


def would_fire(rule: Rule, seen: Sequence[Observation]) -> tuple[datetime, ...]:
    """When it would have rung: a rule that was made just before the first look."""
    state, fires = RuleState(), []
    for one in seen:
        state, told = step(rule, state, one, one.as_of)
        if told is Transition.FIRED:
            fires.append(one.as_of)
    return tuple(fires)
