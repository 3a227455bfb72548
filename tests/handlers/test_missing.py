"""Sources that failed are named where others answered."""

from datetime import timedelta

import pytest

from bot.render.text import plain
from handlers.commands.calendar import COMMAND as CALENDAR
from handlers.commands.funding import COMMAND as FUNDING
from handlers.commands.news import COMMAND as NEWS
from handlers.commands.price import COMMAND as PRICE
from providers.market import Sources
from tests.fakes import desk_with
from tests.handlers.commands.asking import Told, ask, event, headline, rate, ticker


@pytest.mark.parametrize(
    ("command", "kind", "value"),
    [
        (PRICE, "prices", lambda clock: ticker()),
        (FUNDING, "funding", rate),
        (NEWS, "headlines", lambda clock: (headline(clock),)),
        (CALENDAR, "events", lambda clock: (event(clock),)),
    ],
    ids=["price", "funding", "news", "calendar"],
)
async def test_a_source_that_does_not_answer_is_named_until_it_does(clock, command, kind, value):
    well, dead = Told(clock, value(clock)), Told(clock, value(clock), name="Kraken")
    desk = desk_with(Sources(**{kind: (well, dead)}), clock)
    dead.break_down()
    broken = plain(await ask(command, desk))
    dead.fails = None
    clock.advance(minutes=2)
    mended = plain(await ask(command, desk))

    assert "No answer from Kraken." in broken
    assert "No answer" not in mended


async def test_an_old_price_carries_its_age_beside_its_venue(clock):
    now, old = Told(clock, ticker()), Told(clock, ticker(), age=timedelta(hours=3), name="Kraken")
    desk = desk_with(Sources(prices=(now, old)), clock)

    (row,) = [r for r in plain(await ask(PRICE, desk)).splitlines() if r.startswith("Kraken")]

    assert row.endswith("3 h old")
