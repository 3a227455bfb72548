"""/status: what answers, what does not, and what a venue does not stream to us."""

from dataclasses import replace
from datetime import timedelta

from bot.render.text import plain
from handlers.commands.status import COMMAND
from handlers.desk import Desk, OfficeStatus
from providers.market import Sources
from providers.okx_live import NOT_LISTED
from tests.fakes import START, Clock, FakeOffice, desk_with
from tests.handlers.commands.asking import ask


class Office(FakeOffice):
    """Reports this of its feeds."""

    def __init__(self, **said: object) -> None:
        super().__init__()
        self.said = said

    async def status(self) -> OfficeStatus:
        return replace(await super().status(), **self.said)


def desk(clock: Clock, **said: object) -> Desk:
    return replace(desk_with(Sources(), clock), office=Office(feeds=(("okx", START),), **said))


async def test_a_declined_stream_is_said_with_its_reason(clock: Clock) -> None:
    reply = await ask(COMMAND, desk(clock, declined=(("OKX", "GONE-USDT", NOT_LISTED),)))

    assert "OKX: no stream for GONE-USDT: the venue does not list it" in plain(reply)


async def test_a_venue_that_streams_nothing_to_us_is_said(clock: Clock) -> None:
    reply = await ask(COMMAND, desk(clock, declined=(("Bybit", "", "status 451"),)))

    assert "Bybit: no stream at all: status 451" in plain(reply)


async def test_a_clock_that_is_ahead_is_said(clock: Clock) -> None:
    reply = await ask(COMMAND, desk(clock, ahead=(("okx", timedelta(minutes=7)),)))

    assert "okx: its clock is 7 min ahead; ours counts" in plain(reply)


async def test_well_behaved_feeds_have_no_remarks(clock: Clock) -> None:
    said = plain(await ask(COMMAND, desk(clock)))

    assert "no stream" not in said
    assert "clock" not in said
