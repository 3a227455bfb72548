"""Our averages against the library that everybody compares with."""

import numpy as np
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st

from handlers.analysis import momentum
from tests.handlers.analysis.bars import bar, path, prices

long_walks = st.lists(prices, min_size=16, max_size=90)


def near(ours, theirs):
    return ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@given(long_walks)
def test_averages_are_those_of_talib(closes):
    values = np.array(closes)

    assert near(momentum.ema(closes, 10), talib.EMA(values, 10)[-1])
    assert near(momentum.sma(closes, 10), talib.SMA(values, 10)[-1])


@given(st.lists(st.integers(100, 10**6), min_size=16, max_size=90, unique=True))
def test_rsi_is_that_of_talib(closes):
    values = [c / 100 for c in closes]

    assert near(momentum.rsi(values), talib.RSI(np.array(values), 14)[-1])


@given(long_walks)
def test_true_range_is_that_of_talib(closes):
    bars = path(closes)
    high, low, close = (
        np.array([getattr(b, name) for b in bars]) for name in ("high", "low", "close")
    )

    assert near(momentum.atr(bars), talib.ATR(high, low, close, 14)[-1])


@given(long_walks, prices)
def test_one_more_close_is_the_same_as_starting_again(closes, close):
    state = momentum.strength(closes)

    assert state is not None
    assert state.then(close).rsi == momentum.rsi([*closes, close])


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param([1.0, 2.0], None, id="two closes"),
        pytest.param([5.0] * 30, None, id="a price that never moves has no strength"),
        pytest.param([float(i) for i in range(1, 31)], 100.0, id="only up"),
        pytest.param([float(i) for i in range(31, 1, -1)], 0.0, id="only down"),
        pytest.param([1.0] * 20 + [float("nan")], None, id="not a number"),
    ],
)
def test_rsi_at_the_edges(closes, expected):
    assert momentum.rsi(closes) == expected


def test_too_few_bars_have_no_average():
    assert momentum.ema([1.0, 2.0], 3) is None
    assert momentum.sma([1.0, 2.0], 3) is None
    assert momentum.atr([bar(0, 1.0)]) is None
    assert momentum.atr([]) is None
