"""What happens to a rule while nothing crosses its line: it ends, it sees nothing, its asset goes, and it is told."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from bot.watch import Watch
from config.watchlist import Watchlist
from handlers.rule import Direction, Metric, Phase, RuleRecord, RuleState, Transition
from handlers.rules import KINDS
from providers.market import Market, Sources
from tests.bot.test_watch import FakeLedger, load, rule
from tests.fakes import START, NoHeadlines

EXPIRED, NO_DATA, ERROR = Transition.EXPIRED, Transition.NO_DATA, Transition.ERROR


@pytest.fixture
def ledger():
    return FakeLedger()


@pytest.fixture
def watch(clock, ledger):
    return Watch(Market(Sources(), clock), Watchlist.load(), ledger, clock, KINDS)


@pytest.fixture
def turn(watch, clock):
    """One turn of the watch after some time; with a price there is a trade just then."""

    async def turn(price=None, **after):
        clock.advance(**after)
        if price is not None:
            watch.on_tick("BTC", price, clock(), "binance")
        await watch.drain()
        await watch.poll()
        await watch.note()
        await watch.sweep()

    return turn


def told(ledger):
    return [(rule_id, what) for rule_id, what, _ in ledger.told]


async def test_a_price_that_is_never_reached_expires_at_its_end(watch, ledger, turn):
    load(watch, rule(until=START + timedelta(minutes=1)), rule("2"))

    await turn(75_000, seconds=59)
    assert told(ledger) == []
    await turn(75_000, seconds=2)
    await turn(69_000, seconds=2)

    assert told(ledger) == [("1", EXPIRED), ("2", Transition.FIRED)]
    assert ledger.saved["1"].phase is Phase.DONE


async def test_an_end_that_was_put_off_is_the_new_end(watch, ledger, turn):
    load(watch, rule(until=START + timedelta(minutes=1)))
    later = rule(until=START + timedelta(hours=1))
    watch.replace("telegram:5", [RuleRecord(later, RuleState())])

    await turn(75_000, minutes=2)
    assert told(ledger) == []
    await turn(75_000, hours=1)

    assert told(ledger) == [("1", EXPIRED)]


async def test_an_end_that_could_not_be_saved_is_told_when_the_store_is_back(watch, ledger, turn):
    load(watch, rule(until=START + timedelta(minutes=1)))

    async def away():
        raise ConnectionError

    ledger.advance, advance = lambda _: away(), ledger.advance
    with pytest.raises(ConnectionError):
        await turn(75_000, minutes=2)
    ledger.advance = advance
    await turn(75_000, seconds=1)

    assert told(ledger) == [("1", EXPIRED)]


async def test_a_price_that_nobody_trades_has_no_data_and_is_told_once(watch, ledger, turn):
    load(watch, rule(), rule("2", Direction.ABOVE, 80_000.0))

    await turn(75_000, seconds=1)
    await turn(minutes=4)
    assert ledger.saved == {}
    await turn(minutes=2)
    await turn(seconds=1)
    assert [s.shown for s in ledger.saved.values()] == [Phase.NO_DATA] * 2
    assert told(ledger) == []
    for _ in range(20):
        await turn(hours=1)

    assert sorted(told(ledger)) == [("1", NO_DATA), ("2", NO_DATA)]


async def test_a_price_without_data_is_armed_again_with_the_next_trade(watch, ledger, turn):
    load(watch, rule())
    await turn(75_000, seconds=1)
    await turn(minutes=6)

    await turn(75_000, seconds=1)

    assert ledger.saved["1"].shown is Phase.ARMED
    await turn(hours=5, minutes=58)
    assert told(ledger) == []


async def test_what_fell_while_nothing_was_seen_fires_with_the_next_trade(watch, ledger, turn):
    load(watch, rule())
    await turn(75_000, seconds=1)
    await turn(minutes=6)

    await turn(69_000, seconds=1)

    assert told(ledger) == [("1", Transition.FIRED)]


async def test_a_rule_that_is_made_while_nothing_is_seen_says_so_too(watch, ledger, turn):
    load(watch, rule())
    await turn(seconds=1)
    await turn(minutes=6)
    both = [RuleRecord(rule(), ledger.saved["1"]), RuleRecord(rule("2"), RuleState())]
    watch.replace("telegram:5", both)

    await turn(seconds=1)

    assert ledger.saved["2"].shown is Phase.NO_DATA


async def test_very_many_rules_without_data_are_told_so_a_part_each_turn(watch, ledger, turn):
    load(watch, *(rule(str(n)) for n in range(1_500)))
    await turn(75_000, seconds=1)

    await turn(minutes=6)
    first = len(ledger.saved)
    await turn(seconds=1)

    assert (first, len(ledger.saved)) == (1_000, 1_500)


async def test_the_rules_of_an_asset_that_left_are_told_once_and_the_others_go_on(
    watch, ledger, turn
):
    gone = [
        msgspec.structs.replace(rule("1"), asset="LUNA"),
        msgspec.structs.replace(rule("2", metric=Metric.RSI, interval="1d"), asset="LUNA"),
    ]
    load(watch, *gone, rule("3"))

    for _ in range(3):
        await turn(75_000, minutes=1)
    await turn(69_000, seconds=1)

    assert sorted(told(ledger)) == [("1", ERROR), ("2", ERROR), ("3", Transition.FIRED)]
    assert [ledger.saved[n].shown for n in "12"] == [Phase.ERROR] * 2


async def test_a_rule_works_again_when_its_asset_is_back(watch, ledger, turn):
    lost = RuleState(error="not followed", version=1)
    watch.load([RuleRecord(rule(), lost)])

    await turn(75_000, seconds=1)

    assert ledger.saved["1"].shown is Phase.ARMED
    await turn(69_000, seconds=1)
    assert told(ledger) == [("1", Transition.FIRED)]


async def test_a_rule_of_an_asset_that_left_still_ends(watch, ledger, turn):
    made = msgspec.structs.replace(rule(until=START + timedelta(hours=1)), asset="LUNA")
    load(watch, made)

    await turn(seconds=1)
    await turn(hours=2)

    assert told(ledger) == [("1", ERROR), ("1", EXPIRED)]


async def test_what_others_watched_meanwhile_was_no_silence(watch, ledger, turn, clock):
    load(watch, rule())
    await turn(75_000, seconds=1)
    clock.advance(hours=3)
    holder = asyncio.create_task(watch.run())
    for _ in range(20):
        await asyncio.sleep(0)
    holder.cancel()
    await asyncio.gather(holder, return_exceptions=True)

    assert ledger.saved == {}


async def test_an_asset_that_is_back_without_data_is_no_longer_an_error(watch, ledger, turn):
    watch.load([RuleRecord(rule(), RuleState(error="not followed", version=1))])

    await turn(seconds=1)
    await turn(minutes=6)

    assert ledger.saved["1"].shown is Phase.NO_DATA


async def test_a_word_that_no_headline_holds_is_no_missing_data(clock, ledger):
    market = Market(Sources(headlines=(NoHeadlines(clock),)), clock)
    watch = Watch(market, Watchlist.load(), ledger, clock, KINDS)
    watch.load([RuleRecord(rule(metric=Metric.HEADLINE, word="bailout"), RuleState())])

    for _ in range(8):
        clock.advance(hours=1)
        await watch.poll()

    assert (ledger.told, ledger.saved) == ([], {})
