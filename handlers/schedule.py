"""When a schedule is due: by local date and time, so that a change of the clock neither doubles nor drops a day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.subscription import Days, Schedule
from providers.trading_days import NEW_YORK

TradingDay = Callable[[date], bool]
HORIZON = timedelta(days=400)  # further ahead nothing is looked for
_WEEKDAYS = {
    Days.DAILY: frozenset(range(7)),
    Days.WEEKDAYS: frozenset(range(5)),
    Days.WEEKENDS: frozenset((5, 6)),
    Days.TRADING: frozenset(range(7)),
}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`local` is the wall clock as scheduled, naive; `utc` when that is; `key` names it without a fold."""

    local: datetime
    utc: datetime
    key: str


def occurrences(
    schedule: Schedule, after: datetime, until: datetime, trading_day: TradingDay
) -> tuple[Occurrence, ...]:
    """Those in (after, until], oldest first; none for a schedule that waits for the flows."""
    return tuple(_due(schedule, after, until, trading_day))


def next_runs(
    schedule: Schedule, now: datetime, trading_day: TradingDay, n: int = 3
) -> tuple[Occurrence, ...]:
    """The next `n` after now; fewer when they lie further ahead than a year."""
    runs = _due(schedule, now, now + HORIZON, trading_day)
    return tuple(run for run, _ in zip(runs, range(n), strict=False))


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """
    The UTC instant of a wall-clock time. A time that the day's clock skips is the first instant after the gap; of a
    time that happens twice it is the first.
    """
    wanted = datetime.combine(day, clock, tzinfo=zone)
    utc = wanted.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == wanted.replace(tzinfo=None):
        return utc
    return _gap_end(zone, utc)


def flow_occurrence(schedule: Schedule, trade_date: date, now: datetime) -> Occurrence:
    """What a schedule that waits for the flows of this trade date owes once they are final."""
    local = now.astimezone(ZoneInfo(schedule.zone)).replace(tzinfo=None)
    return Occurrence(local, now, f"flows-{trade_date.isoformat()}")


def _due(
    schedule: Schedule, after: datetime, until: datetime, trading_day: TradingDay
) -> Iterator[Occurrence]:
    if schedule.after_flows:
        return
    zone, clock = ZoneInfo(schedule.zone), time.fromisoformat(schedule.at)
    day, last = after.astimezone(zone).date() - timedelta(days=1), until.astimezone(zone).date()
    while day <= last:
        if _may_run_on(schedule, day):
            utc = instant(day, clock, zone)
            if after < utc <= until and _trades(schedule, day, utc, trading_day):
                yield Occurrence(
                    datetime.combine(day, clock), utc, f"{day.isoformat()}T{clock:%H:%M}"
                )
        day += timedelta(days=1)


def _may_run_on(schedule: Schedule, day: date) -> bool:
    if schedule.days is Days.CUSTOM:
        return day.weekday() in schedule.weekdays
    return day.weekday() in _WEEKDAYS[schedule.days]


def _trades(schedule: Schedule, day: date, utc: datetime, trading_day: TradingDay) -> bool:
    """
    By the earlier of the two dates, the chat's and New York's: seven on a Saturday morning in Tokyo is the evening of
    New York's Friday and tells of its close, and ten on a Friday evening in Los Angeles is still Friday.
    """
    return schedule.days is not Days.TRADING or trading_day(
        min(day, utc.astimezone(NEW_YORK).date())
    )


def _gap_end(zone: ZoneInfo, near: datetime) -> datetime:
    """The instant at which the offset changes, within a day around `near`, to the second."""
    low, high = near - timedelta(days=1), near + timedelta(days=1)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
