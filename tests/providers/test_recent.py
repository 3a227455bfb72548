"""Worked out once for everybody who asks within a moment."""

import asyncio
import gc
import weakref
from datetime import timedelta

import pytest

from providers.recent import MOST, Recent


async def test_a_thousand_who_ask_at_once_are_one_piece_of_work(clock):
    recent, done = Recent(), []

    async def work():
        await asyncio.sleep(0)
        done.append(1)
        return "levels"

    found = await asyncio.gather(*(recent.get("btc", clock(), work) for _ in range(1000)))

    assert set(found) == {"levels"}
    assert len(done) == 1


async def test_it_is_done_anew_after_a_moment_and_for_another_question(clock):
    recent, done = Recent(), []

    async def work():
        done.append(1)
        return len(done)

    first = [await recent.get("btc", clock(), work) for _ in range(2)]
    other = await recent.get("eth", clock(), work)
    later = await recent.get("btc", clock() + timedelta(seconds=2), work)
    earlier = await recent.get("btc", clock(), work)

    assert (first, other, later, earlier) == ([1, 1], 2, 3, 4)


async def test_what_failed_is_not_kept(clock):
    recent, answers = Recent(), [ValueError("no"), "yes"]

    async def work():
        answer = answers.pop(0)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    with pytest.raises(ValueError, match="no"):
        await recent.get("btc", clock(), work)
    await asyncio.sleep(0)
    assert await recent.get("btc", clock(), work) == "yes"


async def test_who_stops_waiting_does_not_end_it_for_the_others(clock):
    recent, gate = Recent(), asyncio.Event()

    async def work():
        await gate.wait()
        return "levels"

    hasty = asyncio.create_task(recent.get("btc", clock(), work))
    patient = asyncio.create_task(recent.get("btc", clock(), work))
    await asyncio.sleep(0)
    hasty.cancel()
    await asyncio.sleep(0)
    gate.set()

    assert await patient == "levels"
    assert hasty.cancelled()


async def test_old_results_are_forgotten(clock):
    recent = Recent()

    async def work():
        return 1

    for n in range(2000):
        await recent.get(n, clock(), work)

    assert len(recent._known) <= 512


async def test_what_is_too_old_to_be_given_is_not_held(clock):
    class Levels:
        """Something that can be looked after."""

    async def work():
        return Levels()

    recent = Recent()
    held = [weakref.ref(await recent.get(("levels", n), clock(), work)) for n in range(3)]
    clock.advance(seconds=2)
    last = await recent.get("other", clock(), work)
    gc.collect()

    assert [one() for one in held] == [None, None, None]
    assert await recent.get("other", clock(), work) is last


async def test_of_too_many_at_once_the_oldest_go(clock):
    done: list[int] = []

    def work(number: int):
        async def run() -> None:
            done.append(number)

        return run

    recent = Recent()
    for number in range(MOST + 1):
        await recent.get(number, clock(), work(number))
    await recent.get(MOST, clock(), work(MOST))
    await recent.get(0, clock(), work(0))

    assert done == [*range(MOST + 1), 0]
