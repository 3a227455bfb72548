"""The live feeds: prices from three venues, forced closes from three."""

from contextlib import suppress

from config.settings import Addresses
from config.watchlist import Asset, Watchlist
from providers import binance_live, bybit_live, coinbase_live, okx_live
from providers.errors import ProviderError
from providers.feed import Feed
from providers.okx import OKX
from providers.okx_contracts import Contracts

LIVE_VENUES = ("Binance", "OKX", "Coinbase")  # whose ticks are the spot price, best first


async def live_feeds(at: Addresses, watchlist: Watchlist, okx: OKX) -> tuple[Feed, ...]:
    """Made when somebody is about to listen: OKX's contract values are asked for first."""
    contracts = Contracts()
    with suppress(ProviderError):  # the documented ones stand; others are counted without a size
        contracts.learn((await okx.contracts()).value)
    return (
        binance_live.spot_feed(at.binance_spot_stream_url, _at(watchlist, "binance")),
        binance_live.futures_feed(at.binance_futures_stream_url, _at(watchlist, "binance_usdm")),
        okx_live.feed(at.okx_stream_url, _at(watchlist, "okx"), contracts),
        bybit_live.feed(at.bybit_stream_url, _at(watchlist, "bybit")),
        coinbase_live.feed(at.coinbase_stream_url, _at(watchlist, "coinbase")),
    )


def _at(watchlist: Watchlist, source: str) -> tuple[Asset, ...]:
    return tuple(a for a in watchlist.assets if a.at(source))
