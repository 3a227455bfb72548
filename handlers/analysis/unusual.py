"""How far a number is from what is usual for it, so that a price, a flow and a fear can be compared."""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from statistics import fmean, stdev

ENOUGH = 10  # fewer than this is no habit


def unusual(value: float | None, past: Sequence[float]) -> float | None:
    """
    The z-score (value − mean) / s: how many standard deviations `value` is above (+) or below (−) the mean of `past`, s
    being that of a sample (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.17). `value` is none of `past`. None
    for an unknown value, fewer than ten numbers to compare with, or numbers that never differ.
    """
    known = [one for one in past if isfinite(one)]
    if value is None or not isfinite(value) or len(known) < ENOUGH:
        return None
    spread = stdev(known)
    return (value - fmean(known)) / spread if spread > 0 else None


def stretches(values: Sequence[float], step: int, most: int = 60) -> tuple[float, ...]:
    """Every `step`-th of `values` counted back from the last, oldest first, at most `most` and one more."""
    if step < 1:
        return ()
    return tuple(values[::-1][: most * step + 1 : step][::-1])


def changes_pct(values: Sequence[float]) -> tuple[float, ...]:
    """From each to the next in percent; pairs that cannot be compared are left out."""
    return tuple(
        (b / a - 1) * 100 for a, b in pairwise(values) if a > 0 and isfinite(a) and isfinite(b)
    )
