"""ETF money: the last final day, the day in the making, and what the funds paid for their coins."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.analysis import flows as sums
from handlers.analysis.price import change_pct
from handlers.analysis.unusual import unusual
from handlers.facts.bars import HOUR, Bars
from handlers.facts.shapes import FlowFacts
from providers.errors import Unavailable
from providers.trading_days import trading_days
from providers.types import FlowDay

NEW_YORK = ZoneInfo("America/New_York")
SESSION_ENDS = time(16, 0)
RECENT = 60
OPEN = 5  # trading days in which a partial day may still become whole
QUARTER = timedelta(days=90)


def flow_facts(
    days: Sequence[FlowDay], bars: Bars | None, now: datetime, since: date | None = None
) -> FlowFacts:
    """
    Raises Unavailable without a single final day. Without bars, or without every day since the funds began (`since`),
    there is no cost basis.
    """
    final = sums.final_days(days)
    nets = [day.net_usd or 0.0 for day in final]
    long, short = sums.flow_sum(nets, 12), sums.flow_sum(nets, 5)
    if long is None or short is None:
        raise Unavailable("flows", "no final day")
    whole = since is None or not _missing(final, since)
    basis = cost_basis(final, bars) if bars and whole else None
    last = bars.last if bars else None
    return FlowFacts(
        last=final[-1],
        partial=_still_partial(sums.partial_day(days), now.date()),
        sum_12d=long,
        sum_5d=short,
        streak=sums.streak(nets),
        longest_outflow_90d=sums.longest_outflow(final, now.date(), QUARTER),
        cost_basis=basis,
        gap_creations_pct=_gap(last, basis.creations if basis else None),
        gap_running_pct=_gap(last, basis.running if basis else None),
        recent=tuple(days[-RECENT:]),
        unusual=unusual(nets[-1], nets[-RECENT - 1 : -1]),
        needs_since=None if whole else since,
    )


def cost_basis(final: Sequence[FlowDay], bars: Bars) -> sums.CostBasis | None:
    """
    At the price of 16:00 New York, when the funds are valued, and the day's close where there is no hourly bar. None
    when the first known day is not the funds' first: half a history would give a wrong average.
    """
    hourly = {bar.opened_at + HOUR: bar.close for bar in bars.hours if bar.closed}
    daily = {bar.opened_at.date(): bar.close for bar in bars.days}
    priced = [
        (day.net_usd or 0.0, hourly.get(_valued(day.trade_date), daily.get(day.trade_date)))
        for day in final
    ]
    if priced and priced[0][1] is None:
        return None
    return sums.cost_basis(priced)


def _missing(final: Sequence[FlowDay], since: date) -> set[date]:
    """Trading days without a final figure between the funds' first day and the last known one."""
    known = {day.trade_date for day in final}
    return set(trading_days(since, final[-1].trade_date)) - known


def _still_partial(day: FlowDay | None, today: date) -> FlowDay | None:
    """Funds report within days; what is still open after that is never going to be a result."""
    if day is None or len(list(trading_days(day.trade_date, today))) > OPEN + 1:
        return None
    return day


def _valued(day: date) -> datetime:
    return datetime.combine(day, SESSION_ENDS, NEW_YORK).astimezone(UTC)


def _gap(last: float | None, basis: float | None) -> float | None:
    return None if last is None or basis is None else change_pct(last, basis)
