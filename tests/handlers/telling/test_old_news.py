"""What is not of these days leads no text and moves no sentence, or its day is said."""

from datetime import date, timedelta

import pytest

from bot.render.text import plain
from handlers.analysis.squeeze import Mark
from handlers.commands.brief import COMMAND as BRIEF
from handlers.commands.why import COMMAND as WHY
from handlers.facts import facts
from providers.market import Sources
from providers.types import OpenInterest
from tests.fakes import desk_with
from tests.handlers.commands.asking import (
    Bars,
    Told,
    ask,
    book,
    feelings,
    flow_days,
    interest,
    rate,
)

OLD = timedelta(days=3)
FRESH = timedelta(hours=2)
NETS = [10e6, -20e6] * 15


def sources(clock, age, **more):
    known = {
        "liquidations": (Told(clock, book(clock, 24 * 21), age=age, name="own count"),),
        "sentiment": (Told(clock, feelings(clock, *[50, 51] * 20, 5), age=age, name="index"),),
    }
    return Sources(candles=(Bars(clock),), **(known | more))


def flows_until(clock, day):
    return {"flows": (Told(clock, flow_days(*NETS, -900e6, end=day), name="farside"),)}


async def test_a_stale_flow_day_leads_nothing_and_its_sentence_says_the_day(clock):
    stale = sources(clock, OLD, **flows_until(clock, date(2030, 3, 1)))
    reply = await ask(BRIEF, desk_with(stale, clock))
    text = plain(reply)
    assert "ETF" not in reply.title
    assert "ETF flows −$900.0 M Fri 1 Mar (final)" in text
    assert "Of the last 12 ETF trading days up to Fri 1 Mar 7 saw outflows" in text
    assert "left the ETFs" not in plain(await ask(WHY, desk_with(stale, clock)))


async def test_yesterdays_flow_leads_and_needs_no_other_day(clock):
    fresh = sources(clock, OLD, **flows_until(clock, date(2030, 3, 5)))
    reply = await ask(BRIEF, desk_with(fresh, clock))
    assert reply.title.endswith(" — $900.0 M left the ETFs on Tue 5 Mar")
    assert "Of the last 12 ETF trading days 7 saw outflows" in plain(reply)


@pytest.mark.parametrize("said", ["Fear & Greed fell from 51 to 5", "Longs closed by force were"])
async def test_old_moods_and_liquidations_make_no_sentence(clock, said):
    assert said in plain(await ask(BRIEF, desk_with(sources(clock, FRESH), clock)))
    assert said not in plain(await ask(BRIEF, desk_with(sources(clock, OLD), clock)))


async def test_what_moved_says_since_when_it_heard_nothing(clock):
    text = plain(await ask(WHY, desk_with(sources(clock, OLD), clock)))
    assert "liquidations: no data since Sun 3 Mar 12:00 UTC (own count does not answer)" in text
    assert "Fear & Greed: no data since Sun 3 Mar 12:00 UTC (index does not answer)" in text
    assert "closed by force" not in text


@pytest.mark.parametrize(("age", "judged"), [(FRESH, True), (OLD, False)])
async def test_a_squeeze_is_not_judged_by_positions_of_other_days(clock, age, judged):
    held = {"open_interest": (Told(clock, interest(clock), age=age),)}
    held["funding"] = (Told(clock, rate(clock, -0.001), age=age),)
    desk = desk_with(sources(clock, FRESH, **held), clock)
    known = await facts(desk.market, desk.watchlist.get("BTC"), clock())
    assert (Mark.FUNDING in known.squeeze.value.held) is judged
    assert (Mark.FUNDING in known.squeeze.value.unknown) is not judged


class Points(Told):
    """Hourly open interest that halved in dollars over its last day, by a fifth in coins, and ends with the age."""

    def __init__(self, clock, value, *, age=timedelta(0), coins=100.0):
        super().__init__(clock, value, age=age)
        self.coins = coins

    async def open_interest_history(self, asset, since):
        hours = range(30, -1, -1)
        points = tuple(
            OpenInterest(
                "venue",
                "BTC",
                self.coins and self.coins * (1.25 if h >= 24 else 1.0),
                4e9 if h >= 24 else 2e9,
                self.at - timedelta(hours=h),
            )
            for h in hours
        )
        return self._reading().map(lambda _: points)


async def test_coins_that_a_venue_counts_are_not_reckoned_from_dollars(clock):
    held = {"open_interest": (Points(clock, interest(clock)),)}
    desk = desk_with(sources(clock, FRESH, **held), clock)
    known = await facts(desk.market, desk.watchlist.get("BTC"), clock())
    assert known.squeeze.value.open_interest_pct == pytest.approx(-20.0)

    held = {"open_interest": (Points(clock, interest(clock), coins=None),)}
    desk = desk_with(sources(clock, FRESH, **held), clock)
    known = await facts(desk.market, desk.watchlist.get("BTC"), clock())
    price = known.price.value.change_24h_pct
    assert known.squeeze.value.open_interest_pct == pytest.approx(
        (0.5 / (1 + price / 100) - 1) * 100
    )


@pytest.mark.parametrize(("age", "told"), [(FRESH, -50.0), (timedelta(hours=9), None)])
async def test_the_change_of_a_day_is_of_the_last_one(clock, age, told):
    held = {"open_interest": (Points(clock, interest(clock), age=age),)}
    desk = desk_with(sources(clock, FRESH, **held), clock)
    known = await facts(desk.market, desk.watchlist.get("BTC"), clock())
    assert known.positioning.value.open_interest_24h_pct == told
