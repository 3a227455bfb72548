"""One picture from parts that may be missing."""

from datetime import UTC, date, datetime

from bot.facts_json import expiry_name, facts_json
from config.watchlist import Asset
from handlers.facts import Missing, facts
from handlers.facts.flows import flow_facts
from providers.market import Market, Sources
from providers.types import Candle, FlowDay, FlowStatus, Interval, Reading
from tests.fakes import START, Clock
from tests.handlers.analysis.bars import DAY

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
