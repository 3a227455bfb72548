"""The bars that everything is computed from."""

import pytest

from config.watchlist import Asset
from handlers.facts import price_section
from handlers.facts.bars import fetch_bars
from providers.market import Market, Sources
from providers.types import Candle, Interval, Reading, Ticker

BTC = Asset("BTC", "Bitcoin")


class Venue:
    """Closed bars at 100, a running one from 99 to 101, and a last price that is newer."""

    name = "venue"

    def __init__(self, clock, last):
        self.clock, self.last = clock, last

    async def ticker(self, asset):
        return Reading(Ticker(self.last), self.name, self.clock())

    async def candles(self, asset, interval, limit):
        length = Interval(interval).length
        start = self.clock().replace(hour=0) if interval is Interval.D1 else self.clock()
        shut = (Candle(start - n * length, 100, 100, 100, 100, 1) for n in range(limit - 1, 0, -1))
        running = Candle(start, 100, 101, 99, 100, 1, closed=False)
        return Reading((*shut, running), self.name, self.clock())


@pytest.mark.parametrize(
    ("last", "low", "high"), [(97.0, 97, 101), (103.0, 99, 103), (100, 99, 101)]
)
async def test_no_extreme_of_now_is_passed_by_the_last_price(clock, last, low, high):
    market = Market(Sources(prices=(Venue(clock, last),), candles=(Venue(clock, last),)), clock)
    bars = await fetch_bars(market, BTC, clock())
    known = (await price_section(market, BTC, clock())).value

    assert (bars.hours[-1].low, bars.hours[-1].high) == (low, high)
    assert (bars.days[-1].low, bars.days[-1].high) == (low, high)
    assert (known.window_24h.low, known.window_24h.high) == (low, high)
    assert bars.hours[-2].low == 100
