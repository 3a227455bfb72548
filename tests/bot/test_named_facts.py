"""What cannot be had is named in a word or two, whoever asked for it."""

import re
from dataclasses import replace

import pytest

from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from bot.render.text import plain
from handlers.command import Channel, ChannelKind, Request
from handlers.commands import COMMANDS
from handlers.words import Words
from providers.errors import NoSource
from tests.fakes import desk_without_sources

SENTENCE = re.compile(r"([A-Z][\w& ]+): no data \(no source is set up for it\)")


async def blind(request, desk):
    raise NoSource("kind", "no source is configured")


async def answered(clock, command, *args):
    dispatch = Dispatcher((command,), desk_without_sources(clock), Metrics(), per_minute=9)
    asked = Request(
        command.name, args, " ".join(args), Channel("console", "1"), ChannelKind.PRIVATE, "7", "Ann",
        Words(), admin=True, owner=True,
    )  # fmt: skip
    return plain(await dispatch(asked)).splitlines()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
async def test_a_fact_that_cannot_be_had_has_a_plain_name(clock, command):
    title, _, said, *_ = await answered(clock, replace(command, run=blind))
    found = SENTENCE.fullmatch(said)
    assert title == "That did not work"
    assert found, said
    assert found[1] == (command.fact or "Market data")
    assert len(found[1].split()) <= 3


@pytest.mark.parametrize(
    "command", [c for c in COMMANDS if c.group == "Market"], ids=lambda command: command.name
)
def test_every_command_of_the_market_names_its_own(command):
    assert command.fact


@pytest.mark.parametrize(
    "name",
    [
        "price",
        "levels",
        "chart",
        "flows",
        "liqs",
        "leverage",
        "funding",
        "maxpain",
        "fear",
        "holdings",
        "news",
    ],
)
async def test_without_any_source_the_real_command_says_so(clock, name):
    command = next(c for c in COMMANDS if c.name == name)
    _, _, said, *_ = await answered(clock, command)
    assert SENTENCE.fullmatch(said), said
