import asyncio
import logging
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.clockwork import Beat, Clockwork
from bot.store import StoreDown

OFTEN = timedelta(milliseconds=10)


@asynccontextmanager
async def beating(*beats: Beat, **more):
    task = asyncio.ensure_future(Clockwork(beats, **more).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


class Work:
    """Counts its calls; `errors` are raised first."""

    def __init__(self, *errors: Exception) -> None:
        self.calls, self.errors = 0, list(errors)
        self.third = asyncio.Event()

    async def __call__(self) -> None:
        self.calls += 1
        if self.calls >= 3:
            self.third.set()
        if self.errors:
            raise self.errors.pop(0)


async def test_the_first_beat_comes_at_once_and_then_they_repeat():
    quick, slow = Work(), Work()
    async with (
        beating(Beat("a", OFTEN, quick), Beat("b", timedelta(hours=1), slow)),
        asyncio.timeout(5),
    ):
        await quick.third.wait()

    assert slow.calls == 1


async def test_a_store_that_is_away_costs_a_beat(caplog):
    work = Work(StoreDown())
    async with beating(Beat("a", OFTEN, work)), asyncio.timeout(5):
        await work.third.wait()

    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_an_error_is_logged_and_stops_no_other_beat(caplog):
    broken, well = Work(ValueError("bug")), Work()
    async with beating(Beat("broken", OFTEN, broken), Beat("well", OFTEN, well)):
        async with asyncio.timeout(5):
            await asyncio.gather(broken.third.wait(), well.third.wait())

    assert [r.exc_info[0] for r in caplog.records if r.exc_info] == [ValueError]


async def test_a_beat_never_runs_twice_at_once(caplog):
    at_once, most, over = 0, 0, asyncio.Event()

    async def long() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await over.wait()
        at_once -= 1

    beside = Work()
    async with beating(Beat("long", OFTEN, long), Beat("beside", OFTEN, beside)):
        async with asyncio.timeout(5):
            await beside.third.wait()
        over.set()

    assert most == 1


async def test_what_is_under_way_may_end_before_we_stop():
    begun, ended = asyncio.Event(), []

    async def script() -> None:
        begun.set()
        await asyncio.sleep(0.02)
        ended.append("whole")

    async with beating(Beat("script", timedelta(hours=1), script)):
        await begun.wait()

    assert ended == ["whole"]


async def test_what_does_not_end_is_cancelled_and_awaited(caplog):
    begun, ended = asyncio.Event(), []

    async def stuck() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async with beating(Beat("stuck", timedelta(hours=1), stuck), finish=OFTEN):
        await begun.wait()

    assert ended == ["cancelled"]
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
