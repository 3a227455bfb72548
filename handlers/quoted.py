"""The price in the currency a chat reads, beside the dollars that everything else is told in."""

import asyncio

from config.watchlist import Asset
from handlers.reply import Line
from handlers.words import DOLLAR, Words
from providers.errors import ProviderError, UnknownSymbol
from providers.market import Market

CURRENCIES = (DOLLAR, "EUR", "GBP", "CHF", "CAD", "AUD", "JPY")
PATIENCE = 2.0  # seconds; no message waits longer for its second currency


async def quoted(
    words: Words, market: Market, asset: Asset, *, patience: float = PATIENCE
) -> Line | None:
    """
    What a venue asks in the chat's own currency, with the venue and the time; None where dollars are all it reads.
    It is a price of that market and no conversion, so it may differ by what the venues differ.
    """
    currency = words.currency
    if currency == DOLLAR:
        return None
    try:
        async with asyncio.timeout(patience):
            told = await market.price_in(asset, currency)
    except UnknownSymbol:
        return (
            words(
                "In {currency}: no venue I ask trades {asset} for it, so dollars only",
                currency=currency,
                asset=asset.symbol,
            ),
        )
    except (ProviderError, TimeoutError):
        return (words("In {currency}: no price right now, so dollars only", currency=currency),)
    return words.line(
        "In {currency}: {price} ({source}, {time})",
        currency=currency,
        price=words.price_in(told.value.last, currency),
        source=told.source,
        time=words.moment(told.as_of),
    )
