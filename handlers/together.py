"""Several alerts of one rule that leave at once, as one that says them all."""

from collections.abc import Sequence

import msgspec

from handlers.crossing import weight
from handlers.rule import Alert, Stage, Transition


def together(alerts: Sequence[Alert]) -> Alert:
    """
    Oldest first: the newest that fired, and what became of it; where nothing fired the newest. A recovery replaces a
    repeat, which only counts up a message that is out already.
    """
    rung = [number for number, alert in enumerate(alerts) if alert.transition.is_fire]
    fired = any(alert.transition is Transition.FIRED for alert in alerts)
    if not rung or (not fired and alerts[-1].transition is Transition.RESOLVED):
        return alerts[-1]
    lead = _leading([alerts[number] for number in rung])
    what = Transition.FIRED if fired else Transition.AGAIN
    return msgspec.structs.replace(lead, transition=what, then=_ends(alerts[rung[-1] + 1 :]))


def _ends(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Each kind once, the newest. What recovered was seen, so that no data before it is over."""
    ends: dict[Transition, Alert] = {}
    for alert in alerts:
        if alert.transition is Transition.RESOLVED:
            ends.clear()
        ends[alert.transition] = alert
    return tuple(ends.values())


def _leading(alerts: Sequence[Alert]) -> Alert:
    """
    Of levels the weightiest leads, so that a break is not told beside its own touch, and every other level that gave
    way meanwhile stays named.
    """
    gave = [alert for alert in alerts if "stage" in alert.detail]
    if len(gave) < 2 or gave[-1] is not alerts[-1]:
        return alerts[-1]
    lead = max(reversed(gave), key=lambda alert: weight(Stage(str(alert.detail["stage"]))))
    stages: dict[float, Stage] = {}
    for alert in gave:
        stages |= _lines(alert)
    del stages[float(lead.detail["line"])]
    rest = sorted(stages.items(), key=lambda line: -weight(line[1]))
    also = ",".join(f"{stage}:{price!r}" for price, stage in rest)
    alone = {name: fact for name, fact in lead.detail.items() if name != "also"}
    return msgspec.structs.replace(lead, detail=alone | ({"also": also} if also else {}))


def _lines(alert: Alert) -> dict[float, Stage]:
    lines = {float(alert.detail["line"]): Stage(str(alert.detail["stage"]))}
    for other in filter(None, str(alert.detail.get("also", "")).split(",")):
        stage, price = other.split(":")
        lines[float(price)] = Stage(stage)
    return lines
