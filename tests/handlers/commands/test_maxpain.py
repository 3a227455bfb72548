"""/maxpain: per expiry, never for all of them together."""

from datetime import timedelta

from bot.render.text import plain
from handlers.commands.maxpain import COMMAND
from providers.market import Sources
from tests.fakes import desk_with
from tests.handlers.commands.asking import Told, ask, chain


def desk(clock, value, **more):
    return desk_with(Sources(options=(Told(clock, value, name="deribit", **more),)), clock)


async def test_the_title_names_price_and_expiry(clock):
    reply = await ask(COMMAND, desk(clock, chain(clock)))
    assert reply.title == "BTC max pain $90,000 for 8 Mar 2030"
    assert "0.42" in plain(reply)  # 5 puts for 12 calls


async def test_an_expiry_that_has_settled_today_is_over(clock):
    reply = await ask(COMMAND, desk(clock, chain(clock, days=0)))
    assert reply.title == "BTC: no options are listed"


async def test_a_chain_of_yesterday_shows_its_age(clock):
    reply = await ask(COMMAND, desk(clock, chain(clock), age=timedelta(days=1)))
    assert "(1 d old)" in plain(reply)


async def test_nothing_listed_is_said(clock):
    assert (await ask(COMMAND, desk(clock, ()))).title == "BTC: no options are listed"
