"""
Three processes on one store, all of them and the store killed at random: nothing is lost and nothing is doubled.

CHAOS_MESSAGES and CHAOS_SECONDS make it longer.
"""

import asyncio
import collections
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bot.embedded import socket_path
from bot.outbox import Outbox
from bot.store import StoreDown, own_store

MESSAGES = int(os.environ.get("CHAOS_MESSAGES", "150"))
SECONDS = float(os.environ.get("CHAOS_SECONDS", "8"))
T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]


class Platform:
    """Knows a nonce again, shows a message before its answer leaves, and takes its time for both."""

    def __init__(self) -> None:
        self.shown: collections.Counter[str] = collections.Counter()
        self.order: dict[str, list[int]] = {}
        self._ids: dict[str, int] = {}

    async def serve(self, reader, writer) -> None:
        with contextlib.suppress(ConnectionError):
            chat, nonce = (await reader.readline()).decode().split()
            await asyncio.sleep(random.uniform(0.002, 0.02))
            if nonce not in self._ids:
                self._ids[nonce] = len(self._ids)
                self.shown[nonce] += 1
                self.order.setdefault(chat, []).append(int(nonce[1:]))
            await asyncio.sleep(random.uniform(0.002, 0.02))
            writer.write(f"{self._ids[nonce]}\n".encode())
            await writer.drain()
        writer.close()


class Fleet:
    def __init__(self, *arguments: str) -> None:
        self.arguments = arguments
        self.processes = [self._start() for _ in range(3)]
        self.kills = 0

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.chaos.worker", *self.arguments]
        return subprocess.Popen(command, cwd=ROOT)

    def kill_one(self) -> None:
        i = random.randrange(3)
        self.processes[i].kill()
        self.processes[i].wait()
        self.processes[i] = self._start()
        self.kills += 1

    def end(self) -> list[int]:
        for process in self.processes:
            process.kill()
        return [process.wait() for process in self.processes]


async def insist(act: Callable[[], Awaitable[T]]) -> T:
    """The store may be killed at any moment, and starts again."""
    while True:
        try:
            return await act()
        except StoreDown:
            await asyncio.sleep(0.1)


async def server_of(folder: Path) -> int:
    """The process id the store itself names."""
    reader, writer = await asyncio.open_unix_connection(str(socket_path(folder)))
    writer.write(b"INFO server\r\n")
    while not (line := await reader.readline()).startswith(b"process_id:"):
        pass
    writer.close()
    return int(line.split(b":")[1])


async def rampage(fleet: Fleet, folder: Path, seconds: float) -> int:
    loop, servers = asyncio.get_running_loop(), 0
    end, next_server = loop.time() + seconds, loop.time() + seconds / 3
    while loop.time() < end:
        await asyncio.sleep(random.uniform(0.4, 0.9))
        if loop.time() < next_server:
            await asyncio.to_thread(fleet.kill_one)
            continue
        next_server += seconds / 3
        with contextlib.suppress(OSError):
            os.kill(await server_of(folder), signal.SIGKILL)
            servers += 1
    return servers


@pytest.mark.slow
async def test_killing_anything_at_any_time_loses_nothing_and_doubles_nothing(tmp_path):
    folder, platform = tmp_path / "store", Platform()
    wire = str(tmp_path / "wire")
    server = await asyncio.start_unix_server(platform.serve, wire)
    fleet = Fleet(str(folder), wire, str(MESSAGES), str(SECONDS / 2))
    wanted = {f"m{n}" for n in range(MESSAGES)}
    try:
        await asyncio.sleep(1)
        servers = await rampage(fleet, folder, SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SECONDS + 25):
                while not wanted <= platform.shown.keys():  # noqa: ASYNC110 - others fill it
                    await asyncio.sleep(0.1)
    finally:
        await asyncio.to_thread(fleet.end)
        server.close()
    async with own_store(folder) as store:
        left, dead = await insist(Outbox(store).length), await insist(Outbox(store).dead)
    print(  # noqa: T201 - the figures are what one runs the long form for
        f"{fleet.kills} processes and {servers} servers killed, {len(wanted)} wanted, "
        f"{len(wanted - platform.shown.keys())} lost, {sum(platform.shown.values()) - len(platform.shown)} doubled, "
        f"{left} left, {len(dead)} given up"
    )

    assert wanted - platform.shown.keys() == set()
    assert max(platform.shown.values()) == 1
    assert dead == ()
    assert fleet.kills > 0
    assert servers > 0
    assert all(order == sorted(order) for order in platform.order.values())
