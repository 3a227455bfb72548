"""Coinbase: low before high, holes, pages of three hundred."""

import json
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from config.watchlist import Asset
from providers.coinbase import FIRST_DAY, Coinbase, refusal
from providers.coinbase_live import feed, read
from providers.errors import RateLimited, Refused, UnknownSymbol
from providers.feed import NOT_LISTED, Acknowledged, Alive, Declined, Tick
from providers.types import Candle, Interval
from tests.providers.venues import COIN, FETCHED, Scripted

HOUR = 3600


async def test_holes_are_filled_and_the_running_bar_is_marked():
    now = int(FETCHED.timestamp()) // HOUR * HOUR
    rows = [[now, 1, 3, 2, 2.5, 7], [now - 2 * HOUR, 1, 3, 2, 2.0, 7]]

    reading = await Coinbase(Scripted(json.dumps(rows)), lambda: FETCHED).candles(
        COIN, Interval.H1, 10
    )

    first, hole, last = reading.value
    assert (first.low, first.high, first.open, first.close) == (1, 3, 2, 2)
    assert hole == Candle(hole.opened_at, 2, 2, 2, 2, 0)
    assert not last.closed


async def test_history_asks_no_day_twice_and_never_too_many():
    def days(path, params):
        span = range(params["start"], params["end"] + 1, 86400)
        assert len(span) <= 300
        return json.dumps([[t, 1, 3, 2, 2, 1] for t in reversed(span)])

    reading = await Coinbase(Scripted(days), lambda: FETCHED).history(COIN)

    opened = [c.opened_at for c in reading.value]
    assert (opened[0], opened[-1]) == (FIRST_DAY, datetime(2030, 3, 5, tzinfo=UTC))
    assert {(b - a).days for a, b in pairwise(opened)} == {1}


async def test_the_change_is_from_the_price_a_day_ago():
    ticker = '{"price":"11","bid":"10","ask":"12","time":"2030-03-06T12:00:00.5Z"}'
    stats = '{"open":"10","high":"12","low":"9","last":"11","volume":"1"}'
    upstream = Scripted(lambda path, _: stats if path.endswith("stats") else ticker)

    reading = await Coinbase(upstream, lambda: FETCHED).ticker(COIN)

    assert reading.value.change_24h_pct == pytest.approx(10)


def test_refusals():
    assert isinstance(refusal(404, {}, '{"message":"NotFound"}'), UnknownSymbol)
    limit = refusal(429, {"retry-after": "2"}, '{"message":"Public rate limit exceeded"}')
    assert isinstance(limit, RateLimited)


def test_frames():
    time = "2030-03-06T12:00:00Z"
    tick = {"type": "ticker", "product_id": "BTC-USD", "price": "5", "time": time}
    assert isinstance(read(json.dumps(tick), {})[0], Tick)
    assert isinstance(read(json.dumps({"type": "heartbeat", "time": time}), {})[0], Alive)
    assert read('{"type":"subscriptions","channels":[]}', {}) == (Acknowledged(),)
    with pytest.raises(Refused):
        read('{"type":"error","message":"no"}', {})


def test_a_product_that_is_not_listed_costs_only_itself():
    gone = Asset("GONE", "Gone", names={"coinbase": "GONE-USD"})
    one = feed("wss://x", [gone, COIN])
    error = {"type": "error", "message": "Failed to subscribe"}

    def told(reason: str):
        return one.read(json.dumps(error | {"reason": reason}))

    assert [json.loads(said)["product_ids"] for said in one.subscribe] == [
        ["GONE-USD"],
        ["BTC-USD"],
    ]
    assert one.acknowledgements == 2
    assert told("GONE-USD is not a valid product") == (Declined("GONE-USD", NOT_LISTED),)
    with pytest.raises(RateLimited):
        told("Rate limit exceeded for BTC-USD")
    with pytest.raises(Refused):
        told("unknown is not a valid product")
