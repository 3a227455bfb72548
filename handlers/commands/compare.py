"""/compare ASSET ASSET: two or three assets side by side."""

import asyncio
from collections.abc import Callable, Sequence

from handlers.arguments import asset as named
from handlers.command import Command, Option, OptionKind, Request, UserError
from handlers.desk import Desk
from handlers.facts import facts
from handlers.facts.derivatives import funding_8h
from handlers.facts.shapes import Facts
from handlers.footer import footer
from handlers.reply import Line, Reply, Table, Text
from handlers.telling.as_of import SOON, moment
from handlers.telling.gaps import gaps
from handlers.telling.page import used
from handlers.words import Words
from providers.types import Reading

EXAMPLE = "/compare btc eth"
MOST = 3
NONE = "–"

Cell = Callable[[Words, Facts], str | None]


async def compare(request: Request, desk: Desk) -> Reply:
    words = request.words
    chosen = [named(request, desk, word, example=EXAMPLE) for word in request.args]
    assets = tuple(dict.fromkeys(chosen))
    if not 2 <= len(assets) <= MOST:
        raise UserError(words("Name two or three different assets to compare."), example=EXAMPLE)
    now = desk.now()
    known = await asyncio.gather(*(facts(desk.market, one, now) for one in assets))
    return compose(words, known)


def compose(words: Words, known: Sequence[Facts]) -> Reply:
    head = ("", *(one.asset.symbol for one in known))
    rows = tuple(row for label, cell in _cells(words) if (row := _row(words, label, cell, known)))
    told = [reading for one in known for reading in used(one)]
    counted = any(_closed(words, one, "long_usd") for one in known)
    notes = _notes(words, known, counted=counted)
    blocks = (Table(rows, head, "<" + ">" * len(known)), Text(notes))
    return Reply(_title(words, known), blocks, footer(words, known[0].at, told), quiet=True)


def _title(words: Words, known: Sequence[Facts]) -> str:
    parts = []
    for one in known:
        change = one.price.value.change_24h_pct if isinstance(one.price, Reading) else None
        shown = words("no price") if change is None else words.percent(change)
        parts.append(f"{one.asset.symbol} {shown}")
    return words("24 h: {assets}", assets=words.join(parts))


def _row(words: Words, label: str, cell: Cell, known: Sequence[Facts]) -> tuple[str, ...]:
    """Nothing when no asset has it."""
    found = [cell(words, one) for one in known]
    return (label, *(shown or NONE for shown in found)) if any(found) else ()


def _cells(words: Words) -> tuple[tuple[str, Cell], ...]:
    return (
        (words("Price"), _price),
        (words("24 h"), lambda w, f: _change(w, f, "change_24h_pct")),
        (words("7 d"), lambda w, f: _change(w, f, "change_7d_pct")),
        (words("From ATH"), _from_high),
        (words("RSI day"), _rsi),
        (words("Funding 8 h"), _funding),
        (words("Open interest"), _interest),
        (words("Longs closed"), lambda w, f: _closed(w, f, "long_usd")),
        (words("Shorts closed"), lambda w, f: _closed(w, f, "short_usd")),
        (words("ETF day"), _flow),
    )


def _price(words: Words, known: Facts) -> str | None:
    return words.price(known.price.value.last) if isinstance(known.price, Reading) else None


def _change(words: Words, known: Facts, field: str) -> str | None:
    value = getattr(known.price.value, field) if isinstance(known.price, Reading) else None
    return None if value is None else words.percent(value)


def _from_high(words: Words, known: Facts) -> str | None:
    value = known.price.value.from_ath_pct if isinstance(known.price, Reading) else None
    return None if value is None else words.percent(value)


def _rsi(words: Words, known: Facts) -> str | None:
    value = known.momentum.value.rsi14_1d if isinstance(known.momentum, Reading) else None
    return None if value is None else words.number(value, 1)


def _funding(words: Words, known: Facts) -> str | None:
    value = funding_8h(known.positioning.value) if isinstance(known.positioning, Reading) else None
    return None if value is None else words.percent(value * 100, 4)


def _interest(words: Words, known: Facts) -> str | None:
    """The venue asked first: sums over venues that differ per asset would not compare."""
    if not isinstance(known.positioning, Reading) or not known.positioning.value.open_interest:
        return None
    usd = known.positioning.value.open_interest[0].value.usd
    return None if usd is None else words.money(usd)


def _closed(words: Words, known: Facts, side: str) -> str | None:
    if not isinstance(known.liquidations, Reading) or known.liquidations.value.sum_24h is None:
        return None
    return "≥ " + words.money(getattr(known.liquidations.value.sum_24h, side))


def _flow(words: Words, known: Facts) -> str | None:
    if not isinstance(known.flows, Reading) or known.flows.value.last.net_usd is None:
        return None
    return words.money(known.flows.value.last.net_usd, signed=True)


def _notes(words: Words, known: Sequence[Facts], *, counted: bool) -> tuple[Line, ...]:
    days = [
        words(
            "{asset} {day}", asset=one.asset.symbol, day=words.day(one.flows.value.last.trade_date)
        )
        for one in known
        if isinstance(one.flows, Reading)
    ]
    lines: list[Line] = [(words("From ATH: the low of 48 h."),)]
    if counted:
        lines.append((words("Closed by force: 24 h, at least."),))
    if days:
        lines.append((words("ETF trade date: {days}", days=", ".join(days)),))
    for one in known:
        lines += _caveats(words, one)
    return tuple(lines)


def _caveats(words: Words, one: Facts) -> list[Line]:
    """An old price says so, since the others beside it are of now."""
    lines: list[Line] = []
    if isinstance(one.price, Reading) and one.price.age(one.at) > SOON:
        label = words("{asset} price", asset=one.asset.symbol)
        lines.append((label, *moment(words, one.price.as_of, one.at)))
    if missing := gaps(words, one):
        lines.append((f"{one.asset.symbol} ", *missing))
    return lines


COMMAND = Command(
    "compare",
    "/compare ASSET ASSET",
    "Two or three assets side by side",
    compare,
    options=(
        Option("first", "BTC, ETH, SOL …", OptionKind.ASSET, required=True),
        Option("second", "BTC, ETH, SOL …", OptionKind.ASSET, required=True),
        Option("third", "BTC, ETH, SOL …", OptionKind.ASSET),
    ),
    examples=(EXAMPLE, "/compare btc eth sol"),
    aliases=("vs",),
    fact="Comparison",
)
