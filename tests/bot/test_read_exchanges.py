"""What `read` prints for the forms in which exchanges tell their facts."""

import json
from typing import Any

import pytest

from bot.read import answer

AT = 1898985600000  # 2030-03-06 00:00 UTC
HOUR = 3_600_000


def said(source: str, kind: str, body: object) -> Any:
    """What is printed; a refusal is an object, facts are a list."""
    text = body if isinstance(body, str) else json.dumps(body)
    return json.loads(answer(source, kind, text.encode())[0])


def told(source: str, kind: str, body: object, *keys: str) -> list[Any]:
    """Of each fact what it says under these keys; one key alone is not wrapped."""
    items = said(source, kind, body)
    assert isinstance(items, list), items
    return [item[keys[0]] if len(keys) == 1 else tuple(item[k] for k in keys) for item in items]


def bybit(*rows: object, category: str = "linear", symbol: str = "BTCUSDT") -> dict[str, object]:
    result = {"category": category, "symbol": symbol, "list": list(rows)}
    return {"retCode": 0, "retMsg": "OK", "result": result, "time": AT}


@pytest.mark.parametrize("symbol", ["BTCUSD", "BTCUSDU26", "BTCUSDZ30"])
def test_contracts_settled_in_coins_are_counted_in_dollars_whether_they_end_or_not(symbol: str):
    forced = {"T": AT, "s": symbol, "S": "Buy", "v": "20000", "p": "80000"}
    frame = {"topic": f"allLiquidation.{symbol}", "ts": AT, "data": [forced]}
    live = {
        "symbol": symbol,
        "lastPrice": "80000",
        "openInterest": "40000",
        "openInterestValue": "0.5",
    }
    bar = {"start": AT, "interval": "60", "open": "9", "high": "9", "low": "9", "close": "9"}
    bar |= {"volume": "500000", "turnover": "6.1", "confirm": False}

    closed = told("bybit", "liquidation", frame, "asset", "quantity", "usd")
    ticker = {"topic": f"tickers.{symbol}", "ts": AT, "data": live}
    volume = told("bybit", "candle", {"topic": f"kline.60.{symbol}", "data": [bar]}, "volume")

    assert closed == [("BTC", 0.25, 20000)]
    assert told("bybit", "open_interest", ticker, "coins", "usd") == [(0.25, 20000)]
    assert volume == [6.1]


def test_the_category_says_what_bybit_counts_in():
    row = {"symbol": "XYZ", "lastPrice": "2", "openInterest": "40", "openInterestValue": "80"}

    linear = told("bybit", "open_interest", bybit(row, category="linear"), "coins", "usd")
    inverse = told("bybit", "open_interest", bybit(row, category="inverse"), "coins", "usd")

    assert (linear, inverse) == ([(20, 40)], [(40, 20)])
