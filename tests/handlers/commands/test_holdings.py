"""/holdings: governments and companies, each by name."""

import pytest

from bot.render.text import plain
from handlers.commands.holdings import COMMAND
from providers.errors import ProviderError
from providers.market import Sources
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import Told, ask, held


def desk(clock, value):
    return desk_with(Sources(holdings=(Told(clock, value, name="registry"),)), clock)


async def test_the_largest_leads_and_the_sum_is_told(clock):
    reply = await ask(COMMAND, desk(clock, (held(), held("Bhutan", 100.0))))
    assert reply.title == "United States holds 1,234 BTC"
    assert "Governments: 2 known, 1,334 BTC together" in plain(reply)


async def test_nobody_known_is_said(clock):
    reply = await ask(COMMAND, desk(clock, ()))
    assert reply.title == "No holder of BTC is known"


async def test_no_source_is_an_error_of_the_source(clock):
    with pytest.raises(ProviderError):
        await ask(COMMAND, desk_without_sources(clock))
