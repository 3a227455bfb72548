"""Bars for the arithmetic to work on."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from providers.types import Candle

START = datetime(2030, 1, 7, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def bar(
    index: int, close: float, *, low: float | None = None, high: float | None = None,
    step: timedelta = DAY, open_: float | None = None, closed: bool = True,
) -> Candle:  # fmt: skip
    start = close if open_ is None else open_
    top = max(start, close) if high is None else high
    bottom = min(start, close) if low is None else low
    return Candle(START + index * step, start, top, bottom, close, 1.0, closed)


def path(closes: Sequence[float], step: timedelta = DAY) -> list[Candle]:
    """Each bar opens at the close before it."""
    opens = [closes[0], *closes]
    return [
        bar(i, c, open_=o, step=step) for i, (o, c) in enumerate(zip(opens, closes, strict=False))
    ]


prices = st.floats(0.01, 1e6, allow_nan=False)
walks = st.lists(prices, min_size=0, max_size=120)
