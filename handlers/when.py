"""Times and days as people type them, for schedules and mutes."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from handlers.schedule import instant
from handlers.subscription import Days, Schedule

_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_HOUR = re.compile(r"[01]?\d|2[0-3]")
_HALF = re.compile(r"(?<!\S)(\d{1,2}(?:[:.]\d{2})?) (am|pm)(?!\S)", re.IGNORECASE)  # "8 am"
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
    {
        "at",
        "on",
        "in",
        "every",
        "day",
        "days",
        "the",
        "us",
        "time",
        "and",
        "for",
        "until",
        "city",
        "uhr",
        "o'clock",
    }
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
_OFFSET = re.compile(r"(?:utc|gmt)?([+\u2212-])(\d{1,2})(?::?(00|15|30|45))?", re.IGNORECASE)
_FARTHEST = timedelta(hours=14)
_LONGEST_NAME = 4  # words of a city: Port of Spain has three
_NO_PLACES = ("Factory", "localtime")  # in the database for other reasons
# One zone of many people for each offset, to choose from.
_WELL_KNOWN = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Phoenix",
    "America/Chicago", "America/Mexico_City", "America/New_York", "America/Bogota", "America/Halifax",
    "America/Caracas", "America/Sao_Paulo", "America/Buenos_Aires", "Atlantic/Azores", "Europe/London",
    "Africa/Accra", "Europe/Berlin", "Africa/Lagos", "Europe/Athens", "Africa/Cairo", "Africa/Johannesburg",
    "Europe/Istanbul", "Europe/Moscow", "Asia/Riyadh", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul", "Asia/Karachi",
    "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Asia/Singapore", "Asia/Shanghai",
    "Asia/Tokyo", "Asia/Seoul", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Pacific/Noumea",
    "Pacific/Auckland", "Pacific/Tongatapu", "Pacific/Kiritimati",
)  # fmt: skip


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
    rest: list[str] = []
    left = tuple(_HALF.sub(r"\1\2", " ".join(args)).split())
    while left:
        length, named = _zone_first(left)
        if named is not None:
            draft.zone = named
        elif not draft.take(left[0]):
            rest.append(left[0])
        left = left[length:]
    if draft.at is None and (hours := [word for word in rest if _HOUR.fullmatch(word)]):
        draft.at = f"{int(hours[0]):02}:00"  # "8 Berlin": with a place and without minutes it can mean nothing else
        rest.remove(hours[0])
    return Timing(draft.schedule(), tuple(rest))


def _zone_first(words: tuple[str, ...]) -> tuple[int, str | None]:
    """How many words at the beginning name a zone of several words, and which; one word and None when they do not."""
    for length in range(min(_LONGEST_NAME, len(words)), 1, -1):
        if (zone := _zones().get(_spelled(" ".join(words[:length])))) is not None:
            return length, zone
    return 1, None


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
    low = word.lower().strip(",")
    return (
        _ABBREVIATIONS.get(low)
        or ("UTC" if offset(low) == timedelta() else None)
        or _zones().get(_spelled(low))
    )


def zones_like(start: str, limit: int = 5) -> tuple[str, ...]:
    """Zones whose name holds these letters, for a hint."""
    wanted = _spelled(start)
    found = [n for n in sorted(set(_zones().values())) if len(wanted) > 1 and wanted in _spelled(n)]
    return tuple(found[:limit])


def offset(word: str) -> timedelta | None:
    """How far ahead of UTC "UTC+2", "gmt-5" or "+05:30" is; None for anything else."""
    match = _OFFSET.fullmatch(word)
    if match is None:
        return None
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if ahead > _FARTHEST:
        return None
    return ahead if match[1] == "+" else -ahead


def zones_at(ahead: timedelta, now: datetime, limit: int = 3) -> tuple[str, ...]:
    """Zones of many people whose clocks are so far ahead of UTC just now."""
    found = [z for z in _WELL_KNOWN if now.astimezone(ZoneInfo(z)).utcoffset() == ahead]
    return tuple(found[:limit])


@cache  # reading the names takes 50 ms
def _zones() -> Mapping[str, str]:
    """
    Every zone by its name and by its city. "Etc/GMT+2" goes by its whole name only: it is two hours behind UTC, the
    opposite of what people mean by GMT+2.
    """
    known: dict[str, str] = {}
    names = sorted(available_timezones() - set(_NO_PLACES), key=lambda n: (n.count("/"), n))
    for name in names:
        known.setdefault(_spelled(name), name)
    for name in names:
        if not name.startswith("Etc/"):
            known.setdefault(_spelled(name.rsplit("/", 1)[-1]), name)
    return known


def _spelled(name: str) -> str:
    """As the keys are: without capitals and accents, one sign between words."""
    plain = unicodedata.normalize("NFKD", name.lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return plain.replace(" ", "_").replace("-", "_")


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
