"""/levels [ASSET]: where price may stop, and why each place matters."""

import asyncio
from functools import lru_cache
from typing import Any

from config.watchlist import Asset
from handlers.analysis.levels import Level, best, nearest
from handlers.analysis.zones import Kind, State
from handlers.arguments import first_asset, no_more
from handlers.command import Command, Option, OptionKind, Request, UserError
from handlers.desk import Desk
from handlers.facts.ask import bars_section, flows_section, levels_section, options_section
from handlers.facts.bars import Bars
from handlers.facts.shapes import FlowFacts, Missing, Section
from handlers.footer import footer
from handlers.missing import absent
from handlers.reasons import reason, state
from handlers.reply import AnyBlock, Button, Details, Line, Reply, Share, Strong, Text, text
from handlers.telling.places import beyond, distance
from handlers.words import Words
from providers.types import Reading

SHOWN = 6  # what fits a phone
REASONS = 3
EXAMPLE = "/levels eth"


async def levels(request: Request, desk: Desk) -> Reply:
    asset, rest = first_asset(request, desk, example=EXAMPLE)
    no_more(request, rest, example=EXAMPLE)
    words = request.words
    bars, known, used = await found(desk, asset)
    if isinstance(bars, Missing):
        raise UserError(
            absent(words, words("{asset} price", asset=asset.symbol), bars), example="/status"
        )
    if isinstance(known, Missing) or not known.value:
        raise UserError(
            words("{asset} has too little history for levels.", asset=asset.symbol),
            example="/levels btc",
        )
    return compose(words, desk, asset, bars, known.value, used)


async def found(
    desk: Desk, asset: Asset
) -> tuple[Reading[Bars] | Missing, Reading[tuple[Level, ...]] | Missing, list[Reading[Any]]]:
    """Bars, levels, and every reading that went into them."""
    now = desk.now()
    bars, options = await asyncio.gather(
        bars_section(desk.market, asset, now), options_section(desk.market, asset, now)
    )
    flows = await _flows(desk, asset, bars)
    known = await levels_section(
        desk.market, asset, now, bars,
        None if isinstance(flows, Missing) else flows.value.cost_basis,
        () if isinstance(options, Missing) else options.value,
    )  # fmt: skip
    return bars, known, [r for r in (bars, flows, options) if isinstance(r, Reading)]


async def _flows(
    desk: Desk, asset: Asset, bars: Reading[Bars] | Missing
) -> Reading[FlowFacts] | Missing:
    if not asset.etf or isinstance(bars, Missing):
        return Missing(Section.FLOWS, "unknown_symbol")
    return await flows_section(desk.market, asset, desk.now(), bars.value)


def compose(
    words: Words,
    desk: Desk,
    asset: Asset,
    bars: Reading[Bars],
    known: tuple[Level, ...],
    used: list[Reading[Any]],
) -> Reply:
    shown = best(known, SHOWN)
    last = bars.value.last
    above = [level for level in shown if level.low > last]
    below = [level for level in shown if level.low <= last]
    blocks: list[AnyBlock] = [Text(_lines(words, level)) for level in above]
    blocks.append(
        text((Strong(words("— {asset} {price} —", asset=asset.symbol, price=words.price(last))),))
    )
    blocks += [Text(_lines(words, level)) for level in below]
    more = [level for level in known if level not in shown][:SHOWN]
    if more:
        blocks.append(Details(words("More levels"), tuple(_short(words, level) for level in more)))
    note = words("A close beyond a zone breaks it; a wick only touches it.")
    blocks.append(text(note))
    return Reply(
        _title(words, asset, known, last),
        tuple(blocks),
        footer(words, desk.now(), used),
        controls=(
            (
                Button(words("Refresh"), f"levels {asset.symbol}"),
                Button(words("Chart"), f"chart {asset.symbol} 1d", edits=False),
                Button(words("Alert me"), f"alert {asset.symbol} level break", edits=False),
            ),
        ),
        share=Share(words("Share"), f"levels {asset.symbol.lower()}"),
        quiet=True,
    )


def _title(words: Words, asset: Asset, known: tuple[Level, ...], last: float) -> str:
    clear = [level for level in known if not under_test(level)]
    tested = min(
        (x for x in known if under_test(x)), key=lambda x: abs(x.distance_atr), default=None
    )
    support, resistance = nearest(clear, Kind.SUPPORT), nearest(clear, Kind.RESISTANCE)
    parts = [words("{asset} {price}", asset=asset.symbol, price=words.price(last))]
    if tested:
        parts.append(words("{zone} under test", zone=zone(words, tested)))
    if support:
        parts.append(words("support {zone}", zone=zone(words, support)))
    if resistance:
        parts.append(words("resistance {zone}", zone=zone(words, resistance)))
    return words.join(parts)


def zone(words: Words, level: Level) -> str:
    """One price for a narrow zone, else from – to."""
    low, high = words.price(level.low), words.price(level.high)
    return low if low == high else f"{low} – {high}"


@lru_cache(256)  # the next person asks about the same levels
def _lines(words: Words, level: Level) -> tuple[Line, ...]:
    side = words("resistance") if level.kind is Kind.RESISTANCE else words("support")
    head: Line = (Strong(zone(words, level)), f" · {side} · {_distance(words, level)}")
    why = words.join([reason(words, r) for r in level.reasons[:REASONS]])
    hidden = len(level.reasons) - REASONS
    if hidden > 0:
        why += words(" and {n} more", n=hidden)
    touches = words("touched {n} times", n=level.touches) if level.touches > 1 else ""
    became = "" if touches and level.state is State.TOUCHED else state(words, level)
    return (head, (words.join([part for part in (became, touches) if part]),), (why,))


def under_test(level: Level) -> bool:
    """Price is beyond it, or in it, without a close that says so."""
    return level.distance_pct == 0 or beyond(level)


def _distance(words: Words, level: Level) -> str:
    if under_test(level):
        return distance(words, level)
    return words(
        "{arrow} {pct} ({ranges} × a usual day)",
        arrow=words.arrow(level.distance_pct),
        pct=words.percent(level.distance_pct),
        ranges=words.number(abs(level.distance_atr), 1),
    )


@lru_cache(256)
def _short(words: Words, level: Level) -> Line:
    return (
        Strong(zone(words, level)),
        f" {_distance(words, level)} · {reason(words, level.reasons[0])} · {state(words, level)}",
    )


COMMAND = Command(
    "levels",
    "/levels [ASSET]",
    "Support and resistance, with reasons",
    levels,
    options=(Option("asset", "BTC, ETH, SOL …", OptionKind.ASSET),),
    examples=("/levels", EXAMPLE),
    aliases=("l",),
    fact="Levels",
)
