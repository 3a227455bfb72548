"""/alert echoes what it understood, says how often it would have fired, and stays easy to stop."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from handlers.command import Channel, ChannelKind, Request, UserError
from handlers.commands.alert import COMMAND
from handlers.reply import Button, Table, Text
from handlers.rule import Phase, RuleRecord, RuleState
from handlers.rules import KINDS
from handlers.words import Words
from providers.market import Sources
from providers.types import Candle, Interval, Reading, Ticker
from tests.fakes import NoHeadlines, desk_with

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
        if interval is Interval.D1:
            end = end.replace(hour=0, minute=0, second=0, microsecond=0)
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
    async def ask(text, *, admin=True, desk=desk):
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
    assert body(reply)[1].startswith(
        "Tried in steps of 1 h, it would have fired about 3 × since 6 Dec 2029, last on"
    )
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

    reply = await ask("test 1")

    assert reply.title == "Test: BTC broke $70,000 ↓ — $75,000"
    assert body(reply)[0] == "A test: it sees $75,000 now."


async def test_an_alert_whose_asset_is_gone_is_an_error_in_the_list_and_its_test_says_why(
    ask, desk
):
    await ask("add btc 70k")
    (record,) = await desk.notebook.rules(HERE)
    made = msgspec.structs.replace(record.rule, asset="LUNA")
    lost = RuleRecord(made, RuleState(error="not followed"))
    desk.notebook.kept[HERE.key]["1"] = lost

    (table,) = (await ask("list")).blocks
    with pytest.raises(UserError, match="LUNA is no longer followed here") as refused:
        await ask("test 1")

    assert table.rows == (("#1", "LUNA below $70,000", "error"),)
    assert refused.value.example == "/alert remove 1"


async def test_removing_shows_how_to_take_it_back(ask):
    await ask("add btc 70k")

    assert body(await ask("remove 1"))[1] == "Take it back: /alert add btc < 70000"
    with pytest.raises(UserError, match="no alert “1”"):
        await ask("remove 1")


async def finish(desk, *ids):
    """As the watch leaves a rule that fired its only time."""
    for record in await desk.notebook.rules(HERE):
        if record.rule.id in ids:
            done = msgspec.structs.replace(record.state, phase=Phase.DONE, since=desk.now())
            await desk.notebook.save_state(HERE, record.rule.id, done)


async def kept(desk):
    return [record.rule.id for record in await desk.notebook.rules(HERE)]


async def test_what_is_over_may_be_set_again(ask, desk):
    await ask("add btc 70k once")
    await finish(desk, "1")

    assert (await ask("add btc 70k once")).title == "Alert #2 is set"
    assert await kept(desk) == ["1", "2"]


async def test_what_is_over_does_not_count_and_makes_room(ask, desk, clock):
    small = replace(desk, max_rules=3)
    for price in ("70k", "69k", "68k"):
        await ask(f"add btc {price}")
    await finish(desk, "1")
    clock.advance(minutes=1)
    await finish(desk, "2")

    assert (await ask("list", desk=small)).title == "Alerts 1/3"
    await ask("add btc 67k", desk=small)
    assert await kept(desk) == ["2", "3", "4"]
    await ask("add btc 66k", desk=small)
    assert await kept(desk) == ["3", "4", "5"]
    with pytest.raises(UserError, match="3 alerts, the most it may have") as refusal:
        await ask("add btc 65k", desk=small)
    assert refusal.value.example == "/alert remove 3"


async def test_what_was_over_a_week_ago_is_gone_with_the_next_alert(ask, desk, clock):
    await ask("add btc 70k")
    await finish(desk, "1")
    clock.advance(days=8)

    await ask("add btc 69k")

    assert await kept(desk) == ["2"]


async def test_two_prices_of_one_alert_are_checked_against_each_other(ask, desk):
    with pytest.raises(UserError, match=r"BTC below \$70,000 and BTC below \$70,010"):
        await ask("add btc 70000, 70010")
    assert await kept(desk) == []


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("remove 1 3", ["2", "4"]),
        ("remove #1, #3,4", ["2"]),
        ("delete 2", ["1", "3", "4"]),
        ("remove done", ["1", "3"]),
        ("remove all", []),
    ],
)
async def test_several_alerts_are_removed_at_once(ask, desk, typed, left):
    for price in ("70k", "69k", "68k", "67k"):
        await ask(f"add btc {price}")
    await finish(desk, "2", "4")

    await ask(typed)

    assert await kept(desk) == left


async def test_removing_several_shows_how_to_take_them_back(ask):
    await ask("add btc 70k, 69k")

    reply = await ask("remove all")

    assert reply.title == "Alerts removed: 2"
    assert [code.text for (code,) in reply.blocks[0].lines] == [
        "/alert add btc < 70000",
        "/alert add btc < 69000",
    ]
    with pytest.raises(UserError, match="nothing to remove"):
        await ask("remove all")


async def test_one_unknown_number_keeps_all_the_others(ask, desk):
    await ask("add btc 70k, 69k")

    with pytest.raises(UserError, match="no alert “7”"):
        await ask("remove 1 7")
    assert await kept(desk) == ["1", "2"]


async def test_every_alert_is_reached_from_the_list(ask, desk):
    for n in range(45):
        await ask(f"add btc {20_000 + n * 100}")
    await finish(desk, "1")

    opened, turns = [], {}
    for page in (1, 2, 3):
        reply = await ask(f"list {page}")
        opened += [choice.command for choice in reply.selects[0].choices]
        turns[page] = [button.command for button in reply.controls[0]]

    assert opened == [f"alert show {n}" for n in (*range(2, 46), 1)]
    assert turns == {
        1: ["alert list 2"],
        2: ["alert list 1", "alert list 3"],
        3: ["alert list 2"],
    }
    assert reply.title == "Alerts 44/100"
    assert reply.controls[1][0].command == "alert remove done"
    assert (await ask("list 99")).selects == reply.selects


@pytest.mark.parametrize("typed", ["doge flows < -500M", "sol flows streak 5"])
async def test_flows_of_what_no_fund_holds_are_not_watched(ask, typed):
    with pytest.raises(UserError, match="There are no US spot ETF flows of "):
        await ask(typed)


async def test_a_pair_with_the_dollar_is_its_coin(ask):
    assert body(await ask("add BTCUSDT 70k"))[0] == "#1 BTC below $70,000"


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


async def test_a_test_of_a_word_that_no_headline_holds_says_that(desk, ask, clock):
    desk.market.sources = replace(desk.market.sources, headlines=(NoHeadlines(clock),))
    await ask('add word "bailout"')

    with pytest.raises(UserError, match="No headline of the last 24 h holds “bailout”"):
        await ask("test 1")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("btc < 70k close 1h", "It would not have fired since"),
        ("btc < 70k close 15m", "It would not have fired since"),
        ("btc < 70k for 30m", "Tried in steps of 15 min, it would not have fired since"),
        ("btc < 70k for 4h", "Tried in steps of 1 h, it would not have fired since"),
        ("btc -5% 15m", "Tried in steps of 15 min, it would have fired about"),
        ("btc -5% 1h", "Tried in steps of 1 h, it would have fired about"),
        ("btc level break", "Tried in steps of 1 h, it would have fired about"),
        ("btc rsi < 25 4h", "Tried in steps of 4 h, it would not have fired since"),
    ],
)
async def test_a_count_says_by_what_it_was_tried_unless_it_is_exact(ask, typed, said):
    assert body(await ask(f"add {typed}"))[1].startswith(said)
