"""/holdings [ASSET]: coins held by governments and by companies."""

import asyncio

from config.watchlist import Asset
from handlers.arguments import first_asset, no_more
from handlers.command import Command, Option, OptionKind, Request
from handlers.desk import Desk
from handlers.footer import footer
from handlers.missing import missing
from handlers.reply import Reply, Strong, Table, Text, text
from handlers.telling.details import undated
from handlers.words import Words
from providers.errors import ProviderError
from providers.types import Holding, Reading

SHOWN = 6
EXAMPLE = "/holdings btc"
KINDS = ("governments", "companies")


async def holdings(request: Request, desk: Desk) -> Reply:
    asset, rest = first_asset(request, desk, example=EXAMPLE)
    no_more(request, rest, example=EXAMPLE)
    words = request.words
    answers = await asyncio.gather(*(_held(desk, asset, who) for who in KINDS))
    good = [a for a in answers if isinstance(a, Reading)]
    if not good:
        raise next(a for a in answers if isinstance(a, ProviderError))
    heads = (words("Governments"), words("Companies"))
    blocks = [
        b
        for head, answer in zip(heads, answers, strict=True)
        for b in _section(words, asset, head, answer)
    ]
    return Reply(
        _title(words, asset, good), tuple(blocks), footer(words, desk.now(), good), quiet=True
    )


def _title(words: Words, asset: Asset, good: list[Reading[tuple[Holding, ...]]]) -> str:
    top = next((answer.value[0] for answer in good if answer.value), None)
    if top is None:
        return words("No holder of {asset} is known", asset=asset.symbol)
    return words("{name} holds {coins}", name=top.name, coins=words.coins(top.coins, asset.symbol))


async def _held(desk: Desk, asset: Asset, who: str) -> Reading[tuple[Holding, ...]] | ProviderError:
    try:
        return await desk.market.holdings(asset, who)
    except ProviderError as error:
        return error


def _section(
    words: Words, asset: Asset, head: str, answer: Reading[tuple[Holding, ...]] | ProviderError
) -> list[Text | Table]:
    if isinstance(answer, ProviderError):
        return [text(missing(words, head, answer))]
    total, shown = sum(h.coins for h in answer.value), answer.value[:SHOWN]
    rows = tuple(
        (h.name, words.number(h.coins), "–" if h.usd is None else words.money(h.usd)) for h in shown
    )
    heading = words(
        "{head}: {n} known, {coins} together",
        head=head,
        n=len(answer.value),
        coins=words.coins(total, asset.symbol),
    )
    return [text((Strong(heading),)), Table(rows, (), "<>>"), text(_dated(words, answer, shown))]


def _dated(words: Words, answer: Reading[tuple[Holding, ...]], shown: tuple[Holding, ...]) -> str:
    """The oldest date of those shown; without one, when the source was asked."""
    dates = [h.as_of for h in shown if h.as_of is not None]
    if len(dates) < len(shown) or not dates:
        return undated(words, answer)
    return words("As of {day} or later", day=words.long_date(min(dates)))


COMMAND = Command(
    "holdings",
    "/holdings [ASSET]",
    "Coins of governments and companies",
    holdings,
    options=(Option("asset", "BTC or ETH", OptionKind.ASSET),),
    examples=("/holdings",),
    fact="Coins held",
)
