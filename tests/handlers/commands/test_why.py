"""/why: what moved, the most unusual first, each with its source."""

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.why import COMMAND
from providers.market import Sources
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import Bars, Told, ask, book, feelings, flow_days


@pytest.fixture
def desk(clock):
    sources = Sources(
        candles=(Bars(clock),),
        flows=(Told(clock, flow_days(*[10e6, -20e6] * 10, -272e6), name="farside"),),
        liquidations=(Told(clock, book(clock, 24 * 21), name="own count"),),
        sentiment=(Told(clock, feelings(clock, 17, 14), name="index"),),
    )
    return desk_with(sources, clock)


async def test_the_most_unusual_leads_and_names_its_source(desk):
    reply = await ask(COMMAND, desk)
    first = plain(reply).split("\n\n")[1].splitlines()[0]
    assert reply.title == "BTC: $272.0 M left the ETFs on Tue 5 Mar"
    assert first.startswith("$272.0 M left the ETFs on Tue 5 Mar: unusual (")
    assert first.endswith(" · farside · 12:00")


async def test_each_number_is_of_the_hours_asked_for(desk):
    text = plain(await ask(COMMAND, desk, "btc 4"))
    assert "at least $8.0 M of longs closed by force in 4 h" in text
    assert " % in 4 h: " in text


async def test_what_has_no_past_is_ranked_last_and_says_so(desk):
    lines = plain(await ask(COMMAND, desk)).split("\n\n")[1].splitlines()
    assert lines[-1].startswith("Fear & Greed fell from 17 to 14, Fear: no habit known")


async def test_what_is_missing_is_said(desk):
    assert "open interest and funding: no data" in plain(await ask(COMMAND, desk))


async def test_nothing_known_and_nonsense_are_refused(clock, desk):
    with pytest.raises(UserError, match="Nothing is known of BTC"):
        await ask(COMMAND, desk_without_sources(clock))
    with pytest.raises(UserError, match="no length of time"):
        await ask(COMMAND, desk, "btc soon")
