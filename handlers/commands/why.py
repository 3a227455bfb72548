"""/why [ASSET] [WINDOW]: what moved in the last hours, the most unusual first."""

from datetime import timedelta

from handlers.arguments import no_more, split_asset, window
from handlers.command import Command, Option, OptionKind, Request, UserError
from handlers.desk import Desk
from handlers.facts.shapes import Section
from handlers.footer import footer
from handlers.missing import absent
from handlers.reply import AnyBlock, Button, Line, Reply, Text, text
from handlers.telling.as_of import moment
from handlers.telling.gaps import name
from handlers.telling.movers import Mover
from handlers.telling.moves import Moves, moves
from handlers.words import Words
from providers.errors import UnknownSymbol
from providers.types import Reading

EXAMPLE = "/why btc 24h"
DEFAULT = timedelta(hours=24)
LONGEST = timedelta(days=14)
HOUR = timedelta(hours=1)
USUAL, UNUSUAL = (
    1.0,
    2.0,
)  # standard deviations; two thirds of all days are within one, 95 % within two


async def why(request: Request, desk: Desk) -> Reply:
    asset, rest = split_asset(request, desk)
    words, now = request.words, desk.now()
    span = window(request, _hours(rest[0]), longest=LONGEST, example=EXAMPLE) if rest else DEFAULT
    no_more(request, rest[1:], example=EXAMPLE)
    whole = max(HOUR, span // HOUR * HOUR)
    found = await moves(words, desk.market, asset, whole, now)
    if not found.movers:
        raise UserError(
            words("Nothing is known of {asset} right now.", asset=asset.symbol), example="/status"
        )
    lines = [_line(words, desk, one) for one in found.movers]
    blocks: list[AnyBlock] = [Text(tuple(lines))]
    if gone := _gone(words, found, etf=asset.etf):
        blocks.append(Text(gone))
    blocks.append(
        text(words("Ranked by how far each is from its own usual. None is proof of a cause."))
    )
    told = [Reading(one.text, one.source, one.as_of) for one in found.movers]
    return Reply(
        _title(words, asset.symbol, found.movers[0]),
        tuple(blocks),
        footer(words, now, told),
        controls=(
            tuple(Button(label, f"why {asset.symbol} {label}") for label in ("4h", "24h", "7d")),
            (Button(words("Briefing"), f"brief {asset.symbol}", edits=False),),
        ),
        quiet=True,
    )


def _title(words: Words, symbol: str, top: Mover) -> str:
    """The price's own text names the asset already."""
    if top.kind is Section.PRICE:
        return top.text
    return words("{asset}: {what}", asset=symbol, what=top.text)


def _hours(word: str) -> str:
    """A bare number is hours."""
    return f"{word}h" if word.isascii() and word.isdigit() else word


def _line(words: Words, desk: Desk, one: Mover) -> Line:
    return (
        f"{one.text}: {scored(words, one.score)}",
        f" · {one.source}",
        *moment(words, one.as_of, desk.now()),
    )


def scored(words: Words, score: float | None) -> str:
    if score is None:
        return words("no habit known to compare with")
    times = words.number(score, 1)
    if score < USUAL:
        return words("usual ({n} standard deviations)", n=times)
    if score < UNUSUAL:
        return words("more than usual ({n} standard deviations)", n=times)
    return words("unusual ({n} standard deviations)", n=times)


def _gone(words: Words, found: Moves, *, etf: bool) -> tuple[Line, ...]:
    """What does not exist for the asset is not missing."""
    return tuple(
        (absent(words, name(words, one.kind), one),)
        for one in found.missing
        if one.reason != UnknownSymbol.code and (etf or one.kind is not Section.FLOWS)
    )


COMMAND = Command(
    "why",
    "/why [ASSET] [WINDOW]",
    "What moved in the last hours, ranked",
    why,
    options=(
        Option("asset", "BTC, ETH, SOL …", OptionKind.ASSET),
        Option("window", "4h, 24h, 7d", OptionKind.WINDOW),
    ),
    examples=("/why", "/why btc 4h", "/why eth 7d"),
    fact="Market moves",
)
