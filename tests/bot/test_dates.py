"""Whatever way a text leaves the bot, a date of another year carries it."""

from datetime import UTC, date, datetime

import pytest

from bot.composer import ChatComposer
from bot.dispatch import Dispatcher
from bot.languages import Languages
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.owed import Briefing, Owed, OwedKind
from bot.render.text import plain
from handlers.command import Channel, ChannelKind, Request
from handlers.commands import COMMANDS
from handlers.preferences import Preferences, Severity
from handlers.words import Words
from providers.market import Sources
from tests.fakes import Clock, desk_with
from tests.handlers.commands.asking import Bars, Told, flow_days

HERE = Channel("console", "1")


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2030, 1, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def desk(clock):
    days = flow_days(*[5e6, -9e6] * 8, end=date(2029, 12, 31))
    flows = Told(clock, days, name="farside")
    return desk_with(Sources(candles=(Bars(clock),), flows=(flows,)), clock)


async def test_an_answer_says_the_year_of_last_year(desk):
    dispatch = Dispatcher(COMMANDS, desk, Metrics(), per_minute=9)
    asked = Request("flows", (), "", HERE, ChannelKind.PRIVATE, "7", "Ann", Words())
    reply = await dispatch(asked)
    assert reply.title == "BTC ETFs −$9.0 M on Mon 31 Dec 2029 (final)"


async def test_a_briefing_on_its_day_says_it_too(store, desk, clock):
    composer = ChatComposer(desk, Outbox(store), Languages(default="en", zone="UTC"))
    told = Briefing("morning", "BTC", "1", "2030-01-01T12:00")
    owed = Owed("b", HERE.key, OwedKind.BRIEFING, Severity.INFO, clock(), briefing=told)
    (letter,) = await composer.compose(HERE, [owed], Preferences())
    assert "ETF flows −$9.0 M Mon 31 Dec 2029 (final)" in plain(letter.reply)
