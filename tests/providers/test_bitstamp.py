"""Bitstamp: long history in pages that are kept."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from providers.bitstamp import Bitstamp, refusal
from providers.errors import GeoBlocked, UnknownSymbol
from providers.types import Interval
from tests.providers.venues import COIN, FETCHED, UNLISTED, Scripted

DAY = 86400
LISTED = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())


def days(path, params):
    """A thousand days up to the end asked for, none before the coin was listed."""
    end = params.get("end", int(FETCHED.timestamp()) // DAY * DAY - 1)
    first = max(LISTED, end // DAY * DAY - 999 * DAY)
    rows = [
        {"timestamp": str(t), "open": "5", "high": "6", "low": "4", "close": "5", "volume": "1"}
        for t in range(first, end + 1, DAY)
    ]
    return json.dumps({"data": {"pair": "BTC/USD", "ohlc": rows}})


async def test_history_has_every_day_once_up_to_yesterday():
    upstream = Scripted(days)

    reading = await Bitstamp(upstream, lambda: FETCHED).history(COIN)

    opened = [c.opened_at for c in reading.value]
    assert opened[0].timestamp() == LISTED
    assert opened[-1] == datetime(2030, 3, 5, tzinfo=UTC)
    assert {b - a for a, b in pairwise(opened)} == {timedelta(days=1)}
    assert all(c.closed for c in reading.value)


async def test_pages_end_on_the_same_days_tomorrow_so_that_they_are_fetched_once():
    today, tomorrow = Scripted(days), Scripted(days)

    await Bitstamp(today, lambda: FETCHED).history(COIN)
    await Bitstamp(tomorrow, lambda: FETCHED + timedelta(days=1)).history(COIN)

    assert today.asked == tomorrow.asked


async def test_weeks_are_built_from_days():
    upstream = Scripted(days)

    reading = await Bitstamp(upstream, lambda: FETCHED).candles(COIN, Interval.W1, 10)

    assert upstream.asked[0][1] == {"step": DAY, "limit": 70}
    assert {c.opened_at.weekday() for c in reading.value} == {0}


async def test_a_coin_it_does_not_list_is_said():
    with pytest.raises(UnknownSymbol):
        await Bitstamp(Scripted(""), lambda: FETCHED).ticker(UNLISTED)


def test_a_block_is_not_an_error_to_retry():
    assert isinstance(refusal(403, {}, "<html>"), GeoBlocked)
