"""/mute: silence until an hour that is said back."""

from datetime import UTC, datetime

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


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("90 minutes", "2030-03-06T13:30"),
        ("1 hour", "2030-03-06T13:00"),
        ("for 2 hours", "2030-03-06T14:00"),
        ("1h30m", "2030-03-06T13:30"),
        ("1 h and 30 min", "2030-03-06T13:30"),
        ("1.5h", "2030-03-06T13:30"),
        ("1,5 h", "2030-03-06T13:30"),
        ("until 8 am", "2030-03-07T08:00"),
        ("until 8", "2030-03-07T08:00"),
        ("until noon", "2030-03-07T12:00"),
        ("until tomorrow", "2030-03-07T08:00"),
        ("until tomorrow 9:30", "2030-03-07T09:30"),
        ("until friday", "2030-03-08T08:00"),
        ("until wednesday 18:00", "2030-03-06T18:00"),
        ("until 2030-03-09", "2030-03-09T08:00"),
        ("until 9.3.2030 at 6 pm", "2030-03-09T18:00"),
    ],
)
async def test_a_silence_is_read_as_people_write_it(clock, typed, until):
    """It is Wednesday noon."""
    desk = desk_without_sources(clock)
    await ask(MUTE, desk, typed)
    ends = (await desk.notebook.preferences(HERE)).muted_until
    assert ends == datetime.fromisoformat(until).replace(tzinfo=UTC)


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
        ("30", "“30”"),
        ("8", "“8”"),
        ("99999w 99999w 99999w", "30 d is the longest"),
        ("until 2030-03-05", "2030-03-05"),
        ("until 9999-12-31", "9999-12-31"),
        ("until 2030-02-30", "2030-02-30"),
        ("until the cows come", "cows"),
    ],
)
async def test_what_is_no_silence_is_refused(clock, text, says):
    with pytest.raises(UserError, match=says):
        await ask(MUTE, desk_without_sources(clock), text)
