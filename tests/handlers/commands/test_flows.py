"""/flows: on the trade date, with its status; a running day is never a result."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.render.text import plain
from config.watchlist import Watchlist
from handlers.command import UserError
from handlers.commands.flows import COMMAND
from providers.flow_days import Disagreement
from providers.market import Sources
from providers.trading_days import trading_days
from providers.types import FlowDay, FlowStatus
from tests.fakes import desk_with
from tests.handlers.commands.asking import Bars, Told, ask, flow_days


def desk(clock, days, **more):
    return desk_with(Sources(flows=(Told(clock, days, name="farside", **more),)), clock)


async def test_the_title_is_the_last_final_day(clock):
    reply = await ask(COMMAND, desk(clock, flow_days(50e6, -100e6, -272e6)))
    assert reply.title == "BTC ETFs −$272.0 M on Tue 5 Mar (final)"
    text = plain(reply)
    assert "2 days of outflow in a row" in text
    assert "Last 3 trading days: −$322.0 M, 2 out and 1 in" in text


async def test_a_partial_day_is_told_apart(clock):
    by_fund = (("IBIT", None), ("FBTC", -171.5e6))
    running = FlowDay(date(2030, 3, 6), -171.5e6, by_fund, FlowStatus.PARTIAL)
    reply = await ask(COMMAND, desk(clock, (*flow_days(-272e6), running)))
    text = plain(reply)
    assert "on Tue 5 Mar (final)" in reply.title
    assert "Wed 6 Mar, so far: −$171.5 M, not a result: 1 funds have not reported (IBIT)" in text


async def test_as_many_days_are_listed_as_asked_for(clock):
    days = flow_days(*[-1e6] * 70)
    text = plain(await ask(COMMAND, desk(clock, days), "btc 45"))
    assert text.count("−$1.0 M  final") == 45


async def test_an_old_answer_shows_its_age(clock):
    days = flow_days(-272e6)
    assert "(3 h old)" in plain(await ask(COMMAND, desk(clock, days, age=timedelta(hours=3))))


async def test_an_asset_without_funds_says_so(clock):
    with pytest.raises(UserError, match="no US spot ETF flows of DOGE"):
        await ask(COMMAND, desk(clock, flow_days(1e6)), "doge")


async def test_a_silent_source_is_named_with_since(clock):
    source = Told(clock, flow_days(1e6), name="farside")
    quiet = desk_with(Sources(flows=(source,)), clock)
    await ask(COMMAND, quiet)
    source.break_down()
    clock.advance(minutes=5)
    with pytest.raises(UserError, match="ETF flows: no data"):
        await ask(COMMAND, quiet)


async def test_a_number_of_days_must_be_one(clock):
    with pytest.raises(UserError, match="no number of days from 1 to 60"):
        await ask(COMMAND, desk(clock, flow_days(1e6)), "btc many")


async def test_the_newest_day_on_which_sources_disagree_is_said(clock):
    async def found(asset):
        return (
            Disagreement(date(2030, 3, 1), 5e6, 9e6, "Farside"),
            Disagreement(date(2030, 3, 5), -272e6, -250e6, "The Block"),
        )

    one = desk(clock, flow_days(-272e6))
    one.market.flow_disagreements = found
    text = plain(await ask(COMMAND, one))

    assert "Sources disagree about Tue 5 Mar: −$272.0 M here, −$250.0 M at The Block." in text
    assert "Farside" not in text


def since(clock, began, days):
    """A desk that knows these days of funds which trade since `began`."""
    sources = Sources(flows=(Told(clock, days, name="farside"),), candles=(Bars(clock),))
    btc = replace(Watchlist.load().get("BTC"), etf_since=began)
    return replace(desk_with(sources, clock), watchlist=Watchlist((btc,)))


TRADED = tuple(
    FlowDay(day, 1e6, (("IBIT", 1e6),), FlowStatus.FINAL)
    for day in trading_days(date(2030, 1, 11), date(2030, 3, 5))
)


async def test_with_every_day_since_the_funds_began_there_is_a_cost_basis(clock):
    text = plain(await ask(COMMAND, since(clock, date(2030, 1, 11), TRADED)))

    assert "What the funds' buyers paid on average" in text
    assert re.search(r"\(creations only\); price is [\d.]+ % (below|above) it", text)


@pytest.mark.parametrize("days", [TRADED[1:], (*TRADED[:9], *TRADED[10:])], ids=["short", "hole"])
async def test_part_of_the_history_gives_no_cost_basis_and_says_why(clock, days):
    text = plain(await ask(COMMAND, since(clock, date(2030, 1, 11), days)))

    assert "paid on average needs every day since 11 Jan 2030; not all are known" in text
    assert "(creations only)" not in text
