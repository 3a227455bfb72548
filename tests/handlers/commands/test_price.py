"""/price: one number, every venue, and whether they agree."""

from datetime import timedelta

import pytest

from bot.render.text import plain
from config.watchlist import Asset
from handlers.command import UserError
from handlers.commands.price import COMMAND
from handlers.facts import price_section
from handlers.words import Words
from providers.errors import NothingAnswers
from providers.market import Sources
from tests.fakes import desk_with
from tests.handlers.commands.asking import Bars, Told, ask, ticker


def desk(clock, *venues, candles=()):
    return desk_with(Sources(prices=venues, candles=candles), clock)


async def test_the_title_carries_price_and_change(clock):
    reply = await ask(COMMAND, desk(clock, Told(clock, ticker())), "btc")
    assert reply.title == "BTC $90,000 ↓ −4.5 %"
    assert "24 h range: $89,000 – $95,000" in plain(reply)


async def test_a_week_ago_is_compared_when_hours_are_known(clock):
    reply = await ask(COMMAND, desk(clock, Told(clock, ticker()), candles=(Bars(clock),)))
    known = await price_section(
        desk(clock, Told(clock, ticker()), candles=(Bars(clock),)).market,
        Asset("BTC", "Bitcoin"),
        clock(),
    )
    assert f"7 d: {Words().percent(known.value.change_7d_pct)} " in plain(reply)


async def test_venues_that_disagree_are_told_so(clock):
    venues = Told(clock, ticker()), Told(clock, ticker(91_000.0), name="other")
    text = plain(await ask(COMMAND, desk(clock, *venues)))
    assert "The venues disagree by 1.11 %." in text
    assert "other" in text


async def test_an_old_price_does_not_lead_and_shows_its_age(clock):
    old = Told(clock, ticker(80_000.0), age=timedelta(minutes=20), name="slow")
    reply = await ask(COMMAND, desk(clock, old, Told(clock, ticker())))
    assert reply.title.startswith("BTC $90,000")
    assert "slow 11:40 UTC (20 min old)" in plain(reply)
    assert "Only one venue answers with a fresh price." in plain(reply)


async def test_an_unknown_asset_is_answered_with_what_is_known(clock):
    with pytest.raises(UserError, match="I do not know “zzz”"):
        await ask(COMMAND, desk(clock, Told(clock, ticker())), "zzz")


async def test_words_nobody_asked_for_are_refused(clock):
    with pytest.raises(UserError, match="I do not understand “please”"):
        await ask(COMMAND, desk(clock, Told(clock, ticker())), "btc please")


async def test_when_no_venue_answers_that_is_the_error(clock):
    venue = Told(clock, ticker())
    venue.break_down()
    with pytest.raises(NothingAnswers):
        await ask(COMMAND, desk(clock, venue))


async def test_a_price_that_is_old_everywhere_says_its_age_in_the_title(clock):
    older = Told(clock, ticker(80_000.0), age=timedelta(minutes=50), name="slow")
    old = Told(clock, ticker(), age=timedelta(minutes=20))
    reply = await ask(COMMAND, desk(clock, older, old))
    assert reply.title == "BTC $90,000 ↓ −4.5 % (20 min old)"
    assert "No venue answers with a fresh price." in plain(reply)


async def test_a_lone_old_price_says_so_too(clock):
    reply = await ask(COMMAND, desk(clock, Told(clock, ticker(), age=timedelta(hours=3))))
    assert reply.title.endswith(" (3 h old)")
    assert "No venue answers with a fresh price." in plain(reply)


async def test_a_lone_fresh_price_says_that_it_stands_alone(clock):
    reply = await ask(COMMAND, desk(clock, Told(clock, ticker(), age=timedelta(minutes=5))))
    assert "old" not in reply.title
    assert "Only one venue answers with a fresh price." in plain(reply)
