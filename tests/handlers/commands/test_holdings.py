"""/holdings: governments and companies, each by name."""

from dataclasses import replace
from datetime import date

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


async def test_the_oldest_date_of_those_shown_is_told(clock):
    older = replace(held("Bhutan", 100.0), as_of=date(2029, 12, 30))
    assert "As of 30 Dec 2029 or later" in plain(await ask(COMMAND, desk(clock, (held(), older))))


async def test_a_source_without_dates_says_so_and_when_it_was_asked(clock):
    undated = replace(held(), as_of=None)
    text = plain(await ask(COMMAND, desk(clock, (undated, held("Bhutan", 100.0)))))
    assert "registry gives no date; asked Wed 6 Mar 12:00 UTC" in text


async def test_nobody_known_is_said(clock):
    reply = await ask(COMMAND, desk(clock, ()))
    assert reply.title == "No holder of BTC is known"


async def test_no_source_is_an_error_of_the_source(clock):
    with pytest.raises(ProviderError):
        await ask(COMMAND, desk_without_sources(clock))
