"""Writes docs/telegram.md and docs/discord.md: every command as each platform shows it, from the demo world's start."""

import asyncio
import html
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.app import App, open_app
from bot.demo.scenario import FIRST
from bot.demo.world import World, serve
from bot.render import discord, telegram
from config.settings import Settings
from handlers.command import Channel, ChannelKind, Command, Request
from handlers.reply import Button, Prompt, Reply
from handlers.words import Words

DOCS = Path(__file__).resolve().parents[1] / "docs"
PLATFORMS = ("telegram", "discord")
HEADS = {
    "telegram": "# Levelhead on Telegram\n\n"
    "Every command with an answer as Telegram shows it, in words. Buttons stand in brackets; `↪` means that a button "
    "asks for a line of text. The figures are of the demo world, not of any market.\n",
    "discord": "# Levelhead on Discord\n\n"
    "Every command with an answer as Discord shows it: the embed's markdown, its footer, and the controls in brackets. "
    "The figures are of the demo world, not of any market.\n\n"
    "A message's own menu offers “Levels for this” and “Price of this” under Apps: they look for coins in the message, "
    "and only whoever opened the menu sees the answer.\n",
}
FEED_SECONDS = 2.0  # until the demo's venues have said something


def questions(command: Command) -> tuple[str, ...]:
    """What is asked of a command here: as it stands, and its first example where that says more."""
    match command.name:
        case "alert":
            return ("/alert btc 70k", "/alert list", "/alert show 2", "/alert remove 2")
        case "subscribe":
            return (
                "/subscribe",
                "/subscribe brief weekdays 08:00 Europe/Berlin",
                "/subscribe list",
            )
        case "settings":
            return (
                "/settings",
                "/settings quiet",
                "/settings quiet 22:00 07:00",
                "/settings currency",
            )
        case "price":
            return ("/price", "/price btc eur")
        case "compare" | "resend":
            return command.examples[:1] or (f"/{command.name} 1",)
        case "help":
            return ("/help", "/help alert")
        case _:
            return (f"/{command.name}",)


def shown(reply: Reply, platform: str) -> str:
    if platform == "discord":
        return discord.as_text(reply)
    pages = "\n\n".join(_words(page.html) for page in telegram.pages(reply))
    picture = f"[picture: {reply.chart.alt}]\n\n" if reply.chart else ""
    return f"{picture}{pages}\n\n{_controls(reply)}".strip()


def _words(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup)).replace("\u2060", "")


def _controls(reply: Reply) -> str:
    lines = [
        "  ".join(f"[{_mark(c)}{c.label}]" for c in row if isinstance(c, Button | Prompt))
        for row in reply.controls
    ]
    if reply.share is not None:
        lines = (
            [*lines[:-1], f"{lines[-1]}  [{reply.share.label}]"] if lines else [reply.share.label]
        )
    if reply.invite is not None:
        lines.append(f"[{reply.invite.group}]  [{reply.invite.channel}]")
    lines += ["  ".join(f"[{c.label}]" for c in select.choices) for select in reply.selects]
    return "\n".join(lines)


def _mark(control: Button | Prompt) -> str:
    return "↪ " if isinstance(control, Prompt) else ""


@asynccontextmanager
async def _app() -> AsyncIterator[App]:
    world = World(lambda: FIRST)
    with tempfile.TemporaryDirectory() as folder:
        async with serve(world) as addresses:
            chosen = {
                "data_dir": folder,
                "addresses": addresses,
                "coinglass_api_key": "demo",
                "coinglass_plan": "startup",
                "commands_per_minute": 10_000,
            }
            async with open_app(Settings.model_validate(chosen), now=world.now) as app:
                running = asyncio.create_task(app.run())
                await asyncio.sleep(FEED_SECONDS)
                yield app
                running.cancel()
                await asyncio.wait({running})


async def _asked(app: App, platform: str, question: str) -> Reply:
    name, _, rest = question.removeprefix("/").partition(" ")
    request = Request(
        name, tuple(rest.split()), rest, Channel(platform, "1"), ChannelKind.PRIVATE, "1", "Ann", Words(),
        admin=True, owner=True,
    )  # fmt: skip
    return await app.dispatch(request) or Reply("")


async def screens() -> dict[str, str]:
    """The text of each platform's page, by its name."""
    texts = {}
    async with _app() as app:
        for platform in PLATFORMS:
            parts = [HEADS[platform]]
            for command in app.dispatch.commands:
                parts.append(f"## /{command.name}\n\n{command.summary}. `{command.usage}`\n")
                for question in questions(command):
                    answer = shown(await _asked(app, platform, question), platform)
                    parts.append(f"`{question}`\n\n```text\n{answer.replace('```', '')}\n```\n")
            texts[platform] = "\n".join(parts)
    return texts


def main() -> None:
    DOCS.mkdir(exist_ok=True)
    for platform, text in asyncio.run(screens()).items():
        (DOCS / f"{platform}.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
