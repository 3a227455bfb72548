"""/funding [ASSET]: what longs pay shorts, venue by venue, and how much is open."""

import asyncio
from typing import Any

from config.watchlist import Asset
from handlers.arguments import first_asset, no_more
from handlers.command import Command, Option, OptionKind, Request
from handlers.desk import Desk
from handlers.footer import footer
from handlers.missing import missing, silent
from handlers.reply import AnyBlock, Button, Line, Reply, Table, text
from handlers.words import Words
from providers.errors import ProviderError
from providers.types import Funding, OpenInterest, Reading

HOURS_A_YEAR = 24 * 365
EXAMPLE = "/funding btc"


async def funding(request: Request, desk: Desk) -> Reply:
    asset, rest = first_asset(request, desk, example=EXAMPLE)
    no_more(request, rest, example=EXAMPLE)
    words = request.words
    rates, interest = await asyncio.gather(desk.market.funding(asset), _interest(desk, asset))
    open_by_venue = (
        {r.value.venue: r.value for r in interest} if isinstance(interest, tuple) else {}
    )
    blocks: list[AnyBlock] = [
        Table(
            tuple(_row(words, asset, r.value, open_by_venue.get(r.value.venue)) for r in rates),
            (words("Venue"), words("Rate"), words("A year"), words("Open")),
            "<>>>",
        ),
        text(_who_pays(words, [r.value for r in rates]), *_next(words, rates)),
    ]
    if isinstance(interest, ProviderError):
        blocks.append(text(missing(words, words("Open interest"), interest)))
    blocks += silent(words, desk.market, "funding")
    first = rates[0].value
    title = words(
        "{asset} funding {rate} on {venue}",
        asset=asset.symbol,
        rate=words.percent(first.rate * 100, 4),
        venue=first.venue,
    )
    shown: list[Reading[Any]] = [*rates, *(interest if isinstance(interest, tuple) else ())]
    return Reply(
        title,
        tuple(blocks),
        footer(words, desk.now(), shown),
        controls=((Button(words("Refresh"), f"funding {asset.symbol}"),),),
        quiet=True,
    )


async def _interest(desk: Desk, asset: Asset) -> tuple[Reading[OpenInterest], ...] | ProviderError:
    try:
        return await desk.market.open_interest(asset)
    except ProviderError as error:
        return error


def _row(
    words: Words, asset: Asset, rate: Funding, interest: OpenInterest | None
) -> tuple[str, ...]:
    yearly = rate.interval_hours and rate.rate * 100 * HOURS_A_YEAR / rate.interval_hours
    return (
        rate.venue,
        words.percent(rate.rate * 100, 4),
        "–" if yearly is None else words.percent(yearly),
        _open(words, asset, interest),
    )


def _open(words: Words, asset: Asset, interest: OpenInterest | None) -> str:
    """In dollars, or in coins where the venue tells only those."""
    if interest is None:
        return "–"
    if interest.usd is not None:
        return words.money(interest.usd)
    return "–" if interest.coins is None else words.coins(interest.coins, asset.symbol)


def _who_pays(words: Words, rates: list[Funding]) -> str:
    if len(rates) == 1 and rates[0].rate:
        return words("Longs pay shorts.") if rates[0].rate > 0 else words("Shorts pay longs.")
    if all(r.rate > 0 for r in rates):
        return words("Longs pay shorts on every venue shown.")
    if all(r.rate < 0 for r in rates):
        return words("Shorts pay longs on every venue shown.")
    if not any(r.rate for r in rates):
        return words("Nobody pays anybody on the venues shown.")
    return words("The venues differ on who pays whom.")


def _next(words: Words, rates: tuple[Reading[Funding], ...]) -> list[Line]:
    soonest = min((r.value.next_at for r in rates if r.value.next_at), default=None)
    return [words.line("Next payment: {at}", at=words.moment(soonest))] if soonest else []


COMMAND = Command(
    "funding",
    "/funding [ASSET]",
    "Funding and open interest",
    funding,
    options=(Option("asset", "BTC, ETH, SOL …", OptionKind.ASSET),),
    examples=("/funding", EXAMPLE),
    fact="Funding",
)
