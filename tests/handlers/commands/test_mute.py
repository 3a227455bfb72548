"""/mute: silence until an hour that is said back."""

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.mute import MUTE, UNMUTE
from handlers.preferences import Severity
from handlers.quiet import held_until
from tests.fakes import desk_without_sources
from tests.handlers.commands.asking import HERE, ask


async def test_an_hour_is_the_usual_silence(clock):
    desk = desk_without_sources(clock)
    reply = await ask(MUTE, desk)
    assert reply.title == "Muted for 1 h"
    assert "Silent until Wed 6 Mar 13:00 UTC." in plain(reply)
    assert (await desk.notebook.preferences(HERE)).muted_until == clock.advance(hours=1)


async def test_until_a_time_is_the_next_such_time(clock):
    reply = await ask(MUTE, desk_without_sources(clock), "until 08:00")
    assert reply.title == "Muted for 20 h"


async def test_unmute_ends_it(clock):
    desk = desk_without_sources(clock)
    await ask(MUTE, desk, "2d")
    clock.advance(hours=8)
    await ask(UNMUTE, desk)
    left = await desk.notebook.preferences(HERE)

    assert held_until(left, Severity.WARNING, clock()) is None
    assert left.muted_until == clock()  # what it held is known as held until now


async def test_where_nothing_was_muted_unmute_leaves_no_trace(clock):
    desk = desk_without_sources(clock)
    await ask(UNMUTE, desk)

    assert (await desk.notebook.preferences(HERE)).muted_until is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("soon", "do not understand “soon” here. Write 1h, 2d or until 08:00, up to 30 d"),
        ("31d", "30 d is the longest I stay silent"),
        ("forever", "30 d is the longest I stay silent"),
        ("99999h", "30 d is the longest I stay silent"),
        ("0h", "0h"),
    ],
)
async def test_what_is_no_silence_is_refused(clock, text, says):
    with pytest.raises(UserError, match=says):
        await ask(MUTE, desk_without_sources(clock), text)
