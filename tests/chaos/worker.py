"""One bot process of the chaos test: plans its part of the messages, delivers, and is killed at any moment."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from bot.delivery import Delivery
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.pacer import UNLIMITED, Pacer
from bot.shards import Shards
from bot.store import StoreDown, own_store
from bot.transport import DeliveryError, Sent
from handlers.command import Channel
from providers.types import utc_now
from tests.bot.owing import notice
from tests.bot.test_delivery import Titles

CHANNELS = 12


class Wire:
    """A platform on a socket: one line out, one line back; a lost answer is unknown."""

    platform = "discord"
    idempotent = True

    def __init__(self, path: str) -> None:
        self.path = path

    async def send(self, channel, reply, *, nonce=None, silent=False) -> Sent:
        try:
            reader, writer = await asyncio.open_unix_connection(self.path)
            try:
                writer.write(f"{channel.chat} {nonce}\n".encode())
                answer = await reader.readline()
            finally:
                writer.close()
        except OSError as error:
            raise DeliveryError("connection", unknown=True) from error
        if not answer:
            raise DeliveryError("no answer", unknown=True)
        return Sent(answer.decode().strip())

    async def edit(self, channel, message, reply) -> None:
        raise DeliveryError("not used")

    async def missing_rights(self, channel) -> tuple[str, ...]:
        return ()

    async def run(self) -> None:
        await asyncio.Event().wait()


class OneByOne(Titles):
    """A letter per debt, so that each can be counted."""

    async def compose(self, channel, owed, preferences, **more):
        letters = [
            await super(OneByOne, self).compose(channel, [o], preferences, **more) for o in owed
        ]
        return tuple(letter for part in letters for letter in part)


async def plan(outbox: Outbox, messages: int, seconds: float) -> None:
    """Every process plans the same occurrences, at about the same time, until all are known to be owed."""
    for n in range(messages):
        while True:
            try:
                await outbox.owe(
                    f"o{n}", [notice(f"m{n}", Channel("discord", str(n % CHANNELS)), at=utc_now())]
                )
                break
            except StoreDown:
                await asyncio.sleep(0.1)
        await asyncio.sleep(seconds / messages)


async def main(folder: Path, wire: str, messages: int, seconds: float) -> None:
    async with own_store(folder) as store:
        outbox, shards = Outbox(store, lease=timedelta(seconds=1)), Shards(store, ttl=1.0)
        delivery = Delivery(
            outbox,
            shards,
            StoreNotebook(store),
            {"discord": Wire(wire)},
            {"discord": Pacer(UNLIMITED)},
            OneByOne(),
            utc_now,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(shards.run())
            group.create_task(delivery.run())
            group.create_task(plan(outbox, messages, seconds))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
