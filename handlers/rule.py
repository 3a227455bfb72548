"""What an alert is: data people wrote, a state that is saved with what it owes, and what is seen of the market."""

from datetime import date, datetime, timedelta, tzinfo
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
    EITHER = "either"


class Rule(msgspec.Struct, frozen=True):
    """
    `value` in the metric's unit: dollars, percent, days or points. Seconds in `window`, `hold` (the condition must
    last that long) and `cooldown`. `interval`: candle of an RSI, or whose close counts ("close 1h").
    `until`: from then on it watches no more. `rearm_at`: the value at which a fired rule is ready again; None lets the
    metric decide. `inclusive`: reaching the value is enough ("<=").
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
    inclusive: bool = False

    def last_day(self, zone: tzinfo) -> date | None:
        """The last day on which it watches, where that is a whole one; None: it ends within a day, or never."""
        if self.until is None:
            return None
        end = self.until.astimezone(zone)
        last = (self.until - timedelta(seconds=1)).astimezone(zone).date()
        return last if last != end.date() or (end.hour, end.minute) == (23, 59) else None


class Phase(StrEnum):
    ARMED = "armed"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    ERROR = "error"
    DONE = "done"  # fired its only time, or expired: never steps again


class Stage(StrEnum):
    """
    How far a level has given way: a trade beyond it, an hour that closed beyond it, a day that did. `BACK` is what a
    day had confirmed and a close took back: it gave way in the other direction.
    """

    WHOLE = "whole"
    TOUCH = "touch"
    BREAK = "break"
    CONFIRMED = "confirmed"
    BACK = "back"

    @property
    def rank(self) -> int:
        return ("whole", "touch", "break", "confirmed", "back").index(self.value)

    @property
    def held(self) -> bool:
        """Whether the price is taken to stand beyond the level until a close says otherwise."""
        return self in (Stage.CONFIRMED, Stage.BACK)


class Line(msgspec.Struct, frozen=True):
    """
    A level under watch. `direction` is the way it would give: BELOW while the price stands above it. `told`: when it
    last rang, kept for rules with a cooldown.
    """

    price: float
    direction: Direction
    stage: Stage = Stage.WHOLE
    told: datetime | None = None


class Fire(msgspec.Struct, frozen=True):
    """One time that a rule fired, for its history."""

    at: datetime
    value: float | None


class RuleState(msgspec.Struct, frozen=True):
    """
    `version` counts saves, so that two processes cannot both advance a rule. `fired` counts fires since it was made.
    `delivery` names the alert that stands in the chat, for edits. `line` is the value that was crossed, for rules
    whose line moves. `key` is the last day or close that was judged, or how far back a new extreme was told to reach.
    Headlines come out of order: `seen` are the latest that were judged, and nothing up to `key` is judged any more.
    Missing data leaves the phase alone: `missing_since` and `error` say that nothing could be seen.
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
    line: float | None = None
    key: str | None = None
    lines: tuple[Line, ...] = ()
    fires: tuple[Fire, ...] = ()
    missing_since: datetime | None = None
    missing_told: bool = False
    error: str | None = None
    seen: tuple[str, ...] = ()

    @property
    def blind(self) -> bool:
        """Nothing could be seen of late."""
        return self.missing_since is not None or self.error is not None

    @property
    def shown(self) -> Phase:
        """The phase as people should read it: blindness goes before what was last known."""
        if self.error is not None:
            return Phase.ERROR
        return Phase.NO_DATA if self.missing_since is not None else self.phase


class Transition(StrEnum):
    """What a step is worth telling."""

    FIRED = "fired"
    AGAIN = "again"  # fired once more within its cooldown: the message's counter goes up
    RESOLVED = "resolved"
    EXPIRED = "expired"
    NO_DATA = "no_data"
    ERROR = "error"  # cannot be judged at all: what it is about is gone

    @property
    def is_fire(self) -> bool:
        """Whether it says that the rule fired; the others say what became of it."""
        return self in (Transition.FIRED, Transition.AGAIN)


class Alert(msgspec.Struct, frozen=True):
    """
    What a rule saw. `detail` holds the rule's own facts (a zone, a headline), as strings and numbers. `then`: what
    became of it before it could be told.
    """

    rule: str
    transition: Transition
    value: float | None
    at: datetime
    source: str
    detail: dict[str, str | float] = {}
    then: tuple["Alert", ...] = ()


class Observation(msgspec.Struct, frozen=True):
    """
    What a rule looks at. `value` in the rule's unit (the price itself for levels and new extremes), None when there is
    nothing yet. `line`: where a moving line stands. `atr`: daily average true range in dollars. `key`: which day, close
    or headline this is, growing with its time, for what is judged once. `closes`: the candles that closed at this
    very price. `lines`: the levels around the price. Older than `fresh_for` it is no news. `step`: of the past, how
    long a stretch it stands for, in which more may have happened.
    """

    value: float | None
    as_of: datetime
    source: str
    line: float | None = None
    atr: float | None = None
    key: str | None = None
    closes: tuple[str, ...] = ()
    lines: tuple[float, ...] = ()
    fresh_for: timedelta = timedelta(seconds=10)
    step: timedelta | None = None
    detail: dict[str, str | float] = {}


class RuleRecord(msgspec.Struct, frozen=True):
    rule: Rule
    state: RuleState
