"""A day of ticks around a line, through the watch itself: once per real break."""

import random
from itertools import pairwise

import pytest

from bot.watch import Watch
from config.watchlist import Watchlist
from handlers.rule import RuleRecord, RuleState, Transition
from handlers.rules import KINDS
from providers.market import Market, Sources
from tests.bot.test_watch import FakeLedger, rule

LINE = 70_000.0
REAL = (
    6,
    13,
    20,
)  # hours at which the price goes well above the line for ten minutes, and comes back


def day(seed: int) -> list[float]:
    """Twice a second: a price that swings 0.5 % around the line and crosses it thousands of times."""
    chance, away, prices = random.Random(seed), 0.0, []
    for tick in range(86_400 * 2):
        away = max(-350.0, min(350.0, away * 0.99 + chance.gauss(0, 40)))
        hour, rest = divmod(tick, 7200)
        risen = 2_000.0 if hour in REAL and rest < 1_200 else 0.0
        prices.append(LINE + risen + away)
    return prices


async def told(clock, **more) -> list[Transition]:
    ledger = FakeLedger()
    watch = Watch(Market(Sources(), clock), Watchlist.load(), ledger, clock, KINDS)
    watch.load([RuleRecord(rule(value=LINE, **more), RuleState())])
    for price in day(7):
        clock.advance(seconds=0.5)
        watch.on_tick("BTC", price, clock(), "binance")
        await watch.drain()
    return [what for _, what, _ in ledger.told]


def crossings() -> int:
    prices = day(7)
    return sum(a >= LINE > b for a, b in pairwise(prices))


@pytest.mark.slow
async def test_a_day_of_swings_rings_once_per_real_break(clock):
    what = await told(clock)

    assert crossings() > 1_000
    assert what.count(Transition.FIRED) == 1 + len(REAL)
    assert what.count(Transition.RESOLVED) == len(REAL)


@pytest.mark.slow
async def test_without_a_rearm_line_only_the_cooldown_holds_the_swings_back(clock):
    loose = await told(clock, rearm_at=LINE)
    cooled = await told(clock, rearm_at=LINE, cooldown=6 * 3600)

    assert loose.count(Transition.FIRED) > 1_000
    assert cooled.count(Transition.FIRED) == 4
    assert cooled.count(Transition.AGAIN) > 1_000
