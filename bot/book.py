"""One asset as it is watched: its lines, its last trade, and how far the price went lately."""

from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from bot.thresholds import Thresholds

Key = tuple[str, str]  # channel, rule id


@dataclass(slots=True)
class Book:
    """One asset: its lines, the last trade, and how far the price went since the last sweep."""

    lines: Thresholds[Key]
    price: float | None = None
    at: datetime | None = None
    source: str = ""
    low: float = inf
    high: float = -inf
    atr: float | None = None
    active: set[Key] = field(default_factory=set)
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
