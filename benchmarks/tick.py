"""One tick against every rule, none crossed and ten: the watch beside the plain loop, and the growth."""

import asyncio
import random
import time
from datetime import UTC, datetime

from benchmarks.measure import middle, spread, told
from bot.watch import Watch
from config.watchlist import Watchlist
from handlers.rule import Direction, Metric, Rule, RuleRecord, RuleState
from handlers.rules import KINDS
from providers.market import Market, Sources

NOW = datetime(2030, 3, 6, 12, tzinfo=UTC)
PRICE, QUIET, TICKS = 75_000.0, 20.0, 200_000


class Nowhere:
    """A ledger that keeps nothing: here only the tick is measured."""

    async def advance(self, changes):
        return (True,) * len(changes)


def records(count: int) -> list[RuleRecord]:
    """Rules on both sides of the price, none within reach of the ticks."""
    rng = random.Random(1)
    made = []
    for n in range(count):
        away = rng.uniform(QUIET, 50_000.0) * rng.choice((-1, 1))
        way = Direction.BELOW if away < 0 else Direction.ABOVE
        rule = Rule(str(n), f"x:{n % 5000}", "u", NOW, Metric.PRICE, way, PRICE + away, "BTC")
        made.append(RuleRecord(rule, RuleState()))
    return made


def per_tick(watch: Watch, prices: list[float]) -> float:
    tick, best = watch.on_tick, float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for price in prices:
            tick("BTC", price, NOW, "venue")
        best = min(best, (time.perf_counter() - began) / len(prices))
    return best


def plain_loop(known: list[RuleRecord], prices: list[float]) -> float:
    rounds = prices[: max(1, TICKS // len(known))]
    began = time.perf_counter()
    for price in rounds:
        for record in known:
            rule = record.rule
            fires = price < rule.value if rule.direction is Direction.BELOW else price > rule.value
            assert not fires
    return (time.perf_counter() - began) / len(rounds)


def ten_fire(watch: Watch, known: list[RuleRecord]) -> list[float]:
    """Microseconds of a tick that crosses ten lines, with all caches cold as after any other work."""
    below = sorted(
        (r.rule.value for r in known if r.rule.direction is Direction.BELOW), reverse=True
    )
    took = []
    for n in range(min(100, len(below) // 10)):
        watch.on_tick("BTC", PRICE, NOW, "venue")
        asyncio.run(watch.drain())
        began = time.perf_counter()
        watch.on_tick("BTC", below[n * 10 + 9], NOW, "venue")
        took.append((time.perf_counter() - began) * 1e6)
    asyncio.run(watch.drain())
    return took


def main(short: bool = False) -> None:
    rng = random.Random(2)
    prices = [PRICE + rng.uniform(-QUIET / 2, QUIET / 2) for _ in range(TICKS)]
    first = None
    for count in (100, 1000, 10_000, 100_000) if short else (100, 1000, 10_000, 100_000, 1_000_000):
        known = records(count)
        watch = Watch(
            Market(Sources(), lambda: NOW), Watchlist.load(), Nowhere(), lambda: NOW, KINDS
        )
        began = time.perf_counter()
        watch.load(known)
        loaded = time.perf_counter() - began
        tick, loop = per_tick(watch, prices), plain_loop(known, prices)
        fires = ten_fire(watch, known)
        first = first or (tick, middle(fires))
        print(
            f"{count:>9,} rules: {tick * 1e6:.3f} µs a tick, ten fire {middle(fires):.1f} µs "
            f"({spread(fires)}), plain loop {loop * 1e6:,.1f} µs (×{loop / tick:,.0f}), loaded in {loaded:.2f} s"
        )
    told("tick, none fires", tick * 1e6, 0.2, "µs")
    told("tick, ten fire", middle(fires), 5, "µs")
    told("beside the cost at 10², none and ten", max(tick / first[0], middle(fires) / first[1]), 2)


if __name__ == "__main__":
    main()
