"""The whole bot as a process of its own, between the two local platforms and a market on loopback."""

import asyncio
import os
import signal
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.demo.world import World, serve
from config.settings import Addresses
from providers.types import utc_now

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]

ROOT = Path(__file__).parents[2]
PRIVATE, GROUP, ADMIN, STRANGER = 11, -1001, 11, 12
GUILD, TEXT, OWNER = 200000000000000001, 301, 500
PATIENCE = 25.0


@pytest.fixture
def rigs(shared, monkeypatch):
    monkeypatch.syspath_prepend(str(shared / "rigs"))
    import discord_rig
    import telegram_rig

    return telegram_rig, discord_rig


@asynccontextmanager
async def platforms(rigs):
    telegram_rig, discord_rig = rigs
    telegram, discord = (
        await telegram_rig.TelegramRig().start(),
        await discord_rig.DiscordRig().start(),
    )
    telegram.add_user(ADMIN, "Ann")
    telegram.add_user(STRANGER, "Bob")
    telegram.add_chat(
        GROUP, "supergroup", "Traders", members={ADMIN: "creator", STRANGER: "member"},
        bot_status="administrator",
    )  # fmt: skip
    discord.add_guild(GUILD, owner_id=OWNER)
    discord.add_channel(TEXT, GUILD, "traders")
    try:
        yield telegram, discord
    finally:
        await telegram.stop()
        await discord.stop()


def environment(folder: Path, addresses: Addresses, telegram, discord, rigs) -> dict[str, str]:
    telegram_rig, discord_rig = rigs
    outside = {
        name.upper(): value for name, value in addresses.model_dump().items() if value is not None
    }
    return {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "LOG_JSON": "false",
        **outside,
        "TELEGRAM_TOKEN": telegram_rig.DEFAULT_TOKEN,
        "TELEGRAM_API_URL": telegram.base_url,
        "TELEGRAM_FILE_URL": telegram.base_file_url,
        "DISCORD_TOKEN": discord_rig.DEFAULT_TOKEN,
        "DISCORD_API_URL": discord.api_base,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "DISCORD_CDN_URL": discord.api_base.split("/api")[0] + "/_cdn",
    }


@asynccontextmanager
async def process(env: dict[str, str], log: Path):
    with log.open("ab") as out:
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", cwd=ROOT, env=env, stdout=out, stderr=out
        )
        try:
            yield bot
        finally:
            if bot.returncode is None:
                bot.kill()
            await bot.wait()


async def until(found, what: str):
    """Whatever `found` gives first; it may be awaited on or not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := found():
            return value
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing came: {what}")


class Telegram:
    """What people see of the bot in one local Telegram."""

    def __init__(self, rig) -> None:
        self.rig = rig

    def sent(self, chat: int) -> list[dict]:
        return list(self.rig.sent(chat))

    def words(self, chat: int) -> list[str]:
        return [m.get("text") or m.get("caption") or "" for m in self.sent(chat)]

    async def ask(self, chat: int, user: int, text: str, answer: str) -> str:
        before = len(self.words(chat))
        self.rig.message(chat, user, text)
        return await until(
            lambda: next((w for w in self.words(chat)[before:] if answer in w), None),
            f"{text} → {answer}",
        )


def shown(message: dict) -> str:
    return (str(message.get("content")) + str(message.get("embeds"))).replace("\\", "")


async def test_two_platforms_are_answered_briefed_and_alerted_by_one_process(rigs, tmp_path):
    world = World(utc_now)
    async with platforms(rigs) as (telegram, discord), serve(world) as addresses:
        env = environment(tmp_path / "data", addresses, telegram, discord, rigs)
        async with process(env, tmp_path / "log") as bot:
            people = Telegram(telegram)
            await until(lambda: discord.commands[None], "Discord's commands")
            await people.ask(PRIVATE, ADMIN, "/price", "BTC $")
            await people.ask(PRIVATE, ADMIN, "/levels eth", "ETH $")
            refused = await people.ask(GROUP, STRANGER, "/subscribe brief 08:00", "did not work")
            await people.ask(GROUP, ADMIN, "/subscribe brief 08:00 Europe/Berlin", "08:00")
            await people.ask(PRIVATE, ADMIN, "/alert btc > 20000", "#")
            discord.slash("alert add", {"rule": "eth > 700"}, channel_id=TEXT, user_id=OWNER)
            told = await until(
                lambda: next(
                    (w for w in people.words(PRIVATE) if "above $20,000" in w and "alert #" in w),
                    None,
                ),
                "the alert on Telegram",
            )
            await until(
                lambda: next(
                    (m for m in discord.sent(TEXT) if "ETH above $700" in shown(m)),
                    None,
                ),
                "the alert on Discord",
            )
            began = time.monotonic()
            bot.send_signal(signal.SIGTERM)
            bot.send_signal(signal.SIGTERM)
            await asyncio.wait_for(bot.wait(), 5)
            stopped = time.monotonic() - began

        assert "admins" in refused
        assert "Binance" in told or "Coinbase" in told or "OKX" in told
        assert bot.returncode == 0
        assert stopped < 1.0
        assert telegram.violations == []
        assert discord.violations == []
        assert discord.timings()["pending"] == []
        log = (tmp_path / "log").read_text("utf-8")
        assert env["TELEGRAM_TOKEN"] not in log
        assert env["DISCORD_TOKEN"] not in log
        assert "Traceback" not in log
