"""What an alert says, and how it is made to stop."""

from datetime import timedelta

import pytest

from handlers.alerts import alert_of, compose, fired, resolved
from handlers.preferences import Severity
from handlers.reply import Button, Details, Prompt, Text, Tone
from handlers.rule import (
    Alert,
    Direction,
    Fire,
    Line,
    Metric,
    Observation,
    Rule,
    RuleState,
    Stage,
    Transition,
)
from handlers.rule_words import in_words
from handlers.storm import outranked, storm
from handlers.words import Words
from tests.fakes import START, desk_without_sources

W = Words()
BELOW, EITHER = Direction.BELOW, Direction.EITHER


def rule(metric=Metric.PRICE, direction=BELOW, value=70_000.0, **more):
    more = {"asset": "BTC", "id": "7"} | more
    return Rule(
        channel="telegram:5",
        created_by="telegram:1",
        created_at=START,
        metric=metric,
        direction=direction,
        value=value,
        **more,
    )


def alert(value=69_842.0, what=Transition.FIRED, **detail):
    return Alert("7", what, value, START, "binance", detail)


def body(reply):
    return [
        "".join(p if isinstance(p, str) else p.text for p in line)
        for block in reply.blocks
        if isinstance(block, Text)
        for line in block.lines
    ]


@pytest.mark.parametrize(
    ("made", "seen", "title"),
    [
        (rule(), alert(), "BTC broke $70,000 ↓ — $69,842"),
        (
            rule(Metric.CHANGE, value=-5.0, window=3600),
            alert(-5.4, price=70_100.0),
            "BTC −5.4 % ↓ — $70,100",
        ),
        (
            rule(Metric.NEW_LOW, value=90.0),
            alert(69_842.0, since="2024-11-06"),
            "BTC at $69,842 ↓ — lowest since 6 Nov 2024",
        ),
        (rule(Metric.NEW_LOW, value=90.0), alert(), "BTC at $69,842 ↓ — lowest on record"),
        (
            rule(Metric.LEVEL, EITHER, 0.0),
            alert(70_754.0, line=65_000.0, stage="back", direction="above"),
            "BTC is back above $65,000 ↑ — closed at $70,754",
        ),
        (rule(Metric.RSI, value=25.0, interval="4h"), alert(22.4), "BTC RSI 4h ↓ 22.4, below 25"),
        (
            rule(Metric.LIQUIDATIONS, Direction.ABOVE, 5e8, window=86400),
            alert(7.4e8),
            "BTC liquidations: $740.0 M in 24 h at least",
        ),
        (
            rule(Metric.FLOW, value=-5e8),
            alert(-5.449e8, day="2030-03-05"),
            "BTC ETF flow of Tue 5 Mar ↓ −$544.9 M",
        ),
        (
            rule(Metric.FLOW_STREAK, EITHER, 5.0),
            alert(-5.0, day="2030-03-05"),
            "BTC ETFs: 5 days of outflows ↓",
        ),
        (rule(Metric.FUNDING, value=0.0), alert(-0.00012), "BTC funding ↓ −0.0120 %"),
        (
            rule(Metric.FEAR, value=15.0, asset=None),
            alert(12.0, label="Extreme Fear"),
            "Fear & Greed ↓ 12 — Extreme Fear",
        ),
        (
            rule(Metric.HEADLINE, Direction.ABOVE, 0.0, asset=None, word="bailout"),
            alert(1.0, title="No bailout, says Treasury"),
            "“bailout”: No bailout, says Treasury",
        ),
        (
            rule(Metric.LEVEL, EITHER, 0.0),
            alert(74_604.0, line=75_000.0, stage="touch", direction="below"),
            "BTC touched $75,000 ↓ — $74,604",
        ),
        (
            rule(Metric.LEVEL, EITHER, 0.0),
            alert(74_916.0, line=75_000.0, stage="break", direction="below"),
            "BTC broke $75,000 ↓ — hour closed at $74,916",
        ),
        (
            rule(Metric.LEVEL, EITHER, 0.0),
            alert(81_000.0, line=80_000.0, stage="confirmed", direction="above"),
            "BTC confirmed above $80,000 ↑ — day closed at $81,000",
        ),
    ],
)
def test_the_title_carries_the_number_and_the_direction(made, seen, title):
    assert fired(made, RuleState(since=START), seen, W).title == title


def test_an_alert_names_its_rule_its_source_and_itself():
    reply = fired(rule(), RuleState(since=START), alert(), W)

    assert body(reply) == ["BTC below $70,000 · since 12:00 UTC"]
    assert "".join(p if isinstance(p, str) else p.text for p in reply.footer[0]) == (
        "binance 12:00 UTC · alert #7"
    )


def test_every_alert_can_be_made_to_stop_by_a_command():
    (first, second) = fired(rule(), RuleState(), alert(), W).controls

    assert [b.command for b in first if isinstance(b, Button)] == [
        "/alert ack 7",
        "/alert snooze 7 1h",
        "/alert mute 7",
    ]
    assert isinstance(second[0], Button)
    assert isinstance(second[1], Prompt)
    assert second[1].example == "btc < 70000"


def test_a_repeat_counts_up():
    state = RuleState(fired=3, fires=(Fire(START, 1.0), Fire(START, 1.0)))

    reply = fired(rule(), state, alert(what=Transition.AGAIN), W)

    assert reply.title == "BTC broke $70,000 ↓ — $69,842 (fired 3 ×)"


@pytest.mark.parametrize(
    ("made", "reads"),
    [
        (rule(Metric.FUNDING, value=0.0), "BTC funding below 0 %"),
        (rule(Metric.FUNDING, value=-0.0001), "BTC funding below −0.0100 %"),
        (rule(Metric.FLOW_STREAK, value=-3.0), "BTC ETF flows: 4 days of outflow in a row"),
        (
            rule(Metric.FLOW_STREAK, value=-3.0, inclusive=True),
            "BTC ETF flows: 3 days of outflow in a row",
        ),
        (
            rule(Metric.FLOW_STREAK, Direction.ABOVE, 5.0),
            "BTC ETF flows: 6 days of inflow in a row",
        ),
        (
            rule(Metric.FLOW_STREAK, EITHER, 5.0, inclusive=True),
            "BTC ETF flows 5 days in a row one way",
        ),
        (rule(Metric.FLOW_STREAK, value=3.0), "BTC ETF flows, days in a row below 3"),
        (
            rule(Metric.LIQUIDATIONS, Direction.ABOVE, 3e8, window=86400),
            "BTC liquidations in 24 h above $300.0 M",
        ),
    ],
)
def test_a_rule_reads_as_it_behaves(made, reads):
    assert in_words(made, W) == reads


def test_a_level_that_just_gave_way_holds_since_no_time():
    told = alert(74_916.0, line=75_000.0, stage="break", direction="below")

    reply = fired(rule(Metric.LEVEL, EITHER, 0.0), RuleState(since=START), told, W)

    assert body(reply)[0] == "BTC breaks a level, either way"


def test_info_is_silent_and_critical_stands_out():
    info = fired(rule(severity=Severity.INFO), RuleState(), alert(), W)
    critical = fired(rule(severity=Severity.CRITICAL), RuleState(), alert(), W)

    assert (info.quiet, info.tone) == (True, Tone.DOWN)
    assert (critical.quiet, critical.tone) == (False, Tone.CRITICAL)


def test_a_recovery_says_when_how_low_and_how_long():
    before = RuleState(extreme=69_110.0, last_fired_at=START)
    at = START + timedelta(minutes=47)
    seen = Observation(71_000.0, at, "binance")

    told = alert_of(rule(), before, RuleState(), seen, Transition.RESOLVED, at)

    assert resolved(rule(), told, W).title == "Recovered 12:47 UTC, low $69,110, 47 min"


def test_levels_that_give_way_together_are_all_named():
    before = RuleState(lines=(Line(65_000.0, BELOW), Line(70_000.0, BELOW)))
    after = RuleState(
        lines=(Line(65_000.0, BELOW, Stage.TOUCH), Line(70_000.0, BELOW, Stage.BREAK))
    )
    seen = Observation(64_900.0, START, "binance")

    told = alert_of(rule(Metric.LEVEL, EITHER, 0.0), before, after, seen, Transition.FIRED, START)

    reply = fired(rule(Metric.LEVEL, EITHER, 0.0), after, told, W)
    assert reply.title.startswith("BTC broke $70,000")
    assert "Also touched $65,000" in body(reply)


def test_a_storm_is_one_message_and_nothing_is_dropped():
    rules = [rule(id=str(n), value=70_000.0 - n * 1000) for n in range(5)]
    told = [(r, RuleState(), alert()) for r in rules]

    reply = storm(told, W)

    assert reply.title.startswith("5 alerts — BTC broke $70,000")
    shown = body(reply) + details(reply)
    assert len(body(reply)) == 3
    assert all(any(f"${70 - n},000" in line for line in shown) for n in range(5))


def named(what, *names, **more):
    return [(rule(id=n, asset=n, **more), RuleState(), alert(71_500.0, what)) for n in names]


def details(reply):
    return [
        "".join(map(str, line)) for b in reply.blocks if isinstance(b, Details) for line in b.lines
    ]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (Transition.RESOLVED, "BTC below $70,000 · Recovered 12:00 UTC"),
        (Transition.EXPIRED, "BTC below $70,000 · Alert #BTC has expired"),
        (Transition.NO_DATA, "BTC below $70,000 · Alert #BTC has no data"),
        (
            Transition.ERROR,
            "BTC below $70,000 · Alert #BTC: BTC is no longer followed here",
        ),
    ],
)
def test_several_ends_at_once_are_no_alarm(what, said):
    reply = storm(named(what, "BTC", "ETH", "SOL"), W)

    assert reply.title == f"3 alerts — {said}"
    assert body(reply) == [said, said.replace("BTC", "ETH"), said.replace("BTC", "SOL")]
    assert (reply.quiet, reply.tone) == (True, Tone.NEUTRAL)


def test_what_ended_stands_below_what_fired_and_is_not_counted():
    ends = named(Transition.RESOLVED, "BTC", severity=Severity.CRITICAL)
    fires = named(Transition.FIRED, "ETH", "SOL")

    reply = storm([*ends, *fires], W)

    assert reply.title == "2 alerts — ETH broke $70,000 ↓ — $71,500"
    assert body(reply) == [f"{n} broke $70,000 ↓ — $71,500" for n in ("ETH", "SOL")]
    assert details(reply) == ["BTC below $70,000, critical · Recovered 12:00 UTC"]
    assert (reply.quiet, reply.tone) == (False, Tone.DOWN)


def test_one_fire_among_ends_is_told_by_its_own_name():
    told = [*named(Transition.EXPIRED, "BTC"), *named(Transition.FIRED, "ETH")]

    assert storm(told, W).title == "ETH broke $70,000 ↓ — $71,500"


def test_a_fall_of_fifteen_percent_silences_ten_and_five():
    falls = [rule(Metric.CHANGE, value=v, window=3600, id=str(v)) for v in (-5.0, -15.0, -10.0)]
    other = rule(Metric.RSI, value=25.0, interval="1d", id="9")
    told = [(r, RuleState(), alert()) for r in (*falls, other)]

    kept, silenced = outranked(told)

    assert [one[0].value for one in kept] == [-15.0, 25.0]
    assert [one[0].value for one in silenced] == [-5.0, -10.0]


@pytest.mark.parametrize(
    ("strong", "weak"),
    [
        (
            rule(Metric.CHANGE, value=-10.0, window=7 * 86400, id="1"),
            rule(Metric.CHANGE, value=-5.0, window=3600, id="2"),
        ),
        (rule(value=65_000.0, id="1"), rule(on_close=True, interval="1d", id="2")),
        (rule(value=65_000.0, id="1"), rule(hold=3600, id="2")),
    ],
    ids=["a week and an hour", "a trade and a close", "a moment and an hour"],
)
def test_a_stronger_alert_silences_no_other_fact(strong, weak):
    told = [(one, RuleState(), alert()) for one in (strong, weak)]

    assert outranked(told) == (tuple(told), ())


@pytest.mark.parametrize("end", [t for t in Transition if not t.is_fire])
def test_the_end_of_one_alert_silences_no_other(end):
    told = [(rule(value=v, id=str(v)), RuleState(), alert(None, end)) for v in (70e3, 65e3, 60e3)]

    assert outranked(told) == (tuple(told), ())


async def test_what_cannot_be_had_of_the_surroundings_is_left_out(clock):
    reply = await compose(rule(), RuleState(since=START), alert(), desk_without_sources(clock), W)

    assert body(reply) == [
        "BTC below $70,000 · since 12:00 UTC",
        "Next round levels: $65,000 below, $70,000 above",
    ]


async def test_a_rule_whose_asset_is_gone_says_so_and_how_to_end_it(clock):
    made, seen = rule(asset="LUNA"), alert(None, Transition.ERROR)

    reply = await compose(made, RuleState(error="x"), seen, desk_without_sources(clock), W)

    assert reply.title == "Alert #7: LUNA is no longer followed here"
    assert body(reply) == [
        "LUNA below $70,000",
        "Remove it with /alert remove 7, or keep it until LUNA is back.",
    ]


async def test_what_fired_before_its_asset_went_is_still_told(clock):
    made = rule(asset="LUNA")

    reply = await compose(made, RuleState(), alert(), desk_without_sources(clock), W)

    assert reply.title == "LUNA broke $70,000 ↓ — $69,842"


def test_the_cooldown_of_levels_is_said_to_be_each_levels_own():
    assert in_words(rule(Metric.LEVEL, EITHER, 0.0, cooldown=14_400), W) == (
        "BTC breaks a level, either way, each level at most every 4 h"
    )
