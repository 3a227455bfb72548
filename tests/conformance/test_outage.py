"""The store goes and comes back, processes hand over: what people in a chat notice of it."""

import asyncio
import contextlib
import os
import signal
import time
from asyncio.subprocess import DEVNULL
from datetime import timedelta

import pytest

from bot.embedded import _program, answers, socket_path
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.owed import Briefing, Owed, OwedKind
from bot.store import Store, channel_key, connect
from handlers.command import Channel
from handlers.preferences import Severity
from handlers.reply import Reply
from handlers.rule import Direction, Metric, Rule
from handlers.subscription import Schedule, Subscription, SubscriptionKind
from providers.types import utc_now
from tests.chaos.test_chaos import server_of
from tests.conformance.processes import DISCORD_OWNER, GUILD, OWNER, Town, town, until

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]

CHAT = Channel("telegram", str(OWNER))
AWAY = float(os.environ.get("OUTAGE_SECONDS", "5"))


class Server:
    """A Valkey as somebody else would run it: on a port, with everything on disk."""

    def __init__(self, folder, port: int) -> None:
        self.folder, self.port, self.process = folder, port, None

    async def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        options = (
            f"--port {self.port} --bind 127.0.0.1 --appendonly yes --appendfsync always --save"
        )
        command = [_program(), *options.split(), "", "--dir", str(self.folder)]
        self.process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL)
        store = await self.store()
        await store.close()

    async def store(self) -> Store:
        while True:
            with contextlib.suppress(Exception):
                return await connect(f"redis://127.0.0.1:{self.port}")
            await asyncio.sleep(0.05)

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


def note(name: str, channel: Channel = CHAT) -> Owed:
    now = utc_now()
    return Owed(name, channel.key, OwedKind.NOTICE, Severity.WARNING, now, reply=Reply(name))


async def answered_meanwhile(place: Town) -> None:
    """What needs no memory is answered; what needs it says so."""
    await place.ask(OWNER, "/price", "BTC $", AWAY + 10)
    await place.ask(OWNER, "/mute 1h", "memory is not reachable", AWAY + 10)


async def test_a_store_that_others_run_goes_and_comes_back(shared, tmp_path, unused_tcp_port):
    server = Server(tmp_path / "valkey", unused_tcp_port)
    await server.start()
    try:
        async with (
            town(shared, tmp_path, REDIS_URL=f"redis://127.0.0.1:{server.port}") as place,
            place.bots() as [bot],
        ):
            place.telegram.config["flood"] = "off"
            await place.ask(OWNER, "/price", "BTC $")
            await server.kill()
            await asyncio.sleep(AWAY)  # longer than any lease
            await answered_meanwhile(place)
            await server.start()
            back = time.monotonic()
            store = await server.store()
            await Outbox(store).owe(None, [note("after the outage")])
            await until(lambda: "after the outage" in "".join(place.words(OWNER)), "pushing")
            resumed = time.monotonic() - back
            await place.ask(OWNER, "/mute 1h", "Muted")
            await store.close()
            alive = bot.returncode
        print(f"away {AWAY:.0f} s, pushing again {resumed:.1f} s after")  # noqa: T201
    finally:
        await server.kill()

    assert alive is None
    assert resumed < 8
    assert "Traceback" not in place.log
    assert place.telegram.violations == []


async def test_our_own_store_is_killed_and_nobody_needs_to_know(shared, tmp_path):
    async with town(shared, tmp_path) as place, place.bots() as [bot]:
        place.telegram.config["flood"] = "off"
        await place.ask(OWNER, "/alert btc > 95000", "#1")
        os.kill(await server_of(place.store), signal.SIGKILL)
        killed = time.monotonic()
        await place.ask(OWNER, "/price", "BTC $")
        while not await answers(socket_path(place.store)):  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)
        back = time.monotonic() - killed
        await asyncio.sleep(1)
        await place.ask(OWNER, "/alert list", "95,000")
        store = await connect(f"unix://{socket_path(place.store)}")
        await Outbox(store).owe(None, [note("after the kill")])
        await until(lambda: "after the kill" in "".join(place.words(OWNER)), "pushing")
        await store.close()
        alive = bot.returncode
    print(f"own store back after {back:.1f} s")  # noqa: T201

    assert alive is None
    assert back < 3
    assert "Traceback" not in place.log


async def test_an_alert_on_its_way_at_a_kill_is_sent_again_and_says_so(shared, tmp_path):
    person = Channel("telegram", "77")
    async with town(shared, tmp_path) as place, place.bots() as bots:
        place.telegram.add_user(77, "Bo")
        await until(place.polls, "Telegram's first poll")
        place.telegram.add_fault("slow", method="sendMessage", chat_id=77, delay=1)
        store = await connect(f"unix://{socket_path(place.store)}")
        await StoreNotebook(store).add_rule(
            Rule(
                "1", person.key, f"discord:{DISCORD_OWNER}", utc_now(), Metric.PRICE,
                Direction.ABOVE, 20_000.0, "BTC", severity=Severity.INFO,
            )
        )  # fmt: skip
        await store.close()
        await until(lambda: sending(place, 77), "an alert on its way")
        bots[0].kill()
        await bots[0].wait()
        before = place.words(77)
        bots[0] = await place.start()
        await until(lambda: len(place.words(77)) == 2, "the alert again", 60)
        first, again = (c["params"]["text"] for c in sending(place, 77))

    assert before == []
    assert "broke $20,000" in first
    assert "broke $20,000" in again
    assert ("may repeat" in first, "may repeat" in again) == (False, True)
    assert place.telegram.violations == []
    assert "Traceback" not in place.log


def sending(place: Town, chat: int) -> list[dict]:
    return [
        c
        for c in place.telegram.calls
        if c["method"] == "sendMessage" and str(c["params"].get("chat_id")) == str(chat)
    ]


async def test_polling_is_handed_over_at_once_and_taken_over_from_the_dead(shared, tmp_path):
    async with town(shared, tmp_path) as place, place.bots() as bots:
        place.telegram.config["flood"] = "off"
        await place.ask(OWNER, "/price", "BTC $")
        bots.append(await place.start())
        await until(lambda: place.log.count("started") == 2, "a second process")
        handed = await _end(place, bots[0], signal.SIGTERM)
        await place.ask(OWNER, "/price", "BTC $")
        bots.append(await place.start())
        await until(lambda: place.log.count("started") == 3, "a third process")
        taken = await _end(place, bots[1], signal.SIGKILL)
        await place.ask(OWNER, "/price", "BTC $")
        statuses = bots[0].returncode, bots[1].returncode
    print(f"handed over in {handed:.2f} s, taken over in {taken:.2f} s")  # noqa: T201

    assert statuses == (0, -signal.SIGKILL)
    assert handed < 1
    assert taken < 5
    assert place.telegram.violations == []
    assert "Traceback" not in place.log


async def _end(place: Town, poller, how: int) -> float:
    """How long nobody waited for updates after it was told to end, or killed."""
    at = time.monotonic()
    poller.send_signal(how)
    await poller.wait()
    await until(lambda: _waiting(place, at), "another poller")
    return _waiting(place, at)[0] - at


def _waiting(place: Town, since: float) -> list[float]:
    """When somebody began to wait; a poller that ends asks once more without waiting."""
    return [
        c["start"]
        for c in place.telegram.calls
        if c["method"] == "getUpdates" and c["start"] > since and c.get("values", {}).get("timeout")
    ]


async def test_a_briefing_that_ten_owe_is_read_once(shared, tmp_path):
    async with town(shared, tmp_path) as place, place.bots(2):
        await until(place.polls, "Telegram's first poll")
        store = await connect(f"unix://{socket_path(place.store)}")
        soon = utc_now() + timedelta(minutes=1)
        schedule = Schedule(f"{soon:%H:%M}", "UTC")
        await StoreNotebook(store).subscribe(
            Subscription(
                "1", CHAT.key, SubscriptionKind.BRIEFING, CHAT.key,
                utc_now() - timedelta(days=1), schedule=schedule,
            )
        )  # fmt: skip
        occurrence = f"{soon:%Y-%m-%dT%H:%M}"
        owed = Owed(
            f"briefing:{CHAT.key}:1:{occurrence}", CHAT.key, OwedKind.BRIEFING, Severity.INFO,
            utc_now(), briefing=Briefing("morning", "BTC", "1", occurrence),
        )  # fmt: skip
        outbox = Outbox(store)
        await asyncio.gather(*(outbox.owe(None, [owed]) for _ in range(10)))

        def read() -> list[str]:
            return [w for w in place.words(OWNER) if "empty memory" not in w]

        await until(read, "the briefing")
        await asyncio.sleep(1.5)
        await store.close()
        arrived = read()

    assert len(arrived) == 1
    assert "Traceback" not in place.log


async def test_a_second_start_finds_everything_and_only_an_empty_store_is_told(shared, tmp_path):
    async with town(shared, tmp_path) as place:
        place.telegram.config["flood"] = "off"
        async with place.bots():
            await until(lambda: "empty memory" in "".join(place.words(OWNER)), "the notice")
            await place.ask(OWNER, "/alert btc > 95000", "#1")
        async with place.bots():
            await place.ask(OWNER, "/alert list", "95,000")
        told = "".join(place.words(OWNER)).count("empty memory")

    assert told == 1
    assert "Traceback" not in place.log


async def test_whoever_set_up_what_discord_refuses_is_told_once_in_private(shared, tmp_path):
    async with town(shared, tmp_path) as place, place.bots():
        place.discord.add_channel(301, GUILD, "traders")
        place.discord.deny(301, "VIEW_CHANNEL")
        await until(place.polls, "Telegram's first poll")
        store = await connect(f"unix://{socket_path(place.store)}")
        channel = Channel("discord", "301")
        await StoreNotebook(store).subscribe(
            Subscription(
                "1", channel.key, SubscriptionKind.BRIEFING, f"discord:{DISCORD_OWNER}",
                utc_now(), schedule=Schedule("03:00", "UTC"),
            )
        )  # fmt: skip
        for name in ("first", "second"):
            await Outbox(store).owe(None, [note(name, channel)])
            await until(lambda: "Paused" in str(place.discord.sent()), "the notice")
        await until(lambda: "Paused" in "".join(place.words(OWNER)), "the owner's notice")
        await asyncio.sleep(1)
        letters = await place.ask(OWNER, "/deadletters", "Nothing was given up on")
        kept = await store.cmd.hget(channel_key(channel.key, "chat"), "withheld:all")
        await store.close()
        told = [m for m in place.discord.sent() if "Paused" in str(m["embeds"])]

    assert len(told) == 1
    assert "".join(place.words(OWNER)).count("Paused") == 1
    assert "first" not in letters
    assert kept == "2"  # it hears of them when it is back
    assert place.discord.violations == []
