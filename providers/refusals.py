"""Reading the words with which venues refuse."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec

T = TypeVar("T")


def error_body(text: str, shape: type[T]) -> T | None:
    """The answer as this shape of error; None when it is not one."""
    try:
        return msgspec.json.decode(text, type=shape, strict=False)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The Retry-After header in seconds; None when it is absent or is not a number."""
    seconds = headers.get("retry-after", "").strip()
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() and len(seconds) < 9 else None


def time_until(end: datetime, headers: Mapping[str, str]) -> timedelta | None:
    """How long `end` is away by the venue's own clock, its Date header; None without one."""
    try:
        sent_at = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
    if sent_at.tzinfo is None:
        sent_at = sent_at.replace(tzinfo=UTC)
    return max(end - sent_at, timedelta(0))
