"""A whole briefing from one picture of the market. Nothing is asked here, so the same facts give the same words."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from handlers.facts.shapes import Facts
from handlers.footer import footer
from handlers.reply import AnyBlock, Button, Control, Details, Line, Reply, Text, Tone, text
from handlers.telling.ahead import ahead
from handlers.telling.details import details
from handlers.telling.gaps import gaps
from handlers.telling.headline import headline
from handlers.telling.kinds import kinds
from handlers.telling.places import next_places
from handlers.telling.spans import change_over
from handlers.telling.why import why
from handlers.words import Words
from providers.types import Reading

SCREEN = 900  # characters that fit a phone
FEWEST = 2  # sentences of why, however full the screen is


def page(
    words: Words,
    facts: Facts,
    span: timedelta,
    extra: tuple[Line, ...] = (),
    quoted: Line | None = None,
) -> Reply:
    """
    `span` is how far it looks back; `extra`: lines that only one briefing has, after those of every kind. `quoted`:
    the price in another currency, below the one in dollars.
    """
    levels = facts.levels.value if isinstance(facts.levels, Reading) else ()
    told = _with_quoted(kinds(words, facts, span), facts, quoted)
    above = ((*told, *extra), next_places(words, levels))
    title = headline(words, facts, span)
    below, left_out = _below(words, facts, span, SCREEN - len(title) - size(above))
    blocks: list[AnyBlock] = [Text(lines) for lines in (*above, *below) if lines]
    if more := (*left_out, *details(words, facts)):
        blocks.append(Details(words("Details"), more))
    return Reply(
        title,
        tuple(blocks) or (text(words("No source answers right now.")),),
        footer(words, facts.at, used(facts)),
        tone(facts, span),
        controls(words, facts),
        quiet=True,
    )


def _with_quoted(told: tuple[Line, ...], facts: Facts, quoted: Line | None) -> tuple[Line, ...]:
    if quoted is None:
        return told
    first = 1 if isinstance(facts.price, Reading) else 0
    return (*told[:first], quoted, *told[first:])


def _below(
    words: Words, facts: Facts, span: timedelta, room: int
) -> tuple[tuple[tuple[Line, ...], ...], tuple[Line, ...]]:
    """Why, what is next and what is missing, as far as there is room; and what had to go into the details."""
    coming, missing = ahead(words, facts), gaps(words, facts)
    last = _lines(coming, missing)
    said = why(words, facts, span)
    if size((_joined(said), last)) > room:
        said = said[:FEWEST]
    if coming is None or size((_joined(said), last)) <= room:
        return (_joined(said), last), ()
    first = ahead(words, facts, short=True)
    left_out = () if first == coming else (coming,)
    return (_joined(said), _lines(first, missing)), left_out


def _lines(*lines: Line | None) -> tuple[Line, ...]:
    return tuple(line for line in lines if line is not None)


def _joined(sentences: tuple[str, ...]) -> tuple[Line, ...]:
    return ((" ".join(sentences),),) if sentences else ()


def size(paragraphs: Iterable[tuple[Line, ...]]) -> int:
    """Characters as a screen counts them: each line ends, and a blank line follows each paragraph."""
    return sum(sum(map(length, lines)) + 1 for lines in paragraphs if lines)


def length(line: Line) -> int:
    return sum(len(part if isinstance(part, str) else part.text) for part in line) + 1


def used(facts: Facts) -> tuple[Reading[Any], ...]:
    """
    Every reading of the screenful; what the details add names its own date. A venue's funding is of its last interval,
    which its line says: it does not make the venue's price look old.
    """
    sections = (facts.price, facts.flows, facts.liquidations, facts.sentiment, facts.events)
    told: list[Reading[Any]] = [one for one in sections if isinstance(one, Reading)]
    if isinstance(facts.positioning, Reading):
        known = facts.positioning.value
        named = {one.source for one in told}
        venues: tuple[Reading[Any], ...] = (*known.open_interest, *known.funding)
        told += [reading for reading in venues if reading.source not in named]
    return tuple(told)


def tone(facts: Facts, span: timedelta) -> Tone:
    change = change_over(facts.price.value, span) if isinstance(facts.price, Reading) else None
    if change is None or change == 0:
        return Tone.NEUTRAL
    return Tone.UP if change > 0 else Tone.DOWN


def controls(words: Words, facts: Facts) -> tuple[tuple[Control, ...], ...]:
    symbol = facts.asset.symbol
    flows = (Button(words("Flows"), f"flows {symbol}", edits=False),) if facts.asset.etf else ()
    return (
        (
            Button(words("Levels"), f"levels {symbol}", edits=False),
            *flows,
            Button(words("Liquidations"), f"liqs {symbol}", edits=False),
        ),
        (
            Button(words("Why"), f"why {symbol}", edits=False),
            Button(words("Chart"), f"chart {symbol} 1d", edits=False),
        ),
    )
