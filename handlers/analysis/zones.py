"""Prices that lie close together as one zone, and what closes and wicks have done to it since."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Protocol, TypeVar

from providers.types import Candle


class Priced(Protocol):
    @property
    def price(self) -> float: ...


P = TypeVar("P", bound=Priced)


class Kind(StrEnum):
    SUPPORT = "support"
    RESISTANCE = "resistance"


class State(StrEnum):
    INTACT = "intact"  # never reached since it formed
    TOUCHED = "touched"  # reached, by wick or close inside, and never closed beyond
    BROKEN = "broken"  # closed beyond, and not yet back
    RETESTED = "retested"  # broken, and price is at it again from the other side
    FLIPPED = "flipped"  # broken, retested from the other side, and it turned price away


@dataclass(frozen=True, slots=True)
class Story:
    """
    `kind` is by where price last closed outside the zone: above it is support. `touches` counts visits that ended on
    the side they came from. `broken_at` is the opening of the bar whose close broke it last.
    """

    kind: Kind
    state: State
    touches: int
    broken_at: datetime | None


def clustered(groups: Iterable[tuple[P, ...]], span: float) -> tuple[tuple[P, ...], ...]:
    """
    Groups no wider than `span`, lowest first: the two neighbours that together are narrowest join first
    (complete-linkage clustering on a line). Points that belong together may come as one group already.
    """
    joined = sorted((_sorted(group) for group in groups), key=lambda group: group[0].price)
    while len(joined) > 1:
        widths = [_top(a, b) - a[0].price for a, b in pairwise(joined)]
        best = min(range(len(widths)), key=widths.__getitem__)
        if widths[best] > span:
            break
        joined[best : best + 2] = [_sorted(joined[best] + joined[best + 1])]
    return tuple(joined)


def _sorted(points: Iterable[P]) -> tuple[P, ...]:
    return tuple(sorted(points, key=lambda point: point.price))


def _top(a: tuple[P, ...], b: tuple[P, ...]) -> float:
    return max(a[-1].price, b[-1].price)


@dataclass(slots=True)
class _Reader:
    """Walks the bars once. A visit lasts until a bar stays wholly outside."""

    low: float
    high: float
    above: bool | None = None
    visiting: bool = False
    came_from: bool | None = None
    touches: int = 0
    broken_at: datetime | None = None
    back: bool = False
    turned_away: bool = False

    def read(self, bar: Candle) -> None:
        outside = bar.low > self.high or bar.high < self.low
        if not outside and not self.visiting:
            self.visiting, self.came_from = True, self.above
            self.back = self.broken_at is not None
        self._close(bar)
        if outside:
            self._leave()

    def _close(self, bar: Candle) -> None:
        if self.low <= bar.close <= self.high:
            return
        above = bar.close > self.high
        if self.above is not None and above is not self.above:
            self.broken_at, self.back, self.turned_away = bar.opened_at, False, False
        self.above = above

    def _leave(self) -> None:
        if self.visiting and self.came_from is self.above is not None:
            self.touches += 1
            self.turned_away = self.turned_away or self.back
        self.visiting = False


def story(low: float, high: float, bars: Sequence[Candle], price: float) -> Story:
    """What these bars, oldest first and closed, did to the zone; `price` decides where no bar closed outside."""
    reader = _Reader(low, high)
    for bar in bars:
        reader.read(bar)
    above = reader.above if reader.above is not None else price >= low
    return Story(
        Kind.SUPPORT if above else Kind.RESISTANCE,
        _state(reader),
        reader.touches,
        reader.broken_at,
    )


def _state(reader: _Reader) -> State:
    if reader.broken_at is None:
        return State.TOUCHED if reader.touches or reader.visiting else State.INTACT
    if reader.visiting and reader.back:
        return State.RETESTED
    return State.FLIPPED if reader.turned_away else State.BROKEN
