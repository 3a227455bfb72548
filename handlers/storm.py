"""Alerts of several rules that leave at once, as one message."""

from collections.abc import Sequence

from handlers.alert_ends import headline
from handlers.alerts import footer, rings, tone
from handlers.reply import AnyBlock, Button, Details, Line, Reply, Tone, text
from handlers.rule import Alert, Direction, Metric, Rule, RuleState
from handlers.words import Words

Told = tuple[Rule, RuleState, Alert]
TOP = 3  # alerts in full view


def storm(told: Sequence[Told], words: Words) -> Reply:
    """
    The weightiest that fired in full view, every other one in the details. What only ended is counted and shown in
    full view where nothing fired, and rings nobody.
    """
    ranked = sorted(told, key=lambda one: (-one[0].severity.rank, one[2].at))
    rung = [one for one in ranked if one[2].transition.is_fire]
    ends = [one for one in ranked if not one[2].transition.is_fire]
    lead = rung or ends
    lines = [headline(rule, alert, words) for rule, _, alert in lead]
    rest = lines[TOP:] + [headline(rule, alert, words) for rule, _, alert in ends if rung]
    head = words("{n} alerts — {title}", n=len(lead), title=lines[0]) if lead[1:] else lines[0]
    first = lead[0]
    return Reply(
        head,
        blocks=_blocks(lines[:TOP], rest, words),
        footer=(footer(first[0], first[2], words),),
        tone=tone(first[0], first[2]) if rung else Tone.NEUTRAL,
        controls=(
            (
                Button(words("Mute for 1 h"), "mute 1h", edits=False),
                Button(words("All alerts"), "alert list", edits=False),
            ),
        ),
        quiet=not any(rings(rule, alert) for rule, _, alert in rung),
    )


def _blocks(top: Sequence[str], rest: Sequence[str], words: Words) -> tuple[AnyBlock, ...]:
    if not rest:
        return (text(*top),)
    lines: tuple[Line, ...] = tuple((line,) for line in rest)
    return text(*top), Details(words("{n} more", n=len(rest)), lines)


def outranked(told: Sequence[Told]) -> tuple[tuple[Told, ...], tuple[Told, ...]]:
    """
    Those worth a message and those that a stronger one already says: a fall of 15 % silences the alerts of 10 % and
    of 5 % of the same asset within the same span, and the farthest of several prices the nearer ones. A trade says
    nothing of a close, and the end of one alert nothing of another's.
    """
    kept = [one for one in told if not any(_stronger(other, one) for other in told)]
    return tuple(kept), tuple(one for one in told if one not in kept)


def _stronger(one: Told, other: Told) -> bool:
    mine, his, what = one[0], other[0], other[2].transition
    same = _asks(mine) == _asks(his) and one[2].transition is what
    if not same or mine.metric not in (Metric.PRICE, Metric.CHANGE) or mine.id == his.id:
        return False
    if his.severity.rank > mine.severity.rank or not what.is_fire:
        return False
    below = mine.direction is Direction.BELOW
    return mine.value < his.value if below else abs(mine.value) > abs(his.value)


def _asks(rule: Rule) -> tuple[object, ...]:
    """What a rule looks at, but for how far."""
    kind = (rule.metric, rule.asset, rule.direction)
    return (*kind, rule.window, rule.on_close, rule.interval, rule.hold)
