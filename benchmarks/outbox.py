"""The outbox in and out on one Redis (the embedded Valkey): owed, read, begun, settled."""

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.broadcast import owed
from benchmarks.measure import middle, spread, told
from bot.outbox import Outbox
from bot.store import SHARDS, own_store
from providers.types import utc_now


async def through(outbox: Outbox, count: int, round_: int) -> float:
    """Messages a second."""
    debts = owed("telegram", count, round_)
    began = time.perf_counter()
    for start in range(0, count, 500):
        await outbox.owe(None, debts[start : start + 500])
    for shard in range(SHARDS):
        await outbox.claim(shard)  # as whoever begins: it makes the shard's group
    done = 0
    while done < count:
        entries = await outbox.read(range(SHARDS), limit=500)
        by_shard: dict[int, list] = {}
        for entry in entries:
            by_shard.setdefault(entry.shard, []).append(entry)
        for part in by_shard.values():
            await outbox.begin(part, "token", None, utc_now())
            await outbox.settle(part, "token", "1", utc_now())
        done += len(entries)
    return count / (time.perf_counter() - began)


async def _main(short: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with own_store(Path(folder)) as store:
            outbox = Outbox(store)
            count = 2000 if short else 10_000
            rates = [await through(outbox, count, n) for n in range(5)]
    print(f" {count} messages, 5 rounds {spread(rates)}")
    told("in and out", middle(rates), 2000, "messages/s", more=True)


def main(short: bool = False) -> None:
    asyncio.run(_main(short))


if __name__ == "__main__":
    main()
