"""When a chat wants to hear nothing: quiet hours in its zone, and a mute for a while."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

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
    quiet = preferences.quiet
    if quiet is None or (severity is Severity.CRITICAL and quiet.critical_passes):
        return None
    return quiet_until(quiet, ZoneInfo(preferences.zone or "UTC"), now)
