"""/news: headlines as data, with their source and hour."""

from bot.render.text import plain
from handlers.commands.news import COMMAND
from handlers.reply import Link
from providers.market import Sources
from tests.fakes import desk_with
from tests.handlers.commands.asking import Told, ask, headline


def desk(clock, *headlines):
    return desk_with(Sources(headlines=(Told(clock, headlines),)), clock)


async def test_the_newest_stands_first_with_its_source(clock):
    reply = await ask(COMMAND, desk(clock, headline(clock), headline(clock, "Older", "SEC")))
    assert reply.blocks[0].lines[0][0] == Link("Treasury speaks", "https://example.org/1")
    assert "Treasury speaks — US Treasury, Wed 6 Mar 11:00 UTC" in plain(reply)


async def test_one_loud_feed_does_not_drown_the_others(clock):
    loud = [headline(clock, f"Loud {n}", "Loud") for n in range(9)]
    reply = await ask(COMMAND, desk(clock, *loud, headline(clock)))
    assert plain(reply).count("— Loud") == 3
    assert "Treasury speaks" in plain(reply)


async def test_a_word_narrows_them_down(clock):
    reply = await ask(COMMAND, desk(clock, headline(clock), headline(clock, "Rates")), "RATES")
    assert reply.title == "Headlines with “RATES”: 1"


async def test_a_word_that_stands_nowhere_is_said(clock):
    reply = await ask(COMMAND, desk(clock, headline(clock)), "unicorn")
    assert reply.title == "No headline with “unicorn”"
