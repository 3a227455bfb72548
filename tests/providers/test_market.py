"""The first source that answers well, with its name and age, and honest words when none does."""

import math
from datetime import datetime, timedelta

import pytest

from config.watchlist import Asset
from providers.errors import (
    GeoBlocked,
    NothingAnswers,
    ProviderError,
    RateLimited,
    StillCounting,
    Unavailable,
    UnknownSymbol,
)
from providers.market import Market, Sources
from providers.types import Candle, Interval, Reading, Sentiment, Ticker
from tests.fakes import Clock

BTC, DOGE = Asset("BTC", "Bitcoin"), Asset("DOGE", "Dogecoin")


class Venue:
    """Quotes `price`, or raises it when it is an error."""

    def __init__(self, name: str, clock: Clock, price: float | ProviderError) -> None:
        self.name = name
        self.clock = clock
        self.price = price
        self.asked = 0

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        self.asked += 1
        if isinstance(self.price, ProviderError):
            raise self.price
        return Reading(Ticker(self.price), self.name, self.clock())


def down(name: str = "a", after: timedelta | None = None) -> Unavailable:
    return Unavailable(name, "timed out", retry_after=after)


def market(clock: Clock, *venues: Venue) -> Market:
    return Market(Sources(prices=venues), clock, waiting_for_key=(("coinglass", "flows"),))


async def quote(one: Market, asset: Asset = BTC) -> tuple[float, str, datetime]:
    reading = await one.ticker(asset)
    return reading.value.last, reading.source, reading.as_of


async def test_the_first_that_answers_is_named(clock: Clock) -> None:
    one = market(clock, Venue("a", clock, down()), Venue("b", clock, 2.0))

    assert await quote(one) == (2.0, "b", clock())


async def test_a_count_that_has_only_begun_is_told_as_that(clock: Clock) -> None:
    with pytest.raises(StillCounting):
        await quote(market(clock, Venue("own", clock, StillCounting("own", "too young"))))


@pytest.mark.parametrize("none", [0.0, -1.0, math.nan, math.inf])
async def test_a_venue_whose_price_is_none_has_not_answered(clock: Clock, none: float) -> None:
    one = market(clock, Venue("a", clock, none), Venue("b", clock, 2.0))

    assert await quote(one) == (2.0, "b", clock())
    assert [told.source for told in await one.tickers(BTC)] == ["b"]


async def test_a_failed_source_is_skipped_for_a_while_and_comes_back(clock: Clock) -> None:
    a, b = Venue("a", clock, down()), Venue("b", clock, 2.0)
    one = market(clock, a, b)
    for _ in range(5):
        await quote(one)
    assert a.asked == 1

    a.price = 1.0
    clock.advance(seconds=61)
    assert (await quote(one))[1] == "a"


async def test_a_source_is_logged_once_down_and_once_up(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    a = Venue("a", clock, down())
    one = market(clock, a, Venue("b", clock, 2.0))
    for _ in range(3):
        await quote(one)
        clock.advance(seconds=61)
    a.price = 1.0
    await quote(one)
    await quote(one)

    assert [r.message for r in caplog.records] == ["source_down", "source_up"]


async def test_not_listing_an_asset_is_no_failure(clock: Clock) -> None:
    a, b = Venue("a", clock, UnknownSymbol("a", "DOGE")), Venue("b", clock, 2.0)
    one = market(clock, a, b)
    await quote(one, DOGE)
    a.price = 1.0
    assert (await quote(one))[1] == "a"

    a.price = b.price = UnknownSymbol("b", "DOGE")
    with pytest.raises(UnknownSymbol):
        await quote(one, DOGE)


async def test_when_nothing_answers_the_last_known_is_carried(clock: Clock) -> None:
    a = Venue("a", clock, 72_600.0)
    one = market(clock, a)
    await quote(one)
    known_at = clock()
    clock.advance(hours=3)
    a.price = down()
    for asset, last in ((BTC, Reading(Ticker(72_600.0), "a", known_at)), (DOGE, None)):
        with pytest.raises(NothingAnswers) as failure:
            await quote(one, asset)
        assert failure.value.last == last
        assert failure.value.since == known_at


async def test_the_only_source_is_tried_again_after_seconds_unless_it_asked_for_rest(
    clock: Clock,
) -> None:
    a = Venue("a", clock, down())
    one = market(clock, a)
    for _ in range(3):
        with pytest.raises(NothingAnswers):
            await quote(one)
    assert a.asked == 1

    clock.advance(seconds=6)
    a.price = RateLimited("a", "asked too often", retry_after=timedelta(seconds=90))
    for _ in range(9):
        with pytest.raises(NothingAnswers):
            await quote(one)
        clock.advance(seconds=9)
    assert a.asked == 2

    clock.advance(seconds=10)
    a.price = 3.0
    assert (await quote(one))[0] == 3.0


async def test_a_blocked_country_is_not_asked_again_for_hours(clock: Clock) -> None:
    a = Venue("a", clock, GeoBlocked("a", "451"))
    one = market(clock, a, Venue("b", clock, 2.0))
    for _ in range(5):
        await quote(one)
        clock.advance(hours=1)

    assert a.asked == 1


async def test_all_venues_that_answer_are_given_in_order(clock: Clock) -> None:
    one = market(
        clock, Venue("a", clock, 1.0), Venue("b", clock, down("b")), Venue("c", clock, 3.0)
    )

    assert [r.source for r in await one.tickers(BTC)] == ["a", "c"]


async def test_the_state_of_each_source_is_told(clock: Clock) -> None:
    one = market(clock, Venue("a", clock, down()), Venue("b", clock, 2.0))
    await quote(one)

    told = [(s.name, s.last_good_at, s.error, s.error_at, s.enabled) for s in one.states()]
    assert told == [
        ("a", None, "timed out", clock(), True),
        ("b", clock(), None, None, True),
        ("coinglass", None, None, None, False),
    ]


async def test_a_source_that_answers_old_facts_answered_now_all_the_same(clock: Clock) -> None:
    """The mood of a day began at midnight; whoever just told it answers."""

    class Daily:
        name = "daily"

        async def sentiment(self) -> Reading[tuple[Sentiment, ...]]:
            midnight = clock().replace(hour=0)
            return Reading((), self.name, midnight)

    one = Market(Sources(sentiment=(Daily(),)), clock)
    await one.sentiment()

    (state,) = one.states()
    assert clock() - state.last_good_at == timedelta(hours=12)
    assert state.answered_at == clock()


async def test_no_source_at_all_is_said(clock: Clock) -> None:
    with pytest.raises(Unavailable, match="no source is configured"):
        await quote(market(clock))


async def test_memory_stays_bounded(clock: Clock) -> None:
    one = market(clock, Venue("a", clock, 1.0))
    for i in range(700):
        await quote(one, Asset(f"A{i}", ""))

    assert len(one._fallback.last) == 500


class Ahead:
    """A venue whose clock is five minutes ahead: its hour has ended, and the next one runs."""

    name = "ahead"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    async def candles(
        self, asset: Asset, interval: Interval, limit: int
    ) -> Reading[tuple[Candle, ...]]:
        hour = self.clock() + timedelta(minutes=5)
        bars = (
            Candle(hour - timedelta(hours=1), 1, 1, 1, 1, 1),
            Candle(hour, 2, 2, 2, 2, 2, False),
        )
        return Reading(bars, self.name, hour)


async def test_bars_of_a_clock_that_is_ahead_end_when_ours_says_so(clock: Clock) -> None:
    one = Market(Sources(candles=(Ahead(clock),)), clock)

    told = await one.candles(BTC, Interval.H1)

    assert [(bar.close, bar.closed) for bar in told.value] == [(1, False)]
    assert told.age(clock()) == timedelta(0)
