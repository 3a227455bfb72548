import asyncio
import contextlib
import subprocess
from contextlib import asynccontextmanager

import pytest
from redis.exceptions import ResponseError

from bot import embedded
from bot.audit import EMPTY, Level, audit
from bot.store import Store, connect, own_store

GOOD = {
    "redis_version": "7.2.4",
    "maxmemory_policy": "noeviction",
    "aof_enabled": 1,
    "aof_last_write_status": "ok",
    "rdb_last_bgsave_status": "ok",
    "role": "master",
    "maxmemory": 0,
    "used_memory": 1,
}


class Told:
    """A store that says of itself what it is given; `config` None forbids the question."""

    def __init__(self, config=None, **info) -> None:
        self.told, self.config, self.born = GOOD | info, config, None

    async def info(self):
        return self.told

    async def config_get(self, name):
        if self.config is None:
            raise ResponseError("unknown command")
        return {name: self.config[name]} if name in self.config else {}

    async def set(self, key, value, nx):
        first, self.born = self.born is None, value
        return first or None


def store(**more) -> Store:
    told = Told(**more)
    return Store(told, told, told, "told")


async def findings(clock, **more) -> list[tuple[Level, str]]:
    kept = store(**more)
    await audit(kept, clock())
    return [(f.level, f.text) for f in await audit(kept, clock())]


@pytest.mark.parametrize(
    ("wrong", "level", "says"),
    [
        ({"maxmemory_policy": "allkeys-lru"}, Level.FATAL, "throws subscriptions away"),
        ({"maxmemory_policy": "volatile-lru"}, Level.WARNING, "doubled messages"),
        ({"maxmemory": 100, "used_memory": 81}, Level.WARNING, "81 % of its memory"),
        ({"aof_enabled": 0}, Level.FATAL, "keeps nothing on disk"),
        ({"aof_enabled": 0, "rdb_saves": 3}, Level.WARNING, "snapshots only"),
        ({"aof_enabled": 0, "config": {"save": "60 1"}}, Level.WARNING, "snapshots only"),
        ({"aof_enabled": 0, "config": {"save": ""}, "rdb_saves": 3}, Level.FATAL, "nothing on disk"),
        ({"config": {"appendfsync": "everysec"}}, Level.INFO, "last two seconds"),
        ({"aof_last_write_status": "err"}, Level.FATAL, "Is the disk full"),
        ({"rdb_last_bgsave_status": "err"}, Level.FATAL, "Is the disk full"),
        ({"role": "slave"}, Level.FATAL, "replica"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
async def test_what_could_lose_messages_is_found(clock, wrong, level, says):
    [(found, text)] = await findings(clock, **wrong)

    assert found is level
    assert says in text


@pytest.mark.parametrize("policy", ["noeviction", "volatile-ttl"])
async def test_a_store_that_keeps_everything_has_no_findings(clock, policy):
    assert await findings(clock, maxmemory_policy=policy, config={"appendfsync": "always"}) == []


async def test_the_worst_comes_first(clock):
    found = await findings(clock, role="slave", maxmemory_policy="volatile-lru")

    assert [level for level, _ in found] == [Level.FATAL, Level.WARNING]


async def test_of_a_cluster_its_first_node_speaks(clock):
    kept = store()
    kept.cmd.told = {"10.0.0.1:6379": GOOD | {"role": "slave"}}
    await audit(kept, clock())

    assert [f.level for f in await audit(kept, clock())] == [Level.FATAL]


async def test_an_empty_store_is_noticed_once(clock):
    kept = store()

    assert await audit(kept, clock()) == (EMPTY,)
    assert await audit(kept, clock()) == ()


async def test_our_own_store_is_well_and_an_emptied_one_is_noticed(tmp_path, clock):
    async with own_store(tmp_path) as kept:
        first, second = await audit(kept, clock()), await audit(kept, clock())
        await kept.cmd.flushall()
        emptied = await audit(kept, clock())

    assert (first, second, emptied) == ((EMPTY,), (), (EMPTY,))


@asynccontextmanager
async def badly_run(folder, *options: str):
    socket = folder / "bad.sock"
    command = [
        embedded._program(),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--dir",
        str(folder),
    ]
    server = await asyncio.create_subprocess_exec(
        *command, *options, stdout=subprocess.DEVNULL
    )  # fmt: skip
    try:
        while not await embedded.answers(socket):  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)
        found = await connect(f"unix://{socket}")
        yield found
        await found.close()
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.kill()
        await server.wait()


async def test_a_real_server_with_bad_options_says_so_itself(tmp_path, clock):
    options = ("--save", "", "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
    async with badly_run(tmp_path, *options) as bad:
        await audit(bad, clock())
        found = await audit(bad, clock())

    assert [f.level for f in found] == [Level.FATAL, Level.FATAL]
