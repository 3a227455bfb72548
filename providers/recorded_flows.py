"""
ETF flows as they could be known at a time, from what was displayed when.

A day counts from when it was seen, with exactly the cells seen by then. Days that nobody watched count from 12:00 UTC
the day after, by when every fund has usually filed (issuers file in the New York evening, the last one before 08:00
UTC). Money in the files is in millions of dollars.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from providers.recorded_files import Row, moment, number, rows
from providers.types import FlowDay, FlowStatus

NEW_YORK = ZoneInfo("America/New_York")
SESSION_ENDS = time(16, 0)
ASSUMED_PUBLICATION = time(12, 0)
REMEMBERED = (
    5  # a fund that filed in none of so many trading days before has closed or not yet begun
)
MILLION = 1e6
_NOT_FUNDS = {"date_us", "seen_at_utc", "first_seen", "total", "is_trading_day", "cum_total"}

Cells = dict[str, float]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What stood on the page for one trade date at one time: only the funds that had a figure. `settled`: for good."""

    at: datetime
    trade_date: date
    cells: Cells
    total: float | None
    settled: bool = False


class FlowFiles:
    """Every sighting of one asset's flows, in the order in which they became known."""

    def __init__(self, folder: Path, symbol: str) -> None:
        asset = symbol.lower()
        seen = [
            _sighting(row, moment(row["seen_at_utc"]))
            for row in rows(folder, f"etf_{asset}*vintages*.csv")
        ]
        real = [
            s for s in seen if s.at >= _session_end(s.trade_date)
        ]  # before, zeros are placeholders
        self._known = sorted(real + _unwatched(folder, asset, real), key=lambda s: s.at)
        self._times = [s.at for s in self._known]
        self._last: tuple[int, tuple[FlowDay, ...]] = (0, ())

    def __bool__(self) -> bool:
        return bool(self._known)

    def days(self, now: datetime) -> tuple[FlowDay, ...]:
        """Every trade date known at `now`, oldest first."""
        count = bisect_right(self._times, now)
        if self._last[0] != count:
            self._last = (count, _days(self._known[:count]))
        return self._last[1]

    def seen_at(self, now: datetime) -> datetime | None:
        """When the newest of them was seen."""
        count = bisect_right(self._times, now)
        return self._times[count - 1] if count else None


def _unwatched(folder: Path, asset: str, seen: Sequence[Sighting]) -> list[Sighting]:
    """Days of the history file that were not watched, or that the watch left before they were complete."""
    widths: dict[date, int] = {}
    for sighting in seen:
        widths[sighting.trade_date] = max(widths.get(sighting.trade_date, 0), len(sighting.cells))
    last = max(widths, default=date.min)
    history = [
        _sighting(row, _assumed(date.fromisoformat(row["date_us"])), settled=True)
        for row in rows(folder, f"etf_{asset}*flows_farside*.csv")
        if row.get("is_trading_day", "True") != "False"
    ]
    return [
        day
        for day in history
        if day.cells
        and (
            day.trade_date not in widths
            or (day.trade_date < last and widths[day.trade_date] < len(day.cells))
        )
    ]


def _days(known: Iterable[Sighting]) -> tuple[FlowDay, ...]:
    by_date: dict[date, list[Sighting]] = {}
    for sighting in known:
        by_date.setdefault(sighting.trade_date, []).append(sighting)
    days: list[FlowDay] = []
    for day in sorted(by_date):
        days.append(_day(by_date[day], _filing(days[-REMEMBERED:])))
    return tuple(days)


def _filing(before: Sequence[FlowDay]) -> list[str]:
    """Funds that filed in any of these days, in the order of the page."""
    return list(dict.fromkeys(f for day in before for f, usd in day.by_fund if usd is not None))


def _day(sightings: Sequence[Sighting], expected: Sequence[str]) -> FlowDay:
    last = sightings[-1]
    funds = list(dict.fromkeys([*expected, *last.cells]))
    by_fund = tuple((f, None if (m := last.cells.get(f)) is None else m * MILLION) for f in funds)
    if not last.cells:
        return FlowDay(last.trade_date, None, by_fund, FlowStatus.NONE)
    complete = [s for s in sightings if s.settled or all(f in s.cells for f in expected)]
    if last not in complete:
        status = FlowStatus.PARTIAL
    elif any(_net(s) != _net(last) for s in complete):
        status = FlowStatus.REVISED
    else:
        status = FlowStatus.FINAL
    return FlowDay(last.trade_date, _net(last) * MILLION, by_fund, status)


def _net(sighting: Sighting) -> float:
    """The page's own total; the sum of its funds where it has none."""
    total = sum(sighting.cells.values()) if sighting.total is None else sighting.total
    return round(total, 3)


def _sighting(row: Row, at: datetime, *, settled: bool = False) -> Sighting:
    named = {name.removesuffix("_musd"): name for name in row}
    cells = {
        fund.upper(): value
        for fund, column in named.items()
        if fund.lower() not in _NOT_FUNDS and (value := number(row, column)) is not None
    }
    total = next((number(row, c) for fund, c in named.items() if fund.lower() == "total"), None)
    return Sighting(at, date.fromisoformat(row["date_us"]), cells, total, settled)


def _session_end(day: date) -> datetime:
    return datetime.combine(day, SESSION_ENDS, NEW_YORK).astimezone(UTC)


def _assumed(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), ASSUMED_PUBLICATION, UTC)
