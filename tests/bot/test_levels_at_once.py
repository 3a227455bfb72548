"""A level that is touched and broken in the same moment is one message, and no other level is lost in it."""

from dataclasses import replace

import pytest

from bot.composer import ChatComposer
from bot.languages import Languages
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.watch import Watch
from handlers.reply import Reply, Text
from handlers.rule import Direction, Metric, Rule
from handlers.rules import KINDS
from providers.market import Sources
from providers.types import Candle, Interval, Reading, Ticker
from tests.bot.owing import AT, HERE
from tests.bot.test_delivery import Loopback, delivering, empty
from tests.fakes import Clock, desk_with


class Reader(Loopback):
    """Keeps whole messages."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[Reply] = []

    async def send(self, channel, reply, *, nonce=None, silent=False):
        self.read.append(reply)
        return await super().send(channel, reply, nonce=nonce, silent=silent)


class Venue:
    """Rests at 77,000 but for the hour that has just closed."""

    name = "binance"

    def __init__(self, clock, close: float) -> None:
        self.clock, self.close = clock, close

    async def ticker(self, asset):
        return Reading(Ticker(self.close), self.name, self.clock())

    async def candles(self, asset, interval, limit):
        length = Interval(interval).length
        end = self.clock().replace(minute=0, second=0, microsecond=0)
        bars = [
            Candle(end - n * length, 77_000.0, 77_500.0, 76_500.0, 77_000.0, 1.0)
            for n in range(limit, 0, -1)
        ]
        bars[-1] = Candle(end - length, 77_000.0, 77_500.0, 69_900.0, self.close, 1.0)
        return Reading(tuple(bars), self.name, end)


def words_of(reply: Reply) -> str:
    return "\n".join(
        "".join(str(part) for part in line)
        for block in reply.blocks
        if isinstance(block, Text)
        for line in block.lines
    )


@pytest.mark.parametrize(
    ("tick", "close", "title", "also"),
    [
        (74_900.0, 74_800.0, "BTC broke $75,000 ↓ — hour closed at $74,800", None),
        (69_900.0, 74_800.0, "BTC broke $75,000 ↓ — hour closed at $74,800", "touched $70,000"),
        (69_900.0, 69_800.0, "BTC broke $70,000 ↓ — hour closed at $69,800", "broke $75,000"),
    ],
    ids=["just beyond", "a wick far beyond", "a close far beyond"],
)
async def test_a_touch_and_its_break_are_one_message(store, tick, close, title, also):
    clock, reader = Clock(AT.replace(minute=59, second=58)), Reader()
    notebook, outbox = StoreNotebook(store), Outbox(store)
    venue = Venue(clock, close)
    desk = replace(desk_with(Sources(prices=(venue,), candles=(venue,)), clock), notebook=notebook)
    await notebook.add_rule(
        Rule("1", HERE.key, "discord:9", AT, Metric.LEVEL, Direction.EITHER, 0.0, "BTC")
    )
    watch = Watch(desk.market, desk.watchlist, outbox, clock, KINDS)
    watch.load(await notebook.all_rules())
    for price in (77_000.0, tick):
        watch.on_tick("BTC", price, clock(), "binance")
        await watch.drain()
        clock.advance(seconds=1)
    await watch.poll()
    debts = await outbox.length()
    composer = ChatComposer(desk, outbox, Languages(default="en", zone="UTC"))
    async with delivering(store, clock, reader, composer=composer):
        await empty(outbox)

    assert debts == 2
    [message] = reader.read
    assert message.title == title
    assert (f"Also {also}" in words_of(message)) if also else ("Also" not in words_of(message))
