"""
Coinglass v4: liquidations, fund flows, positioning and sentiment; a paid key is needed (header CG-API-KEY).

GET https://open-api-v4.coinglass.com/api/…, 30 requests a minute on the smallest plan. Errors come with HTTP 200 and a
code in the body; docs.coinglass.com. Lists by exchange, the running funding and max pain carry no time of their own
and are told as of when they were fetched, histories as of the end of their newest bar.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta

from config.watchlist import Asset
from providers import coinglass_answers as answers
from providers import coinglass_liquidations as liquidations
from providers.coinglass_envelope import NAME, Plan, refusal
from providers.errors import PlanNeeded, Unavailable, UnknownSymbol
from providers.flow_days import honest
from providers.trading_days import closes_at
from providers.types import (
    NEVER,
    FlowDay,
    Funding,
    LiquidationTotal,
    OpenInterest,
    Reading,
    Sentiment,
)
from providers.upstream import Upstream

__all__ = ["READS", "Coinglass", "refusal"]

FRESH = timedelta(minutes=1)
KEEP = timedelta(hours=1)
FLOWS_FRESH = timedelta(minutes=3)
FLOWS_KEEP = timedelta(days=2)
SENTIMENT_FRESH = timedelta(hours=1)
EXCHANGES = ("Binance", "OKX", "Bybit")  # the same three that we count ourselves
MOST_ROWS = 1000
FOUR_HOURS = timedelta(hours=4)
HOUR = timedelta(hours=1)

_RANGES = {timedelta(hours=hours): f"{hours}h" for hours in (1, 4, 12, 24)}
_FUNDS = {
    "BTC": "bitcoin",
    "ETH": "ethereum",
    "SOL": "solana",
    "XRP": "xrp",
    "HYPE": "hype",
}


class Coinglass:
    """LiquidationTotals, Flows, OpenInterests, Fundings and Sentiments, as far as the plan goes."""

    name = "Coinglass"

    def __init__(
        self, upstream: Upstream, now: Callable[[], datetime], plan: str = "hobbyist"
    ) -> None:
        """Raises ValueError for a plan that Coinglass does not sell."""
        self._upstream = upstream
        self._now = now
        self._plan = Plan(plan.lower())

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

    async def open_interest(self, asset: Asset) -> Reading[OpenInterest]:
        """Over all venues."""
        answer = await self._upstream.get(
            "/api/futures/open-interest/exchange-list",
            {"symbol": _symbol(asset)},
            answers.parse_open_interest,
            fresh=FRESH,
            keep=KEEP,
        )
        whole = next((row for row in answer.value if row.venue is None), None)
        if whole is None:
            raise Unavailable(NAME, "no total over all venues")
        symbol = whole.symbol or asset.symbol
        return answer.map(
            lambda _: OpenInterest("all venues", symbol, whole.coins, whole.usd, answer.as_of)
        )

    async def open_interest_history(
        self, asset: Asset, since: datetime
    ) -> Reading[tuple[OpenInterest, ...]]:
        if not self._plan.allows(HOUR):
            raise PlanNeeded(NAME, f"hourly open interest is not in the plan {self._plan.value}")
        hours = int((self._now() - since) / HOUR) + 1
        answer = await self._upstream.get(
            "/api/futures/open-interest/aggregated-history",
            {"symbol": _symbol(asset), "interval": "1h", "limit": min(hours, MOST_ROWS)},
            answers.parse_open_interest_history,
            fresh=timedelta(minutes=10),
            keep=KEEP,
            as_of=lambda points: _told((at for at, _ in points), HOUR),
        )
        return answer.map(
            lambda points: tuple(
                OpenInterest("all venues", asset.symbol, None, usd, at)
                for at, usd in points
                if at >= since
            )
        )

    async def funding(self, asset: Asset) -> Reading[Funding]:
        """Binance's USDT-margined perpetual, as Coinglass sees it."""
        answer = await self._upstream.get(
            "/api/futures/funding-rate/exchange-list",
            {"symbol": _symbol(asset)},
            answers.parse_funding,
            fresh=FRESH,
            keep=KEEP,
        )
        found = next((f for f in answer.value if f.venue == "binance"), None)
        if found is None:
            raise UnknownSymbol(NAME, f"no funding for {asset.symbol}")
        return answer.map(lambda _: found)

    async def sentiment(self) -> Reading[tuple[Sentiment, ...]]:
        return await self._upstream.get(
            "/api/index/fear-greed-history",
            {},
            answers.parse_sentiment,
            fresh=SENTIMENT_FRESH,
            keep=timedelta(days=3),
            as_of=lambda days: _told(datetime.combine(d.date, time(), UTC) for d in days),
        )

    async def max_pain(self, asset: Asset) -> Reading[tuple[answers.MaxPain, ...]]:
        """Deribit's expiries, as published; soonest first."""
        return await self._upstream.get(
            "/api/option/max-pain",
            {"symbol": _symbol(asset), "exchange": "Deribit"},
            answers.parse_max_pain,
            fresh=timedelta(minutes=15),
            keep=timedelta(days=1),
        )

    async def net_assets(self, asset: Asset) -> Reading[tuple[answers.NetAssets, ...]]:
        """What all funds hold together, by trade date, oldest first."""
        coin = _FUNDS.get(asset.symbol)
        if coin is None:
            raise UnknownSymbol(NAME, f"no funds for {asset.symbol}")
        return await self._upstream.get(
            f"/api/etf/{coin}/net-assets/history",
            {},
            answers.parse_net_assets,
            fresh=timedelta(hours=1),
            keep=FLOWS_KEEP,
            as_of=lambda days: _told(closes_at(day.trade_date) for day in days),
        )

    async def long_short(self, asset: Asset) -> Reading[tuple[answers.LongShort, ...]]:
        """Accounts on Binance by side, every four hours for a week; oldest first."""
        pair = asset.at("binance_usdm")
        if pair is None:
            raise UnknownSymbol(NAME, f"no pair for {asset.symbol}")
        return await self._upstream.get(
            "/api/futures/global-long-short-account-ratio/history",
            {"exchange": "Binance", "symbol": pair, "interval": "4h", "limit": 42},
            answers.parse_long_short,
            fresh=timedelta(minutes=15),
            keep=timedelta(days=1),
            as_of=lambda points: _told(point.at for point in points),
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
