"""/leverage [ASSET]: which leverage a move like this has wiped out, and what the next one would take."""

from collections.abc import Iterator, Sequence

from handlers.arguments import first_asset, no_more
from handlers.command import Command, Option, OptionKind, Request, UserError
from handlers.desk import Desk
from handlers.facts.ask import leverage_section
from handlers.facts.price import MAINTENANCE
from handlers.facts.shapes import LeverageFacts, Missing, Sized, Wipeout
from handlers.footer import footer
from handlers.missing import absent
from handlers.reply import AnyBlock, Button, Line, Reply, Table, Text, text
from handlers.words import Words

EXAMPLE = "/leverage btc"

Spans = Sequence[tuple[Wipeout, str, str]]


async def leverage(request: Request, desk: Desk) -> Reply:
    asset, rest = first_asset(request, desk, example=EXAMPLE)
    no_more(request, rest, example=EXAMPLE)
    words = request.words
    known = await leverage_section(desk.market, asset, desk.now())
    if isinstance(known, Missing):
        raise UserError(absent(words, words("Leverage"), known), example="/status")
    facts = known.value
    return Reply(
        _title(words, asset.symbol, facts),
        tuple(_blocks(words, asset.symbol, facts)),
        footer(words, desk.now(), [known]),
        controls=((Button(words("Refresh"), f"leverage {asset.symbol}"),),),
        quiet=True,
    )


def _title(words: Words, symbol: str, facts: LeverageFacts) -> str:
    """Of the longest stretch that is known, for the smallest position."""
    spans = _spans(words, facts)
    if not spans or spans[-1][0].longs_above is None:
        return words("{asset}: no fall to speak of", asset=symbol)
    widest, _, span = spans[-1]
    first = widest.sized[0].above if widest.sized else None
    x = words.times(first or widest.longs_above or 0.0, 2)
    return words("{asset}: the {span} fall wipes out longs above {x}", asset=symbol, span=span, x=x)


def _spans(words: Words, facts: LeverageFacts) -> Spans:
    named = (
        (facts.from_high_48h, words("48 hours"), words("48 h")),
        (facts.from_high_7d, words("7 days"), words("7 d")),
        (facts.from_high_21d, words("21 days"), words("21 d")),
    )
    return [(one, long, short) for one, long, short in named if one is not None]


def _blocks(words: Words, symbol: str, facts: LeverageFacts) -> Iterator[AnyBlock]:
    spans = _spans(words, facts)
    if facts.tiers is None:
        lines: list[Line] = [(_wiped(words, span, wiped),) for wiped, span, _ in spans]
        yield Text((*lines, *_ahead(words, facts.next_5pct_longs, facts.next_5pct_shorts)))
    else:
        if spans:
            yield Text(tuple((_fell(words, span, wiped),) for wiped, span, _ in spans))
        yield text(
            words(
                "Closed above this leverage, by size of the position; the last two rows opened now:"
            )
        )
        yield _table(words, spans, facts)
    yield Text(_notes(words, symbol, facts))


def _wiped(words: Words, span: str, wipeout: Wipeout) -> str:
    if wipeout.longs_above is None:
        return _fell(words, span, wipeout)
    return words(
        "{span}: {fall} from {high} wipes out longs above {x}",
        span=span,
        fall=words.percent(wipeout.fall_pct),
        high=words.price(wipeout.high),
        x=words.times(wipeout.longs_above, 2),
    )


def _fell(words: Words, span: str, wipeout: Wipeout) -> str:
    high = words.price(wipeout.high)
    if wipeout.longs_above is None:
        return words("{span}: no fall from the high of {high}", span=span, high=high)
    fall = words.percent(wipeout.fall_pct)
    return words("{span}: {fall} from the high of {high}", span=span, fall=fall, high=high)


def _ahead(words: Words, longs: float | None, shorts: float | None) -> Iterator[Line]:
    if longs is not None:
        yield (words("From here, another 5 % down takes longs above {x}.", x=words.times(longs)),)
    if shorts is not None:
        yield (words("5 % up takes shorts above {x}.", x=words.times(shorts)),)


def _table(words: Words, spans: Spans, facts: LeverageFacts) -> Table:
    """Positions opened at the high of each span, then positions opened now."""
    rows = [(words("longs, {span}", span=short), wiped.sized) for wiped, _, short in spans]
    rows += [
        (words("longs, next −5 %"), facts.longs_sized),
        (words("shorts, next +5 %"), facts.shorts_sized),
    ]
    head = ("", *(words.money(one.usd, 0) for one in facts.longs_sized))
    shown = tuple((label, *_cells(words, sized)) for label, sized in rows if _any(sized))
    return Table(shown, head, "<" + ">" * len(facts.longs_sized))


def _cells(words: Words, sized: Sequence[Sized]) -> tuple[str, ...]:
    return tuple("–" if one.above is None else words.times(one.above) for one in sized)


def _any(sized: Sequence[Sized]) -> bool:
    return any(one.above is not None for one in sized)


def _notes(words: Words, symbol: str, facts: LeverageFacts) -> tuple[Line, ...]:
    rate = words.percent(MAINTENANCE * 100, signed=False)
    by = (
        words(
            "By a flat {rate} maintenance margin, as no tiers of {asset} are known here. Larger positions go sooner.",
            rate=rate,
            asset=symbol,
        )
        if facts.tiers is None
        else words(
            "By {venue}'s margin tiers as published in {month}; a larger position must keep more.",
            venue=facts.tiers.source,
            month=words.month(facts.tiers.as_of.date()),
        )
    )
    kind = words(
        "For isolated positions, opened at the high and with no margin added; cross margin differs."
    )
    return ((by,), (kind,))


COMMAND = Command(
    "leverage",
    "/leverage [ASSET]",
    "Which leverage a fall like this wipes out",
    leverage,
    options=(Option("asset", "BTC, ETH …", OptionKind.ASSET),),
    examples=("/leverage", EXAMPLE),
    fact="Leverage",
)
