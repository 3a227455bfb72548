"""
From what is owed to what was sent. Each channel has a line of its own: it keeps the order, waits out the platform's
refusals and the chat's quiet hours, and is written when its turn comes, so a storm arrives as one newest message.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from bot.consumer import Consumer
from bot.letters import Composer
from bot.line import Line
from bot.metrics import Metrics
from bot.notebook import StoreNotebook
from bot.outbox import Entry, Outbox
from bot.pacer import Pacer
from bot.refused import Tools, WordsFor, plain_words
from bot.shards import Shards
from bot.store import StoreDown, wanted
from bot.transport import Transport
from handlers.command import Channel

log = logging.getLogger(__name__)

AT_MOST = 20_000  # entries held in memory; more stay in the store until these are sent
REST = 0.5  # seconds between tries while the store is away


@dataclass(slots=True)
class Delivery:
    """Sends what is owed on the shards this process holds, over the platforms it has."""

    outbox: Outbox
    shards: Shards
    notebook: StoreNotebook
    transports: Mapping[str, Transport]
    pacers: Mapping[str, Pacer]
    composer: Composer
    now: Callable[[], datetime]
    owners: frozenset[str] = frozenset()
    words_for: WordsFor = plain_words
    metrics: Metrics = field(default_factory=Metrics)

    async def run(self) -> None:
        """
        Until cancelled. What is being sent then is finished first; what is not stays owed. The caller keeps `shards`
        renewed for as long as this runs.
        """
        lines: dict[str, Line] = {}
        tasks: dict[str, asyncio.Task[None]] = {}
        consumer = Consumer(self.outbox, self.shards)
        try:
            while wanted():
                await self._let_go(consumer, lines)
                for entry in await self._read(consumer, lines):
                    self._enqueue(entry, lines, tasks)
                await asyncio.sleep(0)  # these begin before the next are asked for
                for key in [key for key, task in tasks.items() if task.done()]:
                    tasks.pop(key).result()
                    del lines[key]
        finally:
            await _finish(lines, tasks)

    async def _read(self, consumer: Consumer, lines: Mapping[str, Line]) -> list[Entry]:
        room = AT_MOST - sum(map(len, lines.values()))
        if room <= 0 or not self.shards.mine:
            await asyncio.sleep(0.05)
            return []
        try:
            found = await consumer.entries(room)
        except StoreDown:
            await asyncio.sleep(REST)
            return []
        with suppress(StoreDown):  # then each line asks for its own
            await self.notebook.prepare({Channel.parse(e.owed.channel) for e in found})
        return found

    async def _let_go(self, consumer: Consumer, lines: Mapping[str, Line]) -> None:
        """Forget what is no longer ours, and give away what we hold beyond our share once it rests."""
        held, surplus = self.shards.held, self.shards.surplus
        mine = held - surplus
        consumer.keep(mine)
        for line in lines.values():
            line.keep(mine)
        busy = {line.shard for line in lines.values() if line.sending}
        await self.shards.release(surplus - busy)

    def _enqueue(
        self, entry: Entry, lines: dict[str, Line], tasks: dict[str, asyncio.Task[None]]
    ) -> None:
        channel = entry.owed.channel
        platform = channel.partition(":")[0]
        if platform not in self.transports:
            return  # stays owed: another process, or a later start with its token, sends it
        if channel not in lines:
            lines[channel] = Line(Channel.parse(channel), entry.shard, self._tools(platform))
        lines[channel].add(entry)
        if channel not in tasks or tasks[channel].done():
            tasks[channel] = asyncio.create_task(lines[channel].run())

    def _tools(self, platform: str) -> Tools:
        return Tools(
            self.outbox,
            self.notebook,
            self.transports[platform],
            self.pacers[platform],
            self.composer,
            self.now,
            self.owners,
            self.words_for,
            self.metrics,
        )


async def _finish(lines: Mapping[str, Line], tasks: Mapping[str, asyncio.Task[None]]) -> None:
    """Cancel whoever waits; whoever sends may end."""
    for channel, task in tasks.items():
        lines[channel].keep(frozenset())  # ends it after what it does now, come what may
        if not lines[channel].sending:
            task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks.values(), return_exceptions=True)
