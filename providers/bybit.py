"""
Bybit: prices and candles on spot, open interest and funding on linear perpetuals. Keyless; 600 requests per 5 s.

GET /v5/market/{tickers,kline,open-interest} (bybit-exchange.github.io/docs/v5/market). Errors come with
HTTP 200 and a retCode. Lists are newest first, the day's change is a fraction, and open interest counts
both sides of every contract: ours is half of it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from config.watchlist import Asset
from providers import candles as bars
from providers.bybit_answers import (
    parse_candles,
    parse_funding,
    parse_open_interest,
    parse_open_interest_page,
    parse_ticker,
)
from providers.bybit_live import VENUE
from providers.errors import ProviderError
from providers.payload import epoch_ms
from providers.quote import quoted, symbol_at
from providers.types import Candle, Funding, Interval, OpenInterest, Reading, Ticker
from providers.upstream import Upstream

T = TypeVar("T")
MOST_CANDLES = 1000
HISTORY_ROWS = 200
HISTORY_PAGES = 8
BARS = {
    Interval.M1: "1",
    Interval.M15: "15",
    Interval.H1: "60",
    Interval.H4: "240",
    Interval.D1: "D",
    Interval.W1: "W",
}


class Bybit:
    """Implements Prices, Candles, OpenInterests and Fundings."""

    name = VENUE

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        asked = {"category": "spot", "symbol": symbol_at(asset, "bybit", VENUE)}
        return await quoted(self._upstream, "/v5/market/tickers", asked, parse_ticker)

    async def candles(
        self, asset: Asset, interval: Interval, limit: int
    ) -> Reading[tuple[Candle, ...]]:
        asked: dict[str, str | int] = {
            "category": "spot",
            "symbol": symbol_at(asset, "bybit", VENUE),
            "interval": BARS[interval],
            "limit": min(limit, MOST_CANDLES),
        }
        parse = partial(parse_candles, length=interval.length)
        latest = await bars.newest(
            self._upstream, "/v5/market/kline", asked, parse, interval.length
        )

        async def before(opened_at: datetime) -> Reading[tuple[Candle, ...]]:
            return await self._upstream.get(
                "/v5/market/kline",
                asked | {"end": epoch_ms(opened_at) - 1},
                parse,
                fresh=bars.PAST,
                keep=bars.PAST,
            )

        return await bars.paged(latest, limit, MOST_CANDLES, before)

    async def open_interest(self, asset: Asset) -> Reading[OpenInterest]:
        return await self._perpetual(asset, parse_open_interest, lambda interest: interest.at)

    async def open_interest_history(
        self, asset: Asset, since: datetime
    ) -> Reading[tuple[OpenInterest, ...]]:
        """Hourly, in coins; two hundred rows in each answer, newest first, back to `since`."""
        symbol = symbol_at(asset, "bybit", VENUE)
        page = await self._past(symbol, "")
        past, cursor = list(page.value[0]), page.value[1]
        for _ in range(HISTORY_PAGES - 1):
            if not cursor or not past or past[0].at <= since:
                break
            try:
                older, cursor = (await self._past(symbol, cursor)).value
            except ProviderError:
                break  # what is known tells for itself how far it reaches
            past = [*older, *past]
        return page.map(lambda _: tuple(one for one in past if one.at >= since))

    async def funding(self, asset: Asset) -> Reading[Funding]:
        return await self._perpetual(asset, parse_funding, lambda funding: funding.at)

    async def _perpetual(
        self, asset: Asset, parse: Callable[[str], T], as_of: Callable[[T], datetime]
    ) -> Reading[T]:
        return await self._upstream.get(
            "/v5/market/tickers",
            {"category": "linear", "symbol": symbol_at(asset, "bybit", VENUE)},
            parse,
            fresh=timedelta(seconds=30),
            keep=timedelta(minutes=10),
            as_of=as_of,
        )

    async def _past(
        self, symbol: str, cursor: str
    ) -> Reading[tuple[tuple[OpenInterest, ...], str]]:
        params: dict[str, str | int] = {
            "category": "linear",
            "symbol": symbol,
            "intervalTime": "1h",
            "limit": HISTORY_ROWS,
        }
        return await self._upstream.get(
            "/v5/market/open-interest",
            params | {"cursor": cursor} if cursor else params,
            parse_open_interest_page,
            fresh=timedelta(minutes=5),
            keep=timedelta(hours=1),
        )
