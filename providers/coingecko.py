"""
CoinGecko: coins held by governments and companies, and the market as a whole; keyless, better with a Demo key.

GET /{governments|companies}/public_treasury/{coin} and /global on api.coingecko.com/api/v3; key in x-cg-demo-api-key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from config.watchlist import Asset
from providers.errors import (
    PlanNeeded,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.payload import (
    decoded,
    figure,
    milliseconds,
    moment,
    moment_ms,
    most,
    number,
    rows,
    table,
    understood,
)
from providers.types import Holding, Reading
from providers.upstream import Upstream

NAME = "coingecko"
HOLDINGS_FRESH = timedelta(hours=12)
HOLDINGS_KEEP = timedelta(days=7)
GLOBAL_FRESH = timedelta(minutes=15)
GLOBAL_KEEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WholeMarket:
    """`dominance` in percent of the total capitalization by coin symbol (upper case)."""

    cap_usd: float
    dominance: tuple[tuple[str, float], ...]
    at: datetime


class CoinGecko:
    """Holdings, and the whole market."""

    name = "CoinGecko"

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def holdings(self, asset: Asset, who: str) -> Reading[tuple[Holding, ...]]:
        coin = asset.at(NAME)
        if coin is None or who not in ("governments", "companies"):
            raise UnknownSymbol(NAME, f"no {who} for {asset.symbol}")
        return await self._upstream.get(
            f"/{who}/public_treasury/{coin}",
            {},
            parse_holdings,
            fresh=HOLDINGS_FRESH,
            keep=HOLDINGS_KEEP,
        )

    async def whole_market(self) -> Reading[WholeMarket]:
        """Total capitalization and who has which part of it."""
        return await self._upstream.get(
            "/global",
            {},
            parse_global,
            fresh=GLOBAL_FRESH,
            keep=GLOBAL_KEEP,
            as_of=lambda market: market.at,
        )


def parse_holdings(text: str) -> tuple[Holding, ...]:
    """
    A list of holders, one entity, its transactions or its chart; largest (of one holder over time: newest) first. A row
    without a figure is left out.
    """
    body = _body(text)
    if "transactions" in body:
        return tuple(most(rows(body["transactions"]), _after))
    if "holdings" in body:
        return _of_one(body)
    listed = body["governments"] if "governments" in body else body["companies"]
    held = most(rows(listed), _holder)
    return tuple(sorted(held, key=lambda holding: holding.coins, reverse=True))


def parse_global(text: str) -> WholeMarket:
    data = table(_body(text)["data"])
    shares = table(data["market_cap_percentage"])
    return WholeMarket(
        cap_usd=figure(table(data["total_market_cap"])["usd"]),
        dominance=tuple((coin.upper(), figure(share)) for coin, share in shares.items()),
        at=moment(data["updated_at"]),
    )


def refusal(status: int, headers: Mapping[str, str], text: str) -> ProviderError | None:
    """Errors come as {"status": {"error_code", "error_message"}} or {"error": words}."""
    try:
        body = decoded(text)
    except ValueError:
        return None
    return _error(body, status, headers) if isinstance(body, dict) else None


def _error(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> ProviderError | None:
    said = body.get("status")
    said = said if isinstance(said, dict) else {}
    code = said.get("error_code") or (status if status >= 400 else None)
    words = str(said.get("error_message") or body.get("error") or "")[:200]
    if not code and not words:
        return None
    if code == 429:
        wait = (headers or {}).get("retry-after", "60")
        seconds = int(wait) if wait.isdigit() else 60
        return RateLimited(NAME, words, retry_after=timedelta(seconds=seconds))
    if code == 10005:
        return PlanNeeded(NAME, words)
    if code == 404 or "not found" in words.lower():
        return UnknownSymbol(NAME, words)
    return (Unavailable if isinstance(code, int) and 500 <= code < 600 else Refused)(NAME, words)


def _body(text: str) -> dict[str, Any]:
    body = table(decoded(text))
    error = _error(body)
    if error is not None:
        raise error
    return body


def _known(usd: object) -> float | None:
    """0.0 stands for unknown: nobody holds coins that are worth nothing."""
    return number(usd) or None


def _holder(row: Mapping[str, Any]) -> Holding:
    return Holding(
        name=str(row["name"]).strip(),
        coins=figure(row["total_holdings"]),
        usd=_known(row.get("total_current_value_usd")),
        country=str(row["country"]) if row.get("country") else None,
    )


def _of_one(body: Mapping[str, Any]) -> tuple[Holding, ...]:
    """What one entity holds of each coin, or a chart: points of one coin, which names neither."""
    held = body["holdings"]
    if "name" in body or not isinstance(held, list):
        return tuple(most(rows(held), partial(_of_entity, body)))
    worth = dict(most(body.get("holding_value_in_usd") or [], _point))
    points = sorted(most(held, _point))
    while points and not points[-1][1]:
        points.pop()  # the newest points read 0.0 until they are filled in
    return tuple(
        Holding("", coins, _known(worth.get(at)), moment_ms(at).date())
        for at, coins in reversed(points)
    )


def _point(pair: Sequence[object]) -> tuple[int, float]:
    at, value = pair
    return milliseconds(at), figure(value)


def _of_entity(entity: Mapping[str, Any], row: Mapping[str, Any]) -> Holding:
    country = entity.get("country")
    return Holding(
        name=str(entity["name"]).strip(),
        coins=figure(row["amount"]),
        usd=_known(row.get("current_value_usd")),
        country=str(country) if country else None,
    )


def _after(row: Mapping[str, Any]) -> Holding:
    """What was held after one transaction; the answer names the coin, not the holder."""
    return Holding(
        name="", coins=figure(row["holding_balance"]), as_of=moment_ms(row["date"]).date()
    )


READS: dict[str, Callable[[str], Sequence[object]]] = {
    "holding": understood(NAME, parse_holdings),
    "market": understood(NAME, lambda text: (parse_global(text),)),
}
