"""What stands around an alert is about its own moment, and about enough of it."""

from datetime import timedelta

import pytest

from config.watchlist import Watchlist
from handlers.alert_context import context
from handlers.observing import Sight
from handlers.rule import Alert, Direction, Metric, Rule, Transition
from handlers.words import Words
from providers.market import Market, Sources
from providers.types import Coverage, LiquidationBook, LiquidationBucket, Reading, Ticker
from tests.fakes import START

MINUTE = timedelta(minutes=1)


class World:
    """Trades at 112,000; liquidations are heard since `heard` minutes before the hour's end."""

    name = "world"

    def __init__(self, heard):
        self.heard = heard

    async def ticker(self, asset):
        return Reading(Ticker(112_000.0), self.name, START)

    async def book(self, asset, since):
        first = START - self.heard * MINUTE
        bucket = LiquidationBucket(START - MINUTE, MINUTE, "bybit", 1e6, 2e6)
        coverage = (Coverage("bybit", first),)
        return Reading(LiquidationBook("BTC", (bucket,), coverage), self.name, START)


async def around(metric, value, heard=60, **detail):
    world = World(heard)
    market = Market(Sources(prices=(world,), liquidations=(world,)), lambda: START)
    made = Rule("1", "c", "u", START, metric, Direction.BELOW, 110_000.0, "BTC")
    alert = Alert("1", Transition.FIRED, value, START, "world", detail)
    sight = Sight(market, Watchlist.load().get("BTC"), START)
    return [line for (line,) in await context(made, alert, sight, Words())]


@pytest.mark.parametrize(
    ("metric", "value", "detail", "levels"),
    [
        pytest.param(Metric.LEVEL, 102_000.0, {}, "$100,000 below, $105,000 above", id="level"),
        pytest.param(
            Metric.CHANGE, -5.0, {"price": 106_000.0}, "$105,000 below, $110,000 above", id="change"
        ),
        pytest.param(Metric.RSI, 22.0, {}, "$110,000 below, $115,000 above", id="no price"),
    ],
)
async def test_the_next_levels_are_those_around_what_the_alert_saw(metric, value, detail, levels):
    assert f"Next round levels: {levels}" in await around(metric, value, **detail)


@pytest.mark.parametrize(("heard", "told"), [(9, 0), (10, 1), (90, 1)])
async def test_liquidations_are_told_once_ten_minutes_of_them_were_heard(heard, told):
    lines = await around(Metric.LEVEL, 102_000.0, heard)

    assert sum(line.startswith("Liquidated") for line in lines) == told
