"""What money did in exchange-traded funds. Days are FINAL trade dates, oldest first, in USD."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, takewhile
from math import isfinite

from providers.types import FlowDay, FlowStatus


@dataclass(frozen=True, slots=True)
class FlowSum:
    """`days` trading days that add up to `net_usd`, so many of them in and out."""

    days: int
    net_usd: float
    days_in: int
    days_out: int


@dataclass(frozen=True, slots=True)
class CostBasis:
    """
    Average price of the coins the funds hold, by two names that must never be mixed.

    `creations`: USD in ÷ coins bought, over days of net inflow only; what buyers paid.
    `running`: running average cost; an outflow takes coins away at the average so far. Both as used by the
    flow-weighted figures of Glassnode and others; they bracket what is published.
    """

    creations: float | None
    running: float | None


def final_days(days: Sequence[FlowDay]) -> tuple[FlowDay, ...]:
    return tuple(day for day in days if day.final and day.net_usd is not None)


def partial_day(days: Sequence[FlowDay]) -> FlowDay | None:
    """The newest day after the last final one in which some fund has reported and some has not."""
    later = takewhile(lambda day: not day.final, reversed(days))
    return next((day for day in later if day.status is FlowStatus.PARTIAL), None)


def flow_sum(nets: Sequence[float], days: int) -> FlowSum | None:
    """The last `days` of them, or fewer when there are fewer; None when there are none."""
    last = nets[-days:] if days > 0 else ()
    if not last:
        return None
    return FlowSum(len(last), sum(last), sum(n > 0 for n in last), sum(n < 0 for n in last))


def streak(nets: Sequence[float]) -> int:
    """Days in a row up to the last with money moving one way: +4 in, −3 out, 0 for neither."""
    if not nets or nets[-1] == 0:
        return 0
    sign = 1 if nets[-1] > 0 else -1
    return sign * len(list(takewhile(lambda net: net * sign > 0, reversed(nets))))


def longest_outflow(days: Sequence[FlowDay], today: date, within: timedelta) -> int | None:
    """The longest run of outflow days among the final days of the last `within` calendar days; None without any."""
    since = today - within
    nets = [d.net_usd or 0.0 for d in days if d.final and d.trade_date > since]
    return _longest(nets, lambda net: net < 0) if nets else None


def cost_basis(flows: Sequence[tuple[float, float | None]]) -> CostBasis:
    """
    From (net USD, price of that day) of every day since the funds began, oldest first. A day without a price is left
    out of both. Missing the first days makes both wrong, so callers give the whole history or nothing.
    """
    bought_usd = bought = held_cost = held = 0.0
    for net, price in flows:
        if price is None or not isfinite(price) or price <= 0 or not isfinite(net):
            continue
        coins = net / price
        if net > 0:
            bought_usd, bought = bought_usd + net, bought + coins
            held_cost, held = held_cost + net, held + coins
        elif held > 0:
            left = max(held + coins, 0.0)
            held_cost, held = held_cost * (left / held), left
    return CostBasis(
        bought_usd / bought if bought > 0 else None, held_cost / held if held > 0 else None
    )


def _longest(nets: Sequence[float], wanted: Callable[[float], bool]) -> int:
    return max((len(list(run)) for hit, run in groupby(nets, wanted) if hit), default=0)
