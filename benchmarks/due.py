"""3,000 briefings due in the same minute: how long the loop stalls while they are planned and owed."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from benchmarks.house import house
from benchmarks.measure import Stalls, middle, spread, told
from bot.demo.world import World
from handlers.subscription import Schedule, Subscription, SubscriptionKind

START = datetime(2030, 3, 6, 7, 59, tzinfo=UTC)


async def _main(short: bool) -> None:
    stalls, took, time_ = [], [], [START]
    async with house(now=lambda: time_[0], world=World(lambda: time_[0])) as app:
        for n in range(3000):
            await app.notebook.subscribe(
                Subscription(
                    "1", f"telegram:{n}", SubscriptionKind.BRIEFING, "u", START,
                    schedule=Schedule("08:00", "UTC"),
                )
            )  # fmt: skip
        await app.planner.tick()
        for day in range(2 if short else 5):
            time_[0] = START + timedelta(days=day, minutes=1, seconds=1)
            began = time.perf_counter()
            async with Stalls() as watched:
                owed = await app.planner.tick()
            assert owed == 3000, owed
            took.append(time.perf_counter() - began)
            stalls.append(watched.longest * 1000)
    print(f" 3,000 planned and owed in {middle(took):.2f} s; longest stalls {spread(stalls)} ms")
    told("longest stall", middle(stalls), 10, "ms")


def main(short: bool = False) -> None:
    asyncio.run(_main(short))


if __name__ == "__main__":
    main()
