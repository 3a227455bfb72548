"""
Every source and feed against the demo world while it misbehaves at random: python -m benchmarks.soak [MINUTES].

Prints memory, files, tasks and sockets each minute; what still grows after the first minutes leaks. The world is a
process of its own, so that only ours is measured. The store is that of a bot which has counted liquidations for days:
one that begins to count holds more minutes from hour to hour, until two days are full. So with histories: every
source's is asked for once before the first figure, as it would be sooner or later, whenever the sources before it fail.
"""

import asyncio
import gc
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import msgspec
from pydantic import SecretStr

from bot import liquidations
from bot.demo.liquidations import between as forced_closes
from bot.demo.scenario import FIRST
from bot.demo.world import FAULTS, World, serve
from bot.ingest import Ingest
from bot.sources import Outside, open_sources
from bot.store import open_store
from config.settings import Addresses, Settings
from config.watchlist import Asset, Watchlist
from providers.errors import ProviderError
from providers.market import Market
from providers.stream import Patience
from providers.types import Interval, Liquidation, PriceKind, Side, utc_now

SPEED = 30.0  # the world's seconds per second: answers grow old quickly and are asked for again
ASKERS = 12
COUNTED = timedelta(days=2, hours=2)
VENUES = {"binance": "Binance", "okx": "OKX", "bybit": "Bybit"}
IMPATIENT = Patience(first_retry=0.2, longest_retry=2.0, short_life=5.0, refused=5.0)
KEY = SecretStr("of-the-demo-world")


@dataclass(slots=True)
class Tally:
    """What was asked and how it went."""

    good: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    bugs: Counter[str] = field(default_factory=Counter)


async def the_world(began: float) -> None:
    """The other process: says where it is and serves until it is ended."""
    clock = _clock(began)
    async with serve(World(clock)) as addresses:
        print(msgspec.json.encode(addresses.model_dump()).decode(), flush=True)
        await asyncio.Event().wait()


def _clock(began: float) -> Callable[[], datetime]:
    """The same time in both processes."""
    return lambda: FIRST + timedelta(seconds=(utc_now().timestamp() - began) * SPEED)


@asynccontextmanager
async def other_process(began: float) -> AsyncIterator[Addresses]:
    world = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.soak",
        "world",
        str(began),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert world.stdout is not None
        yield Addresses.model_validate_json(await world.stdout.readline())
    finally:
        world.terminate()
        await world.wait()


async def ask(
    market: Market, now: Callable[[], datetime], assets: list[Asset], tally: Tally
) -> None:
    """One question after another, as people and briefings would."""
    rng = random.Random(id(asyncio.current_task()))
    while True:
        question = rng.choice(_questions(market, now(), rng.choice(assets), rng))
        try:
            await question()
            tally.good += 1
        except ProviderError as error:
            tally.errors[error.code] += 1
        except Exception as error:  # noqa: BLE001 - what a soak is there to find
            tally.bugs[repr(error)[:200]] += 1
        await asyncio.sleep(0.02)


def _questions(
    market: Market, now: datetime, asset: Asset, rng: random.Random
) -> list[Callable[[], Awaitable[object]]]:
    interval = rng.choice(list(Interval))
    return [
        lambda: market.ticker(asset),
        lambda: market.tickers(asset),
        lambda: market.candles(asset, interval, rng.choice((50, 300))),
        lambda: market.history(asset),
        lambda: market.flows(asset),
        lambda: market.liquidations(asset, now - timedelta(days=1)),
        lambda: market.liquidation_totals(asset, timedelta(days=1)),
        lambda: market.open_interest(asset),
        lambda: market.open_interest_history(asset, now - timedelta(days=2)),
        lambda: market.funding(asset),
        lambda: market.options(asset),
        market.sentiment,
        lambda: market.holdings(asset, "governments"),
        market.headlines,
        lambda: market.events(now.date(), now.date() + timedelta(days=7)),
    ]


async def misbehave(session: aiohttp.ClientSession, root: str, names: list[str]) -> None:
    """A new fault somewhere every second, and all well again at the end of every minute."""
    while True:
        async with session.delete(f"{root}/_world/fault"):
            pass
        for _ in range(45):
            order = {
                "source": random.choice(names),
                "kind": random.choice(FAULTS),
                "times": random.choice((1, 3, None)),
            }
            async with session.post(f"{root}/_world/fault", json=order):
                pass
            await asyncio.sleep(1)
        async with session.delete(f"{root}/_world/fault"):
            pass
        await asyncio.sleep(15)


def figures(ingest: Ingest) -> str:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = [_target(link) for link in Path("/proc/self/fd").iterdir()]
    sockets = sum(target.startswith("socket:") for target in files)
    feeds = ingest.feeds()
    return (
        f"RSS {pages * os.sysconf('SC_PAGE_SIZE') / 1e6:6.1f} MB  files {len(files):3}  sockets {sockets:3}  "
        f"tasks {len(asyncio.all_tasks()):3}  objects {len(gc.get_objects()):7}  "
        f"feeds {sum(f.connected for f in feeds)}/{len(feeds)}  connects {sum(f.connects for f in feeds)}  "
        f"gaps {sum(f.gaps for f in feeds)}"
    )


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


async def soak(minutes: float) -> None:
    began = utc_now().timestamp()
    with tempfile.TemporaryDirectory() as folder:
        async with other_process(began) as addresses:
            settings = Settings(
                data_dir=Path(folder),
                addresses=addresses,
                coinglass_api_key=KEY,
                sosovalue_api_key=KEY,
                fred_api_key=KEY,
                farside_enabled=True,
                allow_volatile_store=True,
            )
            watchlist, now = Watchlist.load(), _clock(began)
            async with (
                open_store(settings) as store,
                open_sources(settings, watchlist, store.cmd, now) as outside,
                aiohttp.ClientSession() as session,
            ):
                await _counted_before(store.cmd, now())
                await _run(minutes, outside, watchlist, now, store.cmd, session, addresses)


async def _counted_before(redis: object, now: datetime) -> None:
    """What two days of the world's forced closes leave in the store, as its venues would have told them."""
    for venue in VENUES.values():
        await liquidations.heard(redis, venue, venue, now - COUNTED, complete=venue == "Bybit")
        await liquidations.still_heard(redis, [(venue, venue, now)])
    for hour in range(int(COUNTED / timedelta(hours=1)), 0, -1):
        start = now - timedelta(hours=hour)
        events = [
            Liquidation(
                name, one.symbol, one.symbol, Side.LONG if one.long else Side.SHORT,
                one.coins, one.price, PriceKind.AVERAGE, one.usd, round(one.at.timestamp() * 1000),
            )
            for venue, name in VENUES.items()
            for one in forced_closes(venue, start, start + timedelta(hours=1))
        ]  # fmt: skip
        await liquidations.count(redis, events, now)


async def _run(
    minutes: float,
    outside: Outside,
    watchlist: Watchlist,
    now: Callable[[], datetime],
    redis: object,
    session: aiohttp.ClientSession,
    addresses: Addresses,
) -> None:
    market, tally = Market(outside.sources, now), Tally()
    for source in outside.sources.history:
        for asset in watchlist.assets:
            with suppress(ProviderError):
                await source.history(asset)
    ingest = Ingest(
        await outside.feeds(),
        session=session,
        redis=redis,
        prices=outside.live,
        now=now,
        patience=IMPATIENT,
    )
    root = addresses.okx_url.rpartition("/")[0]
    names = [
        name.removesuffix("_url")
        for name in Addresses.model_fields
        if not name.startswith(("telegram", "discord"))
    ]
    assets = list(watchlist.assets)
    with suppress(TimeoutError):
        async with asyncio.timeout(minutes * 60 + 2), asyncio.TaskGroup() as group:
            group.create_task(ingest.run())
            group.create_task(misbehave(session, root, names))
            for _ in range(ASKERS):
                group.create_task(ask(market, now, assets, tally))
            await _report(minutes, ingest, tally)


async def _report(minutes: float, ingest: Ingest, tally: Tally) -> None:
    began = time.monotonic()
    for minute in range(int(minutes) + 1):
        await asyncio.sleep(max(0.0, began + minute * 60 - time.monotonic()))
        print(
            f"{minute:3} min  {figures(ingest)}  answered {tally.good}  "
            f"refused {dict(tally.errors)}  bugs {dict(tally.bugs)}",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["world"]:
        with suppress(KeyboardInterrupt):
            asyncio.run(the_world(float(sys.argv[2])))
    else:
        asyncio.run(soak(float(sys.argv[1]) if len(sys.argv) > 1 else 20))
