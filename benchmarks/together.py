"""A thousand people ask /levels at once while nothing is known: each source is asked once per fact."""

import asyncio
import time

from benchmarks.house import house
from benchmarks.measure import Stalls, told
from bot.demo.world import World
from handlers.command import Channel, ChannelKind, Request
from handlers.words import Words
from providers.types import utc_now


def question(person: int) -> Request:
    channel = Channel("telegram", str(person))
    return Request(
        "levels", ("btc",), "btc", channel, ChannelKind.PRIVATE, str(person), "A", Words()
    )


async def _main() -> None:
    alone: dict[str, int] = {}
    for people in (1, 10, 100, 1000):
        world = World(utc_now)
        async with house(world=world) as app:
            began = time.perf_counter()
            async with Stalls() as stalls:
                replies = await asyncio.gather(*(app.dispatch(question(n)) for n in range(people)))
            took, asked = time.perf_counter() - began, dict(world.asked)
            titles = {reply.title for reply in replies}
            alone = alone or asked
            print(
                f" {people:>5} people: {took:.2f} s, {sum(asked.values())} upstream calls,"
                f" longest stall {stalls.longest * 1000:.0f} ms, {len(titles)} answer(s)"
            )
    told(
        "upstream calls of 1,000 beside those of one", sum(asked.values()) / sum(alone.values()), 1
    )


def main(short: bool = False) -> None:  # noqa: ARG001
    asyncio.run(_main())


if __name__ == "__main__":
    main()
