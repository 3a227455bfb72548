"""/chart shows what it was asked for, says it in words too, and never more than is known."""

from datetime import date, timedelta

import pytest

from handlers.arguments import LENGTHS
from handlers.charts import picture_words
from handlers.command import Channel, ChannelKind, Request, UserError
from handlers.commands.chart import COMMAND
from handlers.preferences import Preferences
from handlers.reply import CandleChart, FlowChart, LiquidationChart, Strong, decode, encode
from handlers.words import Words
from providers.errors import NothingAnswers, Unavailable
from providers.market import Sources
from providers.types import (
    Candle,
    Coverage,
    FlowDay,
    FlowStatus,
    Interval,
    LiquidationBook,
    LiquidationBucket,
    Reading,
)
from tests.fakes import desk_with

HERE = Channel("telegram", "-5")
HOUR = timedelta(hours=1)


class Venue:
    """A price that swings between 60,000 and 80,000 and stands at 70,000 now; `down` answers nothing."""

    name = "Venue"

    def __init__(self, clock, *, down=()):
        self.clock, self.down = clock, down

    async def candles(self, asset, interval, limit):
        if interval in self.down:
            raise Unavailable(self.name, "down")
        end, closes = (
            self.clock(),
            [70_000 + 1000 * abs(n % 40 - 20) - 10_000 for n in range(limit)],
        )
        closes[-1] = 70_000
        bars = [
            Candle(
                end - (limit - n) * interval.length, close, close + 400.0, close - 400.0, close, 1.0
            )
            for n, close in enumerate(closes)
        ]
        return Reading(tuple(bars), self.name, end)


class Funds:
    """Ten days of outflow, one with no figure, then a partial day of inflow."""

    name = "Fund site"

    def __init__(self, clock):
        self.clock = clock

    async def flows(self, asset):
        first = self.clock().date() - timedelta(days=12)
        days = [self.day(first + timedelta(days=n), -1e8 * (n + 1)) for n in range(10)]
        days.append(FlowDay(date(2030, 3, 4), None, (("AAA", None),), FlowStatus.NONE))
        days.append(self.day(self.clock().date(), 5e7, FlowStatus.PARTIAL, (("BBB", None),)))
        return Reading(tuple(days), self.name, self.clock())

    def day(self, on, net, status=FlowStatus.FINAL, others=()):
        return FlowDay(on, net, (("AAA", net), *others), status)


class Counted:
    """Two hours of forced closes, heard for `heard` hours."""

    name = "Our count"

    def __init__(self, clock, heard=48):
        self.clock, self.heard = clock, heard

    async def book(self, asset, since):
        now = self.clock()
        buckets = tuple(
            LiquidationBucket(now - n * HOUR, HOUR, "Venue", 4e6 * n, 1e6) for n in (3, 2)
        )
        coverage = (Coverage("Venue", now - self.heard * HOUR),)
        return Reading(LiquidationBook("BTC", buckets, coverage), self.name, now)


@pytest.fixture
def ask(clock):
    async def ask(text, *, words=None, dark=True, heard=48, down=(), with_funds=True):
        venue = Venue(clock, down=down)
        funds = (Funds(clock),) if with_funds else ()
        counted = (Counted(clock, heard),)
        desk = desk_with(Sources(candles=(venue,), flows=funds, liquidations=counted), clock)
        await desk.notebook.set_preferences(HERE, Preferences(dark_charts=dark))
        request = Request(
            "chart", tuple(text.split()), text, HERE, ChannelKind.GROUP, "telegram:1", "Ada",
            words or Words(),
        )  # fmt: skip
        return await COMMAND.run(request, desk)

    return ask


def said(reply):
    lines = (line for block in reply.blocks for line in block.lines)
    return "\n".join(
        "".join(p.text if isinstance(p, Strong) else p for p in line) for line in lines
    )


async def test_the_picture_has_the_last_price_the_levels_and_both_in_words(ask):
    reply = await ask("btc 1d")

    assert reply.title.startswith("BTC $70,000 · 1d")
    assert isinstance(reply.chart, CandleChart)
    assert len(reply.chart.bars) == 90
    assert reply.chart.bars[-1].close == 70_000
    assert 1 <= len(reply.chart.zones) <= 6
    assert "last $70,000" in reply.chart.alt
    assert "Nearest support $" in reply.chart.alt
    assert "Nearest resistance $" in reply.chart.alt
    assert "Resistance" in said(reply)
    assert "Venue" in reply.chart.footer


async def test_levels_out_of_sight_are_left_out(ask):
    day, quarter = (await ask("btc 15m")).chart, (await ask("btc 1d")).chart

    for chart in (day, quarter):
        low, high = min(b.low for b in chart.bars), max(b.high for b in chart.bars)
        reach = (high - low) / 2
        assert all(low - reach < (z.low + z.high) / 2 < high + reach for z in chart.zones)


@pytest.mark.parametrize("length", LENGTHS)
async def test_every_length_has_a_button_that_draws_it_in_place(ask, length):
    reply = await ask("eth 4h")
    [button] = [b for b in reply.controls[0] if b.label == length.value]

    assert button.edits
    again = await ask(button.command.removeprefix("chart "))
    assert again.title.startswith(f"ETH $70,000 · {length.value}")


async def test_without_a_length_bars_are_of_four_hours(ask):
    assert (await ask("")).chart.interval == "4h"


async def test_the_chat_chooses_dark_or_light(ask):
    assert (await ask("btc", dark=True)).chart.dark
    assert not (await ask("btc", dark=False)).chart.dark
    assert not (await ask("flows", dark=False)).chart.dark
    assert not (await ask("liqs", dark=False)).chart.dark


async def test_without_daily_bars_the_picture_stands_and_the_levels_are_said_to_be_missing(ask):
    reply = await ask("btc 1h", down=(Interval.D1,))

    assert reply.chart.zones == ()
    assert "Levels: no data" in said(reply)


async def test_flows_sum_final_days_only_and_mark_the_partial_one(ask):
    reply = await ask("flows btc")

    assert isinstance(reply.chart, FlowChart)
    assert reply.title == "BTC ETFs −$5.5 bn in 10 trading days"
    assert [bar.partial for bar in reply.chart.bars] == [False] * 10 + [True]
    assert reply.chart.legend[2] == "partial day"
    assert "Last: +$50.0 M on Wed 6 Mar, partial." in reply.chart.alt
    assert "not a result" in said(reply)


async def test_flows_of_an_asset_without_etf_are_refused_with_an_example(ask):
    with pytest.raises(UserError) as refused:
        await ask("flows ada")

    assert refused.value.example == "/chart flows btc"


async def test_flows_that_nobody_tells_are_said_to_be_missing(ask):
    with pytest.raises(UserError, match="ETF flows: no data"):
        await ask("flows", with_funds=False)


async def test_liquidations_say_at_least_with_both_sides_and_the_price(ask):
    reply = await ask("liqs btc")

    assert isinstance(reply.chart, LiquidationChart)
    assert reply.title == "BTC liquidations 2 d: at least $20.0 M longs, $2.0 M shorts"
    assert [bar.long_usd for bar in reply.chart.bars] == [12e6, 8e6]
    assert len(reply.chart.price) == 48
    assert "Largest hour: $12.0 M longs and $1.0 M shorts" in reply.chart.alt
    assert "heard" not in reply.chart.footer


async def test_hours_not_heard_are_said_under_the_picture(ask):
    assert "50 % of the time heard" in (await ask("liqs", heard=24)).chart.footer


async def test_liquidations_without_a_price_stand_alone(ask):
    reply = await ask("liqs", down=(Interval.H1,))

    assert reply.chart.price == ()
    assert len(reply.chart.legend) == 2


async def test_when_no_venue_was_heard_nothing_is_drawn(ask):
    with pytest.raises(UserError, match="No venue was heard"):
        await ask("liqs", heard=0)


async def test_candles_that_nobody_has_are_an_error_and_not_an_empty_picture(ask):
    with pytest.raises(NothingAnswers):
        await ask("btc 4h", down=tuple(Interval))


@pytest.mark.parametrize("text", ["btc 2h", "btc 1m", "btc 4h more", "nothing", "flows btc 4h"])
async def test_what_is_not_understood_is_answered_with_an_example(ask, text):
    with pytest.raises(UserError) as refused:
        await ask(text)

    assert refused.value.example.startswith("/chart")


@pytest.mark.parametrize(
    ("locale", "drawn"),
    [("de", "de"), ("ru", "ru"), ("pt_BR", "pt_BR"), ("ja", "en"), ("ar", "en")],
)
def test_a_script_that_the_font_lacks_is_drawn_in_english(locale, drawn):
    assert picture_words(Words(locale)).locale == drawn


async def test_a_chart_travels_through_the_outbox(ask):
    for text in ("btc", "flows", "liqs"):
        reply = await ask(text)
        assert decode(encode(reply)) == reply


@pytest.mark.parametrize("text", ["zzzz 4h", "zzzz"])
async def test_an_unknown_asset_is_not_taken_for_a_candle_length(ask, text):
    with pytest.raises(UserError, match="I do not know “zzzz”"):
        await ask(text)


async def test_a_length_without_an_asset_is_bitcoins(ask):
    with pytest.raises(UserError, match="“2h” is no candle length"):
        await ask("2h")
