"""Levels with their reasons."""

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.analysis import levels
from handlers.analysis.flips import flips
from handlers.analysis.levels import Ground, Reason, ReasonKind, key_levels
from handlers.analysis.swings import swings
from handlers.analysis.zones import Kind, State
from tests.handlers.analysis.bars import DAY, HOUR, START, bar, path, prices, walks

NOW = START + 400 * DAY


def ground(days=(), hours=(), price=72_000.0, atr=3_000.0, now=NOW):
    return Ground(days, hours, price, atr, now)


@pytest.mark.parametrize(
    ("price", "step"),
    [(72_000, 10_000), (120_000, 10_000), (20_400, 5_000), (2_120, 500), (90, 10), (0.6, 0.1)],
)
def test_round_numbers_suit_the_magnitude(price, step):
    assert levels.round_step(price) == pytest.approx(step)


def test_half_steps_weigh_half():
    found = {r.price: r.weight for r in levels.round_numbers(70_000, 80_000, 72_000)}

    assert found == {70_000: 1.5, 75_000: 0.75, 80_000: 1.5}


def test_reasons_close_together_are_one_zone():
    average = Reason(ReasonKind.EMA_200W, 69_000, 3.0)
    found = key_levels(ground(), [average])

    zone = next(level for level in found if average in level.reasons)
    assert (zone.low, zone.high) == (69_000, 70_000)
    assert [r.kind for r in zone.reasons] == [ReasonKind.EMA_200W, ReasonKind.ROUND]
    assert zone is found[0]
    assert zone.kind is Kind.SUPPORT
    assert zone.distance_pct == pytest.approx(-2000 / 72_000 * 100)
    assert zone.distance_atr == pytest.approx(-2 / 3)


def test_a_price_inside_a_zone_is_no_distance_from_it():
    found = key_levels(ground(price=70_000.0))

    assert next(z for z in found if z.low <= 70_000 <= z.high).distance_pct == 0


def test_a_broken_floor_and_the_rallies_it_held_down_are_one_zone():
    walk = [120.0, 100.0, 115.0, 90.0, 101.0, 88.0, 101.5, 85.0]
    hours = path(walk, HOUR)
    turns = swings(hours, (1.0,), 5.0)

    [group] = flips(turns, hours, 85.0, 3.0)
    assert sorted(s.price for s in group) == [100.0, 101.0, 101.5]


def test_a_wick_below_a_floor_flips_nothing():
    hours = [bar(i, c, step=HOUR) for i, c in enumerate([120.0, 100.0, 115.0])]
    hours += [bar(3, 101.0, low=90.0, step=HOUR), bar(4, 110.0, step=HOUR)]
    hours += [bar(5, 101.0, step=HOUR)]

    assert flips(swings(hours, (1.0,), 5.0), hours, 101.0, 3.0) == ()


def test_turning_points_are_told_once_price_has_gone_back():
    found = swings(path([10.0, 20.0, 12.0, 25.0, 24.0]), (1.0,), 5.0)

    assert [(s.price, s.high) for s in found] == [(10.0, False), (20.0, True), (12.0, False)]


def test_a_turn_at_several_sizes_is_told_with_the_largest():
    found = swings(path([10.0, 30.0, 10.0]), (1.0, 2.0), 5.0)

    assert [s.size for s in found] == [2.0, 2.0]


def test_an_old_turning_point_fades():
    days = path([50_000.0] * 20 + [70_000.0, 50_000.0])
    young = key_levels(ground(days, now=START + 22 * DAY, price=60_000.0))
    old = key_levels(ground(days, now=START + 722 * DAY, price=60_000.0))

    def weight(found):
        reasons = [r for level in found for r in level.reasons]
        return max(r.weight for r in reasons if r.kind is ReasonKind.SWING_HIGH)

    assert weight(old) == pytest.approx(weight(young) * 0.5 ** (700 / 365))


def test_hourly_closes_decide_before_the_day_has_closed():
    days = [bar(i, 72_000.0) for i in range(30)]
    hours = [bar(30 * 24 + i, c, step=HOUR) for i, c in enumerate([72_000.0, 69_000.0])]
    found = key_levels(Ground(days, hours, 69_000.0, 1_000.0, START + 31 * DAY))

    line = next(level for level in found if level.low <= 70_000 <= level.high)
    assert (line.kind, line.state) == (Kind.RESISTANCE, State.BROKEN)


@pytest.mark.parametrize(
    ("price", "atr"),
    [(float("nan"), 1.0), (0.0, 1.0), (1.0, 0.0), (1.0, float("nan")), (-1.0, 1.0)],
)
def test_without_a_price_or_a_range_there_are_no_levels(price, atr):
    assert key_levels(ground(price=price, atr=atr)) == ()


@given(walks, prices, st.floats(0.01, 0.2))
def test_levels_of_any_market_are_finite_and_ordered(closes, price, share):
    days = path(closes) if closes else []
    found = key_levels(ground(days, price=price, atr=price * share))

    assert [z.rank for z in found] == sorted((z.rank for z in found), reverse=True)
    for zone in found:
        assert zone.low <= zone.price <= zone.high
        assert zone.reasons
        assert isfinite(zone.strength + zone.distance_pct + zone.distance_atr)


def test_a_small_screen_gets_the_nearest_of_each_kind():
    found = key_levels(ground())
    chosen = levels.best(found, 4)

    assert len(chosen) == 4
    assert levels.nearest(found, Kind.SUPPORT) in chosen
    assert levels.nearest(found, Kind.RESISTANCE) in chosen
    assert [z.price for z in chosen] == sorted((z.price for z in chosen), reverse=True)
    assert levels.best((), 4) == ()


def test_a_wild_range_reaches_no_absurd_price_and_makes_no_wide_zone():
    walk = [100.0, 20.0, 90.0, 12.0, 95.0, 15.0, 100.0]
    found = key_levels(ground(path(walk, DAY), price=100.0, atr=30.0))

    assert found
    for zone in found:
        assert 40.0 <= zone.low <= zone.high <= 160.0
        assert zone.high - zone.low <= 0.15 * zone.price


def test_two_usual_days_away_a_zone_matters_half_as_much():
    average = Reason(ReasonKind.EMA_200W, 65_950.0, 4.0)
    (zone,) = [z for z in key_levels(ground(), [average]) if average in z.reasons]

    assert zone.distance_atr == pytest.approx(-2, abs=0.02)
    assert zone.rank == pytest.approx(zone.strength / 2, rel=0.01)


@given(walks.filter(len), st.floats(0.5, 2_000))
def test_a_place_is_never_named_twice_for_the_same_turn(closes, atr):
    """The days are made of the hours, so each day's extreme is an hour's too."""
    hours = path([1_000.0 + close % 500 for close in closes], HOUR)
    days = [
        bar(i, chunk[-1].close, low=min(b.low for b in chunk), high=max(b.high for b in chunk))
        for i in range(len(hours) // 24)
        if (chunk := hours[i * 24 : i * 24 + 24])
    ]
    now = START + len(hours) * HOUR
    found = key_levels(Ground(days, hours, hours[-1].close, atr, now))

    turns = [(r.price, r.kind) for level in found for r in level.reasons if r.at is not None]
    assert len(turns) == len(set(turns))


def test_a_low_of_a_day_and_of_its_hour_is_one_reason():
    closes = [50_000.0] * 240
    hours = path([*closes, 47_000.0, *closes[:200]], HOUR)
    days = [bar(i, 50_000.0, low=47_000.0 if i == 10 else 50_000.0) for i in range(18)]
    found = key_levels(Ground(days, hours, 50_000.0, 1_000.0, START + 441 * HOUR))

    lows = [r for level in found for r in level.reasons if r.kind is ReasonKind.SWING_LOW]
    assert [r.price for r in lows if r.price == 47_000.0] == [47_000.0]
