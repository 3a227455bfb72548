"""What an alert is: data people wrote, a state that is saved with what it owes, and a pure step between states."""

from datetime import datetime
from enum import StrEnum

import msgspec

from handlers.preferences import Severity


class Metric(StrEnum):
    PRICE = "price"
    CHANGE = "change"  # percent within `window`
    NEW_LOW = "new_low"
    NEW_HIGH = "new_high"
    RSI = "rsi"
    LIQUIDATIONS = "liquidations"
    FLOW = "flow"
    FLOW_STREAK = "flow_streak"
    FUNDING = "funding"
    FEAR = "fear"
    LEVEL = "level"
    HEADLINE = "headline"


class Direction(StrEnum):
    ABOVE = "above"
    BELOW = "below"


class Rule(msgspec.Struct, frozen=True):
    """
    `value` in the metric's unit: dollars, percent, days or points. Seconds in `window`, `hold` (the condition must
    last that long) and `cooldown`. `interval`: candle of an RSI, or whose close counts ("close 1h").
    `rearm_at`: the value at which a fired rule is ready again; None lets the metric decide.
    """

    id: str
    channel: str
    created_by: str
    created_at: datetime
    metric: Metric
    direction: Direction
    value: float
    asset: str | None = None
    window: int | None = None
    interval: str | None = None
    on_close: bool = False
    hold: int = 0
    cooldown: int = 0
    until: datetime | None = None
    once: bool = False
    severity: Severity = Severity.WARNING
    rearm_at: float | None = None
    word: str | None = None
    subscription: str | None = None


class Phase(StrEnum):
    ARMED = "armed"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    ERROR = "error"


class RuleState(msgspec.Struct, frozen=True):
    """
    `version` counts saves, so that two processes cannot both advance a rule. `fired` counts fires since it was made.
    `message` is where the last alert stands, for edits.
    """

    phase: Phase = Phase.ARMED
    since: datetime | None = None
    value: float | None = None
    extreme: float | None = None
    fired: int = 0
    last_fired_at: datetime | None = None
    snoozed_until: datetime | None = None
    muted: bool = False
    acknowledged_by: str | None = None
    delivery: str | None = None
    version: int = 0


class RuleRecord(msgspec.Struct, frozen=True):
    rule: Rule
    state: RuleState
