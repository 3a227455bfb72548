"""The pure step between the states of an alert: what was seen comes in, a new state and what to tell come out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from handlers.crossing import cross, crossed
from handlers.observing import CLOSE_FRESH
from handlers.once import EVENTS, judged, known, once
from handlers.rule import (
    Direction,
    Fire,
    Line,
    Metric,
    Observation,
    Phase,
    Rule,
    RuleState,
    Transition,
)
from handlers.rule_line import EXTREMES, beyond, recovered

BLIND_AFTER = timedelta(hours=6)  # missing data is told once it has lasted so long
LAST_CLOSE = timedelta(minutes=10)  # a close from before a rule's end may be known so much later
KEPT_FIRES = 20

Step = tuple[RuleState, Transition | None]


def step(rule: Rule, state: RuleState, seen: Observation | None, now: datetime) -> Step:
    """
    One look at the market. `seen` None means that nothing could be read: then, and when what was read is old, only
    the blindness is noted and the phase stays. A muted rule moves on in silence; a snoozed one does not fire.
    """
    if state.phase is Phase.DONE:
        return state, None
    if ended := _ended(rule, state, seen, now):
        return ended
    if seen is None or seen.value is None or _old(seen, now):
        return _blind(state, now)
    if rule.on_close and rule.metric is not Metric.LEVEL and rule.interval not in seen.closes:
        return state, None
    new, told = _judged(rule, _sighted(state), seen, now)
    return new, None if new.muted and told is not Transition.EXPIRED else told


def failed(rule: Rule, state: RuleState, error: str, now: datetime) -> Step:
    """
    A rule that cannot be judged at all (its asset is gone, say), apart from missing data. Told once; the next look
    at real data ends it.
    """
    if state.phase is Phase.DONE:
        return state, None
    if ended := _ended(rule, state, None, now):
        return ended
    if state.error == error:
        return state, None
    new = _changed(state, error=error, missing_since=None, missing_told=False)
    return new, None if new.muted else Transition.ERROR


def deadline(rule: Rule, state: RuleState) -> datetime | None:
    """When a rule must be looked at though nothing happens to it: at its end, and when blindness is worth telling."""
    if (rule.until is None and state.missing_since is None) or state.phase is Phase.DONE:
        return None  # of a million rules nearly all
    ends = None if rule.until is None else rule.until + _grace(rule)
    blind = None
    if state.missing_since is not None and not state.missing_told:
        blind = state.missing_since + BLIND_AFTER
    return min((at for at in (ends, blind) if at is not None), default=None)


def _grace(rule: Rule) -> timedelta:
    """The last close before a rule's end is known a little after it."""
    return LAST_CLOSE if rule.on_close or rule.metric is Metric.LEVEL else timedelta()


def _ended(rule: Rule, state: RuleState, seen: Observation | None, now: datetime) -> Step | None:
    """
    What a look past the rule's end makes of it. What was before the end is judged first, however late it is looked at;
    None: so it is here, or the end is still to come.
    """
    if rule.until is None or now < rule.until:
        return None
    if seen is not None and seen.as_of < rule.until and not _old(seen, now):
        return None
    if now < rule.until + _grace(rule):
        return state, None
    return _changed(state, phase=Phase.DONE, since=now), Transition.EXPIRED


def _old(seen: Observation, now: datetime) -> bool:
    return now - seen.as_of > seen.fresh_for


def _judged(rule: Rule, state: RuleState, seen: Observation, now: datetime) -> Step:
    if once(rule, seen) and known(state, seen):
        return state, None
    if rule.metric is Metric.LEVEL:
        return _levels(rule, state, seen, now)
    if rule.metric in EVENTS:
        return _event(rule, state, seen, now)
    if once(rule, seen):
        return _once_each(rule, state, seen, now)
    return _threshold(rule, state, seen, now)


@dataclass(frozen=True, slots=True)
class _Look:
    """One judged value beside the line it is judged against."""

    value: float
    line: float
    past: bool


def _look(rule: Rule, state: RuleState, seen: Observation) -> _Look:
    value = seen.value if seen.value is not None else 0.0
    line = seen.line if seen.line is not None else rule.value
    if rule.metric in EXTREMES and state.line is not None and _active(state):
        line = (
            state.line
        )  # a new low moves its own line: a fired one is judged by the line it broke
    return _Look(value, line, beyond(rule, value, line))


def _snoozed(state: RuleState, now: datetime) -> bool:
    return state.snoozed_until is not None and now < state.snoozed_until


def _active(state: RuleState) -> bool:
    return state.phase in (Phase.FIRING, Phase.RECOVERING)


def _threshold(rule: Rule, state: RuleState, seen: Observation, now: datetime) -> Step:
    look = _look(rule, state, seen)
    if _active(state):
        return _while_firing(rule, state, seen, look, now)
    if state.phase is Phase.RESOLVED and not _cooling(rule, state, now):
        state = _changed(state, phase=Phase.ARMED, since=seen.as_of)
    if not look.past:
        calm = state.phase is Phase.PENDING
        return (_changed(state, phase=Phase.ARMED, since=seen.as_of) if calm else state), None
    if _snoozed(state, now):
        return state, None
    if rule.hold and state.phase is not Phase.PENDING:
        return _changed(state, phase=Phase.PENDING, since=seen.as_of), None
    if rule.hold and state.since and seen.as_of - state.since < timedelta(seconds=rule.hold):
        return state, None
    return _fire(rule, state, seen, look.line, again=_cooling(rule, state, now))


def _while_firing(
    rule: Rule, state: RuleState, seen: Observation, look: _Look, now: datetime
) -> Step:
    state = _with_extreme(rule, state, look.value)
    if recovered(rule, state, seen, look.line):
        phase = Phase.DONE if rule.once else Phase.RESOLVED
        return _changed(state, phase=phase, since=seen.as_of, value=seen.value), Transition.RESOLVED
    deeper = rule.metric in EXTREMES and look.past and _milestone(rule, state, seen)
    if deeper and not _snoozed(state, now):
        return _fire(rule, state, seen, look.line, again=_cooling(rule, state, now))
    phase = Phase.FIRING if look.past else Phase.RECOVERING
    return (state if phase is state.phase else _changed(state, phase=phase)), None


def _milestone(rule: Rule, state: RuleState, seen: Observation) -> bool:
    """A fall that goes on is news again when it reaches back further by the rule's whole window."""
    if rule.once or seen.key is None or state.key is None or seen.key >= state.key:
        return False
    told, reached = (datetime.fromisoformat(day) for day in (state.key, seen.key))
    return told - reached >= timedelta(days=rule.value)


def _event(rule: Rule, state: RuleState, seen: Observation, now: datetime) -> Step:
    """The first look only learns what is already known."""
    if seen.key is None:
        return state, None
    first, look = state.key is None, _look(rule, state, seen)
    state = judged(rule, state, seen.key)
    learnt = seen.as_of < rule.created_at if rule.metric is Metric.HEADLINE else first
    if learnt or _snoozed(state, now) or not look.past:
        calm = _changed(state, phase=Phase.ARMED, since=seen.as_of) if _active(state) else state
        return calm, None
    new, told = _fire(rule, state, seen, look.line, again=_cooling(rule, state, now))
    return (_changed(new, phase=Phase.DONE) if rule.once else new), told


def _once_each(rule: Rule, state: RuleState, seen: Observation, now: datetime) -> Step:
    """
    A close, or a day's streak. One from before the rule was made is only learnt; one that a snooze holds back is judged
    when the snooze ends, unless another came since.
    """
    learnt = _changed(state, key=seen.key)
    if state.key is None and seen.as_of < rule.created_at - CLOSE_FRESH:
        return learnt, None
    waits = _snoozed(state, now) and not _active(state) and _look(rule, state, seen).past
    return _threshold(rule, state if waits else learnt, seen, now)


def _levels(rule: Rule, state: RuleState, seen: Observation, now: datetime) -> Step:
    """
    Each stage of each level is news. With a cooldown each level is told once within it, and its further stages change
    that message; another level that gives way is news all the same.
    """
    lines = cross(state.lines, seen)
    given = crossed(state.lines, lines)
    new = state if lines == state.lines else _changed(state, lines=lines)
    if seen.key is not None:
        new = _changed(new, key=seen.key)
    if not given or _snoozed(state, now):
        return new, None
    again = all(_told_lately(rule, line, now) for line in given)
    if rule.cooldown and not again:
        new = _changed(new, lines=_told_at(lines, given, seen.as_of))
    new, told = _fire(rule, new, seen, given[0].price, again=again)
    return (_changed(new, phase=Phase.DONE) if rule.once else new), told


def _told_lately(rule: Rule, line: Line, now: datetime) -> bool:
    return line.told is not None and now - line.told < timedelta(seconds=rule.cooldown)


def _told_at(lines: tuple[Line, ...], given: tuple[Line, ...], at: datetime) -> tuple[Line, ...]:
    prices = {line.price for line in given}
    return tuple(
        msgspec.structs.replace(line, told=at) if line.price in prices else line for line in lines
    )


def _fire(rule: Rule, state: RuleState, seen: Observation, line: float, *, again: bool) -> Step:
    """`again`: within the cooldown a repeat only raises the counter."""
    told = Transition.AGAIN if again else Transition.FIRED
    fires = (*state.fires, Fire(seen.as_of, seen.value))[-KEPT_FIRES:]
    new = _changed(
        state,
        phase=Phase.FIRING,
        since=seen.as_of,
        value=seen.value,
        extreme=seen.value,
        fired=state.fired + 1,
        last_fired_at=seen.as_of if told is Transition.FIRED else state.last_fired_at,
        acknowledged_by=None if told is Transition.FIRED else state.acknowledged_by,
        line=line,
        key=seen.key if rule.metric in EXTREMES and seen.key is not None else state.key,
        fires=fires,
    )
    return new, told


def _cooling(rule: Rule, state: RuleState, now: datetime) -> bool:
    last = state.last_fired_at
    return last is not None and now - last < timedelta(seconds=rule.cooldown)


def _with_extreme(rule: Rule, state: RuleState, value: float) -> RuleState:
    known = state.extreme if state.extreme is not None else value
    extreme = min(known, value) if rule.direction is Direction.BELOW else max(known, value)
    return state if extreme == state.extreme else _changed(state, extreme=extreme)


def _blind(state: RuleState, now: datetime) -> Step:
    if state.missing_since is None:
        return _changed(state, missing_since=now, error=None), None
    if state.missing_told or now - state.missing_since < BLIND_AFTER:
        return state, None
    return _changed(state, missing_told=True), None if state.muted else Transition.NO_DATA


def _sighted(state: RuleState) -> RuleState:
    if state.missing_since is None and state.error is None:
        return state
    return _changed(state, missing_since=None, missing_told=False, error=None)


def _changed(state: RuleState, **changes: object) -> RuleState:
    return msgspec.structs.replace(state, **changes)
