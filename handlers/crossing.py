"""When a level gives way: a trade beyond it touches, an hour's close breaks, a day's close confirms; each told once."""

import math
from collections.abc import Iterable

import msgspec

from handlers.rule import Direction, Line, Observation, Stage

SPAN = 0.2  # levels further from the price than this share are not watched
REARM_ATR = 1.5  # days' ranges that the price must move away before a level can be touched anew
WITHOUT_ATR = 0.05


def round_lines(price: float, span: float = SPAN) -> tuple[float, ...]:
    """
    The round prices within `span` of a price, lowest first. The step is half of the price's own power of ten down to
    twenty: 5,000 for 70,000, 500 for 7,000 and 10 for 180.
    """
    if not math.isfinite(price) or price <= 0:
        return ()
    step = round_step(price)
    first, last = math.ceil(price * (1 - span) / step), math.floor(price * (1 + span) / step)
    return tuple(float(f"{n * step:.12g}") for n in range(first, last + 1))


def round_step(price: float) -> float:
    """Between 4 % and 10 % of the price, and a number that people call round: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(price))
    share = price / power
    return float(power * (0.1 if share < 2 else 0.2 if share < 5 else 0.5))


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
    return tuple(sorted(risen, key=lambda line: (-line.stage.rank, _order(line))))


def _rose(before: Line | None, after: Line) -> bool:
    if before is None or before.direction is not after.direction:
        return after.stage is not Stage.WHOLE
    return after.stage.rank > before.stage.rank


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
    gone = price < line.price if line.direction is Direction.BELOW else price > line.price
    far = abs(price - line.price) >= (
        seen.atr * REARM_ATR if seen.atr else line.price * WITHOUT_ATR
    )
    settled = "1h" in seen.closes and far
    if settled and line.stage is Stage.CONFIRMED and gone:
        return Line(line.price, _side(line.price, price))  # now it holds from the other side
    if gone:
        stage = _reached(seen)
        return line if stage.rank <= line.stage.rank else msgspec.structs.replace(line, stage=stage)
    return msgspec.structs.replace(line, stage=Stage.WHOLE) if settled else line


def _reached(seen: Observation) -> Stage:
    if "1d" in seen.closes:
        return Stage.CONFIRMED
    return Stage.BREAK if "1h" in seen.closes else Stage.TOUCH
