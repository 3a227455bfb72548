"""When a level gives way: touched by a trade, broken by an hour, confirmed by a day; and when it is taken back."""

import math
from collections.abc import Iterable

import msgspec

from handlers.analysis.levels import round_numbers
from handlers.rule import Direction, Line, Observation, Stage

SPAN = 0.2  # levels further from the price than this share are not watched
REARM_ATR = 1.5  # days' ranges that the price must move away before a level can be touched anew
RETURN_ATR = (
    0.5  # and an hour must close beyond one that a day had confirmed, to have taken it back
)
WITHOUT_ATR = 1 / 30  # a usual day's range as a share of the price, where none is known


def round_lines(price: float, span: float = SPAN) -> tuple[float, ...]:
    """The round prices within `span` of a price, lowest first: the same that a list of levels names."""
    if not math.isfinite(price) or price <= 0:
        return ()
    return tuple(r.price for r in round_numbers(price * (1 - span), price * (1 + span), price))


def cross(lines: tuple[Line, ...], seen: Observation) -> tuple[Line, ...]:
    """The lines after one look: new ones take the side they are seen from, those that gave way say how far."""
    if seen.value is None:
        return lines
    moved = (_moved(line, seen.value, seen) for line in _with_new(lines, seen.lines, seen.value))
    return tuple(sorted(moved, key=lambda line: line.price))


def crossed(before: tuple[Line, ...], after: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines that gave way further, the weightiest stage first and then the farthest the price has come."""
    stages = {line.price: line for line in before}
    risen = [line for line in after if _rose(stages.get(line.price), line)]
    return tuple(sorted(risen, key=lambda line: (-weight(line.stage), _order(line))))


def _rose(before: Line | None, after: Line) -> bool:
    if before is None or before.direction is not after.direction:
        return after.stage is not Stage.WHOLE
    return after.stage.rank > before.stage.rank


def weight(stage: Stage) -> int:
    """A level taken back weighs as much as a confirmed one: then the farthest leads."""
    return min(stage.rank, Stage.CONFIRMED.rank)


def _order(line: Line) -> float:
    return line.price if line.direction is Direction.BELOW else -line.price


def _with_new(lines: tuple[Line, ...], prices: Iterable[float], price: float) -> tuple[Line, ...]:
    """
    A level that nobody watched yet is whole, on the side it is first seen from. One that left the view is forgotten
    once it is whole; while it is giving way its later stages are still owed.
    """
    near = set(prices)
    kept = [line for line in lines if line.price in near or _owed(line, price)]
    known = {line.price for line in kept}
    fresh = (Line(at, _side(at, price)) for at in near - known if at != price)
    return (*kept, *fresh)


def _owed(line: Line, price: float) -> bool:
    return line.stage is not Stage.WHOLE and abs(line.price / price - 1) <= SPAN * 2


def _side(line: float, price: float) -> Direction:
    return Direction.BELOW if price > line else Direction.ABOVE


def _moved(line: Line, price: float, seen: Observation) -> Line:
    if _returned(line, price, seen):
        return msgspec.structs.replace(line, direction=_other(line.direction), stage=Stage.BACK)
    gone = _gone(line, price)
    settled = "1h" in seen.closes and _away(line, price, seen) >= REARM_ATR
    if settled and line.stage.held and gone:
        side = _side(line.price, price)  # now it holds from the other side
        return msgspec.structs.replace(line, direction=side, stage=Stage.WHOLE)
    if gone:
        stage = _reached(seen)
        return line if stage.rank <= line.stage.rank else msgspec.structs.replace(line, stage=stage)
    return msgspec.structs.replace(line, stage=Stage.WHOLE) if settled else line


def _returned(line: Line, price: float, seen: Observation) -> bool:
    """
    Whether a close took back what a day had confirmed: a day's close does, or an hour's that is clearly beyond. What
    came back once turns again only clearly, so that closes around a level are not told one by one.
    """
    if not line.stage.held or _gone(line, price) or price == line.price:
        return False
    day = "1d" in seen.closes and line.stage is Stage.CONFIRMED
    return day or ("1h" in seen.closes and _away(line, price, seen) >= RETURN_ATR)


def _gone(line: Line, price: float) -> bool:
    return price < line.price if line.direction is Direction.BELOW else price > line.price


def _away(line: Line, price: float, seen: Observation) -> float:
    """In days' ranges."""
    return abs(price - line.price) / (seen.atr or line.price * WITHOUT_ATR)


def _other(direction: Direction) -> Direction:
    return Direction.ABOVE if direction is Direction.BELOW else Direction.BELOW


def _reached(seen: Observation) -> Stage:
    if "1d" in seen.closes:
        return Stage.CONFIRMED
    return Stage.BREAK if "1h" in seen.closes else Stage.TOUCH
