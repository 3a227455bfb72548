"""
A warm /levels over Telegram beside bare echo bots of python-telegram-bot: the way of one answer, and a backlog.

The Bot API server is the one of benchmarks.platforms; ours is the whole bot over the demo market, in this process, as
are the echo bots. Pace is lifted on both sides, or Telegram's own 30 a second would be all that is seen.
"""

import asyncio
import time
from contextlib import asynccontextmanager

from telegram import Update
from telegram.ext import Application, MessageHandler, filters

from benchmarks.house import TOKEN, Counted, house
from benchmarks.measure import against, middle, spread, told
from benchmarks.platforms import Platforms, platforms
from bot.pacer import UNLIMITED
from bot.transports.telegram_request import AiohttpRequest
from handlers.command import Channel, ChannelKind, Request
from handlers.words import Words

QUESTION = "/levels btc"


@asynccontextmanager
async def echo(root: str, *, aiohttp: bool):
    """The barest bot there is: what it hears it says."""

    async def say(update: Update, _: object) -> None:
        await update.effective_message.reply_text(update.effective_message.text)

    builder = Application.builder().token(TOKEN).base_url(f"{root}/bot").concurrent_updates(256)
    if aiohttp:
        builder = builder.request(AiohttpRequest()).get_updates_request(AiohttpRequest())
    app = builder.build()
    app.add_handler(MessageHandler(filters.ALL, say))
    async with app:
        await app.start()
        await app.updater.start_polling()
        yield
        await app.updater.stop()
        await app.stop()


@asynccontextmanager
async def ours(root: str, counted: list):
    async with house(root) as app:
        for pacer in app.pacers.values():
            pacer.limits = UNLIMITED
            pacer.shared(UNLIMITED.per_second)
        channel = Channel("telegram", "1000")
        asked = Request("levels", ("btc",), "btc", channel, ChannelKind.PRIVATE, "1", "A", Words())
        for _ in range(3):
            await app.dispatch(asked)
        app.store.cmd = counter = Counted(app.store.cmd)
        app.buttons._redis = counter
        counted.append(counter)
        transport = app.office.transports["telegram"]
        tasks = [asyncio.create_task(transport.run()), asyncio.create_task(app.notebook.listen())]
        await asyncio.sleep(1)
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def one_by_one(api: Platforms, count: int) -> list[float]:
    """Milliseconds from each question to its answer, one at a time, seen by the server."""
    times = []
    for n in range(count):
        await api.ask(1, QUESTION, 1)
        await api.until(n + 1, 10)
        log, asked = await api.log()
        times.append((log[-1][0] - asked) * 1000)
    return times


async def backlog(api: Platforms, count: int) -> tuple[float, int]:
    """Answers a second, and how many never came."""
    await api.ask(count, QUESTION, 256)
    came = await api.until(count)
    log, asked = await api.log()
    return came / (log[-1][0] - asked), count - came


async def measure(api: Platforms, bot, paced: int, waiting: int) -> dict[str, float]:
    await api.reset()
    async with bot:
        await asyncio.sleep(0.2)
        await one_by_one(api, 5)
        await api.reset()
        alone = middle(await one_by_one(api, paced))
        await api.reset()
        rate, lost = await backlog(api, waiting)
    return {"p50": alone, "rate": rate, "lost": lost}


async def on_the_path(api: Platforms) -> int:
    """Redis calls of twenty warm answers, beyond what runs in the background all the same."""
    counted: list[Counted] = []
    await api.reset()
    async with ours(api.root, counted):
        await one_by_one(api, 3)
        await api.reset()
        before, began = counted[0].calls, time.perf_counter()
        await one_by_one(api, 20)
        busy, length = counted[0].calls - before, time.perf_counter() - began
        before, began = counted[0].calls, time.perf_counter()
        await asyncio.sleep(length)
        return max(0, busy - (counted[0].calls - before))


async def _main(short: bool) -> None:
    rounds, paced, waiting = (3, 30, 300) if short else (5, 100, 1000)
    found: dict[str, list[dict[str, float]]] = {}
    async with platforms() as api:
        for _ in range(rounds):
            for name, bot in (
                ("ours", lambda: ours(api.root, [])),
                ("default", lambda: echo(api.root, aiohttp=False)),
                ("aiohttp", lambda: echo(api.root, aiohttp=True)),
            ):
                found.setdefault(name, []).append(await measure(api, bot(), paced, waiting))
        calls = await on_the_path(api)
    column = {n: {k: [r[k] for r in rows] for k in rows[0]} for n, rows in found.items()}
    for name, values in column.items():
        print(
            f" {name}: p50 {middle(values['p50']):.2f} ms, {middle(values['rate']):,.0f} answers/s"
        )
    mine = column["ours"]
    for name, goal in (("default", 0.5), ("aiohttp", 1.15)):
        ratio = against(mine["p50"], column[name]["p50"])
        told(f"p50 beside the echo on its {name} request, {spread(ratio)}", middle(ratio), goal)
    ratio = against(mine["rate"], column["default"]["rate"])
    told(f"backlog beside the default request, {spread(ratio)}", middle(ratio), 3, more=True)
    told("answers lost with 256 in flight", sum(mine["lost"]), 0, "")
    told("Redis calls on the path of a warm answer", round(calls / 20), 0, "")


def main(short: bool = False) -> None:
    asyncio.run(_main(short))


if __name__ == "__main__":
    main()
