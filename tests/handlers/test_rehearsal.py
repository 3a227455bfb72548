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
from providers.errors import UnknownSymbol
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

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
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
        self.heard = self._book()

    def _walk(self, chance, at, length, count, width, price=100.0):
        bars = []
        for n in range(count):
            close = max(1.0, price * (1 + chance.gauss(0.0, width)))
            low, high = min(price, close) * 0.998, max(price, close) * 1.002
            bars.append(Candle(at + n * length, price, high, low, close, 1.0))
            price = close
        return tuple(bars)

    async def candles(self, asset, interval, limit):
        bars = {Interval.H1: self.hours, Interval.D1: self.days}.get(interval)
        if bars is None:  # what is shorter stands still at the last price
            price, length = self.hours[-1].close, interval.length
            times = (START - n * length for n in range(limit, 0, -1))
            bars = tuple(Candle(at, price, price, price, price, 1.0) for at in times)
        return Reading(bars[-limit:], self.name, START)

    async def history(self, asset):
        return Reading(self.days, self.name, START)

    async def book(self, asset, since):
        return Reading(self.heard, self.name, START)

    def _book(self):
        widths = ((35 * DAY, HOUR, 33 * 24), (2 * DAY, MINUTE, 2 * 1440))
        buckets = tuple(
            LiquidationBucket(START - back + n * width, width, str(venue), 1e5, 1e5)
            for back, width, count in widths
            for n in range(count)
            for venue in range(5)
        )
        heard = tuple(Coverage(str(venue), START - 35 * DAY) for venue in range(5))
        return LiquidationBook("BTC", buckets, heard)


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
        before = time.process_time()
        await asyncio.sleep(0)
        stalls.append(time.process_time() - before)

    assert trying.result().fired is not None
    assert len(stalls) > 35
    # A few milliseconds of work at a time; whoever collects garbage meanwhile gets some air.
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


class Tape:
    """A price of 75,000 but for the minutes in `dips`; candles of any length as a venue makes them of it."""

    name = "tape"

    def __init__(self, *dips, quarters=True) -> None:
        self.dips, self.quarters = dips, quarters

    def at(self, moment):
        return next((p for start, end, p in self.dips if start <= moment < end), 75_000.0)

    def bar(self, opened_at, length):
        inside = [p for start, end, p in self.dips if start < opened_at + length > opened_at < end]
        prices = (*inside, self.at(opened_at), self.at(opened_at + length - MINUTE))
        if not any(s <= opened_at and opened_at + length <= e for s, e, _ in self.dips):
            prices = (*prices, 75_000.0)
        return Candle(
            opened_at,
            prices[-3],
            max(prices),
            min(prices),
            self.at(opened_at + length - MINUTE),
            1.0,
        )

    async def candles(self, asset, interval, limit):
        if interval is Interval.M15 and not self.quarters:
            raise UnknownSymbol(self.name, "no quarters here")
        length = interval.length
        end = START if interval is not Interval.D1 else START.replace(hour=0)
        bars = tuple(self.bar(end - n * length, length) for n in range(min(limit, 3000), 0, -1))
        return Reading(bars, self.name, START)


def dip(hour: int, minute: int, lasted: int, price: float = 69_900.0):
    """So many minutes below, some days ago."""
    start = (START - 5 * DAY).replace(hour=hour, minute=minute)
    return start, start + lasted * MINUTE, price


def below(**more) -> Rule:
    return rule(Metric.PRICE, value=70_000.0, **more)


CLOSE_15M = {"on_close": True, "interval": "15m"}
CLOSE_1H = {"on_close": True, "interval": "1h"}


@pytest.mark.parametrize(
    ("made", "tape", "fired", "step"),
    [
        pytest.param(below(hold=1800), Tape(dip(3, 59, 2)), 0, 15, id="a minute around the hour"),
        pytest.param(below(hold=600), Tape(dip(3, 5, 50)), 1, 15, id="most of an hour, inside it"),
        pytest.param(below(hold=3600), Tape(dip(3, 30, 180)), 1, 60, id="hours"),
        pytest.param(below(hold=3600), Tape(dip(3, 59, 2)), 0, 60, id="around the hour, for an hour"),
        pytest.param(
            below(**CLOSE_1H, hold=1800), Tape(dip(3, 5, 50)), 0, None, id="no close of an hour"
        ),
        pytest.param(below(**CLOSE_15M), Tape(dip(3, 10, 10)), 1, None, id="the close of a quarter"),
        pytest.param(below(**CLOSE_15M), Tape(dip(3, 16, 10)), 0, None, id="between two closes"),
        pytest.param(
            below(**CLOSE_15M), Tape(dip(3, 50, 15), quarters=False), 1, 60, id="hours for want of quarters"
        ),
        pytest.param(
            rule(Metric.CHANGE, value=-5.0, window=900), Tape(dip(3, 20, 5)), 1, 15, id="a quick fall"
        ),
        pytest.param(
            rule(Metric.CHANGE, value=-5.0, window=900),
            Tape((*dip(3, 0, 20)[:2], 73_000.0), (*dip(3, 20, 20)[:2], 71_000.0), (*dip(3, 40, 20)[:2], 69_500.0)),
            0,
            15,
            id="a fall that takes an hour",
        ),
    ],
)  # fmt: skip
async def test_what_is_shorter_than_an_hour_is_tried_on_quarters(clock, made, tape, fired, step):
    sight = Sight(Market(Sources(candles=(tape,)), clock), BTC, clock())

    found = await rehearse(made, kind_of(KINDS, made.metric), sight)

    assert (found.fired, found.step) == (fired, None if step is None else step * MINUTE)
