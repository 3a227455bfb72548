"""What fits a phone: of a full screen the third reason and the farther days go into the details, nothing else."""

from datetime import timedelta

import pytest

from bot.render.text import plain
from handlers.briefings import briefing_named
from handlers.reply import Details
from handlers.telling.page import size
from handlers.words import Words
from providers.market import Sources
from tests.fakes import desk_with
from tests.handlers.commands.asking import (
    Bars,
    Told,
    book,
    chain,
    event,
    feelings,
    flow_days,
    headline,
    interest,
    rate,
)

SCREEN = 900
LONG = "Consumer prices of the United States, core, compared with the month before, first estimate"


def sources(clock, events=(), title="Treasury speaks"):
    return Sources(
        candles=(Bars(clock),),
        flows=(Told(clock, flow_days(*[10e6, -20e6] * 15, -272e6), name="farside"),),
        liquidations=(Told(clock, book(clock, 24 * 21), name="own count"),),
        open_interest=(Told(clock, interest(clock)),),
        funding=(Told(clock, rate(clock)),),
        options=(Told(clock, chain(clock)),),
        sentiment=(Told(clock, feelings(clock, *[40, 44] * 12, 14), name="index"),),
        headlines=(Told(clock, (headline(clock, title),), name="feed"),),
        events=(Told(clock, events, name="calendar"),),
    )


async def briefed(clock, **more):
    desk = desk_with(sources(clock, **more), clock)
    return await briefing_named("morning").compose(desk, desk.watchlist.get("BTC"), Words())


def shown(reply):
    return plain(type(reply)(reply.title, tuple(b for b in reply.blocks if not folded(b))))


def folded(block):
    return isinstance(block, Details)


def hidden(reply):
    return plain(type(reply)("", tuple(b for b in reply.blocks if folded(b))))


async def test_with_room_three_reasons_and_all_that_comes_are_told(clock):
    reply = await briefed(clock, events=(event(clock),))
    text = shown(reply)
    assert len(text) <= SCREEN
    assert "Price fell" in text
    assert "Of the last 12 ETF trading days" in text
    assert "Fear & Greed fell from 44 to 14" in text
    assert "Next FOMC decision Sat 9 Mar 12:00 UTC · options of Fri 8 Mar" in text
    assert "FOMC" not in hidden(reply)


async def test_the_third_reason_gives_way_first(clock):
    reply = await briefed(clock, events=(event(clock, LONG),), title="word " * 20)
    text = shown(reply)
    assert SCREEN - 50 < len(text) <= SCREEN
    assert "Of the last 12 ETF trading days" in text
    assert "Fear & Greed fell" not in text
    assert f"Next {LONG} Sat 9 Mar 12:00 UTC · options of Fri 8 Mar" in text


async def test_a_full_screen_keeps_two_reasons_and_what_comes_first(clock):
    events = (event(clock, LONG), event(clock, "FOMC decision", timedelta(days=4)))
    reply = await briefed(clock, events=events, title="word " * 20)
    text = shown(reply)
    assert len(text) <= SCREEN
    assert "Price fell" in text
    assert "Of the last 12 ETF trading days" in text
    assert "Fear & Greed fell" not in text
    assert f"Next {LONG} Sat 9 Mar 12:00 UTC\n" in text + "\n"
    assert "FOMC" not in text
    assert f"Next {LONG} Sat 9 Mar 12:00 UTC · FOMC decision Sun 10 Mar 12:00 UTC · options" in (
        hidden(reply)
    )


@pytest.mark.parametrize(
    ("paragraphs", "characters"),
    [((), 0), (((), ()), 0), (((("ab",),),), 4), (((("ab",), ("c",)), (("d",),)), 9)],
)
def test_lines_and_the_blanks_between_paragraphs_are_counted(paragraphs, characters):
    assert size(paragraphs) == characters
