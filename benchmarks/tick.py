"""One tick against every rule: python -m benchmarks.tick. Prints the watch beside the plain loop, and the growth."""

import random
import time
from datetime import UTC, datetime

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


def main() -> None:
    rng = random.Random(2)
    prices = [PRICE + rng.uniform(-QUIET / 2, QUIET / 2) for _ in range(TICKS)]
    first = None
    for count in (100, 10_000, 1_000_000):
        known = records(count)
        watch = Watch(
            Market(Sources(), lambda: NOW), Watchlist.load(), Nowhere(), lambda: NOW, KINDS
        )
        began = time.perf_counter()
        watch.load(known)
        loaded = time.perf_counter() - began
        tick, loop = per_tick(watch, prices), plain_loop(known, prices)
        first = first or tick
        print(
            f"{count:>9,} rules: {tick * 1e6:.3f} µs a tick (×{tick / first:.2f} of 10²), "
            f"plain loop {loop * 1e6:,.1f} µs (×{loop / tick:,.0f}), loaded in {loaded:.2f} s"
        )


if __name__ == "__main__":
    main()
