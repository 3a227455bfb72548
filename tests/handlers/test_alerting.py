"""An alert rings once per real break, and only on news."""

import math
from datetime import timedelta

import msgspec
import pytest

from handlers.alerting import deadline, step
from handlers.crossing import cross, crossed
from handlers.once import unjudged
from handlers.rule import (
    Direction,
    Line,
    Metric,
    Observation,
    Phase,
    Rule,
    RuleState,
    Stage,
    Transition,
)
from tests.fakes import START

FIRED, AGAIN, RESOLVED = Transition.FIRED, Transition.AGAIN, Transition.RESOLVED


def rule(metric=Metric.PRICE, direction=Direction.BELOW, value=70_000.0, **more):
    return Rule("1", "telegram:5", "telegram:1", START, metric, direction, value, "BTC", **more)


class Play:
    """Shows values a minute apart and keeps what was told."""

    def __init__(self, rule, *, atr=2_000.0, every=60):
        self.rule, self.atr, self.now = rule, atr, START
        self.every = timedelta(seconds=every)
        self.state = RuleState()

    def __call__(self, *values, **more):
        told = []
        for value in values:
            self.now += self.every
            seen = Observation(value, self.now, "binance", atr=self.atr, **more)
            self.state, what = step(self.rule, self.state, seen, self.now)
            told.append(what)
        return told


def test_a_fall_through_the_line_fires_once_and_a_real_recovery_resolves():
    play = Play(rule())

    assert play(70_100, 69_900, 69_500, 70_200) == [None, FIRED, None, None]
    assert play.state.phase is Phase.RECOVERING
    assert play(71_000) == [RESOLVED]
    assert play.state.extreme == 69_500
    assert play(69_900) == [FIRED]


def test_without_a_separate_rearm_line_a_swing_would_ring_each_time():
    swings = [69_990, 70_010] * 5
    held, loose = Play(rule()), Play(rule(rearm_at=70_000.0))

    assert held(*swings).count(FIRED) == 1
    assert loose(*swings).count(FIRED) == 5


def test_within_the_cooldown_a_repeat_only_counts_up():
    breaks = [69_900, 71_500] * 3
    cooled, eager = Play(rule(cooldown=3600)), Play(rule())

    assert [t for t in cooled(*breaks) if t] == [FIRED, RESOLVED, AGAIN, RESOLVED, AGAIN, RESOLVED]
    assert eager(*breaks).count(FIRED) == 3
    assert cooled.state.fired == 3


def test_a_day_of_ticks_around_a_line_fires_once_per_real_break():
    play = Play(rule(), every=1)
    noise = [70_000 + 400 * math.sin(n / 7) for n in range(86_400 // 2)]
    rally = [71_500.0] * 10

    assert play(*noise).count(FIRED) == 1
    assert play(*rally).count(RESOLVED) == 1
    assert play(*noise).count(FIRED) == 1


def test_a_condition_that_must_hold_is_pending_until_it_has():
    play = Play(rule(hold=120))

    assert play(69_900, 69_900) == [None, None]
    assert play.state.phase is Phase.PENDING
    assert play(69_900) == [FIRED]


def test_a_condition_that_lets_go_starts_over():
    play = Play(rule(hold=120))

    assert play(69_900, 69_900, 70_100, 69_900, 69_900, 69_900).count(FIRED) == 1


@pytest.mark.parametrize("phase", [Phase.ARMED, Phase.PENDING, Phase.FIRING, Phase.RESOLVED])
def test_missing_or_old_data_moves_nothing(phase):
    state = RuleState(phase=phase, since=START, last_fired_at=START, extreme=69_000.0)
    for value in (60_000.0, 90_000.0):
        old = Observation(value, START, "binance")

        after, told = step(rule(), state, old, START + timedelta(seconds=30))
        blind, silent = step(rule(), state, None, START)

        assert (after.phase, told, blind.phase, silent) == (phase, None, phase, None)
        assert after.shown is Phase.NO_DATA


def test_long_blindness_is_told_once_and_ends_with_the_next_value():
    play, hours = Play(rule()), timedelta(hours=7)
    play.state, _ = step(play.rule, play.state, None, START)
    play.state, told = step(play.rule, play.state, None, START + hours)
    play.state, again = step(play.rule, play.state, None, START + 2 * hours)

    assert (told, again) == (Transition.NO_DATA, None)
    assert play(75_000) == [None]
    assert play.state.shown is Phase.ARMED


def test_a_close_rule_ignores_trades_between_closes():
    play = Play(rule(on_close=True, interval="1h"))

    assert play(69_000) == [None]
    assert play(69_500, closes=("15m",)) == [None]
    assert play(69_500, closes=("15m", "1h")) == [FIRED]


def test_a_rule_for_once_is_done_after_it_recovered():
    play = Play(rule(once=True))

    assert play(69_000, 72_000, 69_000) == [FIRED, RESOLVED, None]
    assert play.state.phase is Phase.DONE


def test_an_expired_rule_says_so_once():
    play = Play(rule(until=START + timedelta(minutes=2)))

    assert play(71_000, 69_000, 69_000) == [None, Transition.EXPIRED, None]


def test_a_trade_from_before_the_end_that_is_handled_after_it_still_fires():
    end = START + timedelta(minutes=1)
    made, late = rule(until=end), end + timedelta(milliseconds=100)
    before = Observation(69_000.0, end - timedelta(milliseconds=100), "binance")
    after = Observation(69_000.0, end, "binance")

    assert step(made, RuleState(), before, late)[1] is FIRED
    assert step(made, RuleState(), after, late)[1] is Transition.EXPIRED
    assert step(made, RuleState(), before, end + timedelta(minutes=1))[1] is Transition.EXPIRED


@pytest.mark.parametrize(
    "made",
    [
        rule(on_close=True, interval="1d", until=START),
        rule(Metric.LEVEL, Direction.EITHER, 0.0, until=START),
    ],
    ids=["a price", "a level"],
)
def test_the_close_of_the_last_moment_is_waited_for_and_no_later_one_counts(made):
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    last = Observation(
        69_000.0,
        START - second,
        "binance",
        closes=("1h", "1d"),
        lines=(70_000.0,),
        fresh_for=timedelta(hours=1),
    )
    later = msgspec.structs.replace(last, as_of=START + minute)
    state = RuleState(lines=(Line(70_000.0, Direction.BELOW),))

    assert deadline(made, state) == START + 10 * minute
    assert step(made, state, None, START + second) == (state, None)
    assert step(made, state, later, START + 2 * minute) == (state, None)
    assert step(made, state, last, START + 3 * minute)[1] is FIRED
    assert step(made, state, later, START + 11 * minute)[1] is Transition.EXPIRED


def test_a_snoozed_rule_fires_when_it_wakes_and_a_muted_one_never_does():
    snoozed, muted = Play(rule()), Play(rule())
    snoozed.state = RuleState(snoozed_until=START + timedelta(minutes=3))
    muted.state = RuleState(muted=True)

    assert snoozed(69_900, 69_900, 69_900) == [None, None, FIRED]
    assert muted(69_900, 71_500, 69_900) == [None, None, None]


def test_a_new_low_is_told_again_only_when_it_reaches_back_much_further():
    play = Play(rule(Metric.NEW_LOW, value=90.0))

    first = play(76_000, 75_000, line=75_500.0, key="2025-04-09")
    on = play(74_900, 74_600, line=74_800.0, key="2025-04-08")
    deep = play(73_000, line=74_500.0, key="2024-11-06")

    assert (first, on, deep) == ([None, FIRED], [None, None], [FIRED])


def test_a_flow_day_is_judged_once_and_what_was_known_before_is_no_news():
    play = Play(rule(Metric.FLOW, value=-5e8))

    assert play(-9e8, key="2030-03-04") == [None]
    assert play(-6e8, -6.1e8, key="2030-03-05") == [FIRED, None]
    assert play(-1e8, key="2030-03-06") == [None]
    assert play(-7e8, key="2030-03-07") == [FIRED]


def test_either_direction_compares_sizes():
    play = Play(rule(Metric.FLOW_STREAK, Direction.EITHER, 5.0, inclusive=True))

    assert play(-4, -5, -6, 1, 5) == [None, FIRED, None, RESOLVED, FIRED]


LEVELS = (70_000.0, 75_000.0, 80_000.0)


def level(*values, closes=(), play):
    return play(*values, lines=LEVELS, closes=closes)


def stages(play):
    return {line.price: line.stage for line in play.state.lines}


def test_a_level_tells_touch_break_and_confirmation_once_each():
    play = Play(rule(Metric.LEVEL, Direction.EITHER, 0.0))
    level(77_000, play=play)

    assert level(74_800, 74_700, play=play) == [FIRED, None]
    assert stages(play)[75_000.0] is Stage.TOUCH
    assert level(76_000, 74_900, 76_000, 74_800, closes=("1h",), play=play).count(FIRED) == 1
    assert stages(play)[75_000.0] is Stage.BREAK
    assert level(74_000, closes=("1h", "1d"), play=play) == [FIRED]
    assert stages(play)[75_000.0] is Stage.CONFIRMED
    assert level(74_900, 75_100, 74_900, closes=("1h",), play=play) == [None] * 3


def test_a_level_is_whole_again_only_when_price_moved_well_away():
    play = Play(rule(Metric.LEVEL, Direction.EITHER, 0.0))
    level(77_000, 74_900, play=play)
    level(77_500, closes=("1h",), play=play)
    assert stages(play)[75_000.0] is Stage.TOUCH

    level(78_100, closes=("1h",), play=play)

    assert stages(play)[75_000.0] is Stage.WHOLE
    assert level(74_900, play=play) == [FIRED]


def test_a_confirmed_level_holds_from_the_other_side():
    play = Play(rule(Metric.LEVEL, Direction.EITHER, 0.0))
    level(77_000, play=play)
    level(74_000, closes=("1h", "1d"), play=play)
    level(71_500, closes=("1h",), play=play)

    assert level(75_200, play=play) == [FIRED]


@pytest.mark.parametrize(
    ("back", "closes"), [(76_100, ("1h",)), (75_100, ("1h", "1d"))], ids=["an hour", "a day"]
)
def test_the_way_back_over_a_confirmed_level_is_told_once(back, closes):
    play = Play(rule(Metric.LEVEL, Direction.EITHER, 0.0))
    level(77_000, play=play)
    level(74_000, closes=("1h", "1d"), play=play)

    assert level(75_900, play=play) == [None]
    assert level(back, back, closes=closes, play=play) == [FIRED, None]
    line = next(line for line in play.state.lines if line.price == 75_000)
    assert line == Line(75_000, Direction.ABOVE, Stage.BACK)


def test_of_levels_taken_back_and_confirmed_at_once_the_farthest_leads():
    before = (
        Line(70_000.0, Direction.BELOW),
        Line(75_000.0, Direction.BELOW),
        Line(80_000.0, Direction.ABOVE, Stage.CONFIRMED),
    )
    close = Observation(69_000.0, START, "binance", atr=2_000.0, closes=("1h", "1d"), lines=LEVELS)

    given = crossed(before, cross(before, close))

    assert [(line.price, line.stage) for line in given] == [
        (70_000.0, Stage.CONFIRMED),
        (75_000.0, Stage.CONFIRMED),
        (80_000.0, Stage.BACK),
    ]


def test_days_that_close_around_a_level_are_not_told_one_by_one():
    play = Play(rule(Metric.LEVEL, Direction.EITHER, 0.0))
    level(77_000, play=play)
    days = (74_900, 75_100, 74_900, 75_200, 74_800, 75_100)

    assert level(*days, closes=("1h", "1d"), play=play) == [FIRED, FIRED, *[None] * 4]
    assert level(73_900, closes=("1h",), play=play) == [FIRED]


def test_a_wick_alone_never_breaks_a_level():
    play = Play(rule(Metric.LEVEL, Direction.EITHER, 0.0))
    level(77_000, play=play)
    level(74_000, play=play)
    level(76_000, closes=("1h", "1d"), play=play)

    assert stages(play)[75_000.0] is Stage.TOUCH


def test_within_the_cooldown_a_level_rings_once_and_another_level_all_the_same():
    play = Play(rule(Metric.LEVEL, Direction.EITHER, 0.0, cooldown=4 * 3600))
    level(77_000, play=play)

    assert level(74_900, play=play) == [FIRED]
    assert level(74_800, closes=("1h",), play=play) == [AGAIN]
    assert level(69_900, play=play) == [FIRED]
    assert level(69_800, closes=("1h",), play=play) == [AGAIN]
    assert level(69_700, closes=("1h", "1d"), play=play) == [AGAIN]
    assert level(76_500, closes=("1h", "1d"), play=play) == [AGAIN]
    play.now += timedelta(hours=4)
    assert level(74_000, closes=("1h", "1d"), play=play) == [FIRED]


def test_a_fall_through_a_level_that_rang_and_one_that_did_not_rings():
    play = Play(rule(Metric.LEVEL, Direction.EITHER, 0.0, cooldown=4 * 3600))
    level(77_000, 74_900, play=play)

    assert level(69_800, closes=("1h",), play=play) == [FIRED]


def test_state_survives_its_trip_through_the_store():
    play = Play(rule(Metric.LEVEL, Direction.EITHER, 0.0))
    level(77_000, 74_000, play=play)

    stored = msgspec.json.decode(msgspec.json.encode(play.state), type=RuleState)

    assert stored == play.state


def headline(minute, name="a", hours=24):
    at = START + timedelta(minutes=minute)
    key = f"{at.isoformat()} {name}"
    return Observation(1.0, at, "coindesk", key=key, fresh_for=timedelta(hours=hours))


def test_a_headline_that_comes_later_but_was_published_earlier_rings_too_and_each_once():
    made, state, told = rule(Metric.HEADLINE, Direction.ABOVE, 0.0), RuleState(), []
    now = START + timedelta(hours=1)
    for seen in (headline(10), headline(7, "b"), headline(10), headline(7, "b")):
        state, what = step(made, state, seen, now)
        told.append(what)

    assert told == [FIRED, FIRED, None, None]


def test_of_very_many_headlines_those_no_longer_remembered_do_not_ring_again():
    made, state = rule(Metric.HEADLINE, Direction.ABOVE, 0.0), RuleState()
    now = START + timedelta(hours=2)
    for minute in range(80):
        state, what = step(made, state, headline(minute), now)
        assert what is FIRED

    assert len(state.seen) == 50
    assert [step(made, state, headline(minute), now)[1] for minute in range(80)] == [None] * 80
    assert step(made, state, headline(40, "late"), now)[1] is FIRED


def test_a_snoozed_new_low_is_told_when_it_wakes():
    play = Play(rule(Metric.NEW_LOW, value=90.0))
    play(76_000, 75_000, line=75_500.0, key="2025-04-09")
    play.state = msgspec.structs.replace(play.state, snoozed_until=play.now + timedelta(minutes=2))

    assert play(73_000, line=74_500.0, key="2024-11-06") == [None]
    assert play(73_000, line=74_500.0, key="2024-11-06") == [FIRED]


@pytest.mark.parametrize(
    ("known", "left"),
    [(None, ["3"]), ("1", ["2", "3"]), ("3", ["3"])],
    ids=["new", "behind", "all"],
)
def test_of_days_that_become_final_at_once_every_new_one_is_judged(known, left):
    made = rule(Metric.FLOW, value=-5e8)
    days = tuple(Observation(-1e8, START, "farside", key=key) for key in "123")

    assert [day.key for day in unjudged(made, RuleState(key=known), days)] == left
