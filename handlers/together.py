"""Several alerts of one rule that leave at once, as one that says them all."""

from collections.abc import Sequence

import msgspec

from handlers.crossing import weight
from handlers.rule import Alert, Stage


def together(alerts: Sequence[Alert]) -> Alert:
    """
    Oldest first: the newest. Of levels the weightiest leads, so that a break is not told beside its own touch, and
    every other level that gave way meanwhile stays named.
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
