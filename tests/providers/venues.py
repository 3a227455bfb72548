"""A source that answers from a table, for tests of what adapters ask and understand."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from config.watchlist import Asset
from providers.types import Reading

FETCHED = datetime(2030, 3, 6, 12, 0, 30, tzinfo=UTC)
COIN = Asset(
    "BTC",
    "Bitcoin",
    names={
        "binance": "BTCUSDT",
        "binance_usdm": "BTCUSDT",
        "okx": "BTC-USDT",
        "okx_swap": "BTC-USDT-SWAP",
        "bybit": "BTCUSDT",
        "coinbase": "BTC-USD",
        "kraken": "XBTUSD",
        "bitstamp": "btcusd",
        "deribit": "BTC",
    },
)
UNLISTED = Asset("ZZZ", "Nowhere")


class Scripted:
    """Obeys `Upstream.get`: `answer` is a text, or makes one of path and parameters."""

    name = "scripted"

    def __init__(self, answer: str | Callable[[str, Mapping[str, Any]], str]) -> None:
        self._answer = answer
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def get(self, path, params, parse, *, fresh, keep, as_of=None, **_):
        self.asked.append((path, dict(params)))
        text = self._answer if isinstance(self._answer, str) else self._answer(path, params)
        value = parse(text)
        return Reading(value, self.name, min(as_of(value), FETCHED) if as_of else FETCHED)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
