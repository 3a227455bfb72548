"""Bots as processes of their own, between the two local platforms and a market on loopback."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.demo.world import World, serve
from config.settings import Addresses
from providers.types import utc_now

ROOT = Path(__file__).parents[2]
GUILD, DISCORD_OWNER = 200000000000000001, 500
OWNER = 11


@dataclass
class Town:
    """Where the bots live: `env` starts one, `log` is what they all wrote."""

    telegram: Any
    discord: Any
    world: World
    folder: Path
    env: dict[str, str]

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text("utf-8") if path.exists() else ""

    @property
    def store(self) -> Path:
        return self.folder / "data" / "store"

    async def start(self, **more: str) -> asyncio.subprocess.Process:
        with (self.folder / "log").open("ab") as out:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", cwd=ROOT, env=self.env | more, stdout=out, stderr=out
            )

    @asynccontextmanager
    async def bots(self, number: int = 1, **more: str) -> AsyncIterator[list[Any]]:
        """They may be replaced in the list; what is in it is ended."""
        running: list[Any] = []
        try:
            running += [await self.start(**more) for _ in range(number)]
            yield running
        finally:
            for bot in running:
                if bot.returncode is None:
                    bot.send_signal(signal.SIGTERM)
            for bot in running:
                try:
                    await asyncio.wait_for(bot.wait(), 8)
                except TimeoutError:
                    bot.kill()
                    await bot.wait()

    def polls(self) -> list[float]:
        """When Telegram was asked for updates, by the local server's clock."""
        return [c["start"] for c in self.telegram.calls if c["method"] == "getUpdates"]

    def words(self, chat: int) -> list[str]:
        return [m.get("text") or m.get("caption") or "" for m in self.telegram.sent(chat)]

    async def ask(self, chat: int, text: str, answer: str, patience: float = 20.0) -> str:
        before = len(self.words(chat))
        self.telegram.message(chat, OWNER, text)
        return await until(
            lambda: next((w for w in self.words(chat)[before:] if answer in w), None),
            lambda: f"{text} → {answer}, but {self.words(chat)[before:]}",
            patience,
        )


async def until(found: Any, what: Any, patience: float = 25.0, every: float = 0.02) -> Any:
    """What `found` gives first that is something."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if value := found():
            return value
        await asyncio.sleep(every)
    raise AssertionError(f"nothing came of {what() if callable(what) else what}")


@asynccontextmanager
async def town(shared: Path, folder: Path, **more: str) -> AsyncIterator[Town]:
    sys.path.insert(0, str(shared / "rigs"))
    async with AsyncExitStack() as stack:
        import discord_rig
        import telegram_rig

        stack.callback(sys.path.remove, str(shared / "rigs"))
        telegram = await telegram_rig.TelegramRig().start()
        stack.push_async_callback(telegram.stop)
        discord = await discord_rig.DiscordRig().start()
        stack.push_async_callback(discord.stop)
        telegram.add_user(OWNER, "Ann")
        discord.add_guild(GUILD, owner_id=DISCORD_OWNER)
        world = World(utc_now)
        addresses = await stack.enter_async_context(serve(world))
        env = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder / "data"),
            "LOG_JSON": "false",
            "OWNER_IDS": f"telegram:{OWNER}",
            "COMMANDS_PER_MINUTE": "1000",
            **_outside(addresses),
            "TELEGRAM_TOKEN": telegram_rig.DEFAULT_TOKEN,
            "TELEGRAM_API_URL": telegram.base_url,
            "TELEGRAM_FILE_URL": telegram.base_file_url,
            "DISCORD_TOKEN": discord_rig.DEFAULT_TOKEN,
            "DISCORD_API_URL": discord.api_base,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "DISCORD_CDN_URL": f"{discord.url}/_cdn",
        }
        yield Town(telegram, discord, world, folder, env | more)


def _outside(addresses: Addresses) -> dict[str, str]:
    return {n.upper(): v for n, v in addresses.model_dump().items() if v is not None}
