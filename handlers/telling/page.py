"""A whole briefing from one picture of the market. Nothing is asked here, so the same facts give the same words."""

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
    last = tuple(line for line in (ahead(words, facts), gaps(words, facts)) if line is not None)
    title = headline(words, facts, span)
    room = SCREEN - len(title) - sum(length(line) for part in (*above, last) for line in part)
    said = fitting(why(words, facts, span), room)
    paragraphs = (*above, ((" ".join(said),),) if said else (), last)
    blocks: list[AnyBlock] = [Text(lines) for lines in paragraphs if lines]
    if more := details(words, facts):
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


def fitting(sentences: tuple[str, ...], room: int) -> tuple[str, ...]:
    """As many as there is room for, but two when there are two."""
    kept = sentences
    while len(kept) > FEWEST and sum(map(len, kept)) > room:
        kept = kept[:-1]
    return kept


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
