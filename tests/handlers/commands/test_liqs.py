"""/liqs: a floor, by side and venue, and since when it is counted."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.liqs import COMMAND
from providers.errors import ProviderError, StillCounting
from providers.market import Sources
from providers.types import Coverage, LiquidationBook, LiquidationBucket, LiquidationTotal, Reading
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import HOUR, Told, ask, book


def desk(clock, **more):
    return desk_with(
        Sources(liquidations=(Told(clock, book(clock, **more), name="own count"),)), clock
    )


async def test_the_title_says_at_least(clock):
    reply = await ask(COMMAND, desk(clock))
    assert reply.title == "BTC liquidations 1 d: at least $48.0 M longs, $24.0 M shorts"
    assert "Binance: $48.0 M longs, $24.0 M shorts" in plain(reply)


async def test_a_window_can_be_chosen(clock):
    reply = await ask(COMMAND, desk(clock), "btc 4h")
    assert reply.title == "BTC liquidations 4 h: at least $8.0 M longs, $4.0 M shorts"


async def test_what_was_not_heard_whole_is_one_row_since_then(clock):
    reply = await ask(COMMAND, desk(clock, hours=12, since=timedelta(hours=12)))
    assert reply.title == "BTC liquidations since 00:00 UTC: at least $24.0 M longs, $12.0 M shorts"
    text = plain(reply)
    assert text.count("since 00:00 UTC  ") == 1
    assert "1 d" not in text
    assert "Binance: a sample, since Wed 6 Mar 00:00 UTC" in text


async def test_a_day_asked_for_after_an_hour_is_told_since_then(clock):
    reply = await ask(COMMAND, desk(clock, hours=1, since=HOUR))
    assert reply.title == "BTC liquidations since 11:00 UTC: at least $2.0 M longs, $1.0 M shorts"


async def test_a_minute_after_the_start_nothing_is_a_figure(clock):
    reply = await ask(COMMAND, desk(clock, hours=0, since=timedelta(minutes=1)))
    assert reply.title == "BTC liquidations 1 d: not counted yet"
    assert "We count since 11:59 UTC; nothing so far." in plain(reply)
    assert "$0" not in plain(reply)


async def test_what_was_told_since_the_start_is_said_before_any_window_is_heard(clock):
    began = clock() - timedelta(minutes=4)
    minute = LiquidationBucket(began, timedelta(minutes=1), "Binance", 2e6, 5e5)
    known = LiquidationBook("BTC", (minute,), (Coverage("Binance", began),))
    source = Told(clock, known, name="own count")
    reply = await ask(COMMAND, desk_with(Sources(liquidations=(source,)), clock))
    said = "We count since 11:56 UTC: at least $2.0 M longs, $500.0 k shorts so far."
    assert said in plain(reply)


def holed(clock, *gaps):
    known = book(clock)
    one = Coverage("Binance", clock() - timedelta(days=30), gaps)
    return LiquidationBook("BTC", known.buckets, (one,))


async def test_gaps_are_marked_and_counted_within_the_day(clock):
    now = clock()
    known = holed(clock, (now - timedelta(days=9), now - timedelta(hours=20)))
    reply = await ask(
        COMMAND, desk_with(Sources(liquidations=(Told(clock, known, name="own count"),)), clock)
    )
    text = plain(reply)
    assert "1 d*" in text
    assert "* with gaps in what was heard" in text
    assert "; 4 h missing in the last day" in text


async def test_a_total_of_all_venues_has_no_line_of_a_venue(clock):
    known = book(clock)
    told = tuple(replace(bucket, venue="Binance+OKX") for bucket in known.buckets)
    both = tuple(Coverage(name, clock() - timedelta(days=30)) for name in ("Binance", "OKX"))
    source = Told(clock, LiquidationBook("BTC", told, both), name="Sums")
    text = plain(await ask(COMMAND, desk_with(Sources(liquidations=(source,)), clock)))
    assert "Sums, all venues" in text
    assert "Sums: Binance, OKX, since" in text
    assert "$0" not in text
    assert "Counted by us" not in text
    assert "a sample" not in text


async def test_nonsense_is_no_window(clock):
    with pytest.raises(UserError, match="no length of time I can look back"):
        await ask(COMMAND, desk(clock), "btc soon")


async def test_without_any_source_that_is_the_error(clock):
    with pytest.raises(ProviderError):
        await ask(COMMAND, desk_without_sources(clock))


async def test_before_anything_was_heard_it_says_what_it_waits_for(clock):
    source = Told(clock, None, name="own count")
    source.fails = StillCounting("own count", "no liquidation feed has been heard yet")

    reply = await ask(COMMAND, desk_with(Sources(liquidations=(source,)), clock))

    assert reply.title == "BTC liquidations 1 d: not counted yet"
    assert "after the bot has started there are figures; /status tells" in plain(reply)


async def test_what_was_never_heard_and_what_has_no_size_is_said(clock):
    known = replace(book(clock), unheard=("OKX", "Bybit"), uncounted=12)
    source = Told(clock, known, name="own count")

    text = plain(await ask(COMMAND, desk_with(Sources(liquidations=(source,)), clock)))

    assert "Never heard so far: OKX, Bybit" in text
    assert "of unknown size and so in no sum: 12" in text
    assert "on Binance the average at which it closed" in text


async def test_a_count_that_lacks_nothing_says_nothing_of_it(clock):
    text = plain(await ask(COMMAND, desk(clock)))

    assert "Never heard" not in text
    assert "in no sum" not in text


class Totals:
    """Somebody else's count, summed over the venues it names."""

    name = "Coinglass"

    def __init__(self, clock, venue):
        self.clock, self.venue = clock, venue

    async def totals(self, asset, window):
        since = self.clock() - window
        total = LiquidationTotal(asset.symbol, self.venue, window, since, 7e6, 3e6)
        return Reading((total,), self.name, self.clock())


@pytest.mark.parametrize(
    ("venue", "named"), [("Binance, OKX", "Binance, OKX"), (None, "all venues")]
)
@pytest.mark.parametrize(("window", "span"), [("7d", "7 d"), ("21d", "21 d")])
async def test_weeks_are_told_by_another_under_the_venues_it_names(
    clock, venue, named, window, span
):
    own = Told(clock, book(clock, hours=0, since=timedelta(minutes=1)), name="own count")
    sources = Sources(liquidations=(own,), liquidation_totals=(Totals(clock, venue),))

    reply = await ask(COMMAND, desk_with(sources, clock), f"btc {window}")

    assert reply.title == f"BTC liquidations {span}: $7.0 M longs, $3.0 M shorts (Coinglass)"
    assert f"Coinglass, {named}, {span}: $7.0 M longs, $3.0 M shorts" in plain(reply)
