"""One picture from parts that may be missing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.facts_json import expiry_name, facts_json
from config.watchlist import Asset
from handlers.facts import Missing, facts
from handlers.facts.flows import flow_facts
from providers.errors import StillCounting
from providers.market import Market, Sources
from providers.types import (
    Candle,
    Coverage,
    FlowDay,
    FlowStatus,
    Interval,
    LiquidationBook,
    LiquidationBucket,
    LiquidationTotal,
    Reading,
)
from tests.fakes import START, Clock
from tests.handlers.analysis.bars import DAY

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
COIN = Asset("ABC", "A coin")


class Bars:
    """A venue with these daily closes and nothing else."""

    name = "venue"

    def __init__(self, closes):
        midnight = START.replace(hour=0)
        first = midnight - len(closes) * DAY
        self.days = tuple(Candle(first + i * DAY, c, c, c, c, 1.0) for i, c in enumerate(closes))

    async def candles(self, asset, interval, limit):
        days = self.days if interval is Interval.D1 else ()
        return Reading(days[-limit:], self.name, START)


async def picture(closes):
    clock = Clock()
    return await facts(Market(Sources(candles=(Bars(closes),)), clock), COIN, clock())


async def test_without_any_source_every_part_is_missing_and_nothing_is_zero():
    clock = Clock()
    found = await facts(Market(Sources(), clock), COIN, clock())

    assert isinstance(found.price, Missing)
    told = facts_json(found)
    assert told["price"]["last"] is None
    assert told["flows"]["net_usd"] is None
    assert "price" in told["missing"]
    assert told["levels"] == []


async def test_two_flat_days_are_enough_for_a_price_and_for_nothing_else():
    told = facts_json(await picture([5.0, 5.0]))

    assert told["price"]["last"] == 5.0
    assert told["momentum"]["rsi14_1d"] is None
    assert told["trend"]["ema200w"] is None
    assert told["squeeze"]["long_squeeze"] is False


async def test_a_price_that_halves_is_told_without_infinities():
    told = facts_json(await picture([100.0] * 40 + [50.0]))

    assert told["price"]["low_48h"] == 50.0
    assert told["price"]["fall_48h_pct"] == -50.0
    assert told["momentum"]["rsi14_1d"] == 0.0


def test_an_expiry_is_named_as_its_venue_does():
    assert expiry_name(START.date()) == "6MAR30"


def test_a_partial_day_is_one_for_five_trading_days_only():
    final = FlowDay(date(2030, 3, 1), 1.0, (("A", 1.0),), FlowStatus.FINAL)
    part = FlowDay(date(2030, 3, 4), 1.0, (("A", 1.0), ("B", None)), FlowStatus.PARTIAL)
    for day, told in ((11, part), (12, None)):
        now = datetime(2030, 3, day, 12, tzinfo=UTC)
        assert flow_facts((final, part), None, now).partial is told


class Counted:
    """Our own count of a market where a million of longs is closed each minute, begun so long ago."""

    name = "own"

    def __init__(self, begun):
        self.begun = begun

    async def book(self, asset, since):
        began = START - self.begun
        minutes = int(self.begun.total_seconds() // 60)
        buckets = tuple(
            LiquidationBucket(began + n * MINUTE, MINUTE, "venue", 1e6, 0.0) for n in range(minutes)
        )
        return Reading(
            LiquidationBook(COIN.symbol, buckets, (Coverage("venue", began),)), "own", START
        )


class Total:
    """Somebody else's figure of the same."""

    name = "Totals"

    async def totals(self, asset, window):
        every = LiquidationTotal(asset.symbol, None, window, None, 9e6, 1e6)
        one = LiquidationTotal(asset.symbol, "venue", window, None, 5e6, 1e6)
        return Reading((one, every), self.name, START)


async def liquidated(begun, *totals):
    sources = Sources(liquidations=(Counted(begun),), liquidation_totals=totals)
    found = await facts(Market(sources, Clock()), COIN, START)
    return found.liquidations


async def test_a_day_we_counted_ourselves_is_our_own():
    known = await liquidated(2 * DAY, Total())
    assert (known.source, known.value.sum_24h.whole) == ("own", True)


@pytest.mark.parametrize("begun", [5 * MINUTE, 5 * HOUR], ids=["just begun", "since this morning"])
async def test_until_then_the_total_of_another_is_told_under_its_own_name(begun):
    known = await liquidated(begun, Total())
    assert (known.source, known.value.sum_24h.long_usd) == ("Totals", 9e6)
    assert known.value.sum_1h is None


async def test_with_nobody_else_a_young_count_is_told_as_what_it_is():
    since = (await liquidated(5 * HOUR)).value.sum_24h.since
    assert since == START - 5 * HOUR
    assert (await liquidated(5 * MINUTE)).reason == StillCounting.code
