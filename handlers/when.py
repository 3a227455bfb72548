"""Times, days and zones as people type them for schedules."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from handlers.day_names import spread, weekday
from handlers.subscription import Days, Schedule
from handlers.words import Words

_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_HOUR = re.compile(r"[01]?\d|2[0-3]")
_HALF = re.compile(r"(?<!\S)(\d{1,2}(?:[:.]\d{2})?) (am|pm)(?!\S)", re.IGNORECASE)  # "8 am"
_NAMED = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
_DAYS = {
    "daily": Days.DAILY,
    "everyday": Days.DAILY,
    "weekdays": Days.WEEKDAYS,
    "weekday": Days.WEEKDAYS,
    "workdays": Days.WEEKDAYS,
    "weekends": Days.WEEKENDS,
    "weekend": Days.WEEKENDS,
    "trading": Days.TRADING,
}
_OF_WEEK = {
    Days.DAILY: frozenset(range(7)),
    Days.WEEKDAYS: frozenset(range(5)),
    Days.WEEKENDS: frozenset((5, 6)),
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
        "und",
        "for",
        "until",
        "till",
        "bis",
        "city",
        "uhr",
        "o'clock",
    }
)
_AFTER_FLOWS = re.compile(
    r"(?<!\w)(?:after|once)(?:[\s-]+(?:the|us|are|is))*(?:[\s-]+(?:etfs?|flows?|final)(?:\s+are)?)+(?!\w)",
    re.IGNORECASE,
)
_AFTER = "after-flows"
_SHORT = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ENGLISH = Words()
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
    """
    What was understood of a schedule; the words that were not are in `rest`. `again`: words that say a second time
    what there is one of. `on_days`: whether days were named.
    """

    schedule: Schedule | None
    rest: tuple[str, ...]
    again: tuple[str, ...] = ()
    on_days: bool = False


@dataclass(slots=True)
class _Draft:
    """What has been understood so far. `kind`: days that are named as a whole and by themselves."""

    locale: str
    zone: str | None = None
    at: str | None = None
    kind: Days | None = None
    weekdays: set[int] = field(default_factory=set)
    after: bool = False
    again: list[str] = field(default_factory=list)

    def take(self, word: str) -> bool:
        """Whether this word means something in a schedule."""
        low = word.lower()
        if (at := clock(low)) is not None:
            self._take_time(at, word)
        elif low in (Days.DAILY, Days.TRADING, "everyday"):
            self._take_kind(_DAYS[low], word)
        elif low in _DAYS:
            self._take_days(_OF_WEEK[_DAYS[low]], word)
        elif (day := weekday(low, self.locale)) is not None:
            self._take_days({day}, word)
        elif low == _AFTER:
            self.after = True
        elif (zone := zone_named(word)) is not None:
            self.take_zone(zone, word)
        else:
            return low in FILLERS
        return True

    def take_zone(self, zone: str, word: str) -> None:
        if self.zone not in (None, zone):
            self.again.append(word)
        self.zone = zone

    def _take_time(self, at: str, word: str) -> None:
        if self.at not in (None, at):
            self.again.append(word)
        self.at = at

    def _take_kind(self, kind: Days, word: str) -> None:
        if self.kind not in (None, kind) or self.weekdays:
            self.again.append(word)
        self.kind = kind

    def _take_days(self, days: Iterable[int], word: str) -> None:
        """One after the other they add up."""
        if self.kind is not None:
            self.again.append(word)
        self.weekdays |= set(days)

    def timing(self, zone: str, rest: tuple[str, ...]) -> Timing:
        zone, on_days = self.zone or zone, self.kind is not None or bool(self.weekdays)
        if not self.after:
            chosen = Schedule(self.at, zone, *self._days()) if self.at else None
            return Timing(chosen, rest, tuple(self.again), on_days)
        chosen = Schedule("00:00", zone, Days.TRADING, after_flows=True)
        if self.at or self.weekdays:
            self.again.append(self.at or ", ".join(_SHORT[day] for day in sorted(self.weekdays)))
        return Timing(chosen, rest, tuple(self.again), on_days)

    def _days(self) -> tuple[Days, tuple[int, ...]]:
        if self.kind is not None or not self.weekdays:
            return self.kind or Days.DAILY, ()
        for days, of_week in _OF_WEEK.items():
            if of_week == self.weekdays:
                return days, ()
        return Days.CUSTOM, tuple(sorted(self.weekdays))


def timing(args: tuple[str, ...], zone: str, words: Words = ENGLISH) -> Timing:
    """
    Reads "weekdays 08:00 Europe/Berlin", "mon, wed and fri 7:30am", "after flows"; `zone` when none is named. Days
    may be named in the language of `words` too.
    """
    draft = _Draft(words.locale)
    rest: list[str] = []
    left = _written_out(" ".join(args), words)
    while left:
        length, named = _zone_first(left)
        if named is not None:
            draft.take_zone(named, left[0])
        elif not draft.take(left[0]):
            rest.append(left[0])
        left = left[length:]
    if draft.at is None and (hours := [word for word in rest if _HOUR.fullmatch(word)]):
        draft.at = f"{int(hours[0]):02}:00"  # "8 Berlin": with a place and without minutes it can mean nothing else
        rest.remove(hours[0])
    return draft.timing(zone, tuple(rest))


def _written_out(text: str, words: Words) -> tuple[str, ...]:
    """Word by word, with ranges of days, "8 am" and "after the ETF flows are final" made one word each."""
    text = _AFTER_FLOWS.sub(_AFTER, spread(halves_joined(text), words))
    return tuple(text.replace(",", " ").split())


def halves_joined(text: str) -> str:
    return _HALF.sub(r"\1\2", text)


def _zone_first(words: tuple[str, ...]) -> tuple[int, str | None]:
    """How many words at the beginning name a zone of several words, and which; one word and None when they do not."""
    for length in range(min(_LONGEST_NAME, len(words)), 1, -1):
        if (zone := _zones().get(_spelled(" ".join(words[:length])))) is not None:
            return length, zone
    return 1, None


def clock(word: str) -> str | None:
    """HH:MM of "8:00", "08.00", "7:30am", "8am", "noon"; None for anything else, a bare number included."""
    if word.lower() in _NAMED:
        return _NAMED[word.lower()]
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
