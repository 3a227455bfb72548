"""When a chat wants to hear nothing: quiet hours in its zone, and a mute for a while."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from handlers.preferences import Preferences, QuietHours, Severity
from handlers.schedule import instant


def held_until(preferences: Preferences, severity: Severity, now: datetime) -> datetime | None:
    """
    Until when a message of this severity waits in this chat; None: send it now. What waits arrives as one digest.
    A mute lets critical messages pass; quiet hours do too unless the chat chose otherwise.
    """
    ends = [
        end
        for end in (_muted(preferences, severity, now), _quiet(preferences, severity, now))
        if end
    ]
    return max(ends, default=None)


def awake_until(
    preferences: Preferences, severity: Severity, start: datetime, length: timedelta
) -> datetime:
    """`length` after `start`, in which the chat's own silence does not count, nor a mute that is over."""
    left = length
    while True:
        start = held_until(preferences, severity, start) or start
        silence = _next_quiet(preferences, severity, start)
        if silence is None or silence - start >= left:
            return start + left
        left -= silence - start
        start = silence


def changed(before: Preferences, after: Preferences, now: datetime) -> Preferences:
    """Other wishes from now on. What the old ones held stays known as held until now, lest it be late for that."""
    wishes = [(p.quiet, p.zone, p.muted_until) for p in (before, after)]
    if wishes[0] == wishes[1] or held_until(before, Severity.INFO, now) is None:
        return after
    return replace(after, muted_until=max(now, after.muted_until or now))


def quiet_until(quiet: QuietHours, zone: ZoneInfo, now: datetime) -> datetime | None:
    """
    When the quiet hours that run now end; None outside of them. `end` equal to `start` means never quiet. They last
    from one instant to another, so an hour that a clock change repeats neither interrupts nor restarts them.
    """
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    if start == end:
        return None
    today, over_midnight = now.astimezone(zone).date(), timedelta(days=end < start)
    for day in (today - timedelta(days=1), today):
        until = instant(day + over_midnight, end, zone)
        if instant(day, start, zone) <= now < until:
            return until
    return None


def _muted(preferences: Preferences, severity: Severity, now: datetime) -> datetime | None:
    until = preferences.muted_until
    if until is None or until <= now or severity is Severity.CRITICAL:
        return None
    return until


def _quiet(preferences: Preferences, severity: Severity, now: datetime) -> datetime | None:
    quiet = _quiet_hours(preferences, severity)
    return None if quiet is None else quiet_until(quiet, _zone(preferences), now)


def _next_quiet(preferences: Preferences, severity: Severity, now: datetime) -> datetime | None:
    """When they begin next."""
    quiet = _quiet_hours(preferences, severity)
    if quiet is None:
        return None
    zone, start = _zone(preferences), time.fromisoformat(quiet.start)
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(3))
    begins = (instant(day, start, zone) for day in days)
    return next(at for at in begins if at > now)


def _quiet_hours(preferences: Preferences, severity: Severity) -> QuietHours | None:
    quiet = preferences.quiet
    if quiet is None or (severity is Severity.CRITICAL and quiet.critical_passes):
        return None
    return quiet


def _zone(preferences: Preferences) -> ZoneInfo:
    return ZoneInfo(preferences.zone or "UTC")
