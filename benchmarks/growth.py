"""How cost grows: assets watched, chats owed, days of liquidation buckets. Rules: tick. People at once: together."""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from benchmarks.outbox import through
from benchmarks.tick import NOW, Nowhere, records
from bot.liquidation_book import OwnLiquidations
from bot.liquidations import count, heard
from bot.outbox import Outbox
from bot.store import own_store
from bot.watch import Watch
from config.watchlist import Asset, Watchlist
from handlers.rules import KINDS
from providers.market import Market, Sources
from providers.types import Liquidation, PriceKind, Side


def assets(many: int) -> float:
    """Microseconds a tick, ticks going round all assets with 100 rules each."""
    watch = Watch(Market(Sources(), lambda: NOW), Watchlist.load(), Nowhere(), lambda: NOW, KINDS)
    known = records(100)
    watch.load(
        type(r)(msgspec.structs.replace(r.rule, asset=f"A{n}", channel=f"x:{n}"), r.state)
        for n in range(many)
        for r in known
    )
    names = [f"A{n}" for n in range(many)]
    for name in names:
        for price in (74_999.0, 75_001.0):  # how far it went: between them nothing is new
            watch.on_tick(name, price, NOW, "v")
    turns = max(1, 100_000 // many)
    began = time.perf_counter()
    for _ in range(turns):
        for name in names:
            watch.on_tick(name, 75_000.0, NOW, "v")
    return (time.perf_counter() - began) / turns / many * 1e6


async def buckets(redis: object, days: int, now: datetime) -> tuple[float, float]:
    """Milliseconds of the first read and of the next."""
    asset = Asset("BTC", "Bitcoin")
    book = OwnLiquidations(redis, lambda: now)
    took = []
    for _ in range(2):
        began = time.perf_counter()
        await book.book(asset, now - timedelta(days=days))
        took.append((time.perf_counter() - began) * 1000)
    return took[0], took[1]


def closes(now: datetime, days: int) -> list[Liquidation]:
    first = now - timedelta(days=days)
    sides = (Side.LONG, Side.SHORT)
    return [
        Liquidation(
            ("Binance", "OKX", "Bybit")[n % 3], "BTCUSDT", "BTC", sides[n % 2], 1.0, 70_000.0,
            PriceKind.AVERAGE, 70_000.0, round((first + timedelta(minutes=n)).timestamp() * 1000),
        )
        for n in range(days * 1440)
    ]  # fmt: skip


async def _main(short: bool) -> None:
    for many in (1, 10, 100, 500):
        print(f" {many:>5} assets: {assets(many):.3f} µs a tick")
    with tempfile.TemporaryDirectory() as folder:
        async with own_store(Path(folder)) as store:
            outbox = Outbox(store)
            for n, chats in enumerate((10, 100, 1000) if short else (10, 100, 1000, 10_000)):
                rate = await through(outbox, chats, 100 + n)
                print(f" {chats:>6} chats: {rate:,.0f} messages/s through the outbox")
            now = datetime.now(UTC)
            for venue in ("Binance", "OKX", "Bybit"):
                await heard(store.cmd, venue, "f", now - timedelta(days=35), complete=False)
            await count(store.cmd, closes(now, 35), now)
            for days in (1, 7, 21, 35):
                first, again = await buckets(store.cmd, days, now)
                print(f" {days:>5} days of buckets: {first:.1f} ms at first, {again:.2f} ms again")


def main(short: bool = False) -> None:
    asyncio.run(_main(short))


if __name__ == "__main__":
    main()
