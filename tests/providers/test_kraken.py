"""Kraken: errors in good answers, its own names, the newest finished bar."""

import json
from datetime import timedelta

import pytest

from providers.errors import BadPayload, RateLimited, Unavailable, UnknownSymbol
from providers.kraken import Kraken, parse_ticker
from providers.kraken_read import READS
from providers.types import Interval
from tests.providers.venues import COIN, FETCHED, Scripted


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("EQuery:Unknown asset pair", UnknownSymbol),
        ("EGeneral:Too many requests", RateLimited),
        ("EAPI:Rate limit exceeded", RateLimited),
        ("EService:Busy", Unavailable),
    ],
)
def test_an_error_in_a_good_status_is_an_error(words, error):
    with pytest.raises(error):
        parse_ticker(json.dumps({"error": [words]}))


async def test_the_bar_after_the_last_finished_one_runs():
    rows = [[86400 * n, "2", "3", "1", "2", "0.0", "0", 0] for n in range(4, 13)]
    body = {"error": [], "result": {"XXBTZUSD": rows, "last": 86400 * 11}}

    reading = await Kraken(Scripted(json.dumps(body))).candles(COIN, Interval.D1, 3)
    weeks = await Kraken(Scripted(json.dumps(body))).candles(COIN, Interval.W1, 3)

    assert [c.closed for c in reading.value] == [True, True, False]
    assert [(w.opened_at.weekday(), w.closed) for w in weeks.value] == [(0, True), (0, False)]


async def test_bars_are_as_old_as_the_newest_of_them():
    def told(newest: int) -> Scripted:
        row = [newest, "2", "3", "1", "2", "0.0", "0", 0]
        return Scripted(json.dumps({"error": [], "result": {"XXBTZUSD": [row], "last": newest}}))

    hour = int(FETCHED.timestamp()) // 3600 * 3600
    running = await Kraken(told(hour)).candles(COIN, Interval.H1, 1)
    hangs = await Kraken(told(hour - 5 * 3600)).candles(COIN, Interval.H1, 1)

    assert running.as_of == FETCHED
    assert FETCHED - hangs.as_of == timedelta(hours=4, seconds=30)


def test_the_day_is_the_last_24_hours_and_todays_open_is_no_change():
    row = {k: ["2", "1", "1"] for k in "abc"} | {"l": ["1", "0.5"], "h": ["3", "4"], "o": "1"}
    ticker = parse_ticker(json.dumps({"error": [], "result": {"XXBTZUSD": row}})).ticker

    assert (ticker.low_24h, ticker.high_24h, ticker.change_24h_pct) == (0.5, 4.0, None)


@pytest.mark.parametrize("result", [{"last": 5}, {"XXBTZUSD": -1, "last": 5}])
def test_an_answer_without_bars_is_unreadable_and_nothing_worse(result):
    with pytest.raises(BadPayload):
        READS["candle"](json.dumps({"error": [], "result": result}))
