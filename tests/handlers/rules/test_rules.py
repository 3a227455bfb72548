"""Each kind of alert reads the fact it is about, and nothing that is not final or not heard."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from config.watchlist import Watchlist
from handlers.observing import Sight
from handlers.rehearsal import kind_of, rehearse, would_fire
from handlers.rule import Direction, Metric, Rule
from handlers.rules import KINDS
from providers.market import Market, Sources
from providers.types import (
    Candle,
    Coverage,
    FlowDay,
    FlowStatus,
    Funding,
    Headline,
    Interval,
    LiquidationBook,
    LiquidationBucket,
    Reading,
    Sentiment,
    Ticker,
)
from tests.fakes import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BTC = Watchlist.load().get("BTC")
BELOW, ABOVE = Direction.BELOW, Direction.ABOVE


class World:
    """A price that falls by 100 dollars an hour, two flow days, one bailout."""

    name = "world"

    async def candles(self, asset, interval, limit):
        length = Interval(interval).length
        now = START if interval is not Interval.D1 else START.replace(hour=0)
        bars = []
        for n in range(limit, 0, -1):
            at, hours = now - n * length, (START - now + n * length) / HOUR
            open_ = 70_000 + 100 * hours
            close = open_ - 100 * (length / HOUR)
            bars.append(Candle(at, open_, open_ + 20, close - 20, close, 1.0))
        return Reading(tuple(bars), self.name, START)

    async def history(self, asset):
        first = datetime(2020, 1, 1, tzinfo=UTC)
        return Reading((Candle(first, 60_000, 61_000, 59_000, 60_000, 1.0),), self.name, first)

    async def flows(self, asset):
        days = (
            FlowDay(date(2030, 3, 4), -1e8, (("IBIT", -1e8),), FlowStatus.FINAL),
            FlowDay(date(2030, 3, 5), -6e8, (("IBIT", -6e8),), FlowStatus.FINAL),
            FlowDay(date(2030, 3, 6), -9e8, (("IBIT", None),), FlowStatus.PARTIAL),
        )
        return Reading(days, self.name, START)

    async def book(self, asset, since):
        buckets = tuple(
            LiquidationBucket(START - n * HOUR, HOUR, "bybit", 1e7, 2e6) for n in range(1, 30)
        )
        heard = (Coverage("bybit", START - 30 * HOUR),)
        return Reading(LiquidationBook("BTC", buckets, heard), self.name, START)

    async def sentiment(self):
        values = tuple(
            Sentiment(v, "Extreme Fear", date(2030, 3, 4 + n)) for n, v in enumerate((20, 14, 12))
        )
        return Reading(values, self.name, START)

    async def headlines(self):
        items = (
            Headline("Banks rally", "", "https://x.test/1", "x", START - HOUR),
            Headline("No Bailout, says Treasury", "", "https://x.test/2", "x", START - 2 * HOUR),
        )
        return Reading(items, self.name, START)


@pytest.fixture
def sight(clock):
    w = World()
    sources = Sources(
        candles=(w,), history=(w,), flows=(w,), liquidations=(w,), sentiment=(w,), headlines=(w,)
    )
    return Sight(Market(sources, clock), BTC, clock())


def rule(metric, direction=BELOW, value=0.0, **more):
    return Rule("1", "c", "u", START - 90 * DAY, metric, direction, value, "BTC", **more)


async def last(sight, made):
    return (await kind_of(KINDS, made.metric).read(made, sight))[-1]


@pytest.mark.parametrize(
    ("made", "value"),
    [
        (rule(Metric.FLOW, value=-5e8), -6e8),
        (rule(Metric.FLOW_STREAK, value=-2.0), -2.0),
        (rule(Metric.LIQUIDATIONS, ABOVE, 1e8, window=4 * 3600), 4 * 1.2e7),
        (rule(Metric.FEAR, value=15.0), 12.0),
        (rule(Metric.RSI, value=25.0, interval="4h"), 0.0),
        (rule(Metric.PRICE, value=70_000.0, on_close=True, interval="1h"), 70_000.0),
    ],
)
async def test_each_metric_reads_its_own_fact(sight, made, value):
    assert (await last(sight, made)).value == pytest.approx(value)


async def test_a_quarter_of_an_hour_has_its_own_close(sight):
    seen = await last(sight, rule(Metric.PRICE, value=1.0, on_close=True, interval="15m"))

    assert (seen.closes, seen.as_of) == (("15m",), START - timedelta(seconds=1))


async def test_a_partial_flow_day_is_not_looked_at(sight):
    seen = await last(sight, rule(Metric.FLOW, value=-5e8))

    assert (seen.key, seen.detail["status"]) == ("2030-03-05", "final")


async def test_the_days_that_became_final_lately_are_all_looked_at(sight):
    flow = rule(Metric.FLOW, value=-5e8)
    run = rule(Metric.FLOW_STREAK, value=-2.0)

    days = await kind_of(KINDS, Metric.FLOW).read(flow, sight)
    streaks = await kind_of(KINDS, Metric.FLOW).read(run, sight)

    assert [(seen.key, seen.value) for seen in days] == [("2030-03-04", -1e8), ("2030-03-05", -6e8)]
    assert [(seen.key, seen.value) for seen in streaks] == [("2030-03-04", -1), ("2030-03-05", -2)]


async def test_only_whole_words_of_a_headline_count(sight):
    found = await kind_of(KINDS, Metric.HEADLINE).read(rule(Metric.HEADLINE, word="bailout"), sight)
    none = await kind_of(KINDS, Metric.HEADLINE).read(rule(Metric.HEADLINE, word="bank"), sight)

    assert [seen.detail["title"] for seen in found] == ["No Bailout, says Treasury"]
    assert [(seen.value, seen.key) for seen in none] == [(0.0, None)]


async def test_a_change_is_measured_over_its_window(sight):
    made = rule(Metric.CHANGE, value=-5.0, window=4 * 3600)

    seen = (await kind_of(KINDS, Metric.CHANGE).past(made, sight, START - HOUR))[-1]

    assert seen.value == pytest.approx((70_000 / 70_400 - 1) * 100)


class Minutes(World):
    """Every minute the price falls by ten dollars, from 75,000 at noon; candles of each length say so."""

    now = START + timedelta(hours=5, minutes=59, seconds=30)

    def at(self, moment):
        return 75_000.0 - 10 * (moment - START) / timedelta(minutes=1)

    async def ticker(self, asset):
        return Reading(Ticker(self.at(self.now)), self.name, self.now)

    async def candles(self, asset, interval, limit):
        length = Interval(interval).length
        opened = self.now - (self.now - START.replace(hour=0)) % length
        starts = [opened - n * length for n in range(limit - 1, -1, -1)]
        bars = (Candle(at, *[self.at(at)] * 3, self.at(at + length), 1.0) for at in starts)
        return Reading(tuple(bars), self.name, self.now)


@pytest.mark.parametrize(
    ("window", "step"),
    [(5, 1), (15, 1), (60, 1), (240, 1), (300, 15), (1440, 15), (2880, 15), (4320, 60)],
)
async def test_a_change_within_a_window_happened_in_no_longer_and_hardly_shorter(window, step):
    world = Minutes()
    made = rule(Metric.CHANGE, value=-1.0, window=window * 60)
    market = Market(Sources(prices=(world,), candles=(world,)), lambda: world.now)
    now = world.at(world.now)

    (seen,) = await kind_of(KINDS, Metric.CHANGE).read(made, Sight(market, BTC, world.now))

    took = (seen.detail["then"] - now) / 10
    assert window - step < took <= window
    assert seen.value == pytest.approx((now / seen.detail["then"] - 1) * 100)


async def test_a_change_from_before_there_are_candles_is_not_made_up():
    world, hanging = Minutes(), Minutes()
    hanging.now = world.now - HOUR
    made = rule(Metric.CHANGE, value=-1.0, window=900)
    market = Market(Sources(prices=(world,), candles=(hanging,)), lambda: world.now)

    (seen,) = await kind_of(KINDS, Metric.CHANGE).read(made, Sight(market, BTC, world.now))

    assert (seen.value, "then" in seen.detail) == (None, False)


class Unsure(Minutes):
    """Cannot tell of any bar that it has closed."""

    async def candles(self, asset, interval, limit):
        told = await Minutes.candles(self, asset, interval, limit)
        return told.map(lambda bars: tuple(replace(bar, closed=False) for bar in bars))


async def test_a_bar_that_may_not_have_closed_is_no_price_to_measure_from():
    world = Unsure()
    made = rule(Metric.CHANGE, value=-1.0, window=900)
    market = Market(Sources(prices=(world,), candles=(world,)), lambda: world.now)

    (seen,) = await kind_of(KINDS, Metric.CHANGE).read(made, Sight(market, BTC, world.now))

    assert seen.value is None


async def test_quarters_of_an_hour_do_not_say_how_often_a_shorter_change_happened(sight):
    made = rule(Metric.CHANGE, value=-0.01, window=300)

    assert await kind_of(KINDS, Metric.CHANGE).past(made, sight, START - DAY) == ()


async def test_a_new_low_knows_how_far_back_it_reaches(sight):
    made = rule(Metric.NEW_LOW, value=90.0)

    seen = (await kind_of(KINDS, Metric.NEW_LOW).past(made, sight, START - HOUR))[0]

    assert seen.value == 69_980.0
    assert seen.line is not None
    assert seen.line > seen.value
    assert seen.key == "2020-01-01"


async def test_an_hour_is_seen_as_its_wick_and_then_its_close(sight):
    seen = await kind_of(KINDS, Metric.LEVEL).past(
        rule(Metric.LEVEL, Direction.EITHER), sight, START - HOUR
    )

    assert [one.value for one in seen] == [70_120.0, 69_980.0, 70_000.0]
    assert seen[-1].closes == ("15m", "1h", "4h")
    assert seen[-1].as_of == START - timedelta(seconds=1)
    assert 70_000.0 in seen[0].lines


async def test_a_dry_run_counts_what_would_have_rung(sight):
    made = rule(Metric.PRICE, value=80_000.0)

    rehearsed = await rehearse(made, kind_of(KINDS, Metric.PRICE), sight)

    assert rehearsed.fired == 1
    assert rehearsed.last is not None
    assert abs(rehearsed.last - (START - 100 * HOUR)) <= HOUR


@pytest.mark.parametrize("closed", [{}, {"on_close": True, "interval": "1h"}, {"hold": 7200}])
async def test_what_was_so_from_the_start_did_not_happen(sight, closed):
    made = rule(Metric.PRICE, ABOVE, value=80_000.0, **closed)

    assert (await rehearse(made, kind_of(KINDS, Metric.PRICE), sight)).fired == 0


@pytest.mark.parametrize(
    ("made", "met"),
    [
        (rule(Metric.FEAR, value=15.0), 12.0),
        (rule(Metric.FEAR, value=10.0), None),
        (rule(Metric.PRICE, value=80_000.0, on_close=True, interval="1h"), 70_000.0),
        (rule(Metric.FLOW, value=-5e8), None),
        (rule(Metric.LEVEL, Direction.EITHER), None),
    ],
)
async def test_a_dry_run_knows_what_is_true_already(sight, made, met):
    assert (await rehearse(made, kind_of(KINDS, made.metric), sight)).met == met


async def test_without_history_a_dry_run_says_nothing(sight):
    rehearsed = await rehearse(rule(Metric.FUNDING), kind_of(KINDS, Metric.FUNDING), sight)

    assert rehearsed.fired is None


async def test_a_dry_run_of_funding_counts_the_rates_that_were_paid(clock):
    class Paid:
        name = "paid"

        async def funding_history(self, asset, since):
            eight = timedelta(hours=8)
            rates = (0.0001, -0.0001, 0.0001, 0.0002, -0.0003, -0.0001)
            past = tuple(
                Funding("paid", "BTCUSDT", rate, 8.0, START - (6 - n) * eight)
                for n, rate in enumerate(rates)
            )
            return Reading(past, self.name, START)

    sight = Sight(Market(Sources(funding_history=(Paid(),)), clock), BTC, clock())

    found = await rehearse(rule(Metric.FUNDING), kind_of(KINDS, Metric.FUNDING), sight)

    assert (found.fired, found.step) == (2, timedelta(hours=8))
    assert found.last == START - timedelta(hours=16)


async def test_nothing_seen_is_nothing_fired():
    assert await would_fire(rule(Metric.PRICE, value=1.0), ()) == ()


def test_every_metric_has_exactly_one_kind():
    metrics = [metric for kind in KINDS for metric in kind.metrics]

    assert sorted(metrics) == sorted(Metric)
