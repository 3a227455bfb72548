"""/maxpain [ASSET]: per option expiry, the strike at which holders get the least."""

from handlers.arguments import first_asset, no_more
from handlers.command import Command, Option, OptionKind, Request
from handlers.desk import Desk
from handlers.facts.derivatives import expiries_ahead
from handlers.footer import footer
from handlers.reply import Button, Reply, Table, text

SHOWN = 8
EXAMPLE = "/maxpain btc"


async def maxpain(request: Request, desk: Desk) -> Reply:
    asset, rest = first_asset(request, desk, example=EXAMPLE)
    no_more(request, rest, example=EXAMPLE)
    words = request.words
    reading = await expiries_ahead(desk.market, asset, desk.now())
    coming = reading.value
    largest = sorted(coming, key=lambda e: e.calls_oi + e.puts_oi, reverse=True)[:SHOWN]
    rows = tuple(
        (
            words.long_date(e.expiry),
            words.price(e.max_pain),
            "–" if e.put_call is None else words.number(e.put_call, 2),
            words.number(e.calls_oi + e.puts_oi),
        )
        for e in sorted(largest, key=lambda e: e.expiry)
    )
    biggest = largest[0] if largest else None
    title = (
        words("{asset}: no options are listed", asset=asset.symbol)
        if biggest is None
        else words(
            "{asset} max pain {price} for {date}",
            asset=asset.symbol,
            price=words.price(biggest.max_pain),
            date=words.long_date(biggest.expiry),
        )
    )
    head = (words("Expiry"), words("Max pain"), words("Put/call"), words("Open, coins"))
    note = words(
        "Max pain belongs to one expiry each; there is none for all of them together. The title names the largest."
    )
    return Reply(
        title,
        (Table(rows, head, "<>>>"), text(note)) if rows else (),
        footer(words, desk.now(), [reading]),
        controls=((Button(words("Refresh"), f"maxpain {asset.symbol}"),),),
        quiet=True,
    )


COMMAND = Command(
    "maxpain",
    "/maxpain [ASSET]",
    "Options: max pain and put/call per expiry",
    maxpain,
    options=(Option("asset", "BTC or ETH", OptionKind.ASSET),),
    examples=("/maxpain", "/maxpain eth"),
    aliases=("options",),
    fact="Options",
)
