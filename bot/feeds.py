"""The live feeds: prices from three venues, forced closes from three."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from config.settings import Addresses
from config.watchlist import Asset, Watchlist
from providers import binance_live, bybit_live, coinbase_live, okx_live
from providers.errors import ProviderError
from providers.feed import Feed
from providers.okx import OKX
from providers.okx_contracts import Contracts

LIVE_VENUES = ("Binance", "OKX", "Coinbase")  # whose ticks are the spot price, best first
COUNTED_VENUES = ("Binance", "OKX", "Bybit")  # whose forced closes are counted
LISTED = timedelta(hours=1)  # a coin listed meanwhile is counted without a size until then
UNKNOWN = timedelta(minutes=1)  # and so are most of them while nobody told their values


async def live_feeds(
    at: Addresses, watchlist: Watchlist, okx: OKX, contracts: Contracts
) -> tuple[Feed, ...]:
    """Made when somebody is about to listen: OKX's contract values are asked for first."""
    await learn(okx, contracts)
    return (
        binance_live.spot_feed(at.binance_spot_stream_url, _at(watchlist, "binance")),
        binance_live.futures_feed(at.binance_futures_stream_url, _at(watchlist, "binance_usdm")),
        okx_live.feed(at.okx_stream_url, _at(watchlist, "okx"), contracts),
        bybit_live.feed(at.bybit_stream_url, _at(watchlist, "bybit")),
        coinbase_live.feed(at.coinbase_stream_url, _at(watchlist, "coinbase")),
    )


async def learn(okx: OKX, contracts: Contracts) -> timedelta:
    """What OKX's contracts are worth, and when to ask again. Without an answer what is known stands."""
    try:
        contracts.learn((await okx.contracts()).value)
    except ProviderError:
        return UNKNOWN
    return LISTED


async def keep_learning(
    okx: OKX, contracts: Contracts, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Never returns by itself."""
    while True:
        wait = await learn(okx, contracts)
        await sleep(wait.total_seconds())


def _at(watchlist: Watchlist, source: str) -> tuple[Asset, ...]:
    return tuple(a for a in watchlist.assets if a.at(source))
