import asyncio

import pytest
from redis.exceptions import ResponseError

from bot.bundle import AT_ONCE, Bundle
from bot.store import StoreDown, reachable

ECHO = "return ARGV[1]"
BROKEN = "return redis.call('HGET', KEYS[1])"


async def test_everybody_gets_their_own_answer(store):
    bundle = Bundle(store)
    asked = [str(n) for n in range(AT_ONCE * 2 + 7)]

    assert await asyncio.gather(*(bundle.run(ECHO, "lh:{x}", [n]) for n in asked)) == asked


async def test_one_that_fails_is_one_that_fails(store):
    bundle = Bundle(store)
    answers = await asyncio.gather(
        bundle.run(ECHO, "lh:{x}", ["a"]),
        bundle.run(BROKEN, "lh:{x}", []),
        bundle.run(ECHO, "lh:{x}", ["b"]),
        return_exceptions=True,
    )

    assert (answers[0], answers[2]) == ("a", "b")
    assert isinstance(answers[1], ResponseError)


async def test_a_store_that_forgot_the_script_is_told_it_again(store):
    bundle = Bundle(store)
    await bundle.run(ECHO, "lh:{x}", ["a"])
    await store.cmd.script_flush()

    assert await bundle.run(ECHO, "lh:{x}", ["b"]) == "b"


async def test_who_is_cancelled_is_and_takes_nobody_along_for_good(store):
    bundle = Bundle(store)

    async def asked(n: int) -> str:
        with reachable():
            return await bundle.run(ECHO, "lh:{x}", [str(n)])

    await asked(0)
    calls = [asyncio.ensure_future(asked(n)) for n in range(3)]
    await asyncio.sleep(0)
    calls[0].cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)

    assert isinstance(answers[0], asyncio.CancelledError)
    assert all(isinstance(a, StoreDown) or a == str(n) for n, a in enumerate(answers) if n)
    assert await bundle.run(ECHO, "lh:{x}", ["after"]) == "after"


async def test_a_store_that_is_away_is_told_to_all(store):
    class Away:
        def pipeline(self, **_):
            return self

        def evalsha(self, *_):
            return self

        async def execute(self, **_):
            raise ConnectionError

        def register_script(self, script):
            return store.cmd.register_script(script)

    away = type(store)(Away(), None, None, "away")
    bundle = Bundle(away)
    answers = await asyncio.gather(
        *(bundle.run(ECHO, "lh:{x}", [n]) for n in "ab"), return_exceptions=True
    )

    assert [type(a) for a in answers] == [ConnectionError, ConnectionError]
    with pytest.raises(ConnectionError):
        await bundle.run(ECHO, "lh:{x}", ["c"])
