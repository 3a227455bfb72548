"""Markets that hardly are any: each command finds sensible words, never a crash, an infinity or no number at all."""

import math
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from bot.render.text import plain
from handlers.command import Channel, ChannelKind, Request
from handlers.commands import COMMANDS
from handlers.words import Words
from providers.market import Sources
from providers.types import (
    Candle,
    FlowDay,
    FlowStatus,
    LeverageTier,
    OpenInterest,
    Reading,
    Ticker,
)
from tests.fakes import Clock, desk_with
from tests.handlers.commands.asking import Told, book, feelings, flow_days, rate

NAN = math.nan
ASKED = (
    "why 6h", "why btc 1h", "why 14d", "compare btc eth", "leverage", "brief", "brief flash", "brief weekly",
    "brief close", "price", "levels", "flows", "liqs", "chart btc 4h",
)  # fmt: skip
MARKETS = {
    "two candles": [100.0, 101.0],
    "one candle": [100.0],
    "flat prices": [100.0] * 900,
    "halved in an hour": [*[100.0 + n % 7 for n in range(900)], 50.0],
    "doubled in an hour": [*[100.0 + n % 7 for n in range(900)], 208.0],
    "not a number here and there": [NAN if n % 11 == 0 else 100.0 + n % 5 for n in range(900)],
    "not a number at the end": [*[100.0 + n % 5 for n in range(900)], NAN],
    "nothing but not a number": [NAN] * 300,
    "zero at the end": [*[100.0 + n % 5 for n in range(400)], 0.0],
    "a dust coin": [1e-9 * (1 + n % 3) for n in range(900)],
    "a hair's breadth": [100.0 + 1e-12 * (n % 2) for n in range(900)],
    "holes": [None if n % 40 < 25 else 100.0 + n % 9 for n in range(900)],
}


class Venue:
    """These closes as hours, four-hours and days alike, the last bar ending now; None leaves a bar out."""

    name = "venue"
    as_of = datetime(2029, 1, 1, tzinfo=UTC)

    def __init__(self, clock, closes):
        self.clock, self.closes = clock, closes

    async def candles(self, asset, interval, limit):
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        end = epoch + (self.clock() - epoch) // interval.length * interval.length
        bars, before = [], next((c for c in self.closes if c is not None), 1.0)
        for back, close in zip(range(len(self.closes), 0, -1), self.closes, strict=True):
            if close is None:
                continue
            high, low = max(before, close), min(before, close)
            bars.append(Candle(end - back * interval.length, before, high, low, close, 1.0))
            before = close
        return Reading(tuple(bars[-limit:]), self.name, self.clock())

    async def ticker(self, asset):
        return Reading(Ticker(self.closes[-1] or 100.0), self.name, self.clock())

    def tiers(self, asset):
        return (LeverageTier(1e6, 0.004, 0.0),)

    async def open_interest(self, asset):
        return Reading(OpenInterest("v", "BTC", 0.0, 0.0, self.clock()), self.name, self.clock())

    async def open_interest_history(self, asset, since):
        hours = range(60, -1, -1)
        points = (
            OpenInterest("v", "BTC", 0.0, 1e6 * (n % 2), self.clock() - timedelta(hours=n))
            for n in hours
        )
        return Reading(tuple(points), self.name, self.clock())


def dispatcher(clock, closes, **more):
    venue = Venue(clock, closes)
    sources = Sources(
        prices=(venue,), candles=(venue,), tiers=(venue,), open_interest=(venue,), **more
    )
    return Dispatcher(COMMANDS, desk_with(sources, clock), Metrics(), per_minute=999)


async def answered(dispatch, typed):
    name, *args = typed.split()
    here = Channel("console", "1")
    kind = ChannelKind.PRIVATE
    reply = await dispatch(
        Request(name, tuple(args), " ".join(args), here, kind, "7", "Ann", Words())
    )
    assert reply is not None
    return plain(reply) + (reply.chart.alt if reply.chart else "")


def sensible(text):
    assert "broke on my side" not in text
    assert not re.search(r"\b(?:nan|NaN|inf|Infinity|None(?! is proof))\b|∞", text), text
    assert not re.search(r"\d{2}(?:,\d{3}){2,} standard deviations", text), text


@pytest.mark.parametrize("typed", ASKED)
@pytest.mark.parametrize("closes", MARKETS.values(), ids=MARKETS)
async def test_a_market_that_is_hardly_one_has_sensible_words(clock, closes, typed):
    sensible(await answered(dispatcher(clock, closes), typed))


SIDES = {
    "no liquidations": {"long_usd": 0.0, "short_usd": 0.0},
    "only shorts": {"long_usd": 0.0, "short_usd": 5e6},
    "an hour's worth": {"hours": 1, "since": timedelta(hours=1)},
    "a count of minutes": {"hours": 0, "since": timedelta(minutes=2)},
}


@pytest.mark.parametrize("typed", ["why 6h", "compare btc eth", "brief", "brief flash", "liqs"])
@pytest.mark.parametrize("told", SIDES.values(), ids=SIDES)
async def test_counts_without_a_side_have_sensible_words(clock, told, typed):
    counted = Told(clock, book(clock, **{"hours": 24 * 21, **told}), name="own count")
    sensible(
        await answered(dispatcher(clock, MARKETS["two candles"], liquidations=(counted,)), typed)
    )


DAYS = {
    "one day": flow_days(5e6),
    "all one way": flow_days(*[-7e6] * 40),
    "nothing moved": flow_days(*[0.0] * 40),
    "a single fund": tuple(
        FlowDay(one.trade_date, one.net_usd, (("IBIT", one.net_usd),), FlowStatus.FINAL)
        for one in flow_days(*[3e6, -4e6] * 20)
    ),
    "none final": tuple(
        FlowDay(one.trade_date, None, (("IBIT", None),), FlowStatus.NONE)
        for one in flow_days(1.0, 1.0)
    ),
}


@pytest.mark.parametrize("typed", ["why 6h", "compare btc eth", "brief", "brief close", "flows"])
@pytest.mark.parametrize("days", DAYS.values(), ids=DAYS)
async def test_flows_that_hardly_are_any_have_sensible_words(clock, days, typed):
    flows = Told(clock, days, name="farside")
    mood = Told(clock, feelings(clock, *[50] * 40), name="index")
    more = {"flows": (flows,), "sentiment": (mood,), "funding": (Told(clock, rate(clock, 0.0)),)}
    sensible(await answered(dispatcher(clock, MARKETS["flat prices"], **more), typed))


closes = st.lists(
    st.none() | st.just(NAN) | st.just(0.0) | st.floats(1e-9, 1e7), min_size=1, max_size=60
)


@given(closes, st.sampled_from(["why 6h", "compare btc eth", "leverage"]))
@settings(max_examples=60, deadline=None)
async def test_no_market_at_all_leaves_them_without_words(closes, typed):
    sensible(await answered(dispatcher(Clock(), closes), typed))


async def test_a_dust_coin_has_a_price_and_a_still_market_no_fall(clock):
    dust = await answered(dispatcher(clock, MARKETS["a dust coin"]), "price")
    still = await answered(dispatcher(clock, MARKETS["a hair's breadth"]), "leverage")
    assert dust.startswith("BTC $0.000000003000")
    brief = await answered(dispatcher(clock, MARKETS["a hair's breadth"]), "brief")
    assert still.startswith("BTC: no fall to speak of")
    assert "the all-time high of" not in brief
    assert "48 hours: no fall from the high of $100.00" in still


async def test_what_is_no_number_is_a_hole_and_the_rest_is_told(clock):
    told = await answered(dispatcher(clock, MARKETS["not a number at the end"]), "compare btc eth")
    assert re.search(r"Price +\$10\d\.00 +\$10\d\.00", told)
