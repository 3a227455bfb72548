"""What `read` prints for the forms in which exchanges tell their facts."""

import json
from itertools import pairwise
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
    unnamed = bybit(row | {"symbol": "XYZUSDU26"}, category="")

    assert (linear, inverse) == ([(20, 40)], [(40, 20)])
    assert told("bybit", "open_interest", unnamed, "coins", "usd") == [(40, 20)]


def kline(symbol: str, volume: str, quoted: str) -> dict[str, object]:
    bar = {"t": AT, "s": symbol, "i": "1h", "o": "60000", "h": "60100", "l": "59900", "c": "60000"}
    return {"e": "kline", "s": symbol, "k": bar | {"v": volume, "q": quoted, "x": True}}


def klines(*rows: tuple[int, int, str, str]) -> list[list[object]]:
    """Opening time, length, volume and what was paid."""
    prices = ["60000", "60100", "59900", "60000"]
    return [[at, *prices, v, at + length - 1, q, 1, "0", "0", "0"] for at, length, v, q in rows]


def test_the_volume_of_a_bar_is_in_coins_whatever_binance_counts_in():
    coins = [(AT, HOUR, "0", "0"), (AT + HOUR, HOUR, "12345", "20.575")]
    dollars = [(AT, HOUR, "20.575", "1234500"), (AT + HOUR, HOUR, "0", "0")]
    small = [(AT, HOUR, "12345", "2.0575")]  # contracts of ten dollars

    assert told("binance", "candle", kline("BTCUSD_PERP", "12345", "20.575"), "volume") == [20.575]
    assert told("binance", "candle", kline("BTCUSDT", "20.575", "1234500"), "volume") == [20.575]
    assert told("binance", "candle", klines(*coins), "volume") == [0, 20.575]
    assert told("binance", "candle", klines(*dollars), "volume") == [20.575, 0]
    assert told("binance", "candle", klines(*small), "volume") == [2.0575]
    of_ten_dollars = [[AT, "10", "10", "10", "10", "50", AT + HOUR - 1, "500", 1, "0", "0", "0"]]
    assert told("binance", "candle", of_ten_dollars, "volume") == [50]


@pytest.mark.parametrize(
    ("symbol", "asset"),
    [("BNBUSD_PERP", "BNB"), ("SHIBUSD_PERP", "SHIB"), ("BTCUSD_260327", "BTC"),
     ("ETHUSDT_260327", "ETH"), ("BNBUSDT", "BNB"), ("BTCBUSD", "BTC")],
)  # fmt: skip
def test_a_coin_whose_name_ends_in_b_keeps_it(symbol: str, asset: str):
    order = {"s": symbol, "S": "SELL", "ap": "80", "z": "3", "T": AT}

    assert told("binance", "liquidation", {"e": "forceOrder", "o": order}, "asset") == [asset]


def okx(*rows: object, **more: object) -> dict[str, object]:
    return {"code": "0", "msg": "", "data": list(rows)} | more


MONTHS = [1893456000000, 1896134400000, 1898553600000, 1901232000000]  # January to April 2030


def test_a_month_is_neither_a_minute_nor_four_weeks():
    whole = [[str(at), "1", "2", "1", "2", "5", "6"] for at in MONTHS[:3]]
    binance = klines(*((a, b - a, "1", "60000") for a, b in pairwise(MONTHS)))
    channels = {"candle1M": "1M", "candle1Mutc": "1M", "candle3Mutc": "3M", "candle1m": "1m"}
    channels |= {"candle1Dutc": "1d", "candle4H": "4h", "mark-price-candle1m": "1m"}
    row = [str(AT), "1", "2", "1", "2", "5", "5", "5", "1"]
    frames = [okx(row, arg={"channel": name, "instId": "BTC-USDT"}) for name in channels]

    assert set(told("bybit", "candle", bybit(*whole), "interval")) == {"1M"}
    assert set(told("binance", "candle", binance, "interval")) == {"1M"}
    assert [told("okx", "candle", f, "interval")[0] for f in frames] == list(channels.values())


def test_a_month_runs_until_its_last_day():
    """Asked on the 30th of March, after a February of 28 days."""
    rows = [[str(at), "1", "2", "1", "2", "5", "6"] for at in MONTHS[1:3]]
    on_the_30th = bybit(*rows) | {"time": MONTHS[3] - 36 * HOUR}

    assert told("bybit", "candle", on_the_30th, "closed") == [True, False]


def test_one_bar_alone_tells_its_length_where_it_tells_its_end():
    assert told("binance", "candle", klines((AT, 168 * HOUR, "1", "60000")), "interval") == ["1w"]
    assert told("binance", "candle", klines((AT, 0, "1", "60000")), "interval") == [None]


def test_past_open_interest_of_okx_comes_without_names():
    rows = [[str(AT + HOUR), "3000000", "30000", "2460000000"], [str(AT), "1", "2", "3"]]

    items = told("okx", "open_interest", okx(*rows), "symbol", "coins", "usd", "at")

    assert items == [
        (None, 2, 3, "2030-03-06T00:00:00Z"),
        (None, 30000, 2460000000, "2030-03-06T01:00:00Z"),
    ]


def test_the_day_of_coinbase_tells_a_price_and_a_change_at_no_time():
    day = {"open": "70000", "high": "74000", "low": "69000", "last": "73500", "volume": "1"}

    assert told("coinbase", "ticker", day, "last", "change_24h_pct", "bid", "as_of") == [
        (73500, 5, None, None)
    ]
    assert said("coinbase", "ticker", day | {"last": ""})["error"] == "bad_payload"


NOBODY: list[tuple[str, dict[str, object]]] = [
    ("binance", {"e": "24hrTicker", "E": AT, "s": "BTCUSDT", "c": "60000", "P": "1", "h": "2", "l": "1",
                 "b": "0.00000000", "a": "0.00000000"}),
    ("binance", {"symbol": "BTCUSDT", "lastPrice": "60000", "priceChangePercent": "1", "highPrice": "2",
                 "lowPrice": "1", "closeTime": AT, "bidPrice": "0.00", "askPrice": "0.00"}),
    ("bybit", bybit({"symbol": "BTCUSDT", "lastPrice": "60000", "bid1Price": "0", "ask1Price": "0"})),
    ("bybit", bybit({"symbol": "BTCUSDT", "lastPrice": "60000", "bid1Price": None, "ask1Price": "",
                     "price24hPcnt": "", "prevPrice24h": "", "highPrice24h": "", "lowPrice24h": ""})),
    ("okx", okx({"instId": "BTC-USDT", "last": "60000", "ts": str(AT), "bidPx": "0", "askPx": ""})),
    ("coinbase", {"price": "60000", "time": "2030-03-06T00:00:00Z", "bid": "0", "ask": "0.00"}),
    ("coinbase", {"type": "ticker", "product_id": "BTC-USD", "price": "60000", "best_bid": "0",
                  "best_ask": "0.00", "time": "2030-03-06T00:00:00Z"}),
    ("kraken", {"error": [], "result": {"XXBTZUSD": {
        "a": ["0.0", "0", "0.0"], "b": ["0.0", "0", "0.0"], "c": ["60000", "1"], "l": ["1", "1"], "h": ["2", "2"]}}}),
    ("kraken", {"channel": "ticker", "data": [{"symbol": "BTC/USD", "last": 60000, "bid": 0, "ask": 0.0}]}),
    ("bitstamp", {"last": "60000", "timestamp": "1898985600", "bid": "0", "ask": None}),
    ("deribit", {"method": "subscription", "params": {"channel": "ticker.BTC-PERPETUAL.100ms", "data": {
        "instrument_name": "BTC-PERPETUAL", "timestamp": AT, "open_interest": 1, "mark_price": 60000,
        "last_price": 60000, "best_bid_price": 0.0, "best_ask_price": None, "stats": {}}}}),
]  # fmt: skip


@pytest.mark.parametrize(("source", "body"), NOBODY)
def test_where_nobody_bids_or_asks_there_is_no_price_of_zero(source: str, body: object):
    assert told(source, "ticker", body, "last", "bid", "ask") == [(60000, None, None)]


def test_a_funding_rate_of_zero_is_a_rate_and_an_empty_one_is_none():
    row = {"symbol": "BTCUSDT", "lastPrice": "60000", "openInterest": "0", "fundingRate": "0"}

    assert told("bybit", "funding", bybit(row), "rate") == [0]
    assert told("bybit", "open_interest", bybit(row), "coins") == [0]
    assert told("bybit", "funding", bybit(row | {"fundingRate": ""}), "rate") == []


def premium(symbol: str, rate: str, due: int = AT + HOUR) -> dict[str, object]:
    index = {"symbol": symbol, "markPrice": "9", "indexPrice": "8", "lastFundingRate": rate}
    return index | {"nextFundingTime": due, "time": AT}


def test_marks_and_rates_of_many_symbols_come_in_one_list():
    body = [premium("BTCUSDT", "0.0001"), premium("BTCUSDT_260327", "", 0), premium("ETHUSDT", "0")]

    assert told("binance", "funding", body, "symbol", "rate") == [
        ("BTCUSDT", 0.0001),
        ("ETHUSDT", 0),
    ]
    assert told("binance", "mark", body, "symbol") == ["BTCUSDT", "BTCUSDT_260327", "ETHUSDT"]
    assert told("binance", "funding", body[1], "rate") == []


def test_payments_are_apart_as_long_as_each_symbols_own():
    at = {"BTC": [0, 8, 16], "ETH": [0, 4, 8], "XRP": [8]}
    rows = [
        {"symbol": symbol, "fundingRate": "0.0001", "fundingTime": AT + hour * HOUR + 6}
        for symbol, hours in at.items()
        for hour in hours
    ]

    hours = told("binance", "funding", rows, "symbol", "interval_hours")

    assert set(hours) == {("BTC", 8), ("ETH", 4), ("XRP", None)}
    assert len(hours) == len(rows)


def test_a_coin_without_a_price_costs_only_itself():
    day = {"symbol": "BTCUSDT", "lastPrice": "6", "priceChangePercent": "1", "highPrice": "7"}
    day |= {"lowPrice": "5", "closeTime": AT}
    mini = {"e": "24hrMiniTicker", "E": AT, "s": "BTCUSDT", "c": "6", "o": "5", "h": "7", "l": "5"}
    old, gone = {"symbol": "OLDUSDT", "lastPrice": "0.000"}, {"s": "OLDUSDT", "c": "0.000"}
    frame = {"stream": "!miniTicker@arr", "data": [mini, mini | gone]}

    for body in ([day, day | old], [mini | gone, mini], frame):
        assert told("binance", "ticker", body, "symbol") == ["BTCUSDT"]
    for body in (day | old, [day | old], mini | gone, [mini | gone]):
        assert said("binance", "ticker", body)["error"] == "bad_payload"


def test_the_last_price_on_futures_has_a_time():
    body = {"symbol": "BTCUSDT", "price": "60000", "time": AT}

    assert told("binance", "ticker", body, "as_of") == ["2030-03-06T00:00:00Z"]


def rpc(result: object) -> dict[str, object]:
    return {
        "jsonrpc": "2.0",
        "result": result,
        "usIn": AT * 1000,
        "usOut": AT * 1000,
        "testnet": False,
    }


PERPETUAL = {"instrument_name": "BTC-PERPETUAL", "timestamp": AT, "open_interest": 120000,
             "mark_price": 60000, "last_price": 60010, "best_bid_price": 60000, "best_ask_price": 60020,
             "stats": {"price_change": 1.5, "high": None, "low": None}}  # fmt: skip
DERIBIT = [
    "liquidation",
    "ticker",
    "candle",
    "open_interest",
    "options",
    "instruments",
    "expirations",
]


@pytest.mark.parametrize("kind", DERIBIT)
@pytest.mark.parametrize("result", [["ticker.BTC-PERPETUAL.100ms"], "ok", {"version": "1.2.26"}])
def test_what_deribit_answers_to_a_subscription_holds_no_facts(kind: str, result: object):
    assert said("deribit", kind, rpc(result) | {"id": 1}) == []


def test_a_subscription_of_which_nothing_is_left_was_refused():
    assert said("deribit", "liquidation", rpc([]) | {"id": 1})["error"] == "refused"


@pytest.mark.parametrize(
    "body",
    [rpc(PERPETUAL),
     {"method": "subscription", "params": {"channel": "ticker.BTC-PERPETUAL.100ms", "data": PERPETUAL}}],
    ids=["asked", "live"],
)  # fmt: skip
def test_a_ticker_of_deribit_is_the_same_asked_or_live(body: dict[str, object]):
    option = rpc(PERPETUAL | {"instrument_name": "BTC-29MAR30-90000-C", "open_interest": 2})

    assert told("deribit", "ticker", body, "last", "bid", "change_24h_pct") == [(60010, 60000, 1.5)]
    assert told("deribit", "open_interest", body, "coins", "usd") == [(2, 120000)]
    assert told("deribit", "options", option, "expiry", "calls_oi") == [("2030-03-29", 2)]
    assert said("deribit", "ticker", option) == []


def test_what_was_never_traded_has_no_ticker():
    never = PERPETUAL | {"last_price": None}

    assert said("deribit", "ticker", rpc(never)) == []
    assert told("deribit", "open_interest", rpc(never), "usd") == [120000]


def test_forced_closes_are_found_among_trades_that_were_asked_for():
    trade = {
        "instrument_name": "BTC-PERPETUAL",
        "price": 50000,
        "amount": 1000,
        "direction": "sell",
    }
    trade |= {"timestamp": AT}
    forced, broken = trade | {"liquidation": "T"}, trade | {"price": None, "liquidation": "T"}
    body = rpc({"trades": [trade, forced, broken], "has_more": False})

    assert told("deribit", "liquidation", body, "side", "quantity", "usd") == [("LONG", 0.02, 1000)]
    assert said("deribit", "liquidation", rpc({"trades": [broken]}))["error"] == "bad_payload"
    assert said("deribit", "liquidation", rpc(PERPETUAL))["error"] == "bad_payload"


def test_an_option_of_unknown_open_interest_costs_only_itself():
    def row(strike: int, size: float | None) -> dict[str, object]:
        name = f"BTC-29MAR30-{strike}-C"
        return {"instrument_name": name, "open_interest": size, "creation_timestamp": AT}

    mixed, none = rpc([row(90000, 2), row(80000, None)]), rpc([row(80000, None)])
    table = "instrument_name,open_interest\nBTC-29MAR30-90000-C,2\nBTC-29MAR30-80000-C,\n"

    assert told("deribit", "options", mixed, "max_pain", "calls_oi") == [(90000, 2)]
    assert told("deribit", "open_interest", mixed, "symbol") == ["BTC-29MAR30-90000-C"]
    assert told("deribit", "options", table, "max_pain", "calls_oi") == [(90000, 2)]
    assert said("deribit", "options", none)["error"] == "bad_payload"


def test_what_never_expires_is_no_expiry():
    kinds = {"future": ["29MAR30", "PERPETUAL"], "option": ["5APR30"]}

    assert told("deribit", "expirations", rpc(kinds), "value") == ["2030-03-29", "2030-04-05"]
    assert told("deribit", "expirations", rpc({"btc": kinds}), "symbol") == ["btc", "btc"]


def hour_bar(hour: int, pair: str = "BTC/USD") -> dict[str, object]:
    prices = {"open": 100, "high": 101, "low": 99, "close": 100, "volume": 1.5}
    return prices | {
        "symbol": pair,
        "interval": 60,
        "interval_begin": f"2030-03-06T{hour:02}:00:00Z",
    }


def test_a_bar_that_another_follows_has_ended():
    rows = [hour_bar(15), hour_bar(16), hour_bar(16, "ETH/USD"), hour_bar(17)]
    frame = {"channel": "ohlc", "type": "snapshot", "data": rows}

    shown = told("kraken", "candle", frame, "symbol", "opened_at", "closed")

    assert shown == [
        ("BTC/USD", "2030-03-06T15:00:00Z", True),
        ("BTC/USD", "2030-03-06T16:00:00Z", True),
        ("BTC/USD", "2030-03-06T17:00:00Z", False),
        ("ETH/USD", "2030-03-06T16:00:00Z", False),
    ]


@pytest.mark.parametrize("ends", ["1898985900.000000", "1898985840.435743"])
def test_bars_of_krakens_old_protocol_are_read(ends: str):
    bar = ["1898985614.748456", ends, "3586.7", "3586.8", "3586.6", "3586.7", "3586.68", "0.03", 2]
    frame = [42, bar, "ohlc-5", "XBT/USD"]

    shown = told("kraken", "candle", frame, "symbol", "interval", "opened_at", "volume", "closed")

    assert shown == [("XBT/USD", "5m", "2030-03-06T00:00:00Z", 0.03, False)]


def kraken_pair(last: str = "60000") -> dict[str, list[str]]:
    return {
        "a": ["1", "1", "1"],
        "b": ["1", "1", "1"],
        "c": [last, "1"],
        "l": ["1", "1"],
        "h": ["1", "1"],
    }


@pytest.mark.parametrize(
    ("words", "error"),
    [(["EGeneral:Internal error"], "unavailable"), (["EGeneral:Temporary lockout"], "rate_limited"),
     (["WGeneral:Old", "EQuery:Unknown asset pair"], "unknown_symbol"), (["EGeneral:Invalid arguments"], "refused")],
)  # fmt: skip
def test_what_kraken_complains_of(words: list[str], error: str):
    assert said("kraken", "ticker", {"error": words})["error"] == error


def test_a_warning_stands_beside_a_good_answer():
    body = {"error": ["WGeneral:Deprecated"], "result": {"XXBTZUSD": kraken_pair()}}

    assert told("kraken", "ticker", body, "last") == [60000]


def test_a_pair_without_a_price_costs_only_itself():
    body = {"error": [], "result": {"XXBTZUSD": kraken_pair(), "OLDUSD": kraken_pair("0")}}

    assert told("kraken", "ticker", body, "symbol") == ["XXBTZUSD"]


def okx_forced(symbol: str, *orders: dict[str, str]) -> dict[str, object]:
    order = {"side": "sell", "posSide": "long", "bkPx": "80000", "sz": "5", "ts": str(AT)}
    item = {"instId": symbol, "details": [order | changes for changes in orders]}
    return {"arg": {"channel": "liquidation-orders"}, "data": [item]}


@pytest.mark.parametrize(
    ("position", "order", "side"),
    [("", "sell", "LONG"), ("net", "buy", "SHORT"), ("long", "sell", "LONG"), ("short", "buy", "SHORT")],
)  # fmt: skip
def test_without_a_named_position_the_order_tells_which_was_closed(
    position: str, order: str, side: str
):
    frame = okx_forced("BTC-USDT-SWAP", {"posSide": position, "side": order})

    assert told("okx", "liquidation", frame, "side") == [side]


@pytest.mark.parametrize(("pair", "usd"), [("BTC-USDT", 40000), ("BTC-EUR", None)])
def test_what_is_closed_on_margin_is_counted_in_coins(pair: str, usd: float | None):
    frame = okx_forced(pair, {"sz": "0.5"})

    assert told("okx", "liquidation", frame, "asset", "quantity", "usd") == [("BTC", 0.5, usd)]


@pytest.mark.parametrize("price", ["", "0"])
def test_a_forced_order_without_a_price_costs_only_itself(price: str):
    frame = okx_forced("BTC-USDT-SWAP", {}, {"bkPx": price}, {"sz": "7"})

    assert told("okx", "liquidation", frame, "quantity") == [0.05, 0.07]
    alone = okx_forced("BTC-USDT-SWAP", {"bkPx": price})
    assert said("okx", "liquidation", alone)["error"] == "bad_payload"


def test_an_index_has_no_volume_and_its_last_column_says_whether_a_bar_has_ended():
    rows = [[str(AT + HOUR), "2", "2", "2", "2", "0"], [str(AT), "1", "1", "1", "1", "1"]]
    frame = okx(rows[0], arg={"channel": "mark-price-candle1m", "instId": "BTC-USDT-SWAP"})

    asked = told("okx", "candle", okx(*rows), "interval", "close", "volume", "closed")

    assert asked == [("1h", 1, None, True), ("1h", 2, None, False)]
    assert told("okx", "candle", frame, "interval", "volume", "closed") == [("1m", None, False)]


@pytest.mark.parametrize(
    ("volumes", "coins"),
    [(["1040", "10.4", "624000"], 10.4), (["10.5", "630000", "630000"], 10.5), (["10.5", "630000", "629900"], 10.5)],
    ids=["swap", "spot", "spot in another dollar"],
)  # fmt: skip
def test_volume_is_in_coins_on_spot_and_on_swaps(volumes: list[str], coins: float):
    row = [str(AT), "60000", "60100", "59900", "60000", *volumes, "1"]
    quiet = [str(AT - HOUR), "60000", "60100", "59900", "60000", "0", "0", "0", "1"]

    assert told("okx", "candle", okx(row, quiet), "volume") == [0, coins]


def test_an_instrument_that_was_never_traded_costs_only_itself():
    traded = {"instId": "ETH-USDT", "last": "3000", "ts": str(AT)}
    never = traded | {"instId": "NEW-USDT", "last": ""}

    assert told("okx", "ticker", okx(never, traded), "symbol") == ["ETH-USDT"]
    assert said("okx", "ticker", okx(never))["error"] == "bad_payload"


@pytest.mark.parametrize(
    ("source", "kind", "frame"),
    [("binance", kind, {"result": None, "id": 1}) for kind in ("ratio", "open_interest", "funding_interval", "mark")]
    + [("bybit", kind, {"success": True, "ret_msg": "", "op": "subscribe"}) for kind in ("ratio", "funding")],
)  # fmt: skip
def test_an_acknowledgement_holds_no_facts_of_any_kind(source: str, kind: str, frame: object):
    assert said(source, kind, frame) == []


@pytest.mark.parametrize(
    ("body", "error"),
    [({"status": "error", "reason": "Request rate limit exceeded", "code": "400.002"}, "rate_limited"),
     ({"status": "error", "reason": "Invalid currency pair", "code": "API0003"}, "unknown_symbol"),
     ({"status": "error", "reason": {"__all__": ["Invalid step"]}, "code": "API0004"}, "refused"),
     ({"code": "400.000", "errors": [{"field": "limit", "message": "Missing limit value"}]}, "refused"),
     ({"code": "404.001", "errors": [{"code": "API9999"}]}, "unknown_symbol")],
)  # fmt: skip
def test_what_bitstamp_complains_of(body: object, error: str):
    assert said("bitstamp", "candle", body)["error"] == error


def test_a_fault_of_coinbase_passes():
    assert (
        said("coinbase", "ticker", {"message": "Internal server error"})["error"] == "unavailable"
    )


def test_all_pairs_of_bitstamp_come_in_one_list():
    row = {"last": "60000", "timestamp": "1898985600", "pair": "BTC/USD"}

    assert told("bitstamp", "ticker", [row, row | {"last": "0"}], "symbol", "last") == [
        ("BTC/USD", 60000)
    ]


def test_of_many_facts_of_bybit_a_broken_one_costs_only_itself():
    good = {"T": AT, "s": "BTCUSDT", "S": "Buy", "v": "2", "p": "3"}
    closes = [good | {"p": "0"}, good, good | {"S": "Both"}]
    tickers = [{"symbol": "OLDUSDT", "lastPrice": "0"}, {"symbol": "BTCUSDT", "lastPrice": "3"}]

    def frame(*rows: object) -> object:
        return {"topic": "allLiquidation.BTCUSDT", "ts": AT, "data": list(rows)}

    assert told("bybit", "liquidation", frame(*closes), "usd") == [6]
    assert told("bybit", "ticker", bybit(*tickers), "symbol") == ["BTCUSDT"]
    assert said("bybit", "liquidation", frame(closes[0]))["error"] == "bad_payload"
    assert said("bybit", "ticker", bybit(tickers[0]))["error"] == "bad_payload"


def test_a_bar_that_cannot_be_read_refuses_all_of_them():
    """Bars belong together: a hole would be taken for a time without trades."""
    good = [str(AT), "1", "2", "1", "2", "5", "6"]

    assert said("bybit", "candle", bybit(good, ["x", *good[1:]]))["error"] == "bad_payload"
    assert said("okx", "candle", okx(good, ["x", *good[1:]]))["error"] == "bad_payload"


def test_an_instrument_of_deribit_that_cannot_be_read_costs_only_itself():
    good = {"instrument_name": "BTC-PERPETUAL", "kind": "future", "expiration_timestamp": AT}

    assert told("deribit", "instruments", rpc([good, {"kind": "spot"}]), "symbol") == [
        "BTC-PERPETUAL"
    ]
