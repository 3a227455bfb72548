import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot import embedded
from bot.embedded import answers, ensure, socket_path, stop
from bot.store import own_store
from tests.chaos.test_chaos import server_of

ROOT = Path(__file__).parents[2]
OWNER = """
import asyncio, sys
from pathlib import Path
from bot.store import own_store

async def main():
    async with own_store(Path(sys.argv[1])) as store:
        await store.cmd.set("kept", "1")
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def gone(path: Path) -> None:
    async with asyncio.timeout(10):
        while await answers(path):  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)


async def test_any_number_at_once_share_one_server(tmp_path):
    owned = await asyncio.gather(*(ensure(tmp_path) for _ in range(4)))

    servers = [server for server in owned if server is not None]
    for server in servers:
        stop(server)
    assert len(servers) == 1


async def test_what_was_written_is_there_after_a_restart(tmp_path):
    async with own_store(tmp_path) as store:
        await store.cmd.set("kept", "1")
    away = not await answers(socket_path(tmp_path))
    async with own_store(tmp_path) as store:
        kept = await store.cmd.get("kept")

    assert away
    assert kept == "1"


async def test_what_was_written_is_there_after_a_kill_of_the_server(tmp_path):
    async with own_store(tmp_path) as store:
        await store.cmd.set("kept", "1")
        os.kill(await server_of(tmp_path), signal.SIGKILL)
        await gone(socket_path(tmp_path))
        async with asyncio.timeout(10):
            while not await answers(socket_path(tmp_path)):  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.02)
        kept = await store.cmd.get("kept")

    assert kept == "1"


async def test_a_killed_owner_leaves_no_server_and_the_next_finds_everything(tmp_path):
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(tmp_path), cwd=ROOT, stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    said = await asyncio.wait_for(owner.stdout.readline(), 20)
    async with own_store(tmp_path) as attached:
        shared = await attached.cmd.get("kept")
        owner.kill()
        await owner.wait()
        async with asyncio.timeout(10):
            while True:  # the second process notices and starts it again
                await asyncio.sleep(0.1)
                if await answers(socket_path(tmp_path)) and await server_of(tmp_path):
                    break
        await asyncio.sleep(1)
        kept = await attached.cmd.get("kept")

    assert said == b"ready\n"
    assert (shared, kept) == ("1", "1")


async def test_a_folder_too_long_for_a_socket_works(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    async with own_store(deep) as store:
        await store.cmd.set("kept", "1")

    assert len(os.fsencode(socket_path(deep))) < 108
    assert (deep / "appendonlydir").is_dir()


@pytest.fixture
def short(tmp_path) -> Path:
    return Path(os.path.relpath(tmp_path))


async def test_a_relative_folder_works(tmp_path, short):
    async with own_store(short) as store:
        await store.cmd.set("kept", "1")

    assert socket_path(short) == socket_path(tmp_path)
    assert (tmp_path / "appendonlydir").is_dir()


async def test_the_socket_is_for_us_alone(tmp_path):
    async with own_store(tmp_path):
        mode = socket_path(tmp_path).stat().st_mode & 0o777

    assert mode == 0o700
    assert " --port 0 " in " ".join(embedded._command(tmp_path))
