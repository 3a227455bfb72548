"""Times and days as people type them, for schedules and mutes."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from handlers.schedule import instant
from handlers.subscription import Days, Schedule

_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_LENGTH = re.compile(r"(\d{1,5})\s*(m|min|h|d|w)", re.IGNORECASE)
_SECONDS = {"m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS = {
    "daily": Days.DAILY,
    "everyday": Days.DAILY,
    "weekdays": Days.WEEKDAYS,
    "workdays": Days.WEEKDAYS,
    "weekends": Days.WEEKENDS,
    "trading": Days.TRADING,
}
FILLERS = frozenset(
    {"at", "on", "in", "every", "day", "days", "the", "us", "time", "and", "for", "until"}
)
_FLOW_WORDS = frozenset({"flows", "etf", "etfs"})
# What people call their zone. Letters that mean several zones (IST, CST) are left out on purpose.
_ABBREVIATIONS = {
    "utc": "UTC", "gmt": "UTC", "z": "UTC", "et": "America/New_York", "est": "America/New_York",
    "edt": "America/New_York", "ct": "America/Chicago", "pt": "America/Los_Angeles", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "cet": "Europe/Berlin", "cest": "Europe/Berlin", "bst": "Europe/London",
    "jst": "Asia/Tokyo", "kst": "Asia/Seoul", "hkt": "Asia/Hong_Kong", "sgt": "Asia/Singapore",
    "msk": "Europe/Moscow", "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Timing:
    """What was understood of a schedule; the words that were not are in `rest`."""

    schedule: Schedule | None
    rest: tuple[str, ...]


@dataclass(slots=True)
class _Draft:
    """What has been understood so far."""

    zone: str
    at: str | None = None
    days: Days = Days.DAILY
    weekdays: tuple[int, ...] = ()
    after: bool = False

    def take(self, word: str) -> bool:
        """Whether this word means something in a schedule."""
        low = word.lower().strip(",")
        if (at := clock(low)) is not None:
            self.at = at
        elif low in _DAYS:
            self.days = _DAYS[low]
        elif (weekdays := _weekdays(low)) is not None:
            self.days, self.weekdays = Days.CUSTOM, weekdays
        elif low in ("after", "final"):
            self.after = True
        elif (zone := zone_named(word)) is not None:
            self.zone = zone
        else:
            return low in FILLERS or (self.after and low in _FLOW_WORDS)
        return True

    def schedule(self) -> Schedule | None:
        if self.after:
            return Schedule("00:00", self.zone, Days.TRADING, after_flows=True)
        return Schedule(self.at, self.zone, self.days, self.weekdays) if self.at else None


def timing(args: tuple[str, ...], zone: str) -> Timing:
    """Reads "weekdays 08:00 Europe/Berlin", "mon,fri 7:30am", "after flows"; `zone` when none is named."""
    draft = _Draft(zone)
    rest = tuple(word for word in args if not draft.take(word))
    return Timing(draft.schedule(), rest)


def clock(word: str) -> str | None:
    """HH:MM of "8:00", "08.00", "7:30am", "8am"; None for anything else, a bare number included."""
    match = _CLOCK.fullmatch(word)
    if match is None or (match[2] is None and match[3] is None):
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def zone_named(word: str) -> str | None:
    """An IANA zone by its name, by its city, or by a well-known abbreviation that means one place only."""
    low = word.lower()
    if low in _ABBREVIATIONS:
        return _ABBREVIATIONS[low]
    plain = low.replace(" ", "_")
    for name in sorted(available_timezones(), key=lambda n: (n.count("/"), n)):
        if name.lower() == plain or ("/" in name and name.lower().rsplit("/", 1)[-1] == plain):
            return name
    return None


def zones_like(start: str, limit: int = 5) -> tuple[str, ...]:
    """Zones whose name holds these letters, for a hint."""
    wanted = start.lower().replace(" ", "_")
    found = [n for n in sorted(available_timezones()) if len(wanted) > 1 and wanted in n.lower()]
    return tuple(found[:limit])


def end_of(args: tuple[str, ...], now: datetime, zone: ZoneInfo) -> datetime | None:
    """When "1h", "2d" or "until 08:00" ends: the next such time on the chat's clock."""
    words = [w for w in args if w.lower() not in FILLERS]
    if len(words) != 1:
        return None
    if match := _LENGTH.fullmatch(words[0]):
        return now + timedelta(seconds=int(match[1]) * _SECONDS[match[2].lower()])
    if (at := clock(words[0])) is None:
        return None
    today = now.astimezone(zone).date()
    candidates = (
        instant(today + timedelta(days=i), time.fromisoformat(at), zone) for i in (0, 1, 2)
    )
    return next(c for c in candidates if c > now)


def _weekdays(word: str) -> tuple[int, ...] | None:
    parts = [p[:3] for p in word.split(",") if p]
    if not parts or any(
        p not in _WEEKDAYS or not _is_weekday(w)
        for p, w in zip(parts, word.split(","), strict=False)
    ):
        return None
    return tuple(sorted({_WEEKDAYS.index(p) for p in parts}))


def _is_weekday(word: str) -> bool:
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return len(word) >= 3 and any(day.startswith(word) for day in full)
