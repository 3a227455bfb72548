"""What the running process tells of its feeds."""

from dataclasses import replace
from datetime import timedelta

from redis.exceptions import ConnectionError as Lost

from bot import liquidations
from bot.health import LiveOffice
from bot.lease import Lease
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.store import Store
from handlers.desk import FeedStatus
from providers.feed import FeedState
from providers.types import Coverage
from tests.fakes import START, Clock

FEED = FeedState("okx", "OKX", True, 1, 0, 0, START, START, None, None)


async def test_what_venues_decline_and_clocks_that_are_ahead_are_told(
    store: Store, clock: Clock
) -> None:
    office = LiveOffice(store, Outbox(store), clock, Metrics(), START)
    office.feeds = lambda: (
        replace(FEED, declined=(("GONE-USDT", "the venue does not list it"),)),
        replace(FEED, name="bybit", venue="Bybit", given_up="status 451"),
        replace(FEED, name="coinbase", venue="Coinbase", ahead=timedelta(minutes=7)),
    )

    said = await office.status()

    assert said.declined == (
        ("OKX", "GONE-USDT", "the venue does not list it"),
        ("Bybit", "", "status 451"),
    )
    assert said.ahead == (("coinbase", timedelta(minutes=7)),)


async def test_why_a_feed_is_silent_is_told_and_what_it_cost(store: Store, clock: Clock) -> None:
    office = LiveOffice(store, Outbox(store), clock, Metrics(), START)
    away = replace(FEED, connected=False, connects=4, last_data_at=None, last_error="status 503")
    office.feeds = lambda: (replace(FEED, gaps=2, last_error="silent"), away)

    said = await office.status()

    assert said.feeds == (
        FeedStatus("okx", START, None, 1, 2),
        FeedStatus("okx", None, "status 503", 4, 0),
    )


async def test_a_process_without_feeds_tells_what_the_store_has_heard(
    store: Store, clock: Clock
) -> None:
    office = LiveOffice(store, Outbox(store), clock, Metrics(), START)
    nobody = await office.status()
    await liquidations.heard(store.cmd, "OKX", "okx", START, complete=False)
    clock.advance(minutes=5)
    await liquidations.still_heard(store.cmd, [("OKX", "okx", clock())])
    lease = Lease(store, "ingest")
    await lease.take()

    told = await office.status()
    await lease.release()

    assert (nobody.listener, nobody.heard) == (False, ())
    assert told.listener is True
    assert told.heard == ((Coverage("OKX", START), clock()),)


async def test_what_nobody_can_read_is_not_told(store: Store, clock: Clock) -> None:
    class Away:
        async def exists(self, _: str) -> int:
            raise Lost("gone")

    office = LiveOffice(replace(store, cmd=Away()), Outbox(store), clock, Metrics(), START)

    assert (await office.status()).listener is None
