"""
One alert to 3,000 chats at the platform's limit, and six during one broadcast, through the whole delivery.

By default 300 chats for real, with a 40 ms round trip and refusals beyond the limit; --full is the whole 3,000.
"""

import asyncio
import sys
from datetime import timedelta

from benchmarks.house import house
from benchmarks.measure import middle, spread, told
from benchmarks.platforms import Platforms, platforms
from bot.composer import ChatComposer
from bot.delivery import Delivery
from bot.owed import Owed, OwedKind
from bot.pacer import DISCORD, TELEGRAM, TELEGRAM_PAID, Limits, Pacer
from bot.shards import Shards
from handlers.preferences import Severity
from handlers.reply import Reply, text
from handlers.rule import Alert, Direction, Metric, Rule, Transition
from providers.types import utc_now

TRIP = 0.04


def owed(platform: str, chats: int, round_: int, state: int = 0) -> list[Owed]:
    reply = Reply(f"BTC fell below {70 - state}k", (text(f"state {state}"),))
    now = utc_now()
    return [
        Owed(
            f"n:{round_}:{state}:{chat}", f"{platform}:{100000 + chat}", OwedKind.NOTICE,
            Severity.WARNING, now, expires=now + timedelta(hours=6), reply=reply,
        )
        for chat in range(chats)
    ]  # fmt: skip


def rule(chat: str, state: int) -> Rule:
    """Each state is a lower price, so that the newest is the one worth telling."""
    line = 70_000.0 - state * 1000
    return Rule(
        str(state), chat, "u", utc_now(), Metric.PRICE, Direction.BELOW, line, "BTC"
    )  # fmt: skip


def alerts(chats: int, state: int) -> list[Owed]:
    """What the watch owes when a price fell through everybody's next line."""
    now, price = utc_now(), 69_900.0 - state * 1000
    return [
        Owed(
            f"a:{state}:{chat}", f"telegram:{100000 + chat}", OwedKind.ALERT, Severity.WARNING, now,
            expires=now + timedelta(hours=6),
            alert=Alert(str(state), Transition.FIRED, price, now, "Binance"),
        )
        for chat in range(chats)
    ]  # fmt: skip


async def delivered(
    api: Platforms, platform: str, limits: Limits, chats: int, round_: int, states: int = 1
) -> dict[str, float]:
    """Span against the minimum, refusals, chats without the newest state."""
    await api.reset(limit=limits.per_second, latency=TRIP)
    async with house(api.root, discord=platform == "discord") as app:
        app.pacers[platform] = Pacer(limits)
        shards = Shards(app.store)
        await shards.renew()
        delivery = Delivery(
            app.outbox, shards, app.notebook, app.office.transports, app.pacers,
            ChatComposer(app.desk, app.outbox, app.languages), app.now, frozenset(),
            app.languages.words,
        )  # fmt: skip
        tasks = [asyncio.create_task(shards.run()), asyncio.create_task(app.notebook.listen())]
        if platform == "discord":
            await app.office.transports["discord"].login()
        for chat in range(chats if states > 1 else 0):
            for state in range(states):
                await app.notebook.add_rule(rule(f"telegram:{100000 + chat}", state))
        first = alerts(chats, 0) if states > 1 else owed(platform, chats, round_)
        await app.outbox.owe(None, first)
        tasks.append(asyncio.create_task(delivery.run()))
        lowest = chats / limits.per_second
        for state in range(1, states):
            # All within the first moments: whoever was served by then must be served again.
            await asyncio.sleep(lowest * 0.004)
            await app.outbox.owe(None, alerts(chats, state))
        while await app.outbox.length():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    log, _ = await api.log()
    good = [entry for entry in log if entry[2] == 200]
    word = f"{69_900 - (states - 1) * 1000:,}" if states > 1 else "state 0"
    newest = {chat for _, chat, _, body in good if word in body}
    return {
        "span": (good[-1][0] - good[0][0]) / lowest,
        "refused": len(log) - len(good),
        "without": chats - len(newest),
    }


async def _main(short: bool, whole: bool) -> None:
    chats, rounds = (3000, 5) if whole else (150, 1) if short else (300, 5)
    async with platforms() as api:
        for name, limits, goal in (
            ("telegram", TELEGRAM, 1.03), ("discord", DISCORD, 1.03), ("telegram", TELEGRAM_PAID, 1.05),
        ):  # fmt: skip
            many = 3000 if limits is TELEGRAM_PAID else chats
            found = [await delivered(api, name, limits, many, n) for n in range(rounds)]
            spans = [one["span"] for one in found]
            print(f" {name}, {many} chats at {limits.per_second}/s, {rounds} runs {spread(spans)}")
            told("span against the minimum", middle(spans), goal)
            told("refusals", sum(one["refused"] for one in found), 0, "× 429")
            told("lost", sum(one["without"] for one in found), 0, "messages")
        storm = await delivered(api, "telegram", TELEGRAM, chats, 9, states=6)
        print(f" storm: six alerts during a broadcast to {chats}")
        told("span of all against one broadcast", storm["span"], 1.05)
        told("chats without the newest state", storm["without"], 0, "")


def main(short: bool = False) -> None:
    asyncio.run(_main(short, "--full" in sys.argv))


if __name__ == "__main__":
    main()
