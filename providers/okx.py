"""
OKX: prices and candles on spot, open interest and funding on perpetuals. Keyless; 10 to 40 requests per 2 s.

GET /api/v5/market/{ticker,candles}, /api/v5/public/{open-interest,funding-rate,funding-rate-history,instruments},
/api/v5/rubik/stat/contracts/open-interest-history (okx.com/docs-v5). Errors come with HTTP 200 and a code;
every figure is a string, an empty one means unknown.
"""

from datetime import datetime, timedelta
from functools import partial

from config.watchlist import Asset
from providers import candles as bars
from providers.errors import ProviderError
from providers.okx_answers import (
    parse_candles,
    parse_funding,
    parse_fundings,
    parse_instruments,
    parse_open_interest,
    parse_open_interest_history,
    parse_ticker,
)
from providers.okx_contracts import Contract
from providers.okx_live import VENUE
from providers.quote import quoted, symbol_at
from providers.types import Candle, Funding, Interval, OpenInterest, Reading, Ticker
from providers.upstream import Upstream

MOST_CANDLES = 300
HISTORY_ROWS = 100
FUNDING_ROWS = 400  # of three months; older servers give a hundred
HISTORY_PAGES = 15
# Without "utc" a day opens at 16:00 UTC and a week on Sunday.
BARS = {
    Interval.M1: "1m",
    Interval.M15: "15m",
    Interval.H1: "1H",
    Interval.H4: "4H",
    Interval.D1: "1Dutc",
    Interval.W1: "1Wutc",
}


class OKX:
    """Implements Prices, Candles, OpenInterests, Fundings and FundingHistories."""

    name = VENUE

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        asked = {"instId": symbol_at(asset, "okx", VENUE)}
        return await quoted(self._upstream, "/api/v5/market/ticker", asked, parse_ticker)

    async def candles(
        self, asset: Asset, interval: Interval, limit: int
    ) -> Reading[tuple[Candle, ...]]:
        asked: dict[str, str | int] = {
            "instId": symbol_at(asset, "okx", VENUE),
            "bar": BARS[interval],
            "limit": min(limit, MOST_CANDLES),
        }
        return await bars.newest(
            self._upstream, "/api/v5/market/candles", asked, parse_candles, interval.length
        )

    async def open_interest(self, asset: Asset) -> Reading[OpenInterest]:
        return await self._upstream.get(
            "/api/v5/public/open-interest",
            {"instType": "SWAP", "instId": symbol_at(asset, "okx_swap", VENUE)},
            parse_open_interest,
            fresh=timedelta(seconds=30),
            keep=timedelta(minutes=10),
            as_of=lambda interest: interest.at,
        )

    async def open_interest_history(
        self, asset: Asset, since: datetime
    ) -> Reading[tuple[OpenInterest, ...]]:
        """Hourly, a hundred rows in each answer, newest first, back to `since`."""
        symbol = symbol_at(asset, "okx_swap", VENUE)
        reading = await self._past(symbol, None)
        past = list(reading.value)
        for _ in range(HISTORY_PAGES - 1):
            if not past or past[0].at <= since:
                break
            try:
                older = (await self._past(symbol, past[0].at)).value
            except ProviderError:
                break  # what is known tells for itself how far it reaches
            if not older or older[0].at >= past[0].at:
                break
            past = [*(one for one in older if one.at < past[0].at), *past]
        return reading.map(lambda _: tuple(one for one in past if one.at >= since))

    async def funding(self, asset: Asset) -> Reading[Funding]:
        return await self._upstream.get(
            "/api/v5/public/funding-rate",
            {"instId": symbol_at(asset, "okx_swap", VENUE)},
            parse_funding,
            fresh=timedelta(seconds=30),
            keep=timedelta(minutes=10),
            as_of=lambda funding: funding.at,
        )

    async def funding_history(self, asset: Asset, since: datetime) -> Reading[tuple[Funding, ...]]:
        reading = await self._upstream.get(
            "/api/v5/public/funding-rate-history",
            {"instId": symbol_at(asset, "okx_swap", VENUE), "limit": FUNDING_ROWS},
            parse_fundings,
            fresh=timedelta(minutes=30),
            keep=timedelta(hours=12),
        )
        return reading.map(lambda past: tuple(one for one in past if one.at >= since))

    async def contracts(self) -> Reading[dict[str, Contract]]:
        """What each perpetual's contract is worth, for the live feed's `Contracts.learn`."""
        return await self._upstream.get(
            "/api/v5/public/instruments",
            {"instType": "SWAP"},
            parse_instruments,
            fresh=timedelta(hours=6),
            keep=timedelta(days=7),
        )

    async def _past(
        self, symbol: str, before: datetime | None
    ) -> Reading[tuple[OpenInterest, ...]]:
        end = int(before.timestamp() * 1000) if before is not None else None
        params: dict[str, str | int] = {"instId": symbol, "period": "1H", "limit": HISTORY_ROWS}
        return await self._upstream.get(
            "/api/v5/rubik/stat/contracts/open-interest-history",
            params if end is None else params | {"end": end},
            partial(parse_open_interest_history, symbol),
            fresh=timedelta(minutes=5) if end is None else timedelta(days=1),
            keep=timedelta(hours=1) if end is None else timedelta(days=2),
        )
