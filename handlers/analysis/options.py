"""Where option holders as a whole would be paid least, per expiry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import isfinite

from providers.types import OptionInterest, OptionKind


@dataclass(frozen=True, slots=True)
class ExpiryPain:
    """
    `max_pain` is the listed strike with the lowest total payout. Open interest in coins; `put_call` is puts ÷ calls,
    None without calls.
    """

    expiry: date
    max_pain: float
    calls_oi: float
    puts_oi: float
    put_call: float | None


def expiries(options: Iterable[OptionInterest], today: date) -> tuple[ExpiryPain, ...]:
    """Every expiry from `today` on with any open interest, soonest first."""
    live = sorted(
        (o for o in options if o.expiry >= today and isfinite(o.open_interest)),
        key=lambda o: (o.expiry, o.strike),
    )
    found = (
        _expiry(expiry, tuple(chain)) for expiry, chain in groupby(live, key=lambda o: o.expiry)
    )
    return tuple(pain for pain in found if pain is not None)


def max_pain(chain: Sequence[OptionInterest]) -> float | None:
    """
    The strike S minimising Σ calls OI·max(0, S − K) + Σ puts OI·max(0, K − S); the lowest of equals
    (Deribit, "Max pain Python code"). None when nobody holds anything.
    """
    calls = [(o.strike, o.open_interest) for o in chain if o.kind is OptionKind.CALL]
    puts = [(o.strike, o.open_interest) for o in chain if o.kind is OptionKind.PUT]
    if sum(oi for _, oi in calls + puts) <= 0:
        return None

    def payout(settled: float) -> float:
        return sum(oi * max(0.0, settled - strike) for strike, oi in calls) + sum(
            oi * max(0.0, strike - settled) for strike, oi in puts
        )

    return min(sorted({o.strike for o in chain}), key=payout)


def _expiry(expiry: date, chain: tuple[OptionInterest, ...]) -> ExpiryPain | None:
    strike = max_pain(chain)
    if strike is None:
        return None
    calls = sum(o.open_interest for o in chain if o.kind is OptionKind.CALL)
    puts = sum(o.open_interest for o in chain if o.kind is OptionKind.PUT)
    return ExpiryPain(expiry, strike, calls, puts, puts / calls if calls > 0 else None)
