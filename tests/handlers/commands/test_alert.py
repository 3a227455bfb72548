"""/alert echoes what it understood, says how often it would have fired, and stays easy to stop."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.command import Channel, ChannelKind, Request, UserError
from handlers.commands.alert import COMMAND
from handlers.reply import Button, Table, Text
from handlers.rules import KINDS
from handlers.words import Words
from providers.market import Sources
from providers.types import Candle, Interval, Reading, Ticker
from tests.fakes import desk_with

HERE = Channel("telegram", "-5")


class Venue:
    """Trades at one price after a past that fell below 70,000 once a month."""

    name = "binance"

    def __init__(self, clock, price=75_000.0):
        self.clock, self.price = clock, price

    async def ticker(self, asset):
        return Reading(Ticker(self.price), self.name, self.clock())

    async def candles(self, asset, interval, limit):
        length = Interval(interval).length
        end = self.clock()
        bars = []
        for n in range(limit, 0, -1):
            at = end - n * length
            dip = at.day == 10 and (length < timedelta(days=1) and at.hour == 6)
            low = 69_000.0 if dip else 74_500.0
            bars.append(Candle(at, 75_000.0, 75_500.0, low, 75_000.0, 1.0))
        return Reading(tuple(bars), self.name, end)


@pytest.fixture
def desk(clock):
    venue = Venue(clock)
    return replace(desk_with(Sources(prices=(venue,), candles=(venue,)), clock), kinds=KINDS)


@pytest.fixture
def ask(desk):
    async def ask(text, *, admin=True):
        request = Request(
            "alert", tuple(text.split()), text, HERE, ChannelKind.GROUP, "telegram:1", "Ada",
            Words(), admin=admin,
        )  # fmt: skip
        return await COMMAND.run(request, desk)

    return ask


def body(reply):
    return [
        "".join(p if isinstance(p, str) else p.text for p in line)
        for block in reply.blocks
        if isinstance(block, Text)
        for line in block.lines
    ]


async def test_adding_echoes_the_rule_and_how_often_it_would_have_fired(ask):
    reply = await ask("add btc 70k")

    assert reply.title == "Alert #1 is set"
    assert body(reply)[0] == "#1 BTC below $70,000"
    assert body(reply)[1].startswith("It would have fired 3 × since 6 Dec 2029")
    assert [b.command for b in reply.controls[0] if isinstance(b, Button)] == [
        "/alert test 1",
        "/alert remove 1",
    ]


async def test_several_prices_make_several_alerts(ask):
    reply = await ask("btc 70k, 65k, 80k")

    assert reply.title == "3 alerts are set"
    assert body(reply)[::2] == [
        "#1 BTC below $70,000",
        "#2 BTC below $65,000",
        "#3 BTC above $80,000",
    ]


async def test_a_twin_is_refused_with_the_number_of_the_other(ask):
    await ask("add btc 70k")

    with pytest.raises(UserError, match="#1 already says that"):
        await ask("add btc < 70050")


async def test_what_has_no_history_says_so(ask):
    assert "There is no history to try it on." in body(await ask("add funding < 0"))


async def test_the_list_shows_each_alert_and_what_it_is_doing(ask):
    await ask("add btc 70k")
    await ask("add btc rsi < 25 4h critical")

    (table,) = (await ask("list")).blocks

    assert isinstance(table, Table)
    assert table.rows == (
        ("#1", "BTC below $70,000", "armed"),
        ("#2", "BTC RSI 4h below 25, critical", "armed"),
    )


async def test_an_edited_alert_keeps_its_number(ask):
    await ask("add btc 70k")

    assert body(await ask("edit 1 btc < 68000 close 1h"))[0] == (
        "#1 BTC below $68,000 at a close of 1h"
    )
    assert body(await ask("edit 1")) == ["It is now: btc < 68000 close 1h"]


async def test_buttons_acknowledge_snooze_and_mute(ask, desk):
    await ask("add btc 70k")

    assert (await ask("ack 1", admin=False)).title == "Alert #1 acknowledged by Ada"
    assert (await ask("snooze 1 1h")).title == "Alert #1 is silent until 13:00 UTC"
    assert (await ask("mute 1")).title == "Alert #1 is muted"
    (record,) = await desk.notebook.rules(HERE)
    assert (record.state.acknowledged_by, record.state.muted) == ("telegram:1", True)
    assert (await ask("show 1")).controls[0][0].label == "Wake it up"
    assert (await ask("wake 1")).title == "Alert #1 speaks again"
    asleep = (await ask("show 1")).controls[0]
    assert [b.label for b in asleep] == ["Snooze 1h", "Snooze 24h", "Mute"]


async def test_a_test_shows_what_it_sees_now(ask):
    await ask("add btc 70k")

    assert body(await ask("test 1"))[0] == "A test: it sees $75,000 now."


async def test_removing_shows_how_to_take_it_back(ask):
    await ask("add btc 70k")

    assert body(await ask("remove 1"))[1] == "Take it back: /alert add btc < 70000"
    with pytest.raises(UserError, match="no alert “1”"):
        await ask("remove 1")


@pytest.mark.parametrize("text", ["add btc 70k", "remove 1", "edit 1 btc 60k", "mute 1"])
async def test_only_admins_change_alerts(ask, text):
    with pytest.raises(UserError, match="Only admins"):
        await ask(text, admin=False)


async def test_a_full_chat_is_told_so(ask, clock):
    full = replace(desk_with(Sources(), clock), max_rules=0)
    request = Request(
        "alert", ("fear", "<", "15"), "fear < 15", HERE, ChannelKind.GROUP, "u", "Ada", Words(), admin=True,
    )  # fmt: skip

    with pytest.raises(UserError, match="the most it may have"):
        await COMMAND.run(request, full)


async def test_nothing_has_fired_yet(ask):
    await ask("add btc 70k")

    assert (await ask("history")).title == "Nothing has fired yet"


async def test_what_is_true_already_is_said_and_not_counted(ask):
    reply = await ask("add btc > 72000")

    said = [line for block in reply.blocks if isinstance(block, Text) for (line,) in block.lines]
    assert "It is true already ($75,000), so it fires right away." in said
    assert said[1] == "It would not have fired since 6 Dec 2029."
