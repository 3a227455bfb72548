"""One asset as it is watched: its lines, its last trade, and how far the price went lately."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf, isinf

from bot.thresholds import Thresholds
from handlers.crossing import round_lines
from handlers.rule import Direction, Metric, Observation, Phase, Rule, RuleState

Key = tuple[str, str]  # channel, rule id
TICK_FRESH = timedelta(seconds=5)
DARK = timedelta(minutes=5)  # without a trade for so long, rules that wait for one see nothing
FIRING = (Phase.FIRING, Phase.RECOVERING)


@dataclass(slots=True)
class Book:
    """One asset: its lines, the last trade, and how far the price went since that was last taken."""

    lines: Thresholds[Key]
    price: float | None = None
    at: datetime | None = None
    source: str = ""
    low: float = inf
    high: float = -inf
    atr: float | None = None
    pending: set[Key] = field(default_factory=set)
    firing: set[Key] = field(default_factory=set)
    blind: set[Key] = field(default_factory=set)
    unseen: deque[Key] | None = None
    since: datetime | None = None  # when trades were first waited for
    gate_low: float = inf
    gate_high: float = -inf

    def cross(self, price: float) -> list[Key]:
        """The rules whose line this price reaches, when it left the gate."""
        self.low, self.high = min(self.low, price), max(self.high, price)
        keys = self.lines.crossed(price) if not self.lines.low < price < self.lines.high else []
        self.regate()
        return keys

    def regate(self) -> None:
        """Also opens for a new extreme, so that the fast path need not track them."""
        self.gate_low = max(self.lines.low, self.low)
        self.gate_high = min(self.lines.high, self.high)

    def mark(self, key: Key, state: RuleState | None) -> None:
        """A rule that is pending, firing or blind is looked at without a crossing too; None: it is gone."""
        phase = None if state is None else state.phase
        blind = state is not None and phase is not Phase.DONE and state.blind
        (self.pending.add if phase is Phase.PENDING else self.pending.discard)(key)
        (self.firing.add if phase in FIRING else self.firing.discard)(key)
        (self.blind.add if blind else self.blind.discard)(key)

    def is_dark(self, now: datetime) -> bool:
        """Whether there was no trade for a while; that begins with the first time this is asked."""
        self.since = self.since or now
        last = self.since if self.at is None else max(self.at, self.since)
        return now - last > DARK

    def take_unseen(self, most: int) -> list[Key]:
        """While it is dark: rules that wait here and do not know so yet, each once."""
        if self.unseen is None:
            self.unseen = deque(self.lines.keys())
        return [self.unseen.popleft() for _ in range(min(most, len(self.unseen)))]

    def take_range(self) -> tuple[float, float]:
        """The lowest and highest trade since this was last called."""
        taken = self.low, self.high
        if self.price is not None:
            self.low = self.high = self.price
        self.regate()
        return taken

    def seen(self, rule: Rule, price: float, at: datetime, source: str) -> Observation:
        """A trade as this rule looks at it."""
        lines = round_lines(price) if rule.metric is Metric.LEVEL else ()
        return Observation(price, at, source, atr=self.atr, lines=lines, fresh_for=TICK_FRESH)

    def far(self, rule: Rule, low: float, high: float) -> tuple[Observation, ...]:
        """The extreme of a range that counts for this rule, even when the price has come back since."""
        end = low if rule.direction is Direction.BELOW else high
        if self.at is None or isinf(end) or end == self.price:
            return ()
        return (self.seen(rule, end, self.at, self.source),)
