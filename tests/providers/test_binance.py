"""Binance: bars, bans, forced orders."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from providers.binance import Binance, refusal
from providers.binance_futures import BinanceFutures
from providers.binance_live import futures_feed, read, spot_feed
from providers.errors import BadPayload, GeoBlocked, RateLimited, Refused, UnknownSymbol
from providers.feed import Acknowledged, Alive, Reconnect, Tick
from providers.types import Interval, Side
from tests.providers.venues import COIN, FETCHED, UNLISTED, Scripted, milliseconds

HOUR = timedelta(hours=1)


def forced(**changes) -> str:
    order = {"s": "BTCUSDT", "S": "SELL", "p": "70", "ap": "80", "X": "FILLED", "l": "1", "z": "3"}
    order |= {"q": "3", "T": 1900000000000, "st": 1} | changes
    return json.dumps(
        {"stream": "!forceOrder@arr", "data": {"e": "forceOrder", "E": 1, "o": order}}
    )


async def test_the_running_bar_is_not_closed():
    opened = datetime(2030, 3, 6, 11, tzinfo=UTC)
    rows = [
        [
            milliseconds(t),
            "1",
            "2",
            "1",
            "2",
            "3",
            milliseconds(t + HOUR) - 1,
            "0",
            1,
            "0",
            "0",
            "0",
        ]
        for t in (opened, opened + HOUR)
    ]

    reading = await Binance(Scripted(json.dumps(rows))).candles(COIN, Interval.H1, 5000)

    assert [c.closed for c in reading.value] == [True, False]


async def test_funding_has_the_interval_of_its_symbol_or_the_usual_eight_hours():
    premium = {
        "symbol": "BTCUSDT",
        "markPrice": "1",
        "indexPrice": "1",
        "lastFundingRate": "0.0001",
    }
    premium |= {"nextFundingTime": 1900000000000, "time": 1899990000000}
    upstream = Scripted(lambda path, _: "[]" if "Info" in path else json.dumps(premium))

    reading = await BinanceFutures(upstream, lambda: FETCHED).funding(COIN)

    assert (reading.value.rate, reading.value.interval_hours) == (0.0001, 8.0)


async def test_rates_that_were_paid_are_told_since_a_time_with_their_interval():
    hour = 3_600_000
    rows = [
        {"symbol": "BTCUSDT", "fundingRate": rate, "fundingTime": 1899990000000 + n * 8 * hour + 17}
        for n, rate in enumerate(("0.0001", "-0.0002", "0.0003"))
    ]
    since = datetime.fromtimestamp(1899990000 + 8 * 3600, UTC)

    reading = await BinanceFutures(Scripted(json.dumps(rows)), lambda: FETCHED).funding_history(
        COIN, since
    )

    assert [(f.rate, f.interval_hours) for f in reading.value] == [(-0.0002, 8.0), (0.0003, 8.0)]
    assert reading.value[0].at == since


async def test_a_coin_it_does_not_list_is_said():
    with pytest.raises(UnknownSymbol):
        await Binance(Scripted("")).ticker(UNLISTED)


def test_a_ban_lasts_as_long_as_the_venue_says_by_its_own_clock():
    body = '{"code":-1003,"msg":"IP banned until 1900000060000. Please"}'
    error = refusal(418, {"date": "Sun, 17 Mar 2030 17:46:40 GMT"}, body)

    assert isinstance(error, RateLimited)
    assert error.retry_after == timedelta(seconds=60)


def test_a_country_that_is_not_served_is_no_fault_of_the_question():
    body = '{"code":0,"msg":"Service unavailable from a restricted location"}'

    assert isinstance(refusal(451, {}, body), GeoBlocked)


def test_selling_closes_a_long_and_all_fills_count():
    (event,) = read(forced(), {"BTCUSDT": "BTC"})

    assert (event.side, event.quantity, event.price, event.usd) == (Side.LONG, 3.0, 80.0, 240.0)


def test_contracts_margined_in_coins_are_counted_in_dollars():
    (event,) = read(forced(s="BTCUSD_PERP", st=2, S="BUY"), {})

    assert (event.asset, event.side, event.usd, event.quantity) == ("BTC", Side.SHORT, 300.0, 3.75)


def test_an_order_without_fills_is_not_a_liquidation():
    assert read(forced(z="0", ap="0", X="NEW"), {}) == ()


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        ('{"result":null,"id":1}', Acknowledged()),
        ('{"e":"serverShutdown","E":1}', Reconnect("the server shuts down")),
        (
            '{"data":{"e":"24hrMiniTicker","E":0,"s":"BTCUSDT","c":"5","o":"4","h":"6","l":"3"}}',
            Tick("Binance", "BTC", 5.0, datetime(1970, 1, 1, tzinfo=UTC)),
        ),
        (
            '{"data":{"e":"markPriceUpdate","E":0,"s":"BTCUSDT","p":"5"}}',
            Alive(datetime(1970, 1, 1, tzinfo=UTC)),
        ),
    ],
)
def test_frames_beside_forced_orders(frame, event):
    assert read(frame, {"BTCUSDT": "BTC"}) == (event,)


def test_a_refused_subscription_is_not_retried():
    with pytest.raises(Refused):
        read('{"code":2,"msg":"Invalid request","id":1}', {})


@pytest.mark.parametrize("frame", ["", "<html>", "[]1", '{"data":{"e":"forceOrder"}}', "{}"])
def test_nonsense_is_a_bad_payload(frame):
    with pytest.raises(BadPayload):
        read(frame, {})


def test_futures_carry_a_control_stream_on_the_same_socket():
    feed = futures_feed("wss://x", [COIN])

    assert "!forceOrder@arr" in feed.subscribe[0]
    assert "markPrice" in feed.subscribe[0]
    assert "btcusdt@miniTicker" in spot_feed("wss://x", [COIN, UNLISTED]).subscribe[0]
