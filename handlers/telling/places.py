"""Where price may stop next: the nearest resistance and support, each with its distance and its weightiest reason."""

from collections.abc import Sequence

from handlers.analysis.levels import Level
from handlers.analysis.zones import Kind
from handlers.reasons import reason, state
from handlers.reply import Line, Strong
from handlers.words import Words


def zone(words: Words, level: Level) -> str:
    """One price for a narrow zone, else from – to."""
    low, high = words.price(level.low), words.price(level.high)
    return low if low == high else f"{low}–{high}"


def beyond(level: Level) -> bool:
    """Price is on its far side, and no close says so yet."""
    return level.distance_pct != 0 and (level.distance_pct > 0) is (level.kind is Kind.SUPPORT)


def distance(words: Words, level: Level) -> str:
    if level.distance_pct == 0:
        return words("price is inside")
    if beyond(level):
        pct = words.percent(abs(level.distance_pct), signed=False)
        return words("price is {pct} beyond, not yet by a close", pct=pct)
    return f"{words.arrow(level.distance_pct)} {words.percent(level.distance_pct)}"


def next_places(words: Words, levels: Sequence[Level]) -> tuple[Line, ...]:
    """Each way the nearest zone; the strongest stand in the details."""
    labels = ((Kind.RESISTANCE, words("Resistance")), (Kind.SUPPORT, words("Support")))
    found = ((label, [one for one in levels if one.kind is kind]) for kind, label in labels)
    return tuple(_place(words, label, same) for label, same in found if same)


def _place(words: Words, label: str, levels: Sequence[Level]) -> Line:
    first = min(levels, key=lambda one: abs(one.distance_atr))
    place = f"{zone(words, first)} {distance(words, first)}"
    why = reason(words, first.reasons[0]) if first.reasons else ""
    return (Strong(label), f" {place}" + (f" ({why})" if why else ""))


def full_place(words: Words, level: Level, reasons: int = 3, *, became: bool = True) -> Line:
    """For the details: what became of it too."""
    parts = [distance(words, level), *([state(words, level)] if became else [])]
    parts += [reason(words, why) for why in level.reasons[:reasons]]
    return (Strong(zone(words, level)), f" {words.join(parts)}")
