"""What the live feeds bring: prices, counted liquidations, and honest holes."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import aiohttp
import fakeredis
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import liquidations
from bot.ingest import Ingest
from bot.liquidation_book import OwnLiquidations
from bot.prices import LivePrices
from config.watchlist import Asset
from providers.errors import Unavailable
from providers.feed import Connected, Event, Feed, Gap, Tick
from providers.types import Liquidation, LiquidationBook, LiquidationBucket, PriceKind, Side
from tests.fakes import START, Clock

BTC = Asset("BTC", "Bitcoin")
FEED = Feed(
    name="v liquidations",
    venue="v",
    url="",
    subscribe=(),
    read=lambda frame: (),
    acknowledgements=0,
    carries_liquidations=True,
    complete=True,
)


def closed(
    at: datetime = START, usd: float | None = 1000.0, side: Side = Side.LONG, **other: object
) -> Liquidation:
    one = Liquidation(
        "v",
        "BTCUSDT",
        "BTC",
        side,
        0.5,
        2000.0,
        PriceKind.BANKRUPTCY,
        usd,
        round(at.timestamp() * 1000),
    )
    return msgspec.structs.replace(one, **other)  # type: ignore[arg-type]


@pytest.fixture(params=[False, True], ids=["bytes", "text"])
def redis(request: pytest.FixtureRequest) -> fakeredis.FakeAsyncRedis:
    return fakeredis.FakeAsyncRedis(decode_responses=request.param)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


def ingest(
    redis: fakeredis.FakeAsyncRedis, clock: Clock, session: aiohttp.ClientSession, **more: object
) -> Ingest:
    prices = more.pop("prices", None) or LivePrices(redis, clock, ("v", "w"))
    feeds = more.pop("feeds", (FEED,))
    return Ingest(feeds, session=session, redis=redis, prices=prices, now=clock, **more)  # type: ignore[arg-type]


async def book(
    redis: fakeredis.FakeAsyncRedis, clock: Clock, back: timedelta = timedelta(days=1)
) -> LiquidationBook:
    return (await OwnLiquidations(redis, clock).book(BTC, clock() - back)).value


def total(one: LiquidationBook) -> tuple[float, float]:
    return sum(b.long_usd for b in one.buckets), sum(b.short_usd for b in one.buckets)


async def test_liquidations_are_added_by_the_minute_they_happened_in(redis, clock, session) -> None:
    one = ingest(redis, clock, session)
    one.take(FEED, Connected(clock()))
    minute = timedelta(minutes=1)
    for event in (
        closed(START - minute, 10.25),
        closed(START - minute, 20.5, price=2001.0),
        closed(START - minute, 5.0, Side.SHORT),
        closed(START, 7.0, Side.SHORT),
    ):
        one.take(FEED, event)
    await one.flush()

    said = await book(redis, clock)
    assert [(b.opened_at, b.width, b.venue, b.long_usd, b.short_usd) for b in said.buckets] == [
        (START - minute, minute, "v", 30.75, 5.0),
        (START, minute, "v", 0.0, 7.0),
    ]
    assert said.largest == closed(START - minute, 20.5, price=2001.0)


async def test_an_event_that_comes_twice_counts_once(redis, clock, session) -> None:
    old, new = ingest(redis, clock, session), ingest(redis, clock, session)
    for process in (old, new, old):
        process.take(FEED, Connected(clock()))
        process.take(FEED, closed())
        process.take(FEED, closed())
        await process.flush()

    assert total(await book(redis, clock)) == (1000.0, 0.0)


async def test_an_unknown_value_is_counted_apart_and_never_as_zero(redis, clock, session) -> None:
    one = ingest(redis, clock, session)
    one.take(FEED, Connected(clock()))
    one.take(FEED, closed(usd=None))
    await one.flush()

    said = await book(redis, clock)
    assert (said.buckets, said.uncounted, said.largest) == ((), 1, None)


async def test_a_venue_that_was_never_heard_is_named(redis, clock) -> None:
    await liquidations.heard(redis, "v", "f", START, complete=False)

    said = (await OwnLiquidations(redis, clock, ("v", "w")).book(BTC, START)).value

    assert ([one.venue for one in said.coverage], said.unheard) == (["v"], ("w",))


async def test_weeks_ago_is_told_by_the_hour_and_forgotten_after_35_days(redis, clock) -> None:
    await liquidations.heard(redis, "v", "f", START, complete=False)
    events = [closed(START - timedelta(days=d, minutes=m)) for d in (0, 10, 20) for m in (1, 2)]
    await liquidations.count(redis, events, clock())

    said = await book(redis, clock, timedelta(days=21))
    assert total(said) == (6000.0, 0.0)
    assert [b.width for b in said.buckets] == [timedelta(hours=1)] * 2 + [timedelta(minutes=1)] * 2
    lives = [await redis.expiretime(k) for k in await redis.keys("lh:{liq}:[mh]:*")]
    assert max(lives) <= (START + liquidations.KEPT).timestamp()
    assert min(lives) > 0


@pytest.mark.parametrize("later", [0, 0.5, 7.25, 11.99, 12, 23.5])
@pytest.mark.parametrize("usd", [1000.0, None], ids=["valued", "of unknown value"])
async def test_each_event_of_five_days_is_told_once_at_whatever_hour(
    redis, clock, later, usd
) -> None:
    await liquidations.heard(redis, "v", "f", START, complete=False)
    clock.advance(hours=later)
    events = [closed(clock() - timedelta(minutes=37 * n), usd=usd) for n in range(195)]
    await liquidations.count(redis, events, clock())
    edge = (clock() - timedelta(days=2)).replace(minute=0)

    said = await book(redis, clock, timedelta(days=6))
    assert (total(said)[0] / 1000, said.uncounted) == ((195, 0) if usd else (0, 195))
    minutes = [b for b in said.buckets if b.width == timedelta(minutes=1)]
    assert all(b.opened_at >= edge for b in minutes)
    assert not usd or len(minutes) == sum(e.at >= edge for e in events)


async def test_the_largest_is_of_the_last_day_only(redis, clock) -> None:
    await liquidations.heard(redis, "v", "f", START, complete=False)
    day = timedelta(days=1)
    await liquidations.count(
        redis, [closed(START - day - timedelta(minutes=1), 9e6), closed(START, 5.0)], clock()
    )

    assert (await book(redis, clock)).largest == closed(START, 5.0)


async def test_a_gap_is_part_of_the_book(redis, clock, session) -> None:
    one = ingest(redis, clock, session)
    one.take(FEED, Connected(clock()))
    gap = (clock() - timedelta(minutes=9), clock() - timedelta(minutes=6))
    one.take(FEED, Gap(*gap))
    one.take(FEED, Gap(gap[0], gap[1] + timedelta(minutes=1)))
    await one.flush()

    [coverage] = (await book(redis, clock)).coverage
    assert coverage.gaps == ((gap[0], gap[1] + timedelta(minutes=1)),)
    assert coverage.complete
    [recent] = (await book(redis, clock, timedelta(minutes=2))).coverage
    assert recent.gaps == ()


async def test_the_time_between_two_processes_is_a_gap(redis, clock, session) -> None:
    await liquidations.heard(redis, "v", FEED.name, START, complete=True)
    await liquidations.still_heard(redis, [("v", FEED.name, START + timedelta(minutes=5))])
    clock.advance(minutes=9)
    after = ingest(redis, clock, session)
    after.take(FEED, Connected(clock()))
    await after.flush()
    await liquidations.still_heard(redis, [("v", FEED.name, clock())])

    [coverage] = (await book(redis, clock)).coverage
    assert coverage.since == START
    assert coverage.gaps == ((START + timedelta(minutes=5), clock()),)


async def test_a_feed_that_is_silent_now_is_an_open_gap(redis, clock) -> None:
    await liquidations.heard(redis, "v", "f", START, complete=False)
    await liquidations.still_heard(redis, [("v", "f", START)])
    clock.advance(minutes=3)

    [coverage] = (await book(redis, clock)).coverage
    assert coverage.gaps == ((START, clock()),)


async def test_nothing_ever_heard_is_no_zero(redis, clock) -> None:
    with pytest.raises(Unavailable, match="heard"):
        await book(redis, clock)


async def test_a_store_that_is_away_costs_nothing_but_time(clock, session, caplog) -> None:
    server = fakeredis.FakeServer()
    redis = fakeredis.FakeAsyncRedis(server=server)
    one = ingest(redis, clock, session)
    one.take(FEED, Connected(clock()))
    one.take(FEED, closed())
    server.connected = False
    await one.flush()
    one.take(FEED, closed(price=3000.0))
    await one.flush()
    with pytest.raises(Unavailable, match="store"):
        await book(redis, clock)
    server.connected = True
    await one.flush()

    assert total(await book(redis, clock)) == (2000.0, 0.0)
    assert [r.message for r in caplog.records] == ["ingest_store_down"]


class Swallowing(fakeredis.FakeAsyncRedis):
    """As its client before Python 3.12: a cancellation that comes with the answer is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def hset(self, *args: object, **kwargs: object) -> int:
        self.asked.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return 1


async def test_it_ends_even_when_the_store_swallows_the_cancellation(clock, session) -> None:
    redis = Swallowing()
    one = ingest(redis, clock, session, feeds=(), flush_every=0)
    one.take(FEED, Connected(START))
    running = asyncio.create_task(one.run())
    await redis.asked.wait()
    running.cancel()

    async with asyncio.timeout(2):
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_hours_that_are_told_no_more_are_not_held(redis, clock) -> None:
    """An hour by the minute is told for two days; six days of them are not kept."""
    await liquidations.heard(redis, "v", "f", START, complete=False)
    source = OwnLiquidations(redis, clock)
    for _ in range(24 * 6):
        await liquidations.count(redis, [closed(clock())], clock())
        await source.book(BTC, clock() - timedelta(days=1))
        clock.advance(hours=1)
    gc.collect()
    ours = [one for one in gc.get_objects() if isinstance(one, LiquidationBucket)]
    hours = {one.opened_at for one in ours if one.opened_at >= START and one.venue == "v"}

    assert len(hours) <= 2 * 24 + 2
    assert max(hours) == clock() - timedelta(hours=1)


async def test_a_closed_hour_is_read_once(redis, clock) -> None:
    await liquidations.heard(redis, "v", "f", START, complete=False)
    await liquidations.count(redis, [closed(START - timedelta(hours=5)), closed(START)], clock())
    source = OwnLiquidations(redis, clock)
    since = clock() - timedelta(days=1)
    first = (await source.book(BTC, since)).value
    await redis.flushall()

    assert (await source.book(BTC, since)).value == first


async def test_every_tick_is_told_and_becomes_the_last_price(redis, clock, session) -> None:
    told: list[tuple[str, float, datetime, str]] = []
    prices = LivePrices(redis, clock, ("v", "w"))
    one = ingest(redis, clock, session, prices=prices, on_tick=[lambda *tick: told.append(tick)])
    for tick in (Tick("w", "BTC", 99.0, START), Tick("v", "BTC", 100.0, START)):
        one.take(FEED, tick)
    await one.flush()

    assert told == [("BTC", 99.0, START, "w"), ("BTC", 100.0, START, "v")]
    for process in (prices, LivePrices(redis, clock, ("v", "w"))):
        reading = await process.ticker(BTC)
        assert (reading.value.last, reading.source, reading.as_of) == (100.0, "v", START)


async def test_a_price_older_than_15_seconds_is_not_live(redis, clock) -> None:
    prices = LivePrices(redis, clock, ("v", "w"))
    prices.put(Tick("v", "BTC", 100.0, START))
    clock.advance(seconds=10)
    prices.put(Tick("w", "BTC", 101.0, START + timedelta(seconds=10)))
    clock.advance(seconds=6)
    assert (await prices.ticker(BTC)).source == "w"
    clock.advance(seconds=10)

    with pytest.raises(Unavailable):
        await prices.ticker(BTC)


async def test_a_late_tick_does_not_turn_the_price_back(redis, clock) -> None:
    prices = LivePrices(redis, clock, ("v",))
    prices.put(Tick("v", "BTC", 100.0, START))
    prices.put(Tick("v", "BTC", 90.0, START - timedelta(seconds=1)))

    assert (await prices.ticker(BTC)).value.last == 100.0


async def test_from_the_wire_to_the_book(redis, clock, session) -> None:
    async def venue(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str('{"price": 5}')
        await socket.send_str('{"usd": 70}')
        await socket.receive()
        return socket

    def read(frame: str | bytes) -> tuple[Event, ...]:
        said = json.loads(frame)
        if "usd" in said:
            return (closed(clock(), said["usd"]),)
        return (Tick("v", "BTC", said["price"], clock()),)

    app = web.Application()
    app.router.add_get("/ws", venue)
    async with TestServer(app) as server:
        feed = replace(FEED, url=str(server.make_url("/ws")), read=read)
        seen = asyncio.Event()
        one = ingest(
            redis,
            clock,
            session,
            feeds=(feed,),
            flush_every=0.005,
            on_tick=[lambda *tick: seen.set()],
        )
        running = asyncio.create_task(one.run())
        await asyncio.wait_for(seen.wait(), 2)
        await asyncio.sleep(0.03)
        [state] = one.feeds()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    assert (state.name, state.connected, state.connects) == (FEED.name, True, 1)
    said = await book(redis, clock)
    assert total(said) == (70.0, 0.0)
    assert said.coverage[0].since == clock()


async def test_what_was_counted_outlives_a_store_whose_clock_is_years_ahead(
    redis: fakeredis.FakeAsyncRedis,
) -> None:
    clock = Clock(START.replace(year=2020))
    await liquidations.heard(redis, "v", "feed", clock(), complete=True)
    await liquidations.count(redis, [closed(clock())], clock())

    book = (await OwnLiquidations(redis, clock).book(BTC, clock() - timedelta(hours=1))).value
    assert sum(bucket.long_usd for bucket in book.buckets) == 1000


@pytest.mark.parametrize("minutes", [7, 59])
async def test_a_close_from_the_future_is_counted_when_it_was_heard(
    redis, clock, session, minutes: int
) -> None:
    one = ingest(redis, clock, session)
    one.take(FEED, Connected(clock()))
    ahead = closed(START + timedelta(minutes=minutes), 40.0)
    one.take(FEED, ahead)
    await one.flush()
    clock.advance(seconds=90)
    one.take(FEED, ahead)  # once more, after a reconnect
    await one.flush()

    said = await book(redis, clock)
    assert [(b.opened_at, b.long_usd) for b in said.buckets] == [(START, 40.0)]
    assert said.largest is not None
    assert said.largest.at == START


async def test_a_close_of_next_week_has_no_time_and_is_not_counted(redis, clock, session) -> None:
    one = ingest(redis, clock, session)
    one.take(FEED, Connected(clock()))
    one.take(FEED, closed(START + timedelta(days=7)))
    one.take(FEED, closed(START, 5.0))
    await one.flush()
    clock.advance(days=7, hours=1)

    assert total(await book(redis, clock, timedelta(days=8))) == (5.0, 0.0)


async def test_a_clock_that_is_ahead_is_told_once_and_again_when_it_is_right(
    redis, clock, session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot.ingest")
    one = ingest(redis, clock, session)
    for _ in range(3):
        one.take(FEED, closed(clock() + timedelta(minutes=7)))
        one.take(FEED, closed(clock() - timedelta(minutes=8)))  # late, as some venues are
    wrong = one.feeds()[0].ahead
    clock.advance(minutes=2)
    one.take(FEED, closed(clock()))

    assert wrong == timedelta(minutes=7)
    assert one.feeds()[0].ahead is None
    assert [r.message for r in caplog.records] == ["feed_clock_ahead", "feed_clock_right"]


async def test_a_trade_from_the_future_is_told_as_of_now(redis, clock, session) -> None:
    told: list[datetime] = []
    one = ingest(redis, clock, session, on_tick=[lambda asset, price, at, venue: told.append(at)])

    one.take(FEED, Tick("v", "BTC", 100.0, START + timedelta(minutes=7)))
    one.take(FEED, Tick("v", "BTC", 99.0, START - timedelta(seconds=2)))

    assert told == [START, START - timedelta(seconds=2)]
