"""Where price may stop next: the nearest resistance and support, each with its distance and its weightiest reason."""

from collections.abc import Sequence

from handlers.analysis.levels import Level, nearest
from handlers.analysis.zones import Kind
from handlers.reasons import reason, state
from handlers.reply import Line, Strong
from handlers.words import Words


def zone(words: Words, level: Level) -> str:
    """One price for a narrow zone, else from – to."""
    low, high = words.price(level.low), words.price(level.high)
    return low if low == high else f"{low} – {high}"


def distance(words: Words, level: Level) -> str:
    if level.distance_pct == 0:
        return words("price is inside")
    return f"{words.arrow(level.distance_pct)} {words.percent(level.distance_pct)}"


def next_places(words: Words, levels: Sequence[Level]) -> tuple[Line, ...]:
    """The nearest resistance and the nearest support, each if there is one."""
    labels = ((Kind.RESISTANCE, words("Resistance")), (Kind.SUPPORT, words("Support")))
    found = ((label, nearest(levels, kind)) for kind, label in labels)
    return tuple(_place(words, label, level) for label, level in found if level is not None)


def _place(words: Words, label: str, level: Level) -> Line:
    parts = [zone(words, level), distance(words, level)]
    parts += [reason(words, why) for why in level.reasons[:1]]
    return (Strong(label), f" {words.join(parts)}")


def full_place(words: Words, level: Level, reasons: int = 3) -> Line:
    """For the details: what became of it too."""
    parts = [distance(words, level), state(words, level)]
    parts += [reason(words, why) for why in level.reasons[:reasons]]
    return (Strong(zone(words, level)), f" {words.join(parts)}")
