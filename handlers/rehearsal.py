"""How often a rule would have fired: the same step over what the market did."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.alerting import step
from handlers.observing import RuleKind, Sight
from handlers.once import EVENTS
from handlers.rule import Metric, Observation, Phase, Rule, RuleState, Transition
from handlers.rule_line import beyond
from providers.errors import ProviderError
from providers.types import Interval

SPAN = timedelta(days=90)
AT_ONCE = 100  # looks between two breaths of the loop
_REACHED = (Metric.PRICE, Metric.NEW_LOW, Metric.NEW_HIGH, Metric.LEVEL)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """
    `fired` is None where no history could be had; `since` is when it really begins. `step`: the candles or hours by
    which it was tried, so that the live rule may see more; None where it sees no more. `met`: the value with which the
    condition holds already, None when it does not. Then `first` is what the first look will make of it: FIRING at
    once, PENDING until it has held, ARMED until its candle closes.
    """

    fired: int | None
    since: datetime | None = None
    last: datetime | None = None
    met: float | None = None
    first: Phase = Phase.ARMED
    step: timedelta | None = None


def kind_of(kinds: Sequence[RuleKind], metric: Metric) -> RuleKind:
    return next(kind for kind in kinds if metric in kind.metrics)


async def rehearse(rule: Rule, kind: RuleKind, sight: Sight) -> Rehearsal:
    """A dry run over the last 90 days, or as many as there are."""
    met, first = await _first_look(rule, kind, sight)
    try:
        seen = await kind.past(rule, sight, sight.now - SPAN)
    except ProviderError:
        seen = ()
    if not seen:
        return Rehearsal(None, met=met, first=first)
    fires = await would_fire(rule, seen)
    last = fires[-1] if fires else None
    step = None if _surely_never(rule, fires) else _coarse(rule, seen[0].step)
    return Rehearsal(len(fires), seen[0].as_of, last, met, first, step)


def _surely_never(rule: Rule, fires: Sequence[datetime]) -> bool:
    """A bar's low and high tell all that it reached, if not how often."""
    return not fires and not rule.hold and rule.metric in _REACHED


def _coarse(rule: Rule, step: timedelta | None) -> timedelta | None:
    """None for closes that are told one by one."""
    if step is None or not rule.on_close or rule.interval is None:
        return step
    return step if step > Interval(rule.interval).length else None


async def would_fire(rule: Rule, seen: Sequence[Observation]) -> tuple[datetime, ...]:
    """
    When it would have rung: a rule that was made just before the first look. What was so from the start is where it
    begins, not something that happened.
    """
    state, fires, calm = RuleState(), [], False
    for number, one in enumerate(seen):
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
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


async def _first_look(rule: Rule, kind: RuleKind, sight: Sight) -> tuple[float | None, Phase]:
    """By the step that the watch takes; of days, headlines and levels the first look only learns."""
    if rule.metric in (*EVENTS, Metric.LEVEL):
        return None, Phase.ARMED
    try:
        seen = await _now(rule, kind, sight)
    except ProviderError:
        seen = None
    if seen is None or seen.value is None:
        return None, Phase.ARMED
    line = seen.line if seen.line is not None else rule.value
    first = step(rule, RuleState(), seen, sight.now)[0].phase
    waits = first is Phase.ARMED and not rule.on_close
    return (None if waits or not beyond(rule, seen.value, line) else seen.value), first


async def _now(rule: Rule, kind: RuleKind, sight: Sight) -> Observation | None:
    """A price by the market's, which is the next tick; a close and everything else as it is asked for."""
    if rule.metric is Metric.PRICE and not rule.on_close:
        ticker = await sight.market.ticker(sight.asset)
        return Observation(ticker.value.last, sight.now, ticker.source)
    looks = await kind.read(rule, sight)
    return looks[-1] if looks else None
