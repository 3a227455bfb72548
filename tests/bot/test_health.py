"""What the running process tells of its feeds."""

from dataclasses import replace
from datetime import timedelta

from bot.health import LiveOffice
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.store import Store
from providers.feed import FeedState
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
