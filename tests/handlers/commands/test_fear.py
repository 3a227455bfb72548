"""/fear: the index of the day and how it got there."""

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.fear import COMMAND
from handlers.reply import Tone
from providers.errors import ProviderError
from providers.market import Sources
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import Told, ask, feelings


def desk(clock, *values):
    return desk_with(Sources(sentiment=(Told(clock, feelings(clock, *values)),)), clock)


async def test_the_day_its_past_and_how_rare_it_is(clock):
    reply = await ask(COMMAND, desk(clock, 10, 40, 50, 50, 45, 40, 35, 30, 17, 14))
    assert reply.title == "Fear & Greed 14 — Fear"
    assert reply.tone is Tone.DOWN
    text = plain(reply)
    assert "1 d ago: 17 (Fear)" in text
    assert "7 d ago: 50 (Fear)" in text
    assert "Lowest since 25 Feb 2030." in text


async def test_one_day_alone_is_enough(clock):
    assert (await ask(COMMAND, desk(clock, 50))).tone is Tone.NEUTRAL


async def test_it_takes_no_arguments(clock):
    with pytest.raises(UserError):
        await ask(COMMAND, desk(clock, 50), "btc")


async def test_no_source_and_no_value_are_errors_of_the_source(clock):
    with pytest.raises(ProviderError):
        await ask(COMMAND, desk_without_sources(clock))
    with pytest.raises(ProviderError):
        await ask(COMMAND, desk(clock))
