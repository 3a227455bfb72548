"""
The whole bot three times on one store, between both local platforms: processes and store killed at random, and still
every alert and briefing arrives, once.

CHAOS_MESSAGES and CHAOS_SECONDS make it longer.
"""

import asyncio
import contextlib
import itertools
import os
import random
import signal
import time
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.embedded import answers, socket_path
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.owed import Alert, Briefing, Owed, OwedKind, RuleChange
from bot.store import connect, own_store
from handlers.command import Channel
from handlers.preferences import Severity
from handlers.reply import Reply
from handlers.rule import Direction, Metric, Phase, Rule, RuleState, Transition
from providers.types import utc_now
from tests.chaos.test_chaos import insist, server_of
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


@dataclass
class Killed:
    """When, by the clock of the local platforms; `away` is from when to when the store did not answer."""

    bots: list[float] = field(default_factory=list)
    stores: list[float] = field(default_factory=list)
    away: list[tuple[float, float]] = field(default_factory=list)

    def while_sending(self, at: float) -> bool:
        """
        Whether a bot was killed before it could write down what arrived at this time, which a busy machine may note
        late.
        """
        until = at + 0.5
        for begin, end in self.away:
            if begin < until and end > at - 0.5:
                until = max(until, end + 2)  # it tries again about once a second
        return any(at - 1.5 < kill < until for kill in self.bots)

    async def watch(self, place: Town) -> None:
        while True:
            last = time.monotonic()
            await asyncio.sleep(0.05)
            while not await answers(socket_path(place.store)):  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.05)
            if time.monotonic() - last > 0.15:
                self.away.append((last, time.monotonic()))


async def rampage(place: Town, bots: list, seconds: float, killed: Killed) -> None:
    loop, every = asyncio.get_running_loop(), min(seconds / 3, 15.0)
    end, next_store = loop.time() + seconds, loop.time() + every
    while loop.time() < end:
        await asyncio.sleep(random.uniform(1.0, 2.5))
        if loop.time() >= next_store:
            next_store += every
            with contextlib.suppress(OSError):
                os.kill(await server_of(place.store), signal.SIGKILL)
                killed.stores.append(time.monotonic())
            continue
        i = random.randrange(len(bots))
        if bots[i].returncode is None:  # without its store it could not start
            bots[i].kill()
            killed.bots.append(time.monotonic())
            await bots[i].wait()
        bots[i] = await place.start()


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


@dataclass(frozen=True)
class Repeat:
    """What arrived in a chat once more: whether its first sender was killed on the way, and whether it says so."""

    channel: Channel
    text: str
    in_flight: bool
    told: bool


def arrived(place: Town, channel: Channel) -> list[tuple[float, str]]:
    """When and how each message first read; on Telegram it may have been rewritten since."""
    if channel.platform == "discord":
        return [(0.0, text) for text in read(place, channel)]
    return [
        (c["start"], c["params"].get("text") or c["params"].get("caption") or "")
        for c in place.telegram.calls
        if c["method"] in ("sendMessage", "sendPhoto") and c["status"] == 200
        if str(c["params"]["chat_id"]) == channel.chat
    ]


def repeats(place: Town, debts: Debts, killed: Killed) -> list[Repeat]:
    found = []
    for channel, marks in debts.wanted.items():
        for mark in marks:
            copies = sorted(copy for copy in arrived(place, channel) if mark in copy[1])
            for (at, _), (_, text) in itertools.pairwise(copies):
                told = "may repeat" in text
                found.append(Repeat(channel, text, killed.while_sending(at), told))
    return found


def figures(debts: Debts, lost: list[tuple[Channel, str]], again: list[Repeat]) -> str:
    lines = []
    for platform in ("telegram", "discord"):
        owed = sum(len(m) for c, m in debts.wanted.items() if c.platform == platform)
        gone = sum(c.platform == platform for c, _ in lost)
        twice = [r for r in again if r.channel.platform == platform]
        in_flight, told = sum(r.in_flight for r in twice), sum(r.told for r in twice)
        lines.append(
            f"{platform}: {owed} owed, {owed - gone} delivered, {gone} not there, "
            f"{len(twice)} repeated ({in_flight} in flight, {told} told)"
        )
    return "\n".join([*lines, *map(str, again)])


async def test_three_bots_and_their_store_are_killed_and_everything_arrives(shared, tmp_path):
    debts, killed = Debts(), Killed()
    async with town(shared, tmp_path) as place, place.bots(3) as bots:
        place.telegram.config |= {"flood": "enforce", "latency": 0.02}
        await until(place.polls, "Telegram's first poll")
        store = await connect(f"unix://{socket_path(place.store)}")
        outbox, notebook = Outbox(store), StoreNotebook(store)
        for n in range(LIVE):
            channel = debts.chat(place, 20_000 + n)
            debts.want(channel)
            await insist(lambda c=channel: notebook.add_rule(rule(c, 20_000.0, Direction.ABOVE)))
        watching = asyncio.ensure_future(killed.watch(place))
        killing = asyncio.ensure_future(rampage(place, bots, SECONDS, killed))
        for n in range(MESSAGES):
            await owe(place, debts, outbox, notebook, n)
            await asyncio.sleep(SECONDS * 0.8 / MESSAGES)
        await killing

        def settled() -> bool:
            return all(channel in debts.briefed for channel, _ in missing(place, debts))

        with contextlib.suppress(AssertionError):
            await until(settled, "everything", 60)
        # What was under way at a kill belongs to the dead for 20 s more, and is repeated then.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(45):
                while await insist(outbox.length):  # noqa: ASYNC110 - nor has this
                    await asyncio.sleep(0.2)
        await asyncio.sleep(1)
        watching.cancel()
        await store.close()
    lost, again = missing(place, debts), repeats(place, debts, killed)
    async with own_store(place.store) as kept:
        left, dead = await insist(Outbox(kept).length), await insist(Outbox(kept).dead)
    unknown = {letter.channel for letter in dead if letter.state == "unknown"}
    told = [text for text in place.words(OWNER) if "Perhaps not delivered" in text]
    print(  # noqa: T201 - the figures are what one runs the long form for
        f"{len(killed.bots)} processes and {len(killed.stores)} servers killed; {len(unknown)} told as unknown "
        f"to the owner in {len(told)} notices; {left} left, {len(dead)} given up\n{figures(debts, lost, again)}"
    )

    assert {channel.key for channel, _ in lost} <= unknown
    assert {channel.platform for channel, _ in lost} <= {"telegram"}
    assert len(told) == len(unknown)
    assert {r.channel.platform for r in again} <= {"telegram"}
    assert [r for r in again if not (r.in_flight and r.told)] == []
    assert {letter.state for letter in dead} <= {"unknown"}
    assert left == 0
    assert killed.bots
    assert killed.stores
    assert place.telegram.violations == []
    assert place.discord.violations == []
    assert "Traceback" not in place.log
