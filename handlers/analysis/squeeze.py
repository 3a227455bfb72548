"""
Whether a fall has the marks of a long squeeze: a falling price forces longs to close, which pushes it further.

All marks are needed for the word: price fell more than a usual day, what was closed were longs and more of them than
usual, open interest left with them, and longs no longer pay to stay. Which marks hold is told, so that "three of
five" can be said instead.
"""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    FALL = "fall"  # price fell further than one average daily range
    LONGS = "longs"  # most of what was closed by force was long
    UNUSUAL = "unusual"  # and it was more than a usual such stretch of time
    OPEN_INTEREST = "open_interest"  # positions left while price fell
    FUNDING = "funding"  # longs stopped paying more than the neutral rate


LONG_SHARE = 2 / 3  # longs closed at least twice the shorts
UNUSUAL = 2.0  # times the usual
LEFT_PCT = -2.0  # open interest in coins, beyond the noise of an hour
NEUTRAL_8H = (
    0.0001  # the interest part of funding, 0.03 % a day (Binance, "Introduction to Funding Rates")
)


@dataclass(frozen=True, slots=True)
class SqueezeInput:
    """
    One stretch of time. Percent signed; None where unknown. `usual_usd` is what the same stretch usually closes,
    `open_interest_pct` the change counted in coins, `funding_8h` the rate as a fraction per eight hours.
    """

    price_pct: float | None
    average_range_pct: float | None
    long_usd: float | None
    short_usd: float | None
    usual_usd: float | None
    open_interest_pct: float | None
    funding_8h: float | None


@dataclass(frozen=True, slots=True)
class Squeeze:
    """
    `unknown` marks could not be judged. It is one only when every mark holds. `open_interest_pct`: the change that was
    judged, in coins.
    """

    held: frozenset[Mark]
    unknown: frozenset[Mark]
    open_interest_pct: float | None = None

    @property
    def is_long_squeeze(self) -> bool:
        return self.held == frozenset(Mark)


def long_squeeze(seen: SqueezeInput) -> Squeeze:
    verdicts = {
        Mark.FALL: _fell(seen.price_pct, seen.average_range_pct),
        Mark.LONGS: _longs(seen.long_usd, seen.short_usd),
        Mark.UNUSUAL: _unusual(seen.long_usd, seen.usual_usd),
        Mark.OPEN_INTEREST: _at_most(seen.open_interest_pct, LEFT_PCT),
        Mark.FUNDING: _at_most(seen.funding_8h, NEUTRAL_8H),
    }
    return Squeeze(
        frozenset(mark for mark, verdict in verdicts.items() if verdict),
        frozenset(mark for mark, verdict in verdicts.items() if verdict is None),
        seen.open_interest_pct,
    )


def coins_change_pct(usd_pct: float | None, price_pct: float | None) -> float | None:
    """Change of interest in coins from its change in dollars and that of the price, all in percent."""
    if usd_pct is None or price_pct is None or price_pct <= -100:
        return None
    return ((1 + usd_pct / 100) / (1 + price_pct / 100) - 1) * 100


def _fell(price_pct: float | None, range_pct: float | None) -> bool | None:
    if price_pct is None or range_pct is None:
        return None
    return price_pct < -range_pct


def _longs(long_usd: float | None, short_usd: float | None) -> bool | None:
    if long_usd is None or short_usd is None:
        return None
    total = long_usd + short_usd
    return total > 0 and long_usd / total >= LONG_SHARE


def _unusual(long_usd: float | None, usual_usd: float | None) -> bool | None:
    if long_usd is None or usual_usd is None:
        return None
    return long_usd > 0 and long_usd >= UNUSUAL * usual_usd


def _at_most(value: float | None, limit: float) -> bool | None:
    return None if value is None else value <= limit
