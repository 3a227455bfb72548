"""/brief: a screenful on demand, in the variant that was asked for."""

from dataclasses import replace

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.brief import COMMAND
from providers.market import Sources
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import (
    Bars,
    Told,
    ask,
    book,
    event,
    feelings,
    flow_days,
    headline,
)


@pytest.fixture
def desk(clock):
    sources = Sources(
        candles=(Bars(clock),),
        flows=(Told(clock, flow_days(*[10e6, -20e6] * 10, -272e6), name="farside"),),
        liquidations=(Told(clock, book(clock, 24 * 21), name="own count"),),
        sentiment=(Told(clock, feelings(clock, 17, 14)),),
        events=(Told(clock, (event(clock),)),),
        headlines=(Told(clock, (headline(clock),)),),
    )
    return desk_with(sources, clock)


async def test_one_line_per_kind_and_what_is_next_and_missing(desk):
    text = plain(await ask(COMMAND, desk))
    for start in ("Price $", "ETF flows −$272.0 M Tue 5 Mar (final)", "Liquidated longs $48.0 M",
                  "RSI day ", "Fear & Greed 14, Fear (17 the day before)",
                  "Policy “Treasury speaks” — US Treasury · 11:00", "Resistance $", "Support $",
                  "Next FOMC decision Sat 9 Mar 12:00 UTC"):  # fmt: skip
        assert f"\n{start}" in text
    assert "Missing: open interest and funding; options; government coins" in text


async def test_an_unusual_flow_leads_the_headline(desk):
    reply = await ask(COMMAND, desk, "btc")
    assert reply.title.endswith("— $272.0 M left the ETFs on Tue 5 Mar")


async def test_the_variant_is_known_wherever_it_stands(desk):
    assert "RSI week" in plain(await ask(COMMAND, desk, "weekly btc"))
    assert "RSI week" in plain(await ask(COMMAND, desk, "btc WEEKLY"))
    assert "New York Tue 5 Mar, 10:00 to 16:00: " in plain(await ask(COMMAND, desk, "close"))
    assert "Liquidated, at least: longs" in plain(await ask(COMMAND, desk, "flash"))


@pytest.mark.parametrize("text", ["btc eth", "weekly close", "unicorn"])
async def test_more_than_one_of_a_kind_or_an_unknown_word_is_refused(desk, text):
    with pytest.raises(UserError):
        await ask(COMMAND, desk, text)


async def test_without_any_source_it_still_answers(clock):
    reply = await ask(COMMAND, desk_without_sources(clock))
    assert reply.title == "BTC: no price"
    assert "Missing: price; ETF flows" in plain(reply)


async def test_a_desk_without_briefings_says_so(clock):
    with pytest.raises(UserError, match="no briefing here"):
        await ask(COMMAND, replace(desk_without_sources(clock), briefings=()))
