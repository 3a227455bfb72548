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


def page(words: Words, facts: Facts, span: timedelta, extra: tuple[Line, ...] = ()) -> Reply:
    """`span` is how far it looks back; `extra`: lines that only one briefing has, after those of every kind."""
    levels = facts.levels.value if isinstance(facts.levels, Reading) else ()
    said = why(words, facts, span)
    last = [line for line in (ahead(words, facts), gaps(words, facts)) if line is not None]
    paragraphs: tuple[tuple[Line, ...], ...] = (
        (*kinds(words, facts, span), *extra),
        next_places(words, levels),
        ((" ".join(said),),) if said else (),
        tuple(last),
    )
    blocks: list[AnyBlock] = [Text(lines) for lines in paragraphs if lines]
    if more := details(words, facts, span):
        blocks.append(Details(words("Details"), more))
    return Reply(
        headline(words, facts, span),
        tuple(blocks) or (text(words("No source answers right now.")),),
        footer(words, facts.at, used(facts)),
        tone(facts, span),
        controls(words, facts),
        quiet=True,
    )


def used(facts: Facts) -> tuple[Reading[Any], ...]:
    """Every reading on the page, for its footer."""
    sections = (
        facts.price, facts.flows, facts.liquidations, facts.positioning, facts.sentiment,
        facts.options, facts.holdings, facts.events, facts.headlines,
    )  # fmt: skip
    return tuple(one for one in sections if isinstance(one, Reading))


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
