"""/status: what answers, what does not, and what a venue does not stream to us."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from bot.render.text import plain
from handlers.commands.price import COMMAND as PRICE
from handlers.commands.status import COMMAND
from handlers.desk import Desk, FeedStatus, OfficeStatus
from handlers.reply import Tone
from providers.errors import NothingAnswers, UnknownSymbol
from providers.feed import NOT_LISTED
from providers.market import Sources
from providers.types import Coverage, SourceState
from tests.fakes import START, Clock, FakeOffice, desk_with
from tests.handlers.commands.asking import Told, ask, ticker


class Office(FakeOffice):
    """Reports this of its feeds."""

    def __init__(self, **said: object) -> None:
        super().__init__()
        self.said = said

    async def status(self) -> OfficeStatus:
        return replace(await super().status(), **self.said)


def desk(clock: Clock, **said: object) -> Desk:
    return replace(
        desk_with(Sources(), clock), office=Office(**{"feeds": (FeedStatus("okx", START),), **said})
    )


async def test_a_declined_stream_is_said_with_its_reason(clock: Clock) -> None:
    reply = await ask(COMMAND, desk(clock, declined=(("OKX", "GONE-USDT", NOT_LISTED),)))

    assert "OKX: no stream for GONE-USDT: the venue does not list it" in plain(reply)


async def test_a_venue_that_streams_nothing_to_us_is_said(clock: Clock) -> None:
    reply = await ask(COMMAND, desk(clock, declined=(("Bybit", "", "status 451"),)))

    assert "Bybit: no stream at all: status 451" in plain(reply)


async def test_a_clock_that_is_ahead_is_said(clock: Clock) -> None:
    reply = await ask(COMMAND, desk(clock, ahead=(("okx", timedelta(minutes=7)),)))

    assert "okx: its clock is 7 min ahead; ours counts" in plain(reply)


async def test_a_feed_that_never_connects_says_why(clock: Clock) -> None:
    feeds = (
        FeedStatus("bybit", None, "status 503", connects=4),
        FeedStatus("okx", START, connects=3, gaps=2),
    )

    text = plain(await ask(COMMAND, desk(clock, feeds=feeds)))

    assert "bybit: nothing heard yet — status 503; connections: 4, gaps: 0" in text
    assert "okx: now; connections: 3, gaps: 2" in text


HEARD = (
    (Coverage("Bybit", START - timedelta(days=9)), START - timedelta(seconds=3)),
    (
        Coverage("OKX", START - timedelta(days=9), ((START - timedelta(hours=5), START),)),
        START - timedelta(hours=5),
    ),
)


async def test_without_feeds_of_its_own_it_tells_what_the_store_has_heard(clock: Clock) -> None:
    text = plain(await ask(COMMAND, desk(clock, feeds=(), listener=True, heard=HEARD)))

    assert "Live feeds, as heard by the process that listens" in text
    assert "OKX: 5 h old; 5 h missing in the last day" in text
    assert "Bybit: " in text


async def test_that_nobody_listens_is_said(clock: Clock) -> None:
    text = plain(await ask(COMMAND, desk(clock, feeds=(), listener=False)))

    assert "Live feeds: no process listens to them right now" in text


async def test_well_behaved_feeds_have_no_remarks(clock: Clock) -> None:
    said = plain(await ask(COMMAND, desk(clock)))

    assert "no stream" not in said
    assert "connections" not in said
    assert "clock" not in said


async def test_directly_after_the_start_it_says_that_nothing_was_asked(clock: Clock) -> None:
    waiting = desk_with(Sources(), clock)
    waiting = replace(
        waiting,
        market=replace(
            waiting.market,
            waiting_for_key=(("FRED", "events"),),
            switched_off=(("Farside", "flows"),),
        ),
    )
    for fresh in (desk_with(Sources(), clock), waiting):
        assert (await ask(COMMAND, fresh)).title == "Just started: no source has been asked yet"
    said = plain(await ask(COMMAND, waiting))
    assert "FRED · events: waits for a key" in said
    assert "Farside · flows: switched off" in said


async def test_what_answers_is_counted_and_what_does_not_is_named(clock: Clock) -> None:
    one, other = Told(clock, ticker(), name="Kraken"), Told(clock, ticker(), name="OKX")
    here = desk_with(Sources(prices=(one, other), funding=(other,)), clock)
    await ask(PRICE, here)
    well = await ask(COMMAND, here)
    other.break_down()
    await ask(PRICE, here)
    broken = await ask(COMMAND, here)
    one.break_down()
    with suppress(NothingAnswers):
        await ask(PRICE, here)
    dark = await ask(COMMAND, here)

    assert well.title == "Every source asked so far answers (2)"
    assert broken.title == "OKX does not answer"
    assert broken.tone is Tone.WARNING
    assert dark.title == "2 of 2 sources asked do not answer"


async def test_a_source_that_was_asked_in_vain_has_told_nothing_yet(clock: Clock) -> None:
    here = desk_with(Sources(prices=(Told(clock, ticker(), name="Kraken"),)), clock)
    with suppress(UnknownSymbol):
        await ask(PRICE, here, "sol")

    assert "Kraken · price: nothing told yet" in plain(await ask(COMMAND, here))


async def test_yesterdays_figures_that_came_a_moment_ago_are_told_as_both(clock: Clock) -> None:
    old = SourceState("Mood", "sentiment", START - timedelta(hours=12))
    states = (
        replace(old, answered_at=START - timedelta(minutes=2)),
        SourceState("Kraken", "price", START, answered_at=START),
    )
    here = desk_with(Sources(), clock)
    here = replace(here, market=replace(here.market, also=lambda: states))

    text = plain(await ask(COMMAND, here))

    assert "Mood · sentiment: 12 h old; answered 2 min ago" in text
    assert text.count("answered") == 1
