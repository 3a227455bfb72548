"""The whole bot between the two local platforms, and people who use it there."""

import asyncio
import html
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import discord as discord_py
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import App, open_app
from bot.demo.scenario import FIRST
from bot.demo.world import World, serve
from bot.pacer import UNLIMITED
from config.settings import Addresses, Settings

ANN, BOB, CAT = 11, 12, 13  # Ann rules, Bob does not, Cat is nobody
GROUP, FORUM, NEWS, TOPIC = -1001, -1002, -1003, 45
ANONYMOUS = 1087968824
GUILD, OTHER_GUILD = 200000000000000001, 200000000000000101
TEXT, ANNOUNCE, THREAD, BOARD, POST, AWAY = 301, 302, 303, 304, 305, 401
OWNER, MANAGER, READER, ROLE = 500, 501, 502, 777
PATIENCE = 10.0
Json = dict[str, Any]


def frozen() -> datetime:
    """A moment of the demo world that does not pass, so that two answers may be compared."""
    return FIRST


async def until(found: Callable[[], Any], what: str = "it", patience: float = PATIENCE) -> Any:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if value := found():
            return value
        await asyncio.sleep(0.01)
    raise AssertionError(f"nothing came of {what}")


@dataclass
class Telegram:
    """What people do and see in the local Telegram."""

    rig: Any

    def sent(self, chat: int) -> list[Json]:
        return [m for m in self.rig.sent(chat) if not m.get("_person")]

    def words(self, chat: int) -> list[str]:
        return [said(m) for m in self.sent(chat)]

    async def ask(
        self, chat: int, user: int, text: str, *, thread: int | None = None, **more: Any
    ) -> Json:
        """The first message with an answer to this."""
        before = {m["message_id"] for m in self.sent(chat)}
        self.write(chat, user, text, thread=thread, **more)
        return await self.next(chat, before, text)

    def write(
        self, chat: int, user: int, text: str, *, thread: int | None = None, **more: Any
    ) -> None:
        written = self.rig.message(chat, user, text, thread_id=thread, **more)["message"]
        self.rig.chats[chat]["messages"][written["message_id"]]["_person"] = True

    async def next(self, chat: int, before: set[int], what: str) -> Json:
        return await until(
            lambda: next((m for m in self.sent(chat) if m["message_id"] not in before), None), what
        )

    def labels(self, message: Json) -> list[str]:
        """Of the buttons that we hear of; Telegram itself follows links and opens inline mode."""
        return [b["text"] for row in rows(message) for b in row if "callback_data" in b]

    async def press(self, message: Json, label: str, user: int) -> Json:
        """What stands where the button stood, or the new message, or the notice it answers with."""
        chat, number = message["chat"]["id"], message["message_id"]
        data = next(b["callback_data"] for row in rows(message) for b in row if b["text"] == label)
        edits, before = message.get("_edits", 0), {m["message_id"] for m in self.sent(chat)}
        query = self.rig.press(chat, number, user, data)["callback_query_id"]

        def outcome() -> Json | None:
            if (answer := self.rig.callbacks[query]["answer"]) and answer.get("text"):
                return answer
            now = self.rig.chats[chat]["messages"].get(number, {})
            if now.get("_edits", 0) > edits:
                return now
            return next((m for m in self.sent(chat) if m["message_id"] not in before), None)

        return await until(outcome, f"pressing {label}")

    async def touch(self, message: Json, label: str, user: int) -> None:
        """Press it and wait until the bot has done something about it, be it to leave all as it is."""
        data = next(b["callback_data"] for row in rows(message) for b in row if b["text"] == label)
        before = len(self.rig.calls)
        number = message["message_id"]
        query = self.rig.press(message["chat"]["id"], number, user, data)["callback_query_id"]

        def done() -> bool:
            answer = self.rig.callbacks[query]
            acted = [c["method"] for c in self.rig.calls[before:]]
            noticed = bool((answer["answer"] or {}).get("text"))
            return bool(answer["answered"]) and (
                noticed or any(m.startswith(("edit", "send")) for m in acted)
            )

        await until(done, f"pressing {label}")

    async def inline(self, user: int, query: str) -> list[Json]:
        before = len(self.rig.calls)
        asked = {"id": str(before), "from": self.rig.users[user], "query": query, "offset": ""}
        self.rig.push("inline_query", asked)
        call = await until(
            lambda: next(
                (c for c in self.rig.calls[before:] if c["method"] == "answerInlineQuery"), None
            ),
            f"@bot {query}",
        )
        return call["values"]["results"] if "values" in call else call["params"]["results"]


@dataclass
class Discord:
    """What people do and see in the local Discord."""

    rig: Any

    async def slash(
        self,
        name: str,
        options: Json | None = None,
        where: int | None = TEXT,
        user: int = OWNER,
        **more: Any,
    ) -> Json:
        """The answer's last message: the one with its buttons."""
        return await self.settled(self.rig.slash(name, options or {}, where, user, **more), name)

    async def choices(
        self, name: str, option: str, typed: str, where: int | None = TEXT, user: int = OWNER
    ) -> list[str]:
        record = self.rig.slash(name, {option: typed}, where, user, autocomplete=option)
        await until(lambda: record["choices"] is not None, f"suggestions for {name}")
        return [choice["value"] for choice in record["choices"]]

    async def settled(self, record: Json, what: str) -> Json:
        await until(lambda: record["completed"], what)
        await until(lambda: not self.rig.pending(), what)
        await asyncio.sleep(0.01)  # what follows the first message
        names = [record["original"], *record["followups"]]
        found = [self.rig.messages[n] for n in names if n in self.rig.messages]
        return found[-1] if found else {}

    def labels(self, message: Json) -> list[str]:
        parts = [p for row in message.get("components", ()) for p in row["components"]]
        return [p.get("label") or p.get("placeholder") or "" for p in parts]

    def control(self, message: Json, label: str) -> Json:
        parts = [p for row in message["components"] for p in row["components"]]
        return next(p for p in parts if label in (p.get("label"), p.get("placeholder")))

    def begin(self, message: Json, label: str, user: int = OWNER, **more: Any) -> Json:
        return self.rig.press(
            message["id"], self.control(message, label)["custom_id"], user, **more
        )

    async def press(self, message: Json, label: str, user: int = OWNER, **more: Any) -> Json:
        record = self.begin(message, label, user, **more)
        await until(lambda: record["acked"], label)
        if record["callback"] == 6:  # it changes its message, unless all it has is for one person
            edited = message.get("edited_timestamp")
            await until(
                lambda: (
                    record["completed"]
                    or record["followups"]
                    or self.rig.messages[message["id"]].get("edited_timestamp") != edited
                ),
                label,
            )
            await asyncio.sleep(0.02)
            last = record["followups"][-1] if record["followups"] else message["id"]
            return self.rig.messages[last]
        return await self.settled(record, label)

    async def fill(self, message: Json, label: str, answer: str, user: int = OWNER) -> Json:
        """Press a button that asks, and type into what opens."""
        record = self.begin(message, label, user)
        await until(lambda: record["modal"], f"a modal for {label}")
        return await self.submit(record, answer, user)

    async def submit(self, record: Json, answer: str, user: int = OWNER) -> Json:
        stands = record.get("message")
        edited = self.rig.messages[stands["id"]].get("edited_timestamp") if stands else None
        sent = self.rig.submit(record["token"], {"answer": answer}, user)
        await until(lambda: sent["acked"], "the modal")
        if sent["callback"] == 6 and stands:
            await until(
                lambda: (
                    sent["followups"]
                    or self.rig.messages[stands["id"]].get("edited_timestamp") != edited
                ),
                "the modal",
            )
            await asyncio.sleep(0.02)
            return self.rig.messages[sent["followups"][-1] if sent["followups"] else stands["id"]]
        return await self.settled(sent, "the modal")


@dataclass
class Home:
    app: App
    telegram: Telegram
    discord: Discord
    world: World


def rows(message: Json) -> list[list[Json]]:
    return message.get("reply_markup", {}).get("inline_keyboard", [])


def said(message: Json) -> str:
    """The words a person reads, without the marks of either platform."""
    if "embeds" not in message:
        return message.get("text") or message.get("caption") or ""
    parts = [message.get("content") or ""]
    for embed in message["embeds"]:
        parts += [embed.get("title") or "", embed.get("description") or ""]
        parts += [f"{f['name']}\n{f['value']}" for f in embed.get("fields") or ()]
        parts.append((embed.get("footer") or {}).get("text") or "")
    return html.unescape(re.sub(r"\\(.)", r"\1", "\n".join(p for p in parts if p)))


@asynccontextmanager
async def platforms(shared: Path) -> AsyncIterator[tuple[Any, Any]]:
    """Both, with a group, a forum and a channel on one and two servers on the other."""
    sys.path.insert(0, str(shared / "rigs"))
    kept = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord_py.Asset.BASE
    try:
        import discord_rig
        import telegram_rig

        telegram = await telegram_rig.TelegramRig().start()
        discord = await discord_rig.DiscordRig().start()
        telegram.token, discord.cdn = telegram_rig.DEFAULT_TOKEN, f"{discord.url}/_cdn"
        _people_of_telegram(telegram)
        _people_of_discord(discord)
        yield telegram, discord
        await telegram.stop()
        await discord.stop()
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord_py.Asset.BASE = kept
        sys.path.remove(str(shared / "rigs"))


def _people_of_telegram(rig: Any) -> None:
    rig.config["flood"] = "off"  # people here ask faster than people can
    for number, name in ((ANN, "Ann"), (BOB, "Bob"), (CAT, "Cat")):
        rig.add_user(number, name)
    rig.add_user(ANONYMOUS, "Group", "GroupAnonymousBot")
    members = {ANN: "creator", BOB: "member"}
    rig.add_chat(GROUP, "supergroup", "Traders", members=members)
    rig.add_chat(
        FORUM, "supergroup", "Forum", is_forum=True, members=members, topics={TOPIC: "BTC"}
    )
    rig.add_chat(NEWS, "channel", "News", members=members, bot_status="administrator")


def _people_of_discord(rig: Any) -> None:
    rig.config["limits"] = "off"
    rig.add_guild(GUILD, "Traders", OWNER)
    for number, name, kind, parent in (
        (TEXT, "general", 0, None), (ANNOUNCE, "news", 5, None), (THREAD, "btc", 11, TEXT),
        (BOARD, "briefings", 15, None), (POST, "a post", 11, BOARD),
    ):  # fmt: skip
        rig.add_channel(number, GUILD, name, kind, parent_id=parent)
    everyone = rig.guilds[str(GUILD)]["roles"][0]
    rig.guilds[str(GUILD)]["roles"].append({**everyone, "id": str(ROLE), "name": "desk"})
    rig.add_member(GUILD, MANAGER, roles=[str(ROLE)])
    rig.add_member(GUILD, READER)
    rig.dispatch = _as_discord_sends(rig, rig.dispatch)


def _as_discord_sends(rig: Any, dispatch: Callable[[str, Json], int]) -> Callable[[str, Json], int]:
    """Two things the local server leaves out: rights of whoever fills in a modal, and apps of a user alone."""

    def send(event: str, data: Json) -> int:
        if event == "INTERACTION_CREATE":
            if data["type"] == 5 and "member" in data:
                owner = data["member"]["user"]["id"] == str(OWNER)
                data["member"]["permissions"] = str(
                    discord_py.Permissions.all().value if owner else 0
                )
            if data["channel_id"] == str(AWAY):
                data["authorizing_integration_owners"] = {"1": data["member"]["user"]["id"]}
        return dispatch(event, data)

    return send


def settings(telegram: Any, discord: Any, addresses: Addresses, folder: Path) -> Settings:
    at = {
        "telegram_api_url": telegram.base_url,
        "telegram_file_url": telegram.base_file_url,
        "discord_api_url": discord.api_base,
        "discord_gateway_url": discord.gateway_url,
        "discord_cdn_url": discord.cdn,
    }
    return Settings.model_validate(
        {
            "data_dir": folder,
            "telegram_token": telegram.token,
            "discord_token": discord.token,
            "commands_per_minute": 10_000,
            "coinglass_api_key": "key-of-the-demo",
            "coinglass_plan": "startup",
            "addresses": addresses.model_copy(update=at),
        }
    )


@asynccontextmanager
async def at_home(
    rigs: tuple[Any, Any], world: World, addresses: Addresses, folder: Path, **more: Any
) -> AsyncIterator[Home]:
    """The app, listening on both until the block ends; then as after a SIGTERM."""
    telegram, discord = rigs
    chosen = settings(telegram, discord, addresses, folder).model_copy(update=more)
    sessions, polls = len(discord.sessions), _polls(telegram)
    async with open_app(chosen, now=world.now) as app:
        for pacer in app.pacers.values():
            pacer.limits, pacer.share = (
                UNLIMITED,
                UNLIMITED.per_second,
            )  # these people do not wait for each other
        running = asyncio.create_task(app.run())
        try:
            await until(lambda: _polls(telegram) > polls, "Telegram's first poll")
            await until(
                lambda: len(discord.sessions) > sessions and discord.commands[None], "Discord"
            )
            await asyncio.sleep(0.05)
            yield Home(app, Telegram(telegram), Discord(discord), world)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


def _polls(telegram: Any) -> int:
    return sum(call["method"] == "getUpdates" for call in telegram.calls)


@asynccontextmanager
async def opened(
    shared: Path, folder: Path, now: Callable[[], datetime] = frozen
) -> AsyncIterator[Home]:
    """Everything at once, for tests that need no restart."""
    world = World(now)
    async with (
        platforms(shared) as rigs,
        serve(world) as addresses,
        at_home(rigs, world, addresses, folder) as home,
    ):
        yield home
