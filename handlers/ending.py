"""When something ends, as people type it: "90 minutes", "until 8 am", "tomorrow 18:00", "31.12.2026"."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.day_names import weekday
from handlers.schedule import instant
from handlers.when import FILLERS, clock, halves_joined

MORNING = time(8)  # a silence until a day that names no hour ends when most people are up
DAY_END = time(23, 59)
_PART = r"(\d{1,5}(?:[.,]\d{1,2})?)\s*(minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)(?![a-z])"
_LENGTH = re.compile(rf"(?:{_PART}[\s,]*(?:and\s)?)+", re.IGNORECASE)
_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_UNTIL = ("until", "till", "bis")
_HOUR = re.compile(r"[01]?\d|2[0-3]")
_AHEAD = {"today": 0, "tomorrow": 1}
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_WEEK = 7
_YEARS = range(2000, 9999)  # beyond, a zone leads out of the calendar
LONGEST = timedelta(days=366)


def end_of(args: tuple[str, ...], now: datetime, zone: ZoneInfo, locale: str) -> datetime | None:
    """When a silence of "1h 30m" or "until 08:00" ends; None for what is neither."""
    named = [word for word in args if word.lower() not in FILLERS]
    if (length := length_of(" ".join(named))) is not None:
        return now + length
    until = bool(args) and args[0].lower() in _UNTIL
    if until and len(named) == 1 and _HOUR.fullmatch(named[0]):
        named = [f"{named[0]}:00"]  # "until 8" can mean nothing else
    return moment(" ".join(named), now, zone, locale, unsaid=MORNING)


def length_of(text: str) -> timedelta | None:
    """ "1h30m", "90 minutes", "1.5 h"; a year for whatever is longer."""
    if _LENGTH.fullmatch(text) is None:
        return None
    parts = re.findall(_PART, text, re.IGNORECASE)
    seconds = sum(float(n.replace(",", ".")) * _SECONDS[unit[0].lower()] for n, unit in parts)
    return timedelta(seconds=min(round(seconds), LONGEST.total_seconds()))


def moment(
    text: str, now: datetime, zone: ZoneInfo, locale: str, *, unsaid: time
) -> datetime | None:
    """
    The instant of a day, a time of day or both on this clock, whichever comes next; a day alone means `unsaid` on it.
    It may have passed when the day is a date. None when it cannot be read.
    """
    at: time | None = None
    days: list[str] = []
    for word in halves_joined(text).split():
        if (read := clock(word)) is not None and at is None:
            at = time.fromisoformat(read)
        elif word.lower() not in FILLERS:
            days.append(word)
    if len(days) > 1 or not (days or at):
        return None
    today = now.astimezone(zone).date()
    candidates = _days(days[0], today, locale) if days else _next(today)
    ends = [instant(day, at or unsaid, zone) for day in candidates]
    return next((end for end in ends if end > now), ends[-1] if ends else None)


def _days(word: str, today: date, locale: str) -> list[date]:
    """The days a word may mean, the nearest first."""
    if (ahead := _AHEAD.get(word.lower())) is not None:
        return [today + timedelta(days=ahead)]
    if (named := weekday(word, locale)) is not None:
        nearest = today + timedelta(days=(named - today.weekday()) % _WEEK)
        return [nearest, nearest + timedelta(days=_WEEK)]
    found = _DOTTED.fullmatch(word)
    try:
        day = date(*(int(found[n]) for n in (3, 2, 1))) if found else date.fromisoformat(word)
    except ValueError:
        return []
    return [day] if day.year in _YEARS else []


def _next(today: date) -> list[date]:
    return [today + timedelta(days=n) for n in range(3)]
