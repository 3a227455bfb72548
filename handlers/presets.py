"""The alerts a channel gets when it asks for alerts without saying which."""

from collections.abc import Callable, Sequence
from datetime import datetime

from handlers.preferences import Severity
from handlers.rule import Direction, Metric, Rule

HOUR = 3600
BELOW = Direction.BELOW
BURST_USD = 300e6  # forced closes of a day that are a story of their own


def preset_rules(
    channel: str,
    created_by: str,
    now: datetime,
    assets: Sequence[tuple[str, bool]],
    new_id: Callable[[], str],
    subscription: str | None = None,
) -> tuple[Rule, ...]:
    """For each asset (symbol, whether funds hold it) a level, a fall, a new low, a burst, an RSI and a flow day."""

    def rule(
        asset: str, metric: Metric, direction: Direction, value: float, **more: object
    ) -> Rule:
        base = {"asset": asset, "subscription": subscription}
        parts = {**base, **more}
        return Rule(new_id(), channel, created_by, now, metric, direction, value, **parts)  # type: ignore[arg-type]  # options vary by metric

    rules: list[Rule] = []
    for asset, funds in assets:
        rules += [
            rule(asset, Metric.LEVEL, Direction.EITHER, 0.0),
            rule(asset, Metric.CHANGE, BELOW, -5.0, window=HOUR, cooldown=4 * HOUR),
            rule(asset, Metric.NEW_LOW, BELOW, 90.0),
            rule(asset, Metric.LIQUIDATIONS, Direction.ABOVE, BURST_USD, window=24 * HOUR),
            rule(asset, Metric.RSI, BELOW, 25.0, interval="1d", severity=Severity.INFO),
        ]
        if funds:
            rules.append(rule(asset, Metric.FLOW, BELOW, -500e6))
    return tuple(rules)
