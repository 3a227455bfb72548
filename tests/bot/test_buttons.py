"""Buttons keep their meaning, in the place where they were shown."""

import pytest
from fakeredis import FakeAsyncRedis

from bot.buttons import RENEWED_AFTER, Buttons
from handlers.command import Channel

HERE, THERE = Channel("telegram", "-1001", "7"), Channel("telegram", "-1002")


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def redis():
    async with FakeAsyncRedis() as client:
        yield client


async def test_a_button_means_its_command_after_a_restart(redis):
    (name, other) = await Buttons(redis, Seconds()).remember(HERE, ("chart btc 4h", "mute 1h"))

    after = Buttons(redis, Seconds())
    assert await after.recall(HERE, name) == "chart btc 4h"
    assert await after.recall(HERE, other) == "mute 1h"


async def test_a_button_of_another_place_means_nothing_here(redis):
    buttons = Buttons(redis, Seconds())
    (name,) = await buttons.remember(HERE, ("mute 1h",))

    assert await buttons.recall(THERE, name) is None
    assert await buttons.recall(HERE, "nonsense") is None


async def test_what_is_written_next_is_taken_for_an_answer_once(redis):
    buttons = Buttons(redis, Seconds())
    await buttons.await_answer(HERE, "settings zone {answer}")

    assert await buttons.awaited(THERE) is None
    assert await buttons.awaited(HERE) == "settings zone {answer}"
    assert await buttons.awaited(HERE) is None


async def test_showing_the_same_button_again_stores_nothing_more(redis):
    buttons = Buttons(redis, Seconds())
    first = await buttons.remember(HERE, ("a", "b", "a"))
    second = await buttons.remember(HERE, ("a", "b", "a"))

    assert first == second
    assert all(len(name) <= 20 for name in first)
    assert await redis.dbsize() == 2


async def test_a_button_in_use_lives_on_and_one_out_of_use_ends(redis):
    seconds = Seconds()
    buttons = Buttons(redis, seconds)
    (name,) = await buttons.remember(HERE, ("a",))
    assert 0 < await redis.ttl(f"lh:{{btn}}:{name}") <= 30 * 86400
    await redis.expire(f"lh:{{btn}}:{name}", 5)

    seconds.now = RENEWED_AFTER + 1
    await buttons.remember(HERE, ("a",))

    assert await redis.ttl(f"lh:{{btn}}:{name}") > 5


async def test_a_question_waits_for_its_answer(redis):
    buttons = Buttons(redis, Seconds())
    await buttons.expect(HERE, "12", "alert add {answer}")

    assert await buttons.expected(HERE, "12") == "alert add {answer}"
    assert await buttons.expected(HERE, "13") is None
    assert await buttons.expected(THERE, "12") is None
