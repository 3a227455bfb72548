"""
A tick on the wire to the first POST, through feed, watch, store, delivery and pacer, beside bare aiohttp in and out.

The bare one keeps nothing: it reads the frame and posts. Whoever wants to lose nothing writes to disk at least once
before that: a second bare one does only this. Ours saves state and debt in one script, and that it sends in another.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from benchmarks.house import house
from benchmarks.measure import middle, spread, told
from benchmarks.platforms import Platforms, platforms
from bot.composer import ChatComposer
from bot.delivery import Delivery
from bot.ingest import Ingest
from bot.pacer import UNLIMITED, Pacer
from bot.shards import Shards
from bot.store import own_store
from handlers.rule import Direction, Metric, Rule, RuleRecord, RuleState
from providers.binance_live import spot_feed
from providers.types import utc_now


class Venue:
    """A socket that says the prices it is told to."""

    def __init__(self) -> None:
        self.sockets: list[web.WebSocketResponse] = []

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            await socket.send_str(json.dumps({"result": None, "id": 1}))
            assert message
        return socket

    async def say(self, price: float) -> float:
        data = {
            "e": "24hrMiniTicker", "E": round(utc_now().timestamp() * 1000), "s": "BTCUSDT",
            "c": str(price), "o": "1", "h": "1", "l": "1", "v": "1", "q": "1",
        }  # fmt: skip
        text = json.dumps({"stream": "x", "data": data})
        said = time.monotonic()
        for socket in self.sockets:
            if not socket.closed:
                await socket.send_str(text)
        return said


async def bare(url: str, root: str, redis: Any = None) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.send_str("{}")
        async for message in socket:
            if json.loads(message.data).get("data"):
                if redis is not None:
                    await redis.set("sending", message.data)
                body = {"chat_id": 1, "text": "x"}
                async with session.post(f"{root}/bot1/sendMessage", json=body) as answer:
                    await answer.read()


async def sent(api: Platforms, venue: Venue, price: float) -> float:
    """Milliseconds from the frame to the first POST."""
    await api.reset()
    said = await venue.say(price)
    assert await api.until(1, 5)
    return ((await api.log())[0][0][0] - said) * 1000


async def _main(short: bool) -> None:
    count, venue = (10 if short else 40), Venue()
    app_ = web.Application()
    app_.router.add_get("/ws", venue.serve)
    runner = web.AppRunner(app_)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/ws"
    with tempfile.TemporaryDirectory() as folder:
        async with platforms() as api, own_store(Path(folder)) as store:
            floor = await _bare(api, venue, bare(url, api.root), count)
            kept = await _bare(api, venue, bare(url, api.root, store.cmd), count)
            mine = await _ours(api, venue, url, count)
    await runner.cleanup()
    for name, times in (("ours", mine), ("bare", floor), ("bare, written down first", kept)):
        print(f" {name} {middle(times):.2f} ms ({spread(times)})")
    told("p50 beside bare aiohttp in and out", middle(mine) / middle(floor), 1.25)
    told("p50 beside the same, written down first", middle(mine) / middle(kept), 1.25)


async def _bare(
    api: Platforms, venue: Venue, bot: Coroutine[Any, Any, None], count: int
) -> list[float]:
    task = asyncio.create_task(bot)
    await asyncio.sleep(0.5)
    times = []
    for _ in range(count):
        times.append(await sent(api, venue, 70_000))
        await asyncio.sleep(0.05)
    task.cancel()
    venue.sockets.clear()
    return times


async def _ours(api: Platforms, venue: Venue, url: str, count: int) -> list[float]:
    async with house(api.root) as app:
        app.pacers["telegram"] = Pacer(UNLIMITED)
        for n in range(count):
            rule = Rule(
                str(n), f"telegram:{n}", "u", utc_now(), Metric.PRICE, Direction.BELOW,
                70_000.0 - n, "BTC",
            )  # fmt: skip
            await app.notebook.add_rule(rule)
            app.watch.replace(rule.channel, [RuleRecord(rule, RuleState())])
        shards = Shards(app.store)
        await shards.renew()
        delivery = Delivery(
            app.outbox, shards, app.notebook, app.office.transports, app.pacers,
            ChatComposer(app.desk, app.outbox, app.languages), app.now, frozenset(),
            app.languages.words,
        )  # fmt: skip
        asset = app.desk.watchlist.get("BTC")
        ingest = Ingest(
            [spot_feed(url, [asset])], session=app.session, redis=app.store.cmd,
            prices=app.outside.live, now=app.now, on_tick=[app.watch.on_tick],
        )  # fmt: skip
        works = (ingest.run(), shards.run(), delivery.run(), app.notebook.listen(), _drains(app))
        tasks = [asyncio.create_task(work) for work in works]
        await asyncio.sleep(1)
        await venue.say(75_000)
        await asyncio.sleep(0.2)
        found = []
        for n in range(count):
            found.append(await sent(api, venue, 70_000.0 - n - 0.5))
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return found


async def _drains(app) -> None:
    while True:
        await app.watch._woken.wait()
        await app.watch.drain()


def main(short: bool = False) -> None:
    asyncio.run(_main(short))


if __name__ == "__main__":
    main()
