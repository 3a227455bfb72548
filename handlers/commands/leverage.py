"""/leverage [ASSET]: which leverage a move like this has wiped out, and what the next one would take."""

from handlers.arguments import first_asset, no_more
from handlers.command import Command, Option, OptionKind, Request, UserError
from handlers.desk import Desk
from handlers.facts.ask import leverage_section
from handlers.facts.shapes import Missing, Wipeout
from handlers.footer import footer
from handlers.missing import absent
from handlers.reply import Button, Line, Reply, Text, text
from handlers.words import Words

EXAMPLE = "/leverage btc"


async def leverage(request: Request, desk: Desk) -> Reply:
    asset, rest = first_asset(request, desk, example=EXAMPLE)
    no_more(request, rest, example=EXAMPLE)
    words = request.words
    known = await leverage_section(desk.market, asset, desk.now())
    if isinstance(known, Missing):
        raise UserError(absent(words, words("Leverage"), known), example="/status")
    facts = known.value
    spans = (
        (facts.from_high_48h, words("48 hours")),
        (facts.from_high_7d, words("7 days")),
        (facts.from_high_21d, words("21 days")),
    )
    lines: list[Line] = [(_wiped(words, span, w),) for w, span in spans if w is not None]
    ahead = _ahead(words, facts.next_5pct_longs, facts.next_5pct_shorts)
    note = words(
        "For isolated positions opened at the high with the venue's own margin and none added; cross differs."
    )
    widest = facts.from_high_21d or facts.from_high_7d or facts.from_high_48h
    title = (
        words(
            "{asset}: the fall wipes out longs above {x}",
            asset=asset.symbol,
            x=words.times(widest.longs_above, 2),
        )
        if widest is not None and widest.longs_above is not None
        else words("{asset}: no fall to speak of", asset=asset.symbol)
    )
    return Reply(
        title,
        (Text(tuple(lines)), *([Text(tuple(ahead))] if ahead else []), text(note))
        if lines
        else (text(note),),
        footer(words, desk.now(), [known]),
        controls=((Button(words("Refresh"), f"leverage {asset.symbol}"),),),
        quiet=True,
    )


def _wiped(words: Words, span: str, wipeout: Wipeout) -> str:
    if wipeout.longs_above is None:
        return words(
            "{span}: no fall from the high of {high}", span=span, high=words.price(wipeout.high)
        )
    return words(
        "{span}: {fall} from {high} wipes out longs above {x}",
        span=span,
        fall=words.percent(wipeout.fall_pct),
        high=words.price(wipeout.high),
        x=words.times(wipeout.longs_above, 2),
    )


def _ahead(words: Words, longs: float | None, shorts: float | None) -> list[Line]:
    lines: list[Line] = []
    if longs is not None:
        lines.append(
            (words("From here, another 5 % down takes longs above {x}.", x=words.times(longs)),)
        )
    if shorts is not None:
        lines.append((words("5 % up takes shorts above {x}.", x=words.times(shorts)),))
    return lines


COMMAND = Command(
    "leverage",
    "/leverage [ASSET]",
    "Which leverage a fall like this wipes out",
    leverage,
    options=(Option("asset", "BTC, ETH …", OptionKind.ASSET),),
    examples=("/leverage", EXAMPLE),
)
