"""How everything is measured and told: rounds that alternate, medians, ratios, and whether a goal is met."""

import asyncio
import os
import platform
import statistics
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path

ROUNDS = 5


def timed(calls: dict[str, Callable[[], object]], each: int, rounds: int = 7) -> dict[str, list]:
    """Microseconds per call of each, one after the other in every round, so that drift hits all alike."""
    times = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.perf_counter()
            for _ in range(each):
                call()
            times[name].append((time.perf_counter() - began) / each * 1e6)
    return times


def middle(values: list[float]) -> float:
    return statistics.median(values)


def spread(values: list[float]) -> str:
    return f"{min(values):.3g}–{max(values):.3g}"


def against(ours: list[float], theirs: list[float]) -> list[float]:
    """Ratios inside each round: what drifts with the machine cancels out."""
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def told(what: str, value: float, goal: float, unit: str = "×", *, more: bool = False) -> bool:
    """One line: the figure, the goal, and by how much it is met or missed."""
    met = value >= goal if more else value <= goal
    sign, verdict = ("≥" if more else "≤"), ("met" if met else "MISSED")
    by = "" if met or not value or not goal else f" by {abs(value / goal - 1) * 100:.0f} %"
    print(f"  {what}: {value:,.4g} {unit} (goal {sign} {goal:g}) {verdict}{by}", flush=True)
    return met


class Stalls:
    """The longest time the event loop did not come round while this was open, in seconds."""

    def __init__(self, every: float = 0.001) -> None:
        self._every, self.longest = every, 0.0

    async def __aenter__(self) -> "Stalls":
        self._task = asyncio.create_task(self._watch())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(self._every * 2)
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(self._every)
            self.longest = max(self.longest, time.perf_counter() - asked - self._every)


async def best_of(work: Callable[[], Awaitable[float]], rounds: int = ROUNDS) -> list[float]:
    return [await work() for _ in range(rounds)]


def resident(process: int | str = "self") -> float:
    """Megabytes of this process, or of another, in memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def machine() -> str:
    names = ("python-telegram-bot", "discord.py", "aiohttp", "httpx", "redis", "msgspec")
    kept = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}; {kept}"
    )
