"""Runs the app until a signal: what is under way is finished, what is owed stays owed."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from bot.app import open_app
from bot.embedded import NoServer
from bot.store import StoreDown, UnsafeStore
from config.settings import Settings

log = logging.getLogger(__name__)


async def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """SIGTERM and SIGINT, which may come several times, cancel the work, once."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    stop = _stopper(task)
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    try:
        await task
    except asyncio.CancelledError:
        log.info("stopped")
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)


def _stopper(task: asyncio.Task[None]) -> Callable[[], None]:
    def stop() -> None:
        if not task.cancelling():
            log.info("stopping")
            task.cancel()

    return stop


async def production(settings: Settings) -> None:
    """Listens, watches and sends until told to stop. Raises UnsafeStore, StoreDown or NoServer before it starts."""
    async with open_app(settings) as app:
        if not app.office.transports:
            log.warning("no_platform", extra={"hint": "set TELEGRAM_TOKEN or DISCORD_TOKEN"})
        gc.collect()
        gc.freeze()  # what was loaded stays: looking through it again stops every answer for 40 ms
        await app.run()


def start(settings: Settings) -> int:
    """The process's exit status. Says in one line why it could not start."""
    try:
        asyncio.run(until_stopped(production(settings)))
    except (UnsafeStore, NoServer) as error:
        sys.stderr.write(f"levelhead: {error}\n")
        return 1
    except StoreDown:
        sys.stderr.write("levelhead: the store does not answer; check REDIS_URL\n")
        return 1
    return 0
