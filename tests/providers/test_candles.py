"""Bars in order, marked, filled and joined."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.binance import Binance
from providers.bitstamp import Bitstamp
from providers.bybit import Bybit
from providers.candles import aggregate, filled, paged, running, sound, tidy, until, weekly
from providers.coinbase import Coinbase
from providers.errors import Unavailable
from providers.kraken import Kraken
from providers.okx import OKX
from providers.types import Candle, Interval, Reading
from tests.providers.venues import COIN, FETCHED

MONDAY = datetime(2030, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def bar(opened_at: datetime, close: float = 10.0, closed: bool = True) -> Candle:
    return Candle(opened_at, 9.0, close + 2, close - 2, close, 1.5, closed)


def test_a_bar_listed_twice_is_kept_as_last_said():
    first, again, other = bar(MONDAY, 10), bar(MONDAY, 11), bar(MONDAY - DAY)

    assert tidy([first, again, other]) == (other, again)


def test_a_bar_is_closed_only_once_it_had_ended_when_asked():
    days = (bar(MONDAY), bar(MONDAY + DAY))

    assert [d.closed for d in running(days, DAY, MONDAY + DAY)] == [True, False]


def test_a_clock_that_is_ahead_closes_no_bar_and_opens_none():
    days = (bar(MONDAY), bar(MONDAY + DAY), bar(MONDAY + 2 * DAY, closed=False))

    told = until(days, DAY, MONDAY + 2 * DAY - timedelta(minutes=5))

    assert told == (days[0], bar(MONDAY + DAY, closed=False))
    assert until(days, DAY, MONDAY + 2 * DAY) is days
    assert until((), DAY, MONDAY) == ()


@pytest.mark.parametrize("none", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("field", ["open", "high", "low", "close"])
def test_a_bar_without_a_price_is_a_gap(field, none):
    days = (bar(MONDAY), replace(bar(MONDAY + DAY), **{field: none}), bar(MONDAY + 2 * DAY))

    assert sound(days) == (days[0], days[2])
    assert sound(days[:1]) == days[:1]


def test_a_week_runs_from_monday_and_a_cut_first_week_is_left_out():
    days = tuple(bar(MONDAY + n * DAY, 10.0 + n) for n in range(-3, 9))

    whole, started = weekly(days)

    assert whole == Candle(MONDAY, 9.0, 18.0, 8.0, 16.0, 10.5, closed=True)
    assert (started.opened_at, started.closed) == (MONDAY + 7 * DAY, False)


def test_a_week_whose_sunday_still_runs_is_not_closed():
    days = tuple(bar(MONDAY + n * DAY, closed=n < 6) for n in range(7))

    assert [week.closed for week in weekly(days)] == [False]


def test_a_time_without_trades_is_flat_and_without_volume():
    made = filled((bar(MONDAY, 10), bar(MONDAY + 2 * DAY, 12)), DAY)

    assert made[1] == Candle(MONDAY + DAY, 10.0, 10.0, 10.0, 10.0, 0.0)


@given(st.lists(st.floats(3, 1e6), min_size=30, max_size=90))
def test_longer_bars_lose_no_volume_and_keep_the_extremes(closes):
    hours = tuple(bar(MONDAY + n * timedelta(hours=1), c) for n, c in enumerate(closes))

    days = aggregate(hours, Interval.D1)

    assert max(d.high for d in days) == max(h.high for h in hours)
    assert abs(sum(d.volume for d in days) - 1.5 * len(hours)) < 1e-6
    assert days[-1].close == hours[-1].close


def hours(first: int, last: int) -> tuple[Candle, ...]:
    return tuple(
        Candle(MONDAY + timedelta(hours=n), 1.0, 1.0, 1.0, 1.0, 1.0) for n in range(first, last)
    )


async def test_older_pages_are_asked_for_until_there_are_enough() -> None:
    asked: list[datetime] = []

    async def older(opened_at: datetime) -> Reading[tuple[Candle, ...]]:
        asked.append(opened_at)
        first = (opened_at - MONDAY) // timedelta(hours=1)
        return Reading(hours(first - 10, first), "v", MONDAY)

    told = await paged(Reading(hours(90, 100), "v", MONDAY), 25, 10, older)

    assert told.value == hours(75, 100)
    assert asked == [MONDAY + timedelta(hours=90), MONDAY + timedelta(hours=80)]


async def test_a_short_page_is_the_last_and_a_failed_one_leaves_what_is_known() -> None:
    async def short(_: datetime) -> Reading[tuple[Candle, ...]]:
        return Reading(hours(87, 90), "v", MONDAY)

    async def broken(_: datetime) -> Reading[tuple[Candle, ...]]:
        raise Unavailable("v", "timed out")

    newest = Reading(hours(90, 100), "v", MONDAY)

    assert (await paged(newest, 25, 10, short)).value == hours(87, 100)
    assert await paged(newest, 25, 10, broken) == newest


class Hanging:
    """Obeys `Upstream.get` and tells one hour of five hours ago."""

    name = "hanging"

    async def get(self, path, params, parse, *, as_of=None, **_) -> Reading[tuple[Candle, ...]]:
        told = (Candle(FETCHED - timedelta(hours=5), 1.0, 1.0, 1.0, 1.0, 1.0),)
        return Reading(told, self.name, min(as_of(told), FETCHED) if as_of else FETCHED)


@pytest.mark.parametrize(
    "venue",
    [
        Binance(Hanging()),
        OKX(Hanging()),
        Bybit(Hanging()),
        Coinbase(Hanging(), lambda: FETCHED),
        Kraken(Hanging()),
        Bitstamp(Hanging(), lambda: FETCHED),
    ],
    ids=lambda venue: venue.name,
)
async def test_a_venue_that_hangs_tells_old_bars_as_old(venue) -> None:
    told = await venue.candles(COIN, Interval.H1, 1)

    assert told.age(FETCHED) == timedelta(hours=4)
