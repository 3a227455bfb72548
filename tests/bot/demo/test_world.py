"""The real adapters and feeds against the demo world, well and misbehaving."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

import aiohttp
import fakeredis
import pytest
from pydantic import SecretStr

from bot.demo import liquidations as forced
from bot.demo.scenario import FIRST
from bot.demo.world import World, serve
from bot.dispatch import Dispatcher
from bot.ingest import Ingest
from bot.metrics import Metrics
from bot.sources import Outside, open_sources
from config.settings import Addresses, Settings
from config.watchlist import Asset, Watchlist
from handlers.command import Channel, ChannelKind, Request
from handlers.commands.levels import COMMAND
from handlers.desk import Desk
from handlers.observing import Sight
from handlers.rehearsal import kind_of, rehearse
from handlers.rule import Direction, Metric, Rule
from handlers.rules import KINDS
from handlers.words import Words
from providers import okx_live
from providers.errors import ProviderError
from providers.feed import NOT_LISTED, FeedState, Heard, Tick
from providers.market import Market
from providers.okx_contracts import Contracts
from providers.stream import Patience, Stream
from providers.types import FlowStatus, Interval
from tests.fakes import Clock, FakeNotebook, FakeOffice

BTC = Watchlist.load().get("BTC")
LISTED = sum(one.at("bybit") is not None for one in Watchlist.load().assets)
KEY = SecretStr("any")
QUICK = Patience(
    acknowledgements=0.3, close=0.05, first_retry=0.02, longest_retry=0.05, refused=0.1
)
QUIET = timedelta(seconds=0.6)


@dataclass
class Here:
    """The world, what asks it, and the market over both."""

    world: World
    clock: Clock
    outside: Outside
    market: Market
    redis: fakeredis.FakeAsyncRedis
    addresses: Addresses


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    clock, redis = Clock(FIRST), fakeredis.FakeAsyncRedis(decode_responses=True)
    world = World(clock, tick=0.04)
    async with serve(world) as addresses:
        settings = Settings(
            addresses=addresses,
            coinglass_api_key=KEY,
            sosovalue_api_key=KEY,
            fred_api_key=KEY,
            farside_enabled=True,
        )
        async with open_sources(settings, Watchlist.load(), redis, clock) as outside:
            yield Here(world, clock, outside, Market(outside.sources, clock), redis, addresses)


async def until(true: Callable[[], bool], within: float = 4.0) -> None:
    async with asyncio.timeout(within):
        while not true():
            await turn(0.01)


async def turn(seconds: float = 0.15) -> None:
    """A round of the world's frames and of the feeds' timers: both run on the real clock."""
    await asyncio.sleep(seconds)


async def test_every_venue_quotes_nearly_the_same_price(here: Here) -> None:
    readings = await here.market.tickers(BTC)

    assert [r.source for r in readings] == [
        "Binance", "OKX", "Bybit", "Coinbase", "Kraken", "Bitstamp",
    ]  # fmt: skip
    prices = [r.value.last for r in readings]
    assert max(prices) / min(prices) < 1.001


@pytest.mark.parametrize("interval", Interval)
async def test_every_venue_tells_the_same_bars(here: Here, interval: Interval) -> None:
    answers = [await s.candles(BTC, interval, 40) for s in here.outside.sources.candles]

    for bars in (answer.value for answer in answers):
        assert [bar.closed for bar in bars] == [True] * (len(bars) - 1) + [False]
        assert {b.opened_at - a.opened_at for a, b in pairwise(bars)} == {interval.length}
        assert bars[-1].opened_at == answers[0].value[-1].opened_at
        assert bars[-2].close == pytest.approx(answers[0].value[-2].close, rel=0.002)


@pytest.mark.parametrize("name", ["Binance", "Bybit"])
async def test_ninety_days_of_hours_are_had_and_the_past_is_asked_once(
    here: Here, name: str
) -> None:
    here.clock.time = FIRST.replace(minute=30)
    source = next(s for s in here.outside.sources.candles if s.name == name)
    told = (await source.candles(BTC, Interval.H1, 90 * 24)).value
    asked = sum(here.world.asked.values())
    here.clock.advance(minutes=1)
    again = (await source.candles(BTC, Interval.H1, 90 * 24)).value

    assert len(told) == len(again) == 90 * 24
    assert {b.opened_at - a.opened_at for a, b in pairwise(told)} == {timedelta(hours=1)}
    assert [bar.closed for bar in told].count(False) == 1
    assert asked == 3
    assert sum(here.world.asked.values()) <= asked + 1


async def test_a_dry_run_looks_at_ninety_days(here: Here) -> None:
    rule = Rule("1", "c", "u", FIRST, Metric.PRICE, Direction.BELOW, 74_000.0, "BTC")
    sight = Sight(here.market, BTC, here.clock())

    rehearsed = await rehearse(rule, kind_of(KINDS, Metric.PRICE), sight)

    assert rehearsed.since is not None
    assert here.clock() - rehearsed.since >= timedelta(days=89, hours=23)


async def test_history_reaches_back_for_a_200_week_average(here: Here) -> None:
    for source in here.outside.sources.history:
        days = (await source.history(BTC)).value

        assert len(days) > 200 * 7
        assert all(day.closed for day in days)


async def test_flow_sources_agree_on_final_days_and_show_none_for_today(here: Here) -> None:
    day = {}
    for source in here.outside.flows.sources:
        days = {d.trade_date: d for d in (await source.flows(BTC)).value}
        day[source.name] = days[FIRST.date() - timedelta(days=1)]
        today = days.get(FIRST.date())
        assert today is None or (today.status, today.net_usd) == (FlowStatus.NONE, None)

    nets = [d.net_usd for d in day.values() if d.final]
    assert len(nets) >= 3
    assert max(nets) == pytest.approx(min(nets), rel=0.01)


async def test_derivatives_options_moods_and_news_are_answered(here: Here) -> None:
    market, now = here.market, here.clock()

    assert {r.source for r in await market.open_interest(BTC)} == {
        "Binance futures",
        "OKX",
        "Bybit",
    }
    assert all(abs(r.value.rate) < 0.01 for r in await market.funding(BTC))
    assert len((await market.options(BTC)).value) > 100
    assert len((await market.open_interest_history(BTC, now - timedelta(days=2))).value) >= 47
    assert (await market.liquidation_totals(BTC, timedelta(days=1))).value
    assert 0 <= (await market.sentiment()).value[-1].value <= 100
    assert (await market.holdings(BTC, "governments")).value[0].name == "United States"
    assert len(await market.headlines()) == 8
    assert len(await market.events(now.date(), now.date() + timedelta(days=60))) == 3


FAULTS = ("429", "418", "451", "403", "500", "503", "html", "half", "empty", "garbage")


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_next_venue_answers_while_one_is_broken_and_it_comes_back(
    here: Here, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "providers.health")
    market = Market(here.outside.sources, here.clock)
    here.world.break_("binance_spot", fault)
    for _ in range(3):
        bars = await market.candles(BTC, Interval.H1, 50)
        assert bars.source == "OKX"
        assert 74_000 < bars.value[-1].close < 77_000
    here.world.mend()
    here.clock.advance(hours=7)  # longer than a geo block rests
    bars = await market.candles(BTC, Interval.H1, 50)

    assert bars.source == "Binance"
    about = [r.message for r in caplog.records if getattr(r, "source", "") == "Binance"]
    assert about == ["source_down", "source_up"]


async def test_a_venue_that_banned_us_is_asked_on_none_of_its_hosts(here: Here) -> None:
    here.world.break_("binance_spot", "418")
    await here.market.candles(BTC, Interval.H1, 50)
    rates = await here.market.funding(BTC)

    assert "binance_futures" not in here.world.asked
    assert {told.source for told in rates} == {"OKX", "Bybit"}


async def test_a_calendar_that_allows_one_request_an_hour_gets_no_more_while_it_is_down(
    here: Here,
) -> None:
    here.world.break_("forexfactory", "500")
    for _ in range(5):
        await here.market.events(here.clock().date(), here.clock().date())
        here.clock.advance(minutes=2)

    assert here.world.asked["forexfactory"] == 1


@pytest.mark.parametrize("fault", ["content_type", "duplicate"])
async def test_a_harmless_oddity_changes_nothing(here: Here, fault: str) -> None:
    here.world.break_("binance_spot", fault)
    bars = await here.market.candles(BTC, Interval.H1, 50)

    assert bars.source == "Binance"
    assert len({bar.opened_at for bar in bars.value}) == len(bars.value) == 50


async def test_when_every_venue_is_down_it_is_said_and_no_figure_is_made_up(here: Here) -> None:
    for name in ("binance_spot", "okx", "bybit", "coinbase", "kraken", "bitstamp"):
        here.world.break_(name, "html")

    with pytest.raises(ProviderError):
        await here.market.candles(BTC, Interval.H1, 50)


async def test_a_trade_date_fills_in_fund_by_fund(here: Here) -> None:
    seen = []
    for hour in range(0, 30, 3):
        here.clock.time = FIRST.replace(hour=20, minute=0) + timedelta(hours=hour)
        source = next(s for s in here.outside.flows.sources if s.name == "Farside")
        days = {d.trade_date: d for d in (await source.flows(BTC)).value}
        seen.append(days[FIRST.date()])

    assert [d.status for d in seen] == sorted(
        (d.status for d in seen), key=["none", "partial", "final"].index
    )
    assert (seen[0].status, seen[0].net_usd) == (FlowStatus.NONE, None)
    assert seen[-1].status is FlowStatus.FINAL


async def test_all_flow_sources_together_fill_a_trade_date_in_and_never_take_it_back(
    here: Here,
) -> None:
    """A few looks, from before the bell to when the last fund has filed: budgets count by the real clock."""
    market, told = Market(here.outside.sources, here.clock), []
    for hours in (3.5, 4.5, 5.75, 7.5, 9, 10):
        here.clock.time = FIRST.replace(hour=17, minute=0) + timedelta(hours=hours)
        days = {d.trade_date: d for d in (await market.flows(BTC)).value}
        told.append(days.get(FIRST.date()))
    known = [day for day in told if day is not None]

    order = ["none", "partial", "final"]
    ranks = [order.index(day.status) for day in known]
    assert ranks == sorted(ranks)
    assert {day.status for day in known} >= {FlowStatus.PARTIAL, FlowStatus.FINAL}
    assert all((day.net_usd is None) == (day.status is FlowStatus.NONE) for day in known)
    assert known[-1].net_usd == pytest.approx(-272e6, abs=1e6)


async def test_bars_of_a_venue_whose_clock_is_ahead_end_by_ours(here: Here) -> None:
    """At 16:59:35 the venue believes that it is past five: its hour of four has ended."""
    here.world.break_("binance_spot", "skew")
    told = await here.market.candles(BTC, Interval.H1, 20)

    assert told.source == "Binance"
    assert told.as_of <= here.clock()
    assert [bar.closed for bar in told.value[-2:]] == [True, False]
    assert told.value[-1].opened_at == FIRST.replace(minute=0, second=0)


@asynccontextmanager
async def listening(here: Here, patience: Patience = QUICK) -> AsyncIterator[Ingest]:
    """Feeds that notice silence after a second instead of fifteen."""
    feeds = [replace(f, quiet_limit=QUIET) for f in await here.outside.feeds()]
    async with aiohttp.ClientSession() as session:
        ingest = Ingest(
            feeds,
            session=session,
            redis=here.redis,
            prices=here.outside.live,
            now=here.clock,
            patience=patience,
            flush_every=0.05,
        )
        running = asyncio.create_task(ingest.run())
        try:
            yield ingest
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def closes(here: Here, *venues: str) -> dict[str, float]:
    """Dollars by venue, once what was heard is in the store and these venues are in it."""
    async with asyncio.timeout(4):
        while True:
            here.clock.advance(seconds=4)  # older than what the book remembers
            await turn()
            book = (await here.market.liquidations(BTC, FIRST - timedelta(hours=1))).value
            found: dict[str, float] = {}
            for b in book.buckets:
                found[b.venue] = found.get(b.venue, 0.0) + b.long_usd + b.short_usd
            if found.keys() >= set(venues):
                return found


def state(ingest: Ingest, name: str) -> FeedState:
    return next(feed for feed in ingest.feeds() if feed.name == name)


async def test_every_feed_connects_and_forced_closes_are_counted(here: Here) -> None:
    async with listening(here) as ingest:
        await until(lambda: all(feed.connected for feed in ingest.feeds()))
        found = await closes(here, "Binance", "OKX", "Bybit")
        last = await here.market.ticker(BTC)

    assert min(found.values()) > 0
    assert last.value.last == pytest.approx(74_700, rel=0.01)


FEEDS = ("binance_spot", "binance_futures", "okx", "bybit", "coinbase")


@pytest.mark.parametrize("fault", ["429", "500", "503"])
async def test_feeds_whose_door_is_shut_for_a_while_come_back(here: Here, fault: str) -> None:
    for name in FEEDS:
        here.world.break_(f"{name}_stream", fault)
    async with listening(here) as ingest:
        await until(lambda: all(f.last_error == f"status {fault}" for f in ingest.feeds()))
        assert not any(f.connected or f.given_up for f in ingest.feeds())
        here.world.mend()
        await until(lambda: all(feed.connected for feed in ingest.feeds()))


@pytest.mark.parametrize("fault", ["451", "403", "refuse"])
async def test_a_feed_that_is_not_served_says_so_and_the_others_go_on(
    here: Here, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    here.world.break_("bybit_stream", fault)
    async with listening(here, replace(QUICK, refused=0.3)) as ingest:
        await until(lambda: state(ingest, "bybit").given_up is not None)
        await until(lambda: state(ingest, "okx").connected)
        assert not state(ingest, "bybit").connected
        here.world.mend()
        await until(lambda: state(ingest, "bybit").connected)

    assert state(ingest, "bybit").given_up is None
    refused = [r for r in caplog.records if r.message == "feed_refused"]
    assert {getattr(r, "feed", "") for r in refused} == {"bybit"}


@pytest.mark.parametrize("name", FEEDS)
async def test_a_refused_subscription_stalls_nothing_on_any_venue(here: Here, name: str) -> None:
    here.world.break_(f"{name}_stream", "refuse")
    async with listening(here) as ingest:
        await until(lambda: all(f.connected for f in ingest.feeds() if not _about(f, name)))
        await turn()
        here.world.mend()
        await until(lambda: all(feed.connected for feed in ingest.feeds()))


def _about(feed: FeedState, name: str) -> bool:
    return feed.name.replace(" ", "_").startswith(name)


@pytest.mark.parametrize(
    ("fault", "said"),
    [("silent", "silent"), ("ack_only", "silent"), ("no_ack", f"0 of {LISTED} acknowledged")],
)
async def test_a_socket_without_data_is_dead_and_its_silence_is_a_gap(
    here: Here, fault: str, said: str
) -> None:
    async with listening(here) as ingest:
        await until(lambda: state(ingest, "bybit").connected)
        here.world.break_("bybit_stream", fault)
        here.clock.advance(minutes=1)
        await until(lambda: not state(ingest, "bybit").connected)
        await until(lambda: state(ingest, "bybit").last_error == said)
        assert state(ingest, "okx").connected
        here.clock.advance(minutes=5)
        here.world.mend()
        await until(lambda: state(ingest, "bybit").connected)
        await turn()
        book = (await here.market.liquidations(BTC, FIRST - timedelta(hours=1))).value

    assert state(ingest, "bybit").gaps == 1
    (bybit,) = [c for c in book.coverage if c.venue == "Bybit"]
    assert sum((end - start for start, end in bybit.gaps), timedelta()) >= timedelta(minutes=5)


async def test_a_cut_feed_leaves_a_gap_and_comes_back(here: Here) -> None:
    async with listening(here) as ingest:
        await until(lambda: state(ingest, "bybit").connected)
        here.world.break_("bybit_stream", "cut")
        await until(lambda: state(ingest, "bybit").gaps == 1)
        await until(lambda: state(ingest, "bybit").connected)


async def test_forced_closes_told_twice_are_counted_once(here: Here) -> None:
    here.world.break_("bybit_stream", "duplicate")
    async with listening(here) as ingest:
        await until(lambda: state(ingest, "bybit").connected)
        await turn()
        before = here.clock()
        found = await closes(here, "Bybit")
        here.clock.advance(minutes=2)
        await turn()
        here.clock.advance(seconds=4)
        found = await closes(here, "Bybit")

    told = forced.between("bybit", before, before + timedelta(hours=1))
    worth = sum(c.usd for c in told if c.symbol == "BTC" and c.at <= here.clock())
    assert 0.5 * worth < found["Bybit"] <= worth * 1.001


async def test_a_venue_whose_clock_is_ahead_is_not_believed(here: Here) -> None:
    for name in ("binance_spot", "okx", "coinbase"):
        here.world.break_(f"{name}_stream", "skew")
    async with listening(here) as ingest:
        await until(lambda: state(ingest, "okx").connected)
        await turn()
        ahead = await here.outside.live.ticker(BTC)
        here.world.mend()
        here.clock.advance(seconds=30)
        await turn()
        right = await here.outside.live.ticker(BTC)

    assert ahead.as_of <= FIRST
    assert FIRST < right.as_of <= here.clock()


async def test_closes_of_a_venue_whose_clock_is_ahead_are_counted_as_heard(here: Here) -> None:
    for name in ("binance_futures", "okx", "bybit"):
        here.world.break_(f"{name}_stream", "skew")
    async with listening(here) as ingest:
        await until(lambda: state(ingest, "bybit").connected)
        found = await closes(here, "Binance", "OKX", "Bybit")
        book = (await here.market.liquidations(BTC, FIRST - timedelta(hours=1))).value
        told = {feed.name: feed.ahead for feed in ingest.feeds()}

    assert min(found.values()) > 0
    assert all(bucket.opened_at <= here.clock() for bucket in book.buckets)
    assert book.largest is not None
    assert book.largest.at <= here.clock()
    assert told["binance spot"] is None
    for name in ("binance futures", "okx", "bybit"):
        assert told[name] == pytest.approx(timedelta(minutes=7), abs=timedelta(seconds=6))


async def test_an_instrument_that_okx_does_not_list_costs_only_itself(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    gone = Asset("GONE", "Gone", names={"okx": "GONE-USDT"})
    one = okx_live.feed(here.addresses.okx_stream_url, (gone, BTC), Contracts())
    heard: list[Heard] = []
    async with aiohttp.ClientSession() as session:
        stream = Stream(one, session=session, now=here.clock, on_event=heard.append, patience=QUICK)
        running = asyncio.create_task(stream.run())
        await until(lambda: any(isinstance(h, Tick) and h.asset == "BTC" for h in heard))
        await turn(0.5)  # longer than acknowledgements are waited for
        declined_while_running = stream.state.declined
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert stream.state.connects == 1
    assert stream.state.given_up is None
    declined = [r for r in caplog.records if r.message == "feed_declined"]
    assert [getattr(r, "topic", "") for r in declined] == ["GONE-USDT"]
    assert declined_while_running == (("GONE-USDT", NOT_LISTED),)
    assert stream.state.declined == ()


async def test_garbage_on_a_socket_is_counted_and_does_not_end_it(here: Here) -> None:
    here.world.break_("bybit_stream", "garbage")
    async with listening(here) as ingest:
        await until(lambda: state(ingest, "bybit").bad_frames > 1)

        assert state(ingest, "bybit").connected
        assert state(ingest, "bybit").connects == 1


async def test_a_thousand_people_at_once_cost_one_question_per_fact(here: Here) -> None:
    desk = Desk(here.market, here.clock, Watchlist.load(), FakeNotebook(), FakeOffice())
    dispatch = Dispatcher((COMMAND,), desk, Metrics(), per_minute=10)

    def request(person: int) -> Request:
        channel = Channel("console", str(person))
        return Request("levels", ("btc",), "/levels btc", channel, ChannelKind.PRIVATE,
                       str(person), "Ann", Words(), admin=True)  # fmt: skip

    alone = await dispatch(request(0))
    once = dict(here.world.asked)
    here.clock.advance(days=2)  # nothing asked before is fresh
    here.world.asked.clear()
    began = time.perf_counter()
    replies = await asyncio.gather(*(dispatch(request(n)) for n in range(1, 1001)))
    took = time.perf_counter() - began

    assert alone is not None
    assert "resistance" in alone.title
    assert len({repr(reply) for reply in replies}) == 1
    assert here.world.asked.keys() <= once.keys()
    assert all(asked <= once[source] for source, asked in here.world.asked.items())
    assert took < 10
