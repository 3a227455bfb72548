"""Thirty days of ticks at full speed through prices and watch: memory and connections each few days."""

import asyncio
import gc
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import resident, told
from benchmarks.tick import Nowhere
from bot.prices import LivePrices
from bot.store import own_store
from bot.watch import Watch
from config.watchlist import Watchlist
from handlers.rule import Direction, Metric, Rule, RuleRecord, RuleState
from handlers.rules import KINDS
from providers.feed import Tick
from providers.market import Market, Sources

START = datetime(2030, 3, 1, tzinfo=UTC)


def records(price: float) -> list[RuleRecord]:
    ways = (Direction.BELOW, Direction.ABOVE)
    return [
        RuleRecord(
            Rule(str(n), f"x:{n % 100}", "u", START, Metric.PRICE, ways[n % 2],
                 price * (1 + (n - 500) / 5000), "BTC"),
            RuleState(),
        )
        for n in range(1000)
    ]  # fmt: skip


async def _main(short: bool) -> None:
    days, time_, price, rng = (3 if short else 30), [START], 70_000.0, random.Random(1)
    watch = Watch(
        Market(Sources(), lambda: time_[0]), Watchlist.load(), Nowhere(), lambda: time_[0], KINDS
    )
    watch.load(records(price))
    with tempfile.TemporaryDirectory() as folder:
        async with own_store(Path(folder)) as store:
            prices = LivePrices(store.cmd, lambda: time_[0], ("v",))
            memory, fired = [], 0
            began = time.perf_counter()
            for day in range(days):
                for second in range(86_400):
                    time_[0] = at = START + timedelta(days=day, seconds=second)
                    price *= 1 + rng.gauss(0, 0.00012)
                    prices.put(Tick("v", "BTC", price, at))
                    watch.on_tick("BTC", price, at, "v")
                    if watch._hits:
                        fired += await watch.drain()
                    if second % 60 == 0:
                        await prices.save()
                gc.collect()
                memory.append(resident())
                info = await store.cmd.info("clients")
                if day in (0, days // 2, days - 1):
                    print(
                        f" day {day + 1:>2}: {memory[-1]:.1f} MB, {info['connected_clients']} connections, "
                        f"{fired:,} looks", flush=True,
                    )  # fmt: skip
    print(f" {days * 86_400:,} ticks in {time.perf_counter() - began:.0f} s")
    told("resident at the end", memory[-1], 130, "MB")
    told("growth from the second day to the last", memory[-1] / memory[1], 1.02)


def main(short: bool = False) -> None:
    asyncio.run(_main(short))


if __name__ == "__main__":
    main()
