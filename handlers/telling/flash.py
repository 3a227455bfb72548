"""The short text beside a break: the last 48 hours, who was liquidated, and where price may stop next."""

from collections.abc import Iterator

from config.watchlist import Asset
from handlers.analysis.levels import Level, nearest
from handlers.analysis.zones import Kind
from handlers.desk import Desk
from handlers.facts import facts
from handlers.facts.shapes import Facts, Missing, Section
from handlers.footer import footer
from handlers.quoted import quoted
from handlers.reply import AnyBlock, Details, Line, Reply, Strong, Text
from handlers.telling.as_of import as_of
from handlers.telling.details import details, wiped_out
from handlers.telling.gaps import gaps
from handlers.telling.headline import price_headline
from handlers.telling.kinds import flows, momentum
from handlers.telling.page import controls, tone, used
from handlers.telling.places import full_place
from handlers.telling.spans import DAY, TWO_DAYS
from handlers.telling.why import liquidation_sentence, price_sentence
from handlers.words import Words
from providers.types import Reading

BELOW = 3


async def flash(desk: Desk, asset: Asset, words: Words, title: str | None = None) -> Reply:
    """`title` says what broke; without one the headline of the last 48 hours stands there."""
    known = await facts(desk.market, asset, desk.now())
    return told(words, known, title, await quoted(words, desk.market, asset))


def told(words: Words, known: Facts, title: str | None = None, also: Line | None = None) -> Reply:
    """`also`: the price in the chat's own currency."""
    first = (*((also,) if also else ()), *happened(words, known))
    blocks: list[AnyBlock] = [Text(lines) for lines in (first, places(words, known)) if lines]
    missing = gaps(words, known)
    blocks += [Text((missing,))] if missing else []
    if more := details(words, known, broke=True):
        blocks.append(Details(words("Details"), more))
    return Reply(
        title or price_headline(words, known, TWO_DAYS),
        tuple(blocks),
        footer(words, known.at, used(known)),
        tone(known, TWO_DAYS),
        controls(words, known),
    )


def happened(words: Words, known: Facts) -> tuple[Line, ...]:
    """The last 48 hours and who was liquidated in them."""
    lines: list[Line] = []
    if sentence := price_sentence(words, known, TWO_DAYS):
        lines.append((sentence,))
    lines += _liquidated(words, known)
    lines += [line for tell in (flows, momentum) if (line := tell(words, known, DAY))]
    return tuple(lines)


def _liquidated(words: Words, known: Facts) -> Iterator[Line]:
    if isinstance(known.liquidations, Reading):
        both = known.liquidations.value
        sums = ((both.sum_24h, words("24 h")), (both.sum_48h, words("48 h")))
        parts = [
            words(
                "longs {longs}, shorts {shorts} in {span}",
                longs=words.money(total.long_usd),
                shorts=words.money(total.short_usd),
                span=span,
            )
            for total, span in sums
            if total is not None and total.whole
        ]
        if parts:
            label = Strong(words("Liquidated, at least:"))
            end = as_of(words, Section.LIQUIDATIONS, known.liquidations, known.at)
            yield (label, f" {'; '.join(parts)}", *end)
    if sentence := liquidation_sentence(words, known, DAY):
        yield (sentence,)
    if isinstance(known.leverage, Reading):
        wiped = known.leverage.value.from_high_48h
        if wiped is not None and wiped.longs_above is not None:
            yield (wiped_out(words, known.leverage.value, wiped, words("48 h")),)


def places(words: Words, known: Facts) -> tuple[Line, ...]:
    """The nearest resistance, then the supports below in the order price would meet them."""
    if isinstance(known.levels, Missing):
        return ()
    levels = known.levels.value
    above = nearest(levels, Kind.RESISTANCE)
    supports = sorted((one for one in levels if one.kind is Kind.SUPPORT), key=_near)[:BELOW]
    lines = [(Strong(words("Next levels")),)] if above or supports else []
    shown = [*([above] if above else []), *supports]
    # Of the zone that price is in, "never closed beyond" would gainsay the line that just broke.
    return (
        *lines,
        *(full_place(words, level, 2, became=level.distance_pct != 0) for level in shown),
    )


def _near(level: Level) -> float:
    return abs(level.distance_atr)
