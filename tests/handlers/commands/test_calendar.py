"""/calendar: what is coming, weightiest kind first, soonest first."""

from datetime import timedelta

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.calendar import COMMAND
from providers.market import Sources
from providers.types import Importance
from tests.fakes import desk_with
from tests.handlers.commands.asking import Told, ask, chain, event


def desk(clock, *events, options=()):
    return desk_with(Sources(events=(Told(clock, events),), options=options), clock)


async def test_the_next_event_leads_with_how_soon_it_is(clock):
    known = desk(clock, event(clock), event(clock, "CPI", timedelta(days=1)))
    reply = await ask(COMMAND, known)
    assert reply.title == "Next: CPI, in 1 d"
    assert "FOMC decision (Fed)" in plain(reply)


async def test_the_same_event_of_two_calendars_is_told_once(clock):
    text = plain(await ask(COMMAND, desk(clock, event(clock), event(clock, "fomc decision"))))
    assert text.casefold().count("— fomc decision") == 1


async def test_small_events_are_left_out_beside_large_ones(clock):
    small = event(clock, "Beige book", weight=Importance.LOW)
    assert "Beige" not in plain(await ask(COMMAND, desk(clock, event(clock), small)))


async def test_an_expiry_stands_beside_them(clock):
    options = (Told(clock, chain(clock), name="deribit"),)
    text = plain(await ask(COMMAND, desk(clock, event(clock), options=options)))
    assert "Largest BTC option expiry: 8 Mar 2030, 17.0000 BTC open, max pain $90,000" in text


async def test_missing_options_are_said(clock):
    assert "Option expiries: no data" in plain(await ask(COMMAND, desk(clock, event(clock))))


async def test_nothing_ahead_is_said(clock):
    reply = await ask(COMMAND, desk(clock, event(clock, ahead=timedelta(days=9))), "7d")
    assert reply.title == "Nothing on the calendar in the next 7 d"


@pytest.mark.parametrize("text", ["soon", "999", "999d"])
async def test_nonsense_is_no_length_of_time(clock, text):
    with pytest.raises(UserError, match=f"“{text}” is no length of time I can look ahead"):
        await ask(COMMAND, desk(clock, event(clock)), text)
