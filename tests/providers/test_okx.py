"""OKX: contracts, order of rows, refusals inside good answers."""

import json
from datetime import timedelta

import pytest

from providers.errors import BadPayload, RateLimited, Refused, Unavailable, UnknownSymbol
from providers.feed import NOT_LISTED, Acknowledged, Declined, Reconnect
from providers.okx import OKX
from providers.okx_answers import parse_ticker
from providers.okx_contracts import Contract, Contracts
from providers.okx_live import feed, read
from providers.payload import moment_ms
from providers.types import Interval, Side
from tests.providers.venues import COIN, FETCHED, Scripted, milliseconds

HOUR = timedelta(hours=1)

EIGHT = 8 * 3_600_000  # milliseconds of hours


def forced(symbol: str, *details: dict[str, str]) -> str:
    rows = [{"bkPx": "50", "sz": "4", "ts": "1900000000000"} | one for one in details]
    return json.dumps(
        {"arg": {"channel": "liquidation-orders"}, "data": [{"instId": symbol, "details": rows}]}
    )


async def test_weeks_open_on_monday_and_rows_are_turned_round():
    rows = [["1899936000000", "2", "2", "2", "2", "1", "2", "2", "0"]]
    rows.append(["1899331200000", "1", "1", "1", "1", "1", "1", "1", "1"])
    upstream = Scripted(json.dumps({"code": "0", "data": rows}))

    reading = await OKX(upstream).candles(COIN, Interval.W1, 900)

    assert upstream.asked[0][1] == {"instId": "BTC-USDT", "bar": "1Wutc", "limit": 300}
    assert [(c.close, c.closed) for c in reading.value] == [(1.0, True), (2.0, False)]


async def test_rates_that_were_paid_are_turned_round_and_told_since_a_time():
    rows = [
        {
            "instId": "BTC-USDT-SWAP",
            "fundingRate": rate,
            "fundingTime": str(1900000000000 - n * EIGHT),
        }
        for n, rate in enumerate(("0.0003", "-0.0002", "0.0001"))
    ]
    since = moment_ms(1900000000000 - EIGHT)

    reading = await OKX(Scripted(json.dumps({"code": "0", "data": rows}))).funding_history(
        COIN, since
    )

    assert [(f.rate, f.interval_hours) for f in reading.value] == [(-0.0002, 8.0), (0.0003, 8.0)]
    assert reading.value[0].at == since


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('{"code":"51001","data":[],"msg":""}', UnknownSymbol),
        ('{"code":"50011","data":[],"msg":""}', RateLimited),
        ('{"code":"0","data":[],"msg":""}', UnknownSymbol),
    ],
)
def test_an_error_in_a_good_status_is_an_error(body, error):
    with pytest.raises(error):
        parse_ticker(body)


def test_every_order_of_a_frame_is_counted_in_coins():
    frame = forced(
        "BTC-USDT-SWAP",
        {"side": "sell", "posSide": "net"},
        {"side": "buy", "posSide": "short"},
    )

    one, two = read(frame, {}, Contracts())

    assert (one.side, one.quantity, one.usd) == (Side.LONG, 0.04, 2.0)
    assert two.side is Side.SHORT


def test_an_unknown_contract_is_not_guessed_until_it_is_learned():
    contracts = Contracts()
    frame = forced("XYZ-USD-SWAP", {"side": "sell"})
    (before,) = read(frame, {}, contracts)
    contracts.learn({"XYZ-USD-SWAP": Contract(10.0, inverse=True)})
    (after,) = read(frame, {}, contracts)

    assert (before.quantity, before.usd) == (None, None)
    assert (after.quantity, after.usd) == (0.8, 40.0)


def test_control_frames():
    assert read("pong", {}, Contracts()) == ()
    ack = '{"event":"subscribe","arg":{"channel":"tickers"}}'
    assert read(ack, {}, Contracts()) == (Acknowledged("tickers"),)
    (closing,) = read('{"event":"notice","code":"64008","msg":""}', {}, Contracts())
    assert isinstance(closing, Reconnect)
    with pytest.raises(Refused):
        read('{"event":"error","code":"60018","msg":""}', {}, Contracts())
    with pytest.raises(BadPayload):
        read("half a bo", {}, Contracts())


def test_liquidations_are_asked_for_the_whole_market():
    *tickers, last = feed("wss://x", [COIN], Contracts()).subscribe

    assert json.loads(last)["args"] == [{"channel": "liquidation-orders", "instType": "SWAP"}]
    assert json.loads(tickers[0])["args"] == [{"channel": "tickers", "instId": "BTC-USDT"}]


def test_an_instrument_that_is_not_listed_costs_only_itself():
    said = "Wrong URL or channel:tickers,instId:XYZ-USDT doesn't exist. Please use the correct URL."
    frame = json.dumps({"event": "error", "code": "60018", "msg": said})

    assert read(frame, {}, Contracts()) == (Declined("XYZ-USDT", NOT_LISTED),)


async def test_a_page_of_the_past_that_fails_leaves_the_newer_ones():
    def answer(path, params):
        if "end" in params:
            raise Unavailable("OKX", "timed out")
        rows = [[milliseconds(FETCHED - hour * HOUR), "1", "1", "1"] for hour in range(1, 101)]
        return json.dumps({"code": "0", "data": rows})

    known = await OKX(Scripted(answer)).open_interest_history(COIN, FETCHED - 500 * HOUR)

    assert len(known.value) == 100
