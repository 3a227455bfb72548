"""A close that nobody looked at in time is judged when somebody looks again, once, in its turn."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.watch import Watch
from config.watchlist import Watchlist
from handlers.rule import Direction, Metric, Phase, RuleRecord, RuleState, Stage, Transition
from handlers.rules import KINDS
from providers.market import Market, Sources
from providers.types import Candle, Interval, Reading
from tests.bot.test_watch import FakeLedger, rule
from tests.fakes import Clock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2030, 3, 11, tzinfo=UTC)
FIRED, RESOLVED = Transition.FIRED, Transition.RESOLVED


class Venue:
    """Closes at 75,200 but for the bars that end at the times in `closes`; `until` is where it hangs."""

    name = "binance"

    def __init__(self, clock):
        self.clock, self.closes, self.until = clock, {}, None

    async def candles(self, asset, interval, limit):
        length, now = Interval(interval).length, self.until or self.clock()
        end = now - (now - MONDAY) % length
        bars = tuple(
            Candle(at - length, 75_000.0, 75_500.0, 74_500.0, self.closes.get(at, 75_200.0), 1.0)
            for at in (end - n * length for n in range(limit - 1, -1, -1))
        )
        return Reading(bars, self.name, now)


@pytest.fixture
def clock():
    return Clock(MONDAY - 2 * HOUR)


@pytest.fixture
def venue(clock):
    return Venue(clock)


@pytest.fixture
def ledger():
    return FakeLedger()


@pytest.fixture
def look(clock, venue, ledger):
    """As a process would that starts now and knows these states: what it tells."""

    async def look(made, **after):
        clock.advance(**after)
        state = ledger.saved.get("1", RuleState())
        market = Market(Sources(candles=(venue,)), clock)
        watch = Watch(market, Watchlist.load(), ledger, clock, KINDS)
        watch.load([RuleRecord(made, state)])
        before = len(ledger.told)
        await watch.poll()
        clock.advance(minutes=2)
        await watch.poll()
        return [what for _, what, _ in ledger.told[before:]]

    return look


@pytest.mark.parametrize("interval", ["4h", "1d", "1w"])
async def test_a_close_is_judged_hours_after_it_and_once(look, venue, ledger, interval):
    made = rule(on_close=True, interval=interval)
    venue.closes[MONDAY] = 69_000.0
    assert await look(made) == []

    told = await look(made, hours=5, minutes=30)

    assert told == [FIRED]
    assert ledger.alerts[-1].at == MONDAY - timedelta(seconds=1)
    assert await look(made, minutes=3) == []


async def test_closes_that_were_missed_are_judged_each_in_its_turn(look, venue):
    made = rule(on_close=True, interval="1h")
    venue.closes |= {MONDAY: 69_000.0, MONDAY + HOUR: 76_000.0, MONDAY + 2 * HOUR: 68_000.0}
    await look(made)

    assert await look(made, hours=4, minutes=10) == [FIRED, RESOLVED, FIRED]


async def test_a_level_that_a_day_confirmed_is_told_hours_later(look, venue, ledger):
    made = rule(metric=Metric.LEVEL, direction=Direction.EITHER, value=0.0)
    await look(made)
    venue.closes[MONDAY] = 74_100.0

    told = await look(made, hours=20)

    assert told == [FIRED]
    assert ledger.alerts[0].detail["stage"] == Stage.CONFIRMED.value
    assert await look(made, minutes=3) == []


async def test_an_alert_does_not_fire_for_a_close_from_long_before_it_was_made(look, venue, clock):
    venue.closes[MONDAY] = 69_000.0
    clock.time = MONDAY + 5 * HOUR
    made = rule(on_close=True, interval="1d")

    assert await look(replace(made, created_at=clock())) == []


async def test_closes_of_a_venue_that_hangs_are_no_news(look, venue, ledger):
    made = rule(on_close=True, interval="1h")
    await look(made)
    venue.closes[MONDAY - HOUR] = 69_000.0
    venue.until = MONDAY - HOUR

    assert await look(made, hours=3) == []
    assert ledger.saved["1"].shown is Phase.NO_DATA


@pytest.mark.parametrize(
    ("next_close", "told"), [(69_500.0, [FIRED]), (76_000.0, [])], ids=["still so", "over"]
)
async def test_a_close_that_a_snooze_held_back_is_judged_after_it_unless_it_is_over(
    look, venue, ledger, clock, next_close, told
):
    made = rule(on_close=True, interval="1h", rearm_at=70_000.0)
    await look(made)
    venue.closes |= {MONDAY - HOUR: 69_000.0, MONDAY: next_close}
    ledger.saved["1"] = replace(ledger.saved["1"], snoozed_until=MONDAY + HOUR / 2)

    assert await look(made, minutes=70) == []
    assert await look(made, minutes=50) == []

    assert await look(made, minutes=40) == told
