"""/flows [ASSET] [DAYS]: what money did in the ETFs, on its true trade date."""

from datetime import timedelta

from config.watchlist import Asset
from handlers.arguments import clip, split_asset
from handlers.command import Command, Option, OptionKind, Request, UserError
from handlers.desk import Desk
from handlers.facts.ask import bars_section, flows_section
from handlers.facts.shapes import FlowFacts, Missing
from handlers.flow_words import partial_line, status_word, streak_line
from handlers.footer import footer
from handlers.missing import absent
from handlers.reply import (
    AnyBlock,
    Button,
    Details,
    Line,
    Reply,
    Strong,
    Table,
    Text,
    Tone,
)
from handlers.telling.details import beside
from handlers.words import Words
from providers.errors import ProviderError
from providers.types import FlowDay, Reading

EXAMPLE = "/flows btc 12"
SHOWN = 5
MOST = 60
POLLED = timedelta(hours=8)


async def flows(request: Request, desk: Desk) -> Reply:
    asset, rest = split_asset(request, desk)
    days = _days(request, rest)
    words, now = request.words, desk.now()
    if not asset.etf:
        raise UserError(
            words("There are no US spot ETF flows of {asset} here.", asset=asset.symbol),
            example=EXAMPLE,
        )
    bars = await bars_section(desk.market, asset, now)
    known = await flows_section(
        desk.market, asset, now, None if isinstance(bars, Missing) else bars.value
    )
    if isinstance(known, Missing):
        raise UserError(absent(words, words("ETF flows"), known), example="/status")
    return compose(words, desk, asset, known, days, await _disagreement(words, desk, asset))


def _days(request: Request, rest: tuple[str, ...]) -> int:
    if not rest:
        return SHOWN
    word = rest[0].lower().rstrip("d")
    if len(rest) > 1 or not word.isascii() or not word.isdigit() or not 1 <= int(word) <= MOST:
        raise UserError(
            request.words(
                "“{word}” is no number of days from 1 to {most}.",
                word=clip(" ".join(rest)),
                most=MOST,
            ),
            example=EXAMPLE,
        )
    return int(word)


async def _disagreement(words: Words, desk: Desk, asset: Asset) -> tuple[Line, ...]:
    """The newest trade date on which two sources are more than 1 % apart."""
    try:
        found = await desk.market.flow_disagreements(asset)
    except ProviderError:
        return ()
    if not found:
        return ()
    newest = found[-1]
    return (
        (
            words(
                "Sources disagree about {day}: {ours} here, {theirs} at {source}.",
                day=words.day(newest.trade_date),
                ours=words.money(newest.ours, signed=True),
                theirs=words.money(newest.theirs, signed=True),
                source=newest.by,
            ),
        ),
    )


def compose(
    words: Words,
    desk: Desk,
    asset: Asset,
    known: Reading[FlowFacts],
    days: int,
    disagreement: tuple[Line, ...] = (),
) -> Reply:
    facts = known.value
    net = facts.last.net_usd or 0.0
    lines: list[Line] = [streak_line(words, facts)]
    lines.append(
        (
            words(
                "Last {n} trading days: {sum}, {out} out and {into} in",
                n=facts.sum_12d.days,
                sum=words.money(facts.sum_12d.net_usd, signed=True),
                out=facts.sum_12d.days_out,
                into=facts.sum_12d.days_in,
            ),
        )
    )
    blocks: list[AnyBlock] = []
    if facts.partial is not None:
        blocks.append(Text((partial_line(words, facts.partial),)))
    blocks += [Text(tuple(lines)), _table(words, facts.recent[-days:])]
    if disagreement:
        blocks.append(Text(disagreement))
    if basis := _basis(words, facts):
        blocks.append(Text(basis))
    blocks.append(_funds(words, facts.last))
    return Reply(
        words(
            "{asset} ETFs {net} on {day} ({status})",
            asset=asset.symbol,
            net=words.money(net, signed=True),
            day=words.day(facts.last.trade_date),
            status=status_word(words, facts.last),
        ),
        tuple(blocks),
        footer(words, desk.now(), [known]),
        Tone.UP if net > 0 else Tone.DOWN if net < 0 else Tone.NEUTRAL,
        (
            (
                Button(words("Refresh"), f"flows {asset.symbol} {days}"),
                Button(words("Chart"), f"chart flows {asset.symbol}", edits=False),
                Button(words("Alert me"), "alert flows < -500M", edits=False),
            ),
        ),
        quiet=True,
    )


def _table(words: Words, days: tuple[FlowDay, ...]) -> Table:
    rows = tuple(
        (
            words.day(day.trade_date),
            "–" if day.net_usd is None else words.money(day.net_usd, signed=True),
            status_word(words, day),
        )
        for day in reversed(days)
    )
    return Table(rows, (words("Trade date"), words("Net"), ""), "<><")


def _basis(words: Words, facts: FlowFacts) -> tuple[Line, ...]:
    basis = facts.cost_basis
    if facts.needs_since is not None:
        return (
            (
                words(
                    "What the funds' buyers paid on average needs every day since {day}; not all are known.",
                    day=words.long_date(facts.needs_since),
                ),
            ),
        )
    if basis is None or basis.creations is None or basis.running is None:
        return ()
    head: Line = (Strong(words("What the funds' buyers paid on average")),)
    by_name = (
        (words("creations only"), basis.creations, facts.gap_creations_pct),
        (words("running average cost"), basis.running, facts.gap_running_pct),
    )
    return (
        head,
        *(
            (f"{words.price(paid)} ({name})" + ("" if gap is None else f"; {beside(words, gap)}"),)
            for name, paid, gap in by_name
        ),
    )


def _funds(words: Words, day: FlowDay) -> Details:
    told = sorted((f for f in day.by_fund if f[1] is not None), key=lambda f: -abs(f[1] or 0.0))
    lines: list[Line] = [
        (f"{fund}: {words.money(usd, signed=True)}",) for fund, usd in told if usd is not None
    ]
    if day.missing:
        lines.append((words("not reported: {funds}", funds=", ".join(day.missing)),))
    if not lines:
        lines.append((words("This source has no figures per fund."),))
    return Details(words("Funds on {day}", day=words.day(day.trade_date)), tuple(lines))


COMMAND = Command(
    "flows",
    "/flows [ASSET] [DAYS]",
    "ETF flows by trade date, streak, sum, funds",
    flows,
    options=(
        Option("asset", "BTC or ETH", OptionKind.ASSET),
        Option("days", "How many days to list", OptionKind.TEXT),
    ),
    examples=("/flows", "/flows eth", EXAMPLE),
    aliases=("etf",),
    fact="ETF flows",
)
