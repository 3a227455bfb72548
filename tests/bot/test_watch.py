"""A tick rings every rule it crosses, once, and nothing that is old rings at all."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from bot.watch import Watch
from config.watchlist import Watchlist
from handlers.rule import Direction, Metric, Phase, Rule, RuleRecord, RuleState, Transition
from handlers.rules import KINDS
from providers.errors import Unavailable
from providers.market import Market, Sources
from tests.fakes import START


class FakeLedger:
    """Keeps what was saved and owed; `refuse` says that somebody else was first."""

    def __init__(self):
        self.saved, self.told, self.refuse = {}, [], False
        self.alerts, self.owed = [], asyncio.Event()

    async def meanwhile(self):
        """What happens while the store is being written."""

    async def advance(self, changes):
        if self.refuse:
            return (False,) * len(changes)
        for change in changes:
            self.saved[change.rule] = change.state
            if change.owed is not None:
                self.owed.set()
                self.alerts.append(change.owed.alert)
                self.told.append((change.rule, change.owed.alert.transition, change.owed.id))
        await self.meanwhile()
        return (True,) * len(changes)


def rule(rule_id="1", direction=Direction.BELOW, value=70_000.0, metric=Metric.PRICE, **more):
    return Rule(rule_id, "telegram:5", "u", START, metric, direction, value, "BTC", **more)


@pytest.fixture
def ledger():
    return FakeLedger()


@pytest.fixture
def watch(clock, ledger):
    return Watch(Market(Sources(), clock), Watchlist.load(), ledger, clock, KINDS)


def load(watch, *rules):
    watch.load(RuleRecord(r, RuleState()) for r in rules)


@pytest.fixture
def play(watch, clock):
    async def play(*prices):
        for price in prices:
            clock.advance(seconds=1)
            watch.on_tick("BTC", price, clock(), "binance")
            await watch.drain()
            await watch.sweep()

    return play


async def test_a_crossed_line_is_owed_once_with_its_state(watch, ledger, play):
    load(watch, rule(), rule("2", Direction.ABOVE, 80_000.0))

    await play(75_000, 69_900, 69_800, 69_950)

    assert [(r, t) for r, t, _ in ledger.told] == [("1", Transition.FIRED)]
    assert ledger.saved["1"].phase is Phase.FIRING


async def test_a_rearmed_rule_rings_again_and_knows_how_low_it_was(watch, ledger, play):
    load(watch, rule())

    await play(69_900, 69_110, 69_500, 71_000, 69_900)

    told = [t for _, t, _ in ledger.told]
    assert told == [Transition.FIRED, Transition.RESOLVED, Transition.FIRED]
    assert len({delivery for *_, delivery in ledger.told}) == 3


@pytest.mark.parametrize("noted", [False, True], ids=["not looked at since", "noted"])
async def test_a_rule_that_recovers_tells_how_far_the_price_went(watch, ledger, clock, noted):
    load(watch, rule())
    for price in (69_900, 69_110, 69_500):
        clock.advance(seconds=1)
        watch.on_tick("BTC", price, clock(), "binance")
        await watch.drain()
    if noted:
        await watch.note()
        await watch.note()
        assert ledger.saved["1"].extreme == 69_110

    watch.on_tick("BTC", 71_000.0, clock(), "binance")
    await watch.drain()

    assert ledger.alerts[-1].detail["extreme"] == 69_110


async def test_a_rule_removed_while_its_step_is_saved_stays_removed(watch, ledger, play):
    load(watch, rule())

    async def removed():
        watch.replace("telegram:5", [])

    ledger.meanwhile = removed
    await play(69_900)
    ledger.meanwhile = FakeLedger().meanwhile
    await play(71_000)

    assert [t for _, t, _ in ledger.told] == [Transition.FIRED]


async def test_a_storm_lets_everybody_else_have_a_turn(watch, ledger, clock):
    load(watch, *(rule(str(n)) for n in range(1_000)))
    turns = []

    async def somebody():
        while True:
            turns.append(len(ledger.told))
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody())
    watch.on_tick("BTC", 69_900.0, clock(), "binance")
    await watch.drain()
    other.cancel()

    assert len(ledger.told) == 1_000
    assert any(0 < told < 1_000 for told in turns)


async def test_a_line_that_is_crossed_all_the_time_does_not_keep_the_others_waiting(clock, ledger):
    watch = Watch(Market(Sources(), clock), Watchlist.load(), ledger, clock, KINDS, turn=0.01)
    snoozed = RuleState(snoozed_until=clock() + timedelta(hours=1))
    watch.load([RuleRecord(rule(), snoozed), RuleRecord(rule("2", hold=5), RuleState())])

    async def ticks():
        while True:
            watch.on_tick("BTC", 69_900.0, clock(), "binance")
            clock.advance(seconds=1)
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(work) for work in (ticks(), watch.run())]
    async with asyncio.timeout(5):
        await ledger.owed.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert [(r, t) for r, t, _ in ledger.told] == [("2", Transition.FIRED)]


async def test_an_old_tick_neither_fires_nor_rearms(watch, ledger, clock):
    load(watch, rule())

    watch.on_tick("BTC", 69_000.0, clock() - timedelta(seconds=30), "binance")
    await watch.drain()

    assert ledger.told == []
    watch.on_tick("BTC", 69_000.0, clock(), "binance")
    await watch.drain()
    assert len(ledger.told) == 1


async def test_a_rule_that_must_hold_fires_when_it_has_held(watch, ledger, play):
    load(watch, rule(hold=3))

    await play(69_900, 69_900)
    assert ledger.told == []
    await play(69_900, 69_900)

    assert [t for _, t, _ in ledger.told] == [Transition.FIRED]


async def test_an_added_rule_is_watched_and_a_removed_one_is_not(watch, ledger, play):
    load(watch, rule())
    watch.replace("telegram:5", [RuleRecord(rule("2", value=69_000.0), RuleState())])

    await play(69_500)
    assert ledger.told == []
    await play(68_900)

    assert [r for r, *_ in ledger.told] == ["2"]


async def test_a_rule_that_another_process_advanced_is_to_be_read_anew(watch, ledger, play):
    load(watch, rule())
    ledger.refuse = True

    await play(69_900)

    assert (ledger.told, watch.stale) == ([], {"telegram:5"})


async def test_levels_touch_on_the_tick(watch, ledger, play):
    load(watch, rule(direction=Direction.EITHER, value=0.0, metric=Metric.LEVEL))

    await play(76_000, 75_500, 74_900, 75_100, 74_900)

    assert [t for _, t, _ in ledger.told] == [Transition.FIRED]


async def test_a_million_rules_would_not_slow_the_tick_that_crosses_none(watch, ledger, play):
    load(watch, *(rule(str(n), value=10_000.0 + n) for n in range(2_000)))

    await play(75_000, 74_000, 76_000)

    assert ledger.told == []


async def test_without_sources_polling_says_only_that_nothing_was_seen(watch, ledger):
    load(watch, rule(metric=Metric.RSI, value=25.0, interval="1d"))

    await watch.poll()

    assert ledger.told == []
    assert ledger.saved["1"].shown is Phase.NO_DATA
    assert ledger.saved["1"].phase is Phase.ARMED


async def test_a_rule_that_stays_blind_tells_since_when(watch, ledger, clock):
    load(watch, rule(metric=Metric.RSI, value=25.0, interval="1d"))
    await watch.poll()
    clock.advance(hours=6)
    await watch.poll()

    [alert] = ledger.alerts
    assert (alert.transition, alert.at) == (Transition.NO_DATA, clock())
    assert alert.detail["blind"] == START.isoformat()


async def test_an_expiry_is_told_by_the_time_of_the_expiry_not_of_the_last_price(
    watch, ledger, play, clock
):
    load(watch, rule(until=START + timedelta(hours=2)))
    await play(69_900)
    clock.advance(hours=3)
    watch.on_tick("BTC", 71_000.0, clock() - timedelta(hours=2), "binance")
    await watch.drain()

    alert = ledger.alerts[-1]
    assert (alert.transition, alert.at) == (Transition.EXPIRED, clock())


async def test_a_firing_rule_is_watched_again_after_a_restart(watch, ledger, play, clock):
    state = RuleState(phase=Phase.FIRING, since=START, last_fired_at=START, fired=1, version=4)
    watch.load([RuleRecord(rule(), msgspec.structs.replace(state, extreme=69_000.0))])

    await play(71_000)

    assert [t for _, t, _ in ledger.told] == [Transition.RESOLVED]


async def test_a_rule_on_another_asset_may_come_while_sources_are_asked(clock, ledger):
    class Slow:
        name = "slow"

        async def candles(self, asset, interval, limit):
            watch.replace("telegram:5", [record("1", "BTC"), record("2", "ETH")])
            raise Unavailable("slow", "not now")

    def record(rule_id, asset):
        return RuleRecord(msgspec.structs.replace(rule(rule_id), asset=asset), RuleState())

    market = Market(Sources(candles=(Slow(),)), clock)
    watch = Watch(market, Watchlist.load(), ledger, clock, KINDS)
    watch.load([record("1", "BTC")])
    await watch.poll()

    watch.on_tick("ETH", 69_000.0, clock(), "binance")
    await watch.drain()
    assert [told[0] for told in ledger.told] == ["2"]
