"""One planner as a process of its own that never doubts its lease; a day goes by in seconds."""

import asyncio
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.planner import Planner
from bot.store import own_store
from tests.bot.owing import AT

SPEED = 18_000  # seconds of ours in a second


async def main(folder: Path) -> None:
    def now() -> datetime:
        return AT + timedelta(seconds=(time.time() - begin) * SPEED)

    async with own_store(folder) as store:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        begin = float(sys.stdin.readline())
        plan = Planner(
            store, StoreNotebook(store), Outbox(store),
            now=now, trading_day=lambda _: True, grace=timedelta(minutes=15),
        )  # fmt: skip
        owed = 0
        while now() < AT + timedelta(days=1, hours=2):
            owed += await plan.tick() if now() >= AT else 0
            await asyncio.sleep(0.001)
    sys.stdout.write(f"{owed}\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
