"""
The heartbeat of work that repeats: APScheduler, in memory. It only says when to look; what is due, and until when it
was planned, lies in the store, so a beat that is missed or doubled harms nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.store import StoreDown
from providers.types import utc_now

log = logging.getLogger(__name__)

FINISH = timedelta(
    seconds=0.5
)  # what is under way when we stop has this long; a lease allows 0.9 s


@dataclass(frozen=True, slots=True)
class Beat:
    """`work` every so often, the first time at once, never twice at the same time."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Clockwork:
    """`now` must run like the machine's clock: the scheduler waits by it."""

    beats: Sequence[Beat]
    now: Callable[[], datetime] = utc_now
    finish: timedelta = FINISH

    async def run(self) -> None:
        """
        Beat until cancelled; then what is under way may end first. While the store is away the next beat tries again.
        An error of one beat is logged by the scheduler and stops no other.
        """
        under_way: set[asyncio.Task[object]] = set()
        scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for beat in self.beats:
            scheduler.add_job(
                _once,
                "interval",
                seconds=beat.every.total_seconds(),
                args=(beat, under_way),
                id=beat.name,
                next_run_time=self.now(),
            )
        scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.pause()
            if under_way:
                await asyncio.wait(set(under_way), timeout=self.finish.total_seconds())
            scheduler.shutdown(wait=False)  # cancels what is left
            await asyncio.gather(*under_way, return_exceptions=True)


async def _once(beat: Beat, under_way: set[asyncio.Task[object]]) -> None:
    task = asyncio.current_task()
    assert task is not None
    under_way.add(task)
    try:
        await beat.work()
    except StoreDown:
        log.debug("beat_skipped", extra={"beat": beat.name})  # the watch over the store tells of it
    except asyncio.CancelledError:
        log.debug(
            "beat_cancelled", extra={"beat": beat.name}
        )  # by run; the scheduler takes it for an error
    finally:
        under_way.discard(task)
