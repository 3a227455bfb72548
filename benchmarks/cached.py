"""A fact that was worked out a moment ago, read again in process, beside the same from the store."""

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.measure import middle, spread, told
from bot.store import own_store
from providers.recent import Recent
from providers.types import utc_now

ROUNDS = 5


async def _main(short: bool) -> None:
    recent, now, each = Recent(), utc_now(), (10_000 if short else 100_000)

    async def work() -> str:
        return "worked out"

    async def kept() -> None:
        for _ in range(each):
            await recent.get("levels BTC", now, work)

    with tempfile.TemporaryDirectory() as folder:
        async with own_store(Path(folder)) as store:
            await store.cmd.set("x", "worked out")

            async def stored() -> None:
                for _ in range(each // 100):
                    await store.cmd.get("x")

            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(await _took(kept, each))
                theirs.append(await _took(stored, each // 100))
    print(f" from the store {middle(theirs):.0f} µs ({spread(theirs)})")
    told(f"cached read, {spread(ours)}", middle(ours), 1, "µs")


async def _took(work, each: int) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) / each * 1e6


def main(short: bool = False) -> None:
    asyncio.run(_main(short))


if __name__ == "__main__":
    main()
