"""Bybit: positions rather than orders, halves of open interest, empty lists."""

import json
from datetime import timedelta

import pytest

from config.watchlist import Asset
from providers.bybit import Bybit
from providers.bybit_answers import parse_ticker, refusal
from providers.bybit_live import feed, read
from providers.errors import GeoBlocked, RateLimited, Refused, Unavailable, UnknownSymbol
from providers.feed import NOT_LISTED, Alive, Declined
from providers.types import Side
from tests.providers.venues import COIN, FETCHED, Scripted, milliseconds


def answer(*rows, category="linear", code=0):
    result = {"category": category, "symbol": "BTCUSDT", "list": list(rows)}
    return json.dumps(
        {"retCode": code, "retMsg": "symbol", "result": result, "time": milliseconds(FETCHED)}
    )


def test_a_bought_position_is_a_long_that_was_closed():
    data = [{"T": 1, "s": "BTCUSDT", "S": "Buy", "v": "2", "p": "3"}]
    data.append({"T": 1, "s": "BTCUSDT", "S": "Sell", "v": "1", "p": "3"})
    topic = "allLiquidation.BTCUSDT"
    long, short = read(json.dumps({"topic": topic, "ts": 1, "data": data}), {"BTCUSDT": "BTC"})

    assert (long.side, long.usd) == (Side.LONG, 6.0)
    assert short.side is Side.SHORT


async def test_open_interest_is_of_one_side():
    both = {"symbol": "BTCUSDT", "lastPrice": "2", "openInterest": "10", "openInterestValue": "20"}

    half = await Bybit(Scripted(answer(both))).open_interest(COIN)
    told = await Bybit(Scripted(answer(both | {"singleOpenInterest": "6"}))).open_interest(COIN)

    assert (half.value.coins, half.value.usd) == (5.0, 10.0)
    assert told.value.coins == 6.0


def test_the_change_is_in_percent():
    row = {"symbol": "BTCUSDT", "lastPrice": "2", "price24hPcnt": "0.015"}

    assert parse_ticker(answer(row)).ticker.change_24h_pct == pytest.approx(1.5)


@pytest.mark.parametrize("body", [answer(category="spot"), answer(code=10001)])
def test_an_unknown_symbol_is_an_empty_list_or_a_code(body):
    with pytest.raises(UnknownSymbol):
        parse_ticker(body)


def test_blocks_and_limits():
    assert isinstance(refusal(403, {}, "<html>"), GeoBlocked)
    assert isinstance(refusal(403, {}, "403, access too frequent"), RateLimited)
    assert isinstance(refusal(200, {}, '{"retCode":10006}'), RateLimited)


def test_a_ticker_only_proves_the_socket_alive():
    (event,) = read('{"topic":"tickers.BTCUSDT","ts":5,"data":{"symbol":"BTCUSDT"}}', {})

    assert isinstance(event, Alive)


def test_control_frames():
    assert read('{"success":true,"ret_msg":"pong","op":"ping"}', {}) == ()
    with pytest.raises(Refused):
        read('{"success":false,"op":"subscribe"}', {})
    with pytest.raises(RateLimited):
        read('{"success":false,"ret_msg":"Too many visits!","op":"subscribe"}', {})
    assert feed("wss://x", [COIN]).complete


def test_a_symbol_that_is_not_listed_costs_only_itself():
    gone = Asset("GONE", "Gone", names={"bybit": "GONEUSDT"})
    one = feed("wss://x", [gone, COIN])
    asked = [json.loads(message) for message in one.subscribe]
    said = {"success": False, "ret_msg": "error:handler not found,topic:tickers.GONEUSDT"}
    refused = json.dumps(said | {"req_id": asked[0]["req_id"], "op": "subscribe"})

    assert one.read(refused) == (Declined("GONEUSDT", NOT_LISTED),)
    assert asked[1]["args"] == ["tickers.BTCUSDT", "allLiquidation.BTCUSDT"]
    assert one.acknowledgements == 2


async def test_a_page_of_the_past_that_fails_leaves_the_newer_ones():
    def page(path, params):
        if "cursor" in params:
            raise Unavailable("Bybit", "timed out")
        row = {"openInterest": "2", "timestamp": str(milliseconds(FETCHED))}
        whole = json.loads(answer(row))
        whole["result"]["nextPageCursor"] = "older"
        return json.dumps(whole)

    since = FETCHED - timedelta(days=21)
    known = await Bybit(Scripted(page)).open_interest_history(COIN, since)

    assert [one.coins for one in known.value] == [1.0]
