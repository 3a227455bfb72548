"""The demo market in a process of its own, as real ones are: what it costs to play is not the bot's."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.demo.scenario import FIRST
from bot.demo.world import World, serve
from config.settings import Addresses
from providers.types import utc_now


@asynccontextmanager
async def market(*told: float) -> AsyncIterator[Addresses]:
    """`told` nothing: it is now there. Else the arguments of `faster`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.market", *map(str, told), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Addresses.model_validate_json(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


def faster(began: float, speed: float) -> Callable[[], datetime]:
    """The demo's first day, `speed` times as fast since `began` (seconds since 1970): alike in every process."""
    return lambda: FIRST + timedelta(seconds=(utc_now().timestamp() - began) * speed)


async def _serve(now: Callable[[], datetime]) -> None:
    async with serve(World(now)) as addresses:
        print(addresses.model_dump_json(), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(faster(*map(float, sys.argv[1:])) if sys.argv[1:] else utc_now))
