"""When a chat wants to hear nothing: quiet hours in its zone, and a mute for a while."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.preferences import Preferences, QuietHours, Severity


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
    """When the quiet hours that run now end; None outside of them. `end` equal to `start` means never quiet."""
    local = now.astimezone(zone)
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    clock = local.time().replace(tzinfo=None)
    inside = start <= clock < end if start <= end else clock >= start or clock < end
    if not inside:
        return None
    day = local.date() + timedelta(days=0 if clock < end else 1)
    until = datetime.combine(day, end, tzinfo=zone).astimezone(UTC)
    # In the hour that a clock change repeats, the end of the first round lies behind us: the second one counts.
    return (
        until
        if until > now
        else datetime.combine(day, end.replace(fold=1), tzinfo=zone).astimezone(UTC)
    )


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
