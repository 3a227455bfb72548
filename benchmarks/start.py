"""
What starting costs: the import of everything with both platforms, and memory of the whole process while nobody asks.

Bytecode is cached, as after the first start of any deployment; processor time, because others may use the machine.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.house import environment
from benchmarks.market import market
from benchmarks.measure import middle, resident, spread, told
from benchmarks.platforms import platforms

IMPORTED = """
import time
began, used = time.perf_counter(), time.process_time()
import bot.__main__, bot.running
import bot.transports.telegram
import bot.transports.discord, bot.transports.discord_answers, bot.transports.discord_commands
took, used = time.perf_counter() - began, time.process_time() - used
from benchmarks.measure import resident
print(took, used, resident())
"""
SETTLED = 12  # seconds until feeds, leases and first quotes are there


def as_deployed() -> dict[str, str]:
    """This environment, with bytecode kept as anywhere but in development."""
    kept = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept


def imported() -> tuple[float, ...]:
    """Seconds by the clock, seconds of processor, megabytes."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True,
        env=as_deployed(),
    )  # fmt: skip
    return tuple(map(float, done.stdout.split()))


async def idle(seconds: float) -> float:
    """Megabytes of the whole bot, listening on both platforms and every feed, while nobody asks."""
    async with platforms() as api, environment(market(), api.root, discord=True) as found:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", env={**as_deployed(), **found, "PORT": "0"},
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await asyncio.sleep(seconds)
            return resident(process.pid)
        finally:
            process.terminate()
            await process.wait()


def main(short: bool = False) -> None:
    imported()  # the first writes the bytecode
    found = [imported() for _ in range(3 if short else 7)]
    clock, used, memory = zip(*found, strict=True)
    print(f" import {spread(clock)} s by the clock, {spread(used)} s of processor")
    told("import of everything, processor", middle(used), 0.8, "s")
    told("resident after import, before anything is asked", middle(memory), 100, "MB")
    megabytes = asyncio.run(idle(SETTLED if short else 60))
    told("resident, whole bot with both platforms and all feeds, nobody asks", megabytes, 100, "MB")


if __name__ == "__main__":
    main()
