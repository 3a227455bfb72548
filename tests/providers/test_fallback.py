"""A venue that goes down, or hangs and says so to nobody: the next one answers, on the wire."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import stamina

from providers.binance import Binance
from providers.coingecko import CoinGecko
from providers.market import Market, Sources
from providers.okx import OKX
from providers.types import Interval
from tests.fakes import Clock
from tests.providers.sources import asset, upstream

HOUR = timedelta(hours=1)
BTC = asset()


@pytest.fixture(autouse=True)
def no_waiting_between_tries():
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


class Wire:
    """A venue that is well until it is `down`; its clock stands still by `behind`."""

    def __init__(self, clock: Clock, price: str, bars: Callable[["Wire"], object]) -> None:
        self.clock, self.price, self.bars = clock, price, bars
        self.down = False
        self.behind = timedelta()
        self.asked = 0

    @property
    def now(self) -> datetime:
        return self.clock() - self.behind

    def opened(self, hours_ago: int) -> int:
        hour = self.now.replace(minute=0, second=0, microsecond=0)
        return ms(hour - hours_ago * HOUR)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.down:
            return httpx.Response(503)
        return httpx.Response(200, json=self.bars(self)[request.url.path.rsplit("/", 1)[-1]])


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def binance(wire: Wire) -> dict[str, object]:
    p = wire.price
    day = {"symbol": "BTCUSDT", "lastPrice": p, "priceChangePercent": "1", "highPrice": p,
           "lowPrice": p, "closeTime": ms(wire.now)}  # fmt: skip
    bars = [[wire.opened(ago), p, p, p, p, "1", wire.opened(ago - 1) - 1] for ago in (2, 1, 0)]
    return {"24hr": day, "klines": bars}


def okx(wire: Wire) -> dict[str, object]:
    p = wire.price
    ticker = {"instId": "BTC-USDT", "last": p, "open24h": p, "ts": str(ms(wire.now))}
    bars = [
        [str(wire.opened(ago)), p, p, p, p, "1", "1", "1", "1" if ago else "0"] for ago in (0, 1, 2)
    ]
    return {"ticker": {"code": "0", "data": [ticker]}, "candles": {"code": "0", "data": bars}}


class Venues:
    def __init__(self, clock: Clock) -> None:
        clock.time = datetime(2030, 3, 6, 16, 59, 50, tzinfo=UTC)
        self.binance, self.okx = Wire(clock, "60000", binance), Wire(clock, "55000", okx)
        both = (
            Binance(upstream(self.binance, clock, "Binance")),
            OKX(upstream(self.okx, clock, "OKX")),
        )
        self.market = Market(Sources(prices=both, candles=both), clock)

    async def told(self) -> tuple[object, ...]:
        price = await self.market.ticker(BTC)
        bars = await self.market.candles(BTC, Interval.H1, 3)
        last_close = [bar for bar in bars.value if bar.closed][-1]
        return price.source, price.value.last, bars.source, last_close.opened_at.hour

    def failing(self) -> set[tuple[str, str, str | None]]:
        return {(s.name, s.kind, s.error) for s in self.market.states() if s.error}


@pytest.fixture
def venues(clock: Clock) -> Venues:
    return Venues(clock)


async def test_a_venue_that_goes_down_before_the_hour_is_left_for_the_next_at_once(
    venues: Venues, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    assert await venues.told() == ("Binance", 60_000.0, "Binance", 15)

    venues.binance.down = True
    clock.advance(seconds=41)

    assert await venues.told() == ("OKX", 55_000.0, "OKX", 16)
    reason = "answered with status 503"
    assert venues.failing() == {("Binance", "price", reason), ("Binance", "candles", reason)}
    assert [r.message for r in caplog.records if r.name == "providers.health"] == [
        "source_down",
        "source_down",
    ]


async def test_when_all_venues_are_down_the_newest_that_was_said_is_told_with_its_age(
    venues: Venues, clock: Clock
) -> None:
    await venues.told()
    venues.binance.down = True
    clock.advance(minutes=1)
    await venues.told()
    known_at = clock()
    venues.okx.down = True
    for _ in range(3):
        clock.advance(minutes=1)
        asked = venues.binance.asked + venues.okx.asked
        told = [await venues.market.ticker(BTC) for _ in range(20)]

        assert {(t.value.last, t.source, t.as_of) for t in told} == {(55_000.0, "OKX", known_at)}
        assert all(t.failed is None for t in told)
        assert venues.binance.asked + venues.okx.asked - asked <= 6


async def test_a_venue_that_is_back_is_asked_first_again(venues: Venues, clock: Clock) -> None:
    await venues.told()
    venues.binance.down = True
    clock.advance(minutes=1)
    await venues.told()
    venues.binance.down = False
    clock.advance(minutes=1)

    assert await venues.told() == ("Binance", 60_000.0, "Binance", 16)
    assert venues.failing() == set()


async def test_a_venue_that_hangs_and_answers_all_the_same_is_left_for_the_next(
    venues: Venues, clock: Clock
) -> None:
    venues.binance.behind = 3 * HOUR

    assert await venues.told() == ("OKX", 55_000.0, "OKX", 15)
    reason = "it tells what is long past"
    assert venues.failing() == {("Binance", "price", reason), ("Binance", "candles", reason)}
    told = [(told.source, told.age(clock())) for told in await venues.market.tickers(BTC)]
    assert told == [("OKX", timedelta()), ("Binance", 3 * HOUR)]

    venues.okx.down = True
    clock.advance(minutes=16)
    last = await venues.market.ticker(BTC)
    assert (last.source, last.age(clock())) == ("Binance", 3 * HOUR)


async def test_the_only_source_of_a_fact_is_known_to_be_down_and_what_it_said_is_told(
    clock: Clock,
) -> None:
    held = {"companies": [{"name": "A", "symbol": "A", "country": "US", "total_holdings": 5}]}
    wire = Wire(clock, "", lambda _: {"bitcoin": held})
    market = Market(Sources(holdings=(CoinGecko(upstream(wire, clock, "CoinGecko")),)), clock)
    first = await market.holdings(BTC, "companies")
    wire.down = True
    clock.advance(days=2)
    again = [await market.holdings(BTC, "companies") for _ in range(5)]

    (state,) = market.states()
    assert {(told.value, told.as_of) for told in again} == {(first.value, first.as_of)}
    assert (state.error, state.last_good_at) == ("answered with status 503", first.as_of)
    assert wire.asked == 1 + 3
