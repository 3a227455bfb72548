"""Whether venues agree on a price."""

from collections.abc import Sequence


def spread_pct(lasts: Sequence[float]) -> float | None:
    """Highest against lowest in percent; None for fewer than two prices."""
    if len(lasts) < 2 or min(lasts) <= 0:
        return None
    return (max(lasts) / min(lasts) - 1) * 100
