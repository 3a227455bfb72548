"""The demo market in a process of its own, as real ones are: what it costs to play is not the bot's."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.demo.world import World, serve
from config.settings import Addresses
from providers.types import utc_now


@asynccontextmanager
async def market() -> AsyncIterator[Addresses]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.market", stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Addresses.model_validate_json(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


async def _serve() -> None:
    async with serve(World(utc_now)) as addresses:
        print(addresses.model_dump_json(), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
