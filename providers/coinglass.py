"""
Coinglass v4: liquidations, fund flows, max pain and sentiment; a paid key is needed (header CG-API-KEY).

GET https://open-api-v4.coinglass.com/api/…, 30 requests a minute on the smallest plan. Errors come with HTTP 200 and a
code in the body; docs.coinglass.com. Lists by exchange and max pain carry no time of their own and are told as of when
they were fetched, histories as of the end of their newest bar. What it says of funding and open interest is the
exchanges' own, at second hand: `read` understands it, and nobody asks for it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta

from config.watchlist import Asset
from providers import coinglass_answers as answers
from providers import coinglass_liquidations as liquidations
from providers.coinglass_envelope import NAME, Plan, refusal
from providers.errors import Unavailable, UnknownSymbol
from providers.flow_days import honest
from providers.types import (
    NEVER,
    FlowDay,
    LiquidationTotal,
    MaxPain,
    Reading,
    Sentiment,
)
from providers.upstream import Upstream

__all__ = ["READS", "Coinglass", "Plan", "refusal"]

FRESH = timedelta(minutes=1)
KEEP = timedelta(hours=1)
FLOWS_FRESH = timedelta(minutes=3)
FLOWS_KEEP = timedelta(days=2)
SENTIMENT_FRESH = timedelta(hours=1)
EXCHANGES = ("Binance", "OKX", "Bybit")  # the same three that we count ourselves
MOST_ROWS = 1000
FOUR_HOURS = timedelta(hours=4)

_RANGES = {timedelta(hours=hours): f"{hours}h" for hours in (1, 4, 12, 24)}
_FUNDS = {
    "BTC": "bitcoin",
    "ETH": "ethereum",
    "SOL": "solana",
    "XRP": "xrp",
    "HYPE": "hype",
}


class Coinglass:
    """LiquidationTotals, Flows, MaxPains and Sentiments."""

    name = "Coinglass"

    def __init__(self, upstream: Upstream, now: Callable[[], datetime]) -> None:
        self._upstream = upstream
        self._now = now

    async def totals(
        self, asset: Asset | None, window: timedelta
    ) -> Reading[tuple[LiquidationTotal, ...]]:
        """
        Up to a day: all venues (first, venue None) and each by itself. Longer: the sum over three named venues,
        of one asset.
        """
        if window in _RANGES:
            return await self._by_venue(asset, window)
        if asset is None:
            raise UnknownSymbol(NAME, "totals of all coins reach back one day")
        return await self._summed(asset, window)

    async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        coin = _FUNDS.get(asset.symbol)
        if coin is None:
            raise UnknownSymbol(NAME, f"no funds for {asset.symbol}")
        now = self._now()
        answer = await self._upstream.get(
            f"/api/etf/{coin}/flow-history",
            {},
            answers.parse_flows,
            fresh=FLOWS_FRESH,
            keep=FLOWS_KEEP,
        )
        return answer.map(lambda days: honest(days, now))

    async def sentiment(self) -> Reading[tuple[Sentiment, ...]]:
        return await self._upstream.get(
            "/api/index/fear-greed-history",
            {},
            answers.parse_sentiment,
            fresh=SENTIMENT_FRESH,
            keep=timedelta(days=3),
            as_of=lambda days: _told(datetime.combine(d.date, time(), UTC) for d in days),
        )

    async def max_pain(self, asset: Asset) -> Reading[tuple[MaxPain, ...]]:
        """Deribit's expiries."""
        return await self._upstream.get(
            "/api/option/max-pain",
            {"symbol": _symbol(asset), "exchange": "Deribit"},
            answers.parse_max_pain,
            fresh=timedelta(minutes=15),
            keep=timedelta(days=1),
        )

    async def _by_venue(
        self, asset: Asset | None, window: timedelta
    ) -> Reading[tuple[LiquidationTotal, ...]]:
        symbol = _symbol(asset) if asset else None
        params: dict[str, str | int | float | bool | None] = {"range": _RANGES[window]}
        if symbol is not None:
            params["symbol"] = symbol
        answer = await self._upstream.get(
            "/api/futures/liquidation/exchange-list",
            params,
            liquidations.parse_totals,
            fresh=FRESH,
            keep=KEEP,
        )
        return answer.map(
            lambda rows: tuple(
                LiquidationTotal(symbol, row.venue, window, None, row.long_usd, row.short_usd)
                for row in rows
            )
        )

    async def _summed(
        self, asset: Asset, window: timedelta
    ) -> Reading[tuple[LiquidationTotal, ...]]:
        """Four-hour bars: the finest that every plan has."""
        answer = await self._upstream.get(
            "/api/futures/liquidation/aggregated-history",
            {
                "exchange_list": ",".join(EXCHANGES),
                "symbol": _symbol(asset),
                "interval": "4h",
                "limit": min(int(window / FOUR_HOURS) + 1, MOST_ROWS),
            },
            liquidations.parse_totals,
            fresh=timedelta(minutes=5),
            keep=timedelta(hours=12),
            as_of=lambda rows: _told((r.opened_at for r in rows if r.opened_at), FOUR_HOURS),
        )
        since = answer.as_of - window
        bars = [row for row in answer.value if row.opened_at and row.opened_at >= since]
        if not bars:
            raise Unavailable(NAME, "no liquidations in this window")
        whole = LiquidationTotal(
            asset=asset.symbol,
            venue=", ".join(EXCHANGES),
            window=window,
            opened_at=min(row.opened_at for row in bars if row.opened_at),
            long_usd=sum(row.long_usd for row in bars),
            short_usd=sum(row.short_usd for row in bars),
        )
        return answer.map(lambda _: (whole,))


def _told(times: Iterable[datetime], length: timedelta = timedelta(0)) -> datetime:
    """The end of the newest; without any the time of asking, which is sooner than the end of time."""
    return max((at + length for at in times), default=NEVER)


def _symbol(asset: Asset) -> str:
    symbol = asset.at(NAME)
    if symbol is None:
        raise UnknownSymbol(NAME, f"{asset.symbol} is not listed")
    return symbol


READS = answers.READS
