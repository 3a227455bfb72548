"""One question from the command line, answered exactly as a chat would see it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from bot.app import open_app
from bot.demo.clock import WorldClock
from bot.demo.scenario import FIRST
from bot.demo.world import World, serve
from bot.dispatch import Dispatcher
from bot.languages import Languages
from bot.metrics import Metrics
from bot.paper import PaperNotebook, PaperOffice
from bot.render import discord, telegram
from bot.render.text import plain
from config.settings import Settings
from config.watchlist import Watchlist
from handlers.briefings import BRIEFINGS
from handlers.command import Channel, ChannelKind, Request
from handlers.commands import COMMANDS
from handlers.desk import Desk
from handlers.preferences import Preferences
from handlers.reply import Reply
from handlers.rules import KINDS
from handlers.words import Words
from providers.market import Market
from providers.recorded import recorded_sources

HOME = Channel("console", "ask")
PER_MINUTE = 1000


def shown(reply: Reply, how: str) -> str:
    """As the platform gets it: Telegram's HTML, Discord's embeds in words, or plain text."""
    match how:
        case "telegram":
            return "\n\n".join(page.html for page in telegram.pages(reply))
        case "discord":
            return discord.as_text(reply)
        case _:
            return plain(reply, controls=True)


async def ask(dispatch: Dispatcher, words: Words, line: str) -> Reply:
    """Whoever sits at the command line is taken for an admin and the owner."""
    name, _, rest = line.strip().lstrip("/").partition(" ")
    request = Request(
        name.lower(), tuple(rest.split()), rest.strip(), HOME, ChannelKind.PRIVATE, "you", "you", words,
        admin=True, owner=True,
    )  # fmt: skip
    reply = await dispatch(request)
    return reply if reply is not None else Reply("")


def recorded_desk(folder: Path, now: Callable[[], datetime]) -> Desk:
    """A desk over a folder of recorded market data; nothing it is told is kept."""
    return Desk(
        Market(recorded_sources(folder, now), now), now, Watchlist.load(), PaperNotebook(), PaperOffice(now()),
        kinds=KINDS, briefings=BRIEFINGS,
    )  # fmt: skip


@asynccontextmanager
async def asking(
    settings: Settings, *, data: Path | None, at: datetime | None, demo: bool
) -> AsyncIterator[tuple[Dispatcher, Words]]:
    """Where a question is put: recorded data at a time, the demo world, or the real one."""
    languages = Languages(default=settings.default_language, zone=settings.default_zone)
    words = languages.words(Preferences())
    if data is not None:
        desk = recorded_desk(data, lambda: at or _required())
        yield Dispatcher(COMMANDS, desk, Metrics(), per_minute=PER_MINUTE), words
    elif demo:
        clock = WorldClock(at or FIRST)
        async with serve(World(clock)) as addresses:
            within = settings.model_copy(
                update={"addresses": addresses, "data_dir": settings.data_dir / "ask-demo"}
            )
            async with open_app(within, now=clock) as app:
                yield app.dispatch, words
    else:
        async with open_app(settings) as app:
            yield app.dispatch, words


def _required() -> datetime:
    raise ValueError("--data needs --at")
