"""From a source's rows to honest flow days, and from several sources' days to one history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from providers.trading_days import NEW_YORK, closes_at, is_trading_day, last_closed, settles_at
from providers.types import FlowDay, FlowStatus

Figures = Mapping[str, float | None]
Row = tuple[date, Figures, float | None]

HOLE = 5  # a fund silent for so many later trading days did not file late: it had nothing to file
GONE = 10  # a fund silent for so many trading days in a row is closed, not late
WATCHED = timedelta(
    seconds=30
)  # while a report is due; each source has a pace of its own behind it
CALM = timedelta(hours=1)  # once it is final, figures only change by revision
ROUNDING = 100_000.0  # USD; sources round to 0.1 M, which is not a revision
SUMMED = 2e6  # USD by which rounded funds may miss their total

_FLAGSHIPS = {
    **dict.fromkeys(("IBIT", "FBTC", "GBTC", "BITB", "ARKB"), "BTC"),
    **dict.fromkeys(("ETHA", "FETH", "ETHE", "ETHW", "ETHV"), "ETH"),
    **dict.fromkeys(("BSOL", "GSOL", "VSOL", "FSOL"), "SOL"),
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources that give different final figures for one trade date. USD."""

    trade_date: date
    ours: float
    theirs: float
    by: str = ""  # who says `theirs`


def asset_of(funds: Iterable[str]) -> str | None:
    """Which coin these funds hold, where their tickers tell."""
    return next((asset for fund in funds if (asset := _FLAGSHIPS.get(fund))), None)


def by_fund_days(rows: Iterable[Row]) -> tuple[FlowDay, ...]:
    """
    Days of a source that lists its funds; oldest first. Days without trading are dropped.
    A fund counts from its first figure on and until it falls silent for good, so that neither a
    fund that was not yet listed nor one that closed makes a day look incomplete. A row that lists
    no fund at all is a bare total.
    """
    trading = _trading(rows)
    bare = total_days((trade_date, total) for trade_date, figures, total in trading if not figures)
    ordered = [row for row in trading if row[1]]
    expected = _expected(ordered)
    days = []
    for place, (trade_date, figures, total) in enumerate(ordered):
        by_fund = tuple((fund, figures.get(fund)) for fund in expected[place])
        old = len(ordered) - 1 - place >= HOLE
        days.append(flow_day(trade_date, by_fund, total, filed=old))
    if days and days[-1].final and not any(usd for _, usd in days[-1].by_fund):
        days[-1] = nothing_yet(days[-1])
    return merge((days, bare))


def total_days(rows: Iterable[tuple[date, float | None]]) -> tuple[FlowDay, ...]:
    """
    Days of a source that knows only the total; oldest first. Such a source writes 0 where it has nothing
    yet, so an exact zero that nothing follows is no figure.
    """
    ordered = _trading((trade_date, {}, total) for trade_date, total in rows)
    days = [
        FlowDay(day, total, (), FlowStatus.NONE if total is None else FlowStatus.FINAL)
        for day, _, total in ordered
    ]
    for place in reversed(range(len(days))):
        if days[place].net_usd:
            break
        days[place] = nothing_yet(days[place])
    return tuple(days)


def flow_day(
    trade_date: date,
    by_fund: tuple[tuple[str, float | None], ...],
    total: float | None,
    *,
    filed: bool = False,
) -> FlowDay:
    """
    One day by who has reported. `filed`: old enough that a fund without a figure will not file any more. A total of 0
    beside funds that do not cancel out is a placeholder: then their sum is the total.
    """
    known = [usd for _, usd in by_fund if usd is not None]
    if not known:
        return FlowDay(trade_date, None, by_fund, FlowStatus.NONE)
    complete = len(known) == len(by_fund) or filed
    summed = sum(known)
    net = summed if total is None or (total == 0 and abs(summed) >= 1) else total
    return FlowDay(trade_date, net, by_fund, FlowStatus.FINAL if complete else FlowStatus.PARTIAL)


def nothing_yet(day: FlowDay) -> FlowDay:
    """The same day without any figure."""
    return FlowDay(
        day.trade_date, None, tuple((fund, None) for fund, _ in day.by_fund), FlowStatus.NONE
    )


def honest(days: Sequence[FlowDay], now: datetime) -> tuple[FlowDay, ...]:
    """
    The same days as they may be told at `now`. Before the closing bell there is no figure, whatever a
    source shows. A total that is not the sum of funds does not say who has filed, whether it comes bare or beside
    funds it misses: it is final from 12:00 UTC on the day after the trade date; until then it is partial.
    """
    return tuple(_at(day, now) for day in days if day.trade_date <= now.date())


def _at(day: FlowDay, now: datetime) -> FlowDay:
    if now < closes_at(day.trade_date):
        return nothing_yet(day)
    if day.final and not _adds_up(day) and now < settles_at(day.trade_date):
        return replace(day, status=FlowStatus.PARTIAL)
    return day


def _adds_up(day: FlowDay) -> bool:
    summed = sum(usd for _, usd in day.by_fund if usd is not None)
    return bool(day.by_fund) and abs(summed - (day.net_usd or 0.0)) <= SUMMED


def revise(known: Sequence[FlowDay], seen: Sequence[FlowDay]) -> tuple[FlowDay, ...]:
    """
    What one source says now, over what the same source said before; oldest first. A day that was final
    and is now final with another figure is revised. What was final is never unsaid: a day that comes back
    partial, empty or not at all keeps its figure, and funds once named stay named.
    """
    days = {day.trade_date: day for day in known}
    for day in seen:
        before = days.get(day.trade_date)
        days[day.trade_date] = _after(before, day) if before and before.final else day
    return tuple(days[trade_date] for trade_date in sorted(days))


def _after(before: FlowDay, now: FlowDay) -> FlowDay:
    if not now.final or before.net_usd is None or now.net_usd is None:
        return before
    by_fund = now.by_fund or before.by_fund
    if abs(now.net_usd - before.net_usd) > ROUNDING:
        return replace(now, status=FlowStatus.REVISED)  # the funds of the old total do not add up
    return replace(before, by_fund=by_fund)


def merge(sources: Sequence[Sequence[FlowDay]]) -> tuple[FlowDay, ...]:
    """
    One history from several, best source first; oldest first. For each day the first source that has it
    final, else the one that heard of the most funds.
    """
    best: dict[date, FlowDay] = {}
    for days in sources:
        for day in days:
            held = best.get(day.trade_date)
            if held is None or _rank(day) > _rank(held):
                best[day.trade_date] = day
    return tuple(best[trade_date] for trade_date in sorted(best))


def _rank(day: FlowDay) -> tuple[bool, bool, int]:
    reported = sum(usd is not None for _, usd in day.by_fund)
    return day.final, day.net_usd is not None, 0 if day.final else reported


def disagreements(
    ours: Sequence[FlowDay], theirs: Sequence[FlowDay], tolerance: float = 0.01, *, by: str = ""
) -> tuple[Disagreement, ...]:
    """Days that both have final, apart by more than `tolerance` of the larger figure and by more than rounding."""
    other = {day.trade_date: day.net_usd for day in theirs if day.final}
    found = []
    for day in ours:
        their = other.get(day.trade_date)
        if not day.final or day.net_usd is None or their is None:
            continue
        apart = abs(day.net_usd - their)
        if apart > 2 * ROUNDING and apart > tolerance * max(abs(day.net_usd), abs(their)):
            found.append(Disagreement(day.trade_date, day.net_usd, their, by))
    return tuple(found)


def good_for(days: Sequence[FlowDay], now: datetime) -> timedelta:
    """
    How long these days need no second look. While the last trade date that has closed is not final its figures may
    come any minute. An unfinished Friday is given up at noon UTC on Saturday, and so before a holiday: nobody files
    on a day without trading.
    """
    newest = last_closed(now)
    final = any(day.final for day in days if day.trade_date == newest)
    due = now < settles_at(newest) or is_trading_day(now.astimezone(NEW_YORK).date())
    return WATCHED if due and not final else CALM


def _trading(rows: Iterable[Row]) -> list[Row]:
    """Oldest first, one row per trading day; of rows for the same day the later one."""
    by_date = {row[0]: row for row in rows if is_trading_day(row[0])}
    return [by_date[trade_date] for trade_date in sorted(by_date)]


def _expected(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """For each day the funds that trade: since their first figure, until they are silent for good."""
    order: dict[str, None] = {}
    for _, figures, _ in rows:
        order.update(dict.fromkeys(figures))
    spans = {fund: _span(rows, fund) for fund in order}
    last = len(rows) - 1

    def trades(fund: str, place: int) -> bool:
        first, final = spans[fund]
        return first <= place and (place <= final or last - final < GONE)

    return [tuple(fund for fund in order if trades(fund, place)) for place in range(len(rows))]


def _span(rows: Sequence[Row], fund: str) -> tuple[int, int]:
    heard = [place for place, (_, figures, _) in enumerate(rows) if figures.get(fund) is not None]
    return (heard[0], heard[-1]) if heard else (0, -1)
