"""Days of the week as people name them, in English and in the chat's own language."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Literal

from babel.dates import get_day_names

from handlers.subscription import Days
from handlers.words import Words

_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WIDTHS: tuple[Literal["wide", "abbreviated", "short"], ...] = ("wide", "abbreviated", "short")
_TO = r"\s*(?:[-\u2013\u2014]|(?:to|through|thru|bis)(?!\w))\s*"


def weekday(word: str, locale: str) -> int | None:
    """0 for Monday; None for what is no day."""
    return _names(locale).get(_folded(word.rstrip(".")))


def spread(text: str, words: Words) -> str:
    """With "monday to friday" and "mo-fr" written out as single days, and the bot's own words for days in one word."""
    for phrase, days in _phrases(words).items():
        text = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", days.value, text, flags=re.IGNORECASE)
    return _range(words.locale).sub(lambda found: _between(found[1], found[2], words.locale), text)


def _phrases(words: Words) -> dict[str, Days]:
    """What we say ourselves may be typed."""
    return {
        words("every day"): Days.DAILY,
        words("Monday to Friday"): Days.WEEKDAYS,
        words("Saturday and Sunday"): Days.WEEKENDS,
        words("on US trading days"): Days.TRADING,
    }


def _between(first: str, last: str, locale: str) -> str:
    """Over a Sunday too: from Friday to Monday are four days."""
    start, end = weekday(first, locale) or 0, weekday(last, locale) or 0
    return " ".join(_ENGLISH[(start + n) % 7] for n in range((end - start) % 7 + 1))


@cache
def _names(locale: str) -> Mapping[str, int]:
    known: dict[str, int] = {}
    for day, name in enumerate(_ENGLISH):
        known |= {name[:length]: day for length in range(3, len(name) + 1)} | {f"{name}s": day}
    for width in _WIDTHS:
        for day, name in get_day_names(width, locale=locale).items():
            for form in (name, f"{name}s", name.partition("-")[0]):  # montags; segunda, of -feira
                known.setdefault(_folded(form.rstrip(".")), day)
    return known


@cache
def _range(locale: str) -> re.Pattern[str]:
    """Two days with "to" between them; the names also with the accents that the keys are without."""
    written = {
        name.rstrip(".")
        for width in _WIDTHS
        for name in get_day_names(width, locale=locale).values()
    }
    longest_first = sorted({*_names(locale), *written}, key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<!\w)({names})\.?{_TO}({names})(?!\w)", re.IGNORECASE)


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))
