"""
The whole bot three times on one store, between both local platforms: processes and store killed at random, and still
every alert and briefing arrives, once.

CHAOS_MESSAGES and CHAOS_SECONDS make it longer.
"""

import asyncio
import contextlib
import os
import random
import signal
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.embedded import socket_path
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.owed import Alert, Briefing, Owed, OwedKind, RuleChange
from bot.store import StoreDown, connect, own_store
from handlers.command import Channel
from handlers.preferences import Severity
from handlers.reply import Reply
from handlers.rule import Direction, Metric, Phase, Rule, RuleState, Transition
from providers.types import utc_now
from tests.chaos.test_chaos import server_of
from tests.conformance.processes import DISCORD_OWNER, GUILD, OWNER, Town, town, until

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]

MESSAGES = int(os.environ.get("CHAOS_MESSAGES", "150"))
SECONDS = float(os.environ.get("CHAOS_SECONDS", "10"))
LIVE = 6  # rules that the bot itself must see fire


@dataclass
class Debts:
    """Who is to read what: per chat the marks that its messages must show, once each; "" is any message."""

    wanted: dict[Channel, list[str]] = field(default_factory=dict)
    briefed: set[Channel] = field(default_factory=set)

    def chat(self, town: Town, number: int) -> Channel:
        if number % 2:
            town.discord.add_channel(1000 + number, GUILD, f"c{number}")
            return Channel("discord", str(1000 + number))
        town.telegram.add_user(1000 + number, f"P{number}")
        return Channel("telegram", str(1000 + number))

    def want(self, channel: Channel, mark: str = "") -> None:
        self.wanted.setdefault(channel, []).append(mark)


def rule(channel: Channel, value: float, direction: Direction) -> Rule:
    return Rule(
        "1", channel.key, f"discord:{DISCORD_OWNER}", utc_now(), Metric.PRICE, direction, value,
        "BTC", severity=Severity.INFO,
    )  # fmt: skip


async def insist(act) -> None:
    while True:
        try:
            return await act()
        except StoreDown:
            await asyncio.sleep(0.1)


async def owe(town: Town, debts: Debts, outbox: Outbox, notebook: StoreNotebook, n: int) -> None:
    """The n-th debt: an alert with its rule's step, a briefing, or a notice."""
    if n % 5 in (0, 1):
        channel = debts.chat(town, n)
        debts.want(channel)
        await insist(lambda: notebook.add_rule(rule(channel, 1.0, Direction.BELOW)))
        now = utc_now()
        seen = Alert("1", Transition.FIRED, 0.5, now, "venue")
        owed = Owed(f"a{n}", channel.key, OwedKind.ALERT, Severity.INFO, now, alert=seen)
        step = RuleChange(channel.key, "1", 0, RuleState(Phase.FIRING, now, 0.5), owed)
        await insist(lambda: outbox.advance([step]))
        return
    channel = debts.chat(town, n if n % 5 == 2 else 10_000 + n % 20)
    if n % 5 == 2:
        debts.want(channel)
        debts.briefed.add(channel)
        owed = Owed(
            f"b{n}", channel.key, OwedKind.BRIEFING, Severity.INFO, utc_now(),
            expires=utc_now() + timedelta(minutes=15), briefing=Briefing("morning", "BTC", "1", str(n)),
        )  # fmt: skip
    else:
        debts.want(channel, f"note {n}.")
        owed = Owed(
            f"n{n}", channel.key, OwedKind.NOTICE, Severity.WARNING, utc_now(),
            reply=Reply(f"note {n}."),
        )  # fmt: skip
    await insist(lambda: outbox.owe(f"claim{n}", [owed]))


async def rampage(place: Town, bots: list, seconds: float) -> tuple[int, int]:
    """How many processes and servers were killed."""
    loop, kills, servers = asyncio.get_running_loop(), 0, 0
    every = min(seconds / 3, 15.0)
    end, next_server = loop.time() + seconds, loop.time() + every
    while loop.time() < end:
        await asyncio.sleep(random.uniform(1.0, 2.5))
        if loop.time() >= next_server:
            next_server += every
            with contextlib.suppress(OSError):
                os.kill(await server_of(place.store), signal.SIGKILL)
                servers += 1
            continue
        i = random.randrange(len(bots))
        bots[i].kill()
        await bots[i].wait()
        bots[i] = await place.start()
        kills += 1
    return kills, servers


def read(place: Town, channel: Channel) -> list[str]:
    if channel.platform == "telegram":
        return place.words(int(channel.chat))
    return [f"{m['content']}{m['embeds']}" for m in place.discord.sent(channel.chat)]


def missing(place: Town, debts: Debts) -> list[tuple[Channel, str]]:
    return [
        (channel, mark)
        for channel, marks in debts.wanted.items()
        for mark in marks
        if not any(mark in text for text in read(place, channel))
    ]


def doubled(place: Town, debts: Debts) -> list[tuple[Channel, list[str]]]:
    found = []
    for channel, marks in debts.wanted.items():
        for mark in marks:
            copies = [text for text in read(place, channel) if mark in text]
            if len(copies) > 1:
                found.append((channel, copies))
    return found


def may_repeat(copies: list[str]) -> bool:
    """Every copy but one says so, or did until the alert was over and it was rewritten."""
    return sum("may repeat" in text or "Recovered" in text for text in copies) >= len(copies) - 1


async def test_three_bots_and_their_store_are_killed_and_everything_arrives(shared, tmp_path):
    debts = Debts()
    async with town(shared, tmp_path) as place, place.bots(3) as bots:
        place.telegram.config["flood"] = "enforce"
        await until(place.polls, "Telegram's first poll")
        store = await connect(f"unix://{socket_path(place.store)}")
        outbox, notebook = Outbox(store), StoreNotebook(store)
        for n in range(LIVE):
            channel = debts.chat(place, 20_000 + n)
            debts.want(channel)
            await insist(lambda c=channel: notebook.add_rule(rule(c, 20_000.0, Direction.ABOVE)))
        killing = asyncio.ensure_future(rampage(place, bots, SECONDS))
        for n in range(MESSAGES):
            await owe(place, debts, outbox, notebook, n)
            await asyncio.sleep(SECONDS * 0.8 / MESSAGES)
        kills, servers = await killing

        def settled() -> bool:
            return all(channel in debts.briefed for channel, _ in missing(place, debts))

        with contextlib.suppress(AssertionError):
            await until(settled, "everything", 60)
        await asyncio.sleep(3)
        await store.close()
    lost, twice = missing(place, debts), doubled(place, debts)
    async with own_store(place.store) as kept:
        left, dead = await Outbox(kept).length(), await Outbox(kept).dead()
    unknown = {letter.channel for letter in dead if letter.state == "unknown"}
    told = [text for text in place.words(OWNER) if "Perhaps not delivered" in text]
    wanted = sum(map(len, debts.wanted.values()))
    print(  # noqa: T201 - the figures are what one runs the long form for
        f"{kills} processes and {servers} servers killed; {wanted} owed; {len(lost)} not there of which "
        f"{len(unknown)} told as unknown to the owner in {len(told)} notices; doubled: "
        f"{twice}; {left} left, {len(dead)} given up"
    )

    assert {channel.key for channel, _ in lost} <= unknown
    assert {channel.platform for channel, _ in lost} <= {"telegram"}
    assert len(told) == len(unknown)
    assert [c for c, _ in twice if c.platform == "discord"] == []
    assert [copies for _, copies in twice if not may_repeat(copies)] == []
    assert {letter.state for letter in dead} <= {"unknown"}
    assert left == 0
    assert kills > 0
    assert servers > 0
    # A killed process takes along when it last wrote to a chat; the next one may be told to wait, and does.
    assert [v for v in place.telegram.violations if v["kind"] != "flood"] == []
    assert place.discord.violations == []
    assert "Traceback" not in place.log
