"""Trying a rule on months of the past holds up nobody, and finds what looking at it the long way would find."""

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from config.watchlist import Watchlist
from handlers.analysis.price import highest_since, lowest_since
from handlers.observing import Sight
from handlers.rehearsal import SPAN, kind_of, rehearse
from handlers.rule import Direction, Metric, Rule
from handlers.rules import KINDS
from providers.candles import aggregate
from providers.market import Market, Sources
from providers.types import (
    Candle,
    Coverage,
    Interval,
    LiquidationBook,
    LiquidationBucket,
    Reading,
)
from tests.fakes import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BTC = Watchlist.load().get("BTC")
BELOW, ABOVE, EITHER = Direction.BELOW, Direction.ABOVE, Direction.EITHER
FIRST = datetime(2012, 1, 1, tzinfo=UTC)


class Years:
    """Prices that wander since 2012, and liquidations of five venues by the minute and hour."""

    name = "years"

    def __init__(self) -> None:
        chance = random.Random(7)
        last = START.replace(hour=0) - 125 * DAY
        days = self._walk(chance, FIRST, DAY, (last - FIRST) // DAY, 0.02)
        self.hours = self._walk(chance, last, HOUR, 125 * 24 + 12, 0.005, days[-1].close)
        self.days = days + aggregate(self.hours, Interval.D1)[:-1]

    def _walk(self, chance, at, length, count, width, price=100.0):
        bars = []
        for n in range(count):
            close = max(1.0, price * (1 + chance.gauss(0.0, width)))
            low, high = min(price, close) * 0.998, max(price, close) * 1.002
            bars.append(Candle(at + n * length, price, high, low, close, 1.0))
            price = close
        return tuple(bars)

    async def candles(self, asset, interval, limit):
        bars = {Interval.H1: self.hours, Interval.D1: self.days}[interval]
        return Reading(bars[-limit:], self.name, START)

    async def history(self, asset):
        return Reading(self.days, self.name, START)

    async def book(self, asset, since):
        widths = ((35 * DAY, HOUR, 33 * 24), (2 * DAY, timedelta(minutes=1), 2 * 1440))
        buckets = tuple(
            LiquidationBucket(START - back + n * width, width, str(venue), 1e5, 1e5)
            for back, width, count in widths
            for n in range(count)
            for venue in range(5)
        )
        heard = tuple(Coverage(str(venue), START - 35 * DAY) for venue in range(5))
        return Reading(LiquidationBook("BTC", buckets, heard), self.name, START)


@pytest.fixture(scope="module")
def years():
    return Years()


@pytest.fixture
def sight(years, clock):
    sources = Sources(candles=(years,), history=(years,), liquidations=(years,))
    return Sight(Market(sources, clock), BTC, clock())


def rule(metric, direction=BELOW, value=0.0, **more):
    return Rule("1", "c", "u", START - SPAN, metric, direction, value, "BTC", **more)


@pytest.mark.parametrize(
    "made",
    [
        rule(Metric.NEW_LOW, value=90.0),
        rule(Metric.NEW_HIGH, ABOVE, value=366.0),
        rule(Metric.CHANGE, value=-5.0, window=3600),
        rule(Metric.LEVEL, EITHER),
        rule(Metric.PRICE, value=700.0, on_close=True, interval="1h"),
        rule(Metric.LIQUIDATIONS, ABOVE, value=5e8, window=86400),
    ],
    ids=lambda made: made.metric.value,
)
async def test_a_dry_run_over_months_gives_everybody_else_a_turn_all_the_time(sight, made):
    trying = asyncio.ensure_future(rehearse(made, kind_of(KINDS, made.metric), sight))
    stalls = []
    while not trying.done():
        before = time.perf_counter()
        await asyncio.sleep(0)
        stalls.append(time.perf_counter() - before)

    assert trying.result().fired is not None
    assert len(stalls) > 35
    # A few milliseconds on an idle machine; a busy one that runs tests side by side gets some air.
    assert sorted(stalls)[len(stalls) * 95 // 100] < 0.02
    assert max(stalls) < 0.25


@pytest.mark.parametrize("metric", [Metric.NEW_LOW, Metric.NEW_HIGH])
async def test_an_extreme_is_judged_by_all_that_came_before_its_hour(sight, years, metric):
    low = metric is Metric.NEW_LOW
    made = rule(metric, BELOW if low else ABOVE, value=20.0)
    seen = await kind_of(KINDS, metric).past(made, sight, START - 9 * DAY)
    hours = [bar for bar in years.hours if bar.opened_at + HOUR > START - 9 * DAY]

    assert len(seen) == 2 * len(hours)
    for number in range(0, len(seen), 7):
        one = seen[number]
        at = hours[number // 2].opened_at
        days = [day for day in years.days if day.opened_at + DAY <= at]
        today = [bar for bar in years.hours if bar.opened_at.date() == at.date()]
        near = [day for day in days if day.opened_at >= at - 21 * DAY]
        near += [bar for bar in today if bar.opened_at < at]
        last = (lowest_since if low else highest_since)(days, one.value, at)

        assert one.line == (min(b.low for b in near) if low else max(b.high for b in near))
        assert one.key == (last.isoformat() if last else "0001-01-01")
