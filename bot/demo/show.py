"""The demo: the whole bot in a terminal, on its own store, against the world on loopback."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.app import App, open_app
from bot.demo.clock import WorldClock
from bot.demo.scenario import FIRST
from bot.demo.world import World, serve
from bot.platforms import connect
from bot.transports.console import HOME, ConsoleTransport
from config.settings import Settings
from handlers.subscription import SubscriptionKind

KEY = SecretStr("of-the-demo-world")  # its Coinglass asks for one
WELCOME = """\
Levelhead watches price, ETF flows, liquidations and the levels that matter, and tells a chat when one breaks.
This is all of it, on your machine: real adapters against a market that moves like early February 2026, real store,
real alerts. The figures are of a world of our own making. No token, no network.

It is {now:%A %d %B %Y, %H:%M:%S} UTC. Bitcoin is falling towards {line}. Type a question, or just watch.
Try: /brief   /levels   /flows   /liqs   /chart btc 4h   /alert eth -3% 1h   /settings   /help   (Ctrl-D ends)
"""
TOUR = (
    "/price",
    "/levels",
    "/flows",
    "/liqs",
    "/brief",
    "/chart btc 4h",
    "/alert btc 73k",
    "/status",
    "/help",
)
FIRST_QUESTION = 2.0  # seconds until the feeds have said something
AFTER_TOUR = 0.55  # of a headless demo's time is for questions; the rest is for what comes unasked


async def show(*, speed: float, headless: float | None, folder: Path) -> None:
    """Until the input ends, a signal, or `headless` seconds have passed. What was subscribed is there the next time."""
    clock = WorldClock.resume(folder, FIRST, speed=speed)
    world = World(clock)
    async with serve(world) as addresses, _opened(folder, clock, addresses) as (app, console):
        _say(
            WELCOME.format(
                now=clock(), line="$75,000" if clock() < FIRST + timedelta(hours=1) else "a level"
            )
        )
        running = asyncio.create_task(app.run())
        try:
            await _subscribed(app, console, clock())
            if headless is None:
                await console.run()
            else:
                await _tour(console, headless)
                _judge(app)
        finally:
            clock.save()
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


@asynccontextmanager
async def _opened(
    folder: Path, clock: WorldClock, addresses: object
) -> AsyncIterator[tuple[App, ConsoleTransport]]:
    settings = Settings.model_validate(
        {
            "data_dir": folder,
            "addresses": addresses,
            "coinglass_api_key": KEY,
            "coinglass_plan": "startup",
        }
    )
    async with open_app(settings, now=clock) as app:
        console = ConsoleTransport(app.dispatch, app.words_for, app.charts, folder / "charts")
        connect(app, console)
        yield app, console


async def _subscribed(app: App, console: ConsoleTransport, now: datetime) -> None:
    """The first time, this chat subscribes to a briefing at the coming hour and to the alerts."""
    known = await app.notebook.subscriptions(HOME)
    kinds = {s.kind for s in known}
    hour = (now + timedelta(hours=1)).replace(minute=0)
    if SubscriptionKind.ALERTS not in kinds:
        await _typed(console, "/subscribe alerts")
    if not any(s.schedule and s.schedule.at == f"{hour:%H:%M}" for s in known):
        await _typed(console, f"/subscribe brief {hour:%H:%M} UTC")


async def _tour(console: ConsoleTransport, seconds: float) -> None:
    """Every question once, spread over the first half, with what arrives unasked in between."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    pause = max(0.2, (seconds * AFTER_TOUR - FIRST_QUESTION) / len(TOUR))
    await asyncio.sleep(min(FIRST_QUESTION, seconds / 4))
    for question in TOUR:
        if loop.time() + pause > ends:
            break
        await _typed(console, question)
        await asyncio.sleep(pause)
    await asyncio.sleep(max(0.0, ends - loop.time()))
    _say("That was the demo. Without --headless you can talk to it.")


def _judge(app: App) -> None:
    """A demo that had to apologise for a fault of ours has failed."""
    if faults := app.metrics.registry.get_sample_value("levelhead_bugs_total"):
        raise SystemExit(f"levelhead: {faults:g} answers failed")


async def _typed(console: ConsoleTransport, question: str) -> None:
    _say(f"> {question}")
    await console.ask(question)


def _say(text: str) -> None:
    print(text, file=sys.stdout, flush=True)  # noqa: T201 # a demo speaks to a person
