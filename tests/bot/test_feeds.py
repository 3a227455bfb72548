"""The live feeds as they are put together."""

import asyncio

import httpx
import pytest

from bot.feeds import COUNTED_VENUES, keep_learning, live_feeds
from config.settings import Addresses
from config.watchlist import Watchlist
from providers.okx import OKX
from providers.okx_contracts import Contracts
from tests.fakes import Clock
from tests.providers.sources import Source, upstream

INSTRUMENTS = "/api/v5/public/instruments"
SOL = {"instId": "SOL-USDT-SWAP", "ctVal": "1", "ctMult": "1", "ctType": "linear"}
LISTED = {"code": "0", "data": [SOL]}


async def test_every_venue_that_is_counted_has_a_feed_of_forced_closes(clock: Clock) -> None:
    okx = OKX(upstream(Source({INSTRUMENTS: LISTED}), clock))

    feeds = await live_feeds(Addresses(), Watchlist.load(), okx, Contracts())

    assert {feed.venue for feed in feeds if feed.carries_liquidations} == set(COUNTED_VENUES)


async def test_contracts_are_asked_for_until_they_are_known_and_again_for_new_ones(
    clock: Clock,
) -> None:
    source = Source({INSTRUMENTS: httpx.Response(503, headers={"retry-after": "1"})})
    okx, contracts = OKX(upstream(source, clock)), Contracts()
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock.advance(seconds=seconds)
        for _ in range(50):  # what is fetched in the background
            await asyncio.sleep(0)
        match len(waits):
            case 2:
                source.answers[INSTRUMENTS] = LISTED
            case 3:
                assert contracts.sized("SOL-USDT-SWAP", 2.0, 100.0) == (2.0, 200.0)
                new = {**SOL, "instId": "NEW-USDT-SWAP"}
                source.answers[INSTRUMENTS] = {"code": "0", "data": [SOL, new]}
            case 12:
                raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await keep_learning(okx, contracts, sleep)

    assert waits == [60.0, 60.0, *[3600.0] * 10]
    assert contracts.sized("NEW-USDT-SWAP", 1.0, 5.0) == (1.0, 5.0)
