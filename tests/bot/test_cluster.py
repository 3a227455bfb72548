"""A real cluster of three on loopback: every script keeps to one slot, and what it does is what one store does."""

import asyncio
import subprocess
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
import pytest
import redis.asyncio as aio

from bot import embedded
from bot.audit import audit
from bot.lease import Lease
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.pacer import TELEGRAM, Pacer
from bot.quota import Quota
from bot.shards import Shards
from bot.store import SHARDS, connect
from handlers.command import Channel
from tests.bot.owing import AT, alert, change, lying, notice, rule
from tests.bot.test_delivery import Loopback, delivering, empty
from tests.fakes import Clock

pytestmark = pytest.mark.slow
SLOTS = (0, 5461), (5462, 10922), (10923, 16383)
PLACES = [Channel("discord", str(n)) for n in range(60)]


@asynccontextmanager
async def node(folder, port: int):
    folder.mkdir()
    options = f"--port {port} --bind 127.0.0.1 --cluster-enabled yes --appendonly yes --appendfsync always"
    server = await asyncio.create_subprocess_exec(
        embedded._program(), *options.split(), "--dir", str(folder), stdout=subprocess.DEVNULL
    )
    client = aio.Redis(port=port, decode_responses=True)
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    await client.ping()
                    break
                except (ConnectionError, aio.ConnectionError):
                    await asyncio.sleep(0.02)
        yield client
    finally:
        await client.aclose()
        server.kill()
        await server.wait()


@pytest.fixture
async def store(tmp_path, unused_tcp_port_factory):
    ports = []
    while len(ports) < 3:  # the nodes talk to each other 10,000 ports further up
        if (port := unused_tcp_port_factory()) < 50_000:
            ports.append(port)
    async with AsyncExitStack() as stack:
        nodes = [
            await stack.enter_async_context(node(tmp_path / str(port), port)) for port in ports
        ]
        for client, (first, last) in zip(nodes, SLOTS, strict=True):
            await client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            await client.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0])
        async with asyncio.timeout(20):
            for client in nodes:
                while (await client.cluster("info"))["cluster_state"] != "ok":  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        found = await connect(f"redis+cluster://127.0.0.1:{ports[0]}")
        stack.push_async_callback(found.close)
        yield found


async def test_what_is_owed_arrives_once_and_in_every_slot(store):
    discord, outbox = Loopback(), Outbox(store)
    assert store.cluster
    await outbox.owe("08:00", [notice(f"n{c.chat}", c) for c in PLACES])
    again = await Outbox(store).owe("08:00", [notice(f"n{c.chat}", c) for c in PLACES])
    async with delivering(store, Clock(AT), discord):
        await empty(outbox)

    assert not again
    assert sorted(discord.sent) == sorted((c.chat, f"n{c.chat}") for c in PLACES)


async def test_rules_and_debts_are_saved_together(store):
    notebook, outbox = StoreNotebook(store), Outbox(store)
    for place in PLACES:
        await notebook.add_rule(rule("1", place))
    steps = [change("1", 0, alert(f"a{c.chat}", "1", c), c) for c in PLACES]

    assert await outbox.advance(steps) == (True,) * len(PLACES)
    assert await outbox.advance(
        [change("1", 5, alert(f"b{c.chat}", "1", c), c) for c in PLACES]
    ) == (False,) * len(PLACES)
    assert len(await notebook.all_rules()) == await outbox.length() == len(PLACES)


async def test_a_change_is_heard_from_every_slot(store):
    notebook, heard = StoreNotebook(store), []
    listening = asyncio.ensure_future(notebook.listen([heard.append]))
    async with asyncio.timeout(10):
        while heard != [""]:  # noqa: ASYNC110 - the store has no event
            await asyncio.sleep(0.01)
        for place in PLACES:
            await notebook.add_rule(rule("1", place))
        while len(heard) <= len(PLACES):  # noqa: ASYNC110 - nor here
            await asyncio.sleep(0.01)
    listening.cancel()
    await asyncio.wait([listening])

    assert sorted(heard) == sorted(["", *(place.key for place in PLACES)])


async def test_a_chat_moves_to_another_slot_and_letters_are_resent(store):
    notebook, outbox = StoreNotebook(store), Outbox(store)
    for place in PLACES[:2]:
        value = 60_000.0 + int(place.chat) * 5_000
        await notebook.add_rule(msgspec.structs.replace(rule("1", place), value=value))
    await notebook.move(PLACES[0], PLACES[1])
    await outbox.owe(None, [notice("a", PLACES[2])])
    await outbox.give_up(await lying(outbox), "dead", "refused", AT)

    assert [(r.rule.channel, r.rule.id) for r in await notebook.rules(PLACES[1])] == [
        (PLACES[1].key, "1"),
        (PLACES[1].key, "2"),
    ]
    assert [letter.id for letter in await outbox.dead()] == ["a"]
    assert await outbox.resend("a")
    assert await notebook.forget(PLACES[1]) == 2


async def test_leases_shares_and_the_audit_work(store, clock):
    one, two = Lease(store, "poll"), Lease(store, "poll")
    pacer, shards = Pacer(TELEGRAM), Shards(store)
    await Quota(store, "telegram", pacer).agree()
    await shards.renew()

    assert [await one.take(), await two.take()] == [True, False]
    assert pacer.share == 30
    assert len(shards.held) == SHARDS
    await audit(store, clock())
    assert await audit(store, clock()) == ()
