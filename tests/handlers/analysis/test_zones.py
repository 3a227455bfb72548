"""What closes and wicks do to a zone."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.analysis.zones import Kind, State, clustered, story
from tests.handlers.analysis.bars import DAY, START, bar, path, walks

LOW, HIGH = 100.0, 104.0


@dataclass(frozen=True)
class Point:
    price: float


def closes(*values):
    """Bars that hardly move around each close."""
    return story(LOW, HIGH, [bar(i, v) for i, v in enumerate(values)], values[-1])


@pytest.mark.parametrize(
    ("values", "kind", "state", "touches"),
    [
        pytest.param([110, 112], Kind.SUPPORT, State.INTACT, 0, id="never reached from above"),
        pytest.param([90, 92], Kind.RESISTANCE, State.INTACT, 0, id="never reached from below"),
        pytest.param([110, 103, 110], Kind.SUPPORT, State.TOUCHED, 1, id="a close inside is a touch"),
        pytest.param([110, 102], Kind.SUPPORT, State.TOUCHED, 0, id="still inside"),
        pytest.param([110, 102, 101, 110], Kind.SUPPORT, State.TOUCHED, 1, id="one visit is one touch"),
        pytest.param([110, 102, 110, 103, 110], Kind.SUPPORT, State.TOUCHED, 2, id="two visits"),
        pytest.param([110, 95], Kind.RESISTANCE, State.BROKEN, 0, id="a close beyond breaks"),
        pytest.param([110, 102, 95], Kind.RESISTANCE, State.BROKEN, 0, id="a visit that breaks is no touch"),
        pytest.param([110, 95, 102], Kind.RESISTANCE, State.RETESTED, 0, id="back from the other side"),
        pytest.param([110, 95, 102, 90], Kind.RESISTANCE, State.FLIPPED, 1, id="turned away"),
        pytest.param([90, 110, 102, 110], Kind.SUPPORT, State.FLIPPED, 1, id="the mirror image"),
        pytest.param([110, 95, 110], Kind.SUPPORT, State.BROKEN, 0, id="broken and taken back"),
    ],
)  # fmt: skip
def test_the_state_follows_the_closes(values, kind, state, touches):
    found = closes(*map(float, values))

    assert (found.kind, found.state, found.touches) == (kind, state, touches)


def test_a_wick_through_the_zone_breaks_nothing():
    bars = [bar(0, 110.0), bar(1, 108.0, low=95.0), bar(2, 110.0)]

    found = story(LOW, HIGH, bars, 110.0)
    assert (found.kind, found.state, found.touches) == (Kind.SUPPORT, State.TOUCHED, 1)
    assert found.broken_at is None


def test_the_break_is_dated_by_its_bar():
    assert closes(110.0, 95.0, 90.0).broken_at == START + DAY


def test_without_bars_the_price_decides():
    assert story(LOW, HIGH, [], 110.0).kind is Kind.SUPPORT
    assert story(LOW, HIGH, [], 90.0).kind is Kind.RESISTANCE


@given(walks, st.floats(1, 1e5), st.floats(0, 1e3))
def test_a_story_is_always_told(values, low, width):
    found = story(low, low + width, path(values) if values else [], 50.0)

    assert (found.broken_at is None) == (found.state in (State.INTACT, State.TOUCHED))


@given(st.lists(st.floats(1, 1e5), max_size=40), st.floats(0, 1e4))
def test_zones_are_no_wider_than_asked_and_lose_nothing(values, span):
    zones = clustered([(Point(v),) for v in values], span)

    assert sorted(p.price for zone in zones for p in zone) == sorted(values)
    assert all(zone[-1].price - zone[0].price <= span for zone in zones)
    assert [z[0].price for z in zones] == sorted(z[0].price for z in zones)


def test_the_narrowest_pair_joins_first():
    zones = clustered([(Point(p),) for p in (1.0, 2.0, 2.5, 3.4)], 1.0)

    assert [[p.price for p in zone] for zone in zones] == [[1.0], [2.0, 2.5], [3.4]]
