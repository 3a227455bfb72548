"""Coinglass's envelope: a code in the body even where HTTP says 200; and its plans."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from providers.errors import (
    PlanNeeded,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.payload import decoded, table

NAME = "coinglass"
ALL = "All"
A_MINUTE = timedelta(seconds=60)


class Plan(StrEnum):
    """What was bought, smallest first."""

    HOBBYIST = "hobbyist"
    STARTUP = "startup"
    STANDARD = "standard"
    PROFESSIONAL = "professional"


def refusal(_status: int, _headers: Mapping[str, str], text: str) -> ProviderError | None:
    """Coinglass's own errors, whatever the HTTP status: code "401" may mean the key or the plan."""
    try:
        body = decoded(text)
    except ValueError:
        return None
    if not isinstance(body, dict) or "code" not in body:
        return None
    return _error(str(body["code"]), str(body.get("msg") or "")[:200])


def _error(code: str, words: str) -> ProviderError | None:
    lower = words.lower()
    if code == "0":
        return None
    if code == "429" or "too many" in lower or "rate limit" in lower:
        return RateLimited(NAME, words or "asked too often", retry_after=A_MINUTE)
    if "upgrade" in lower or "plan" in lower:
        return PlanNeeded(NAME, words)
    if code in ("500", "408"):
        return Unavailable(NAME, words or "server error")
    if "not support" in lower or ("symbol" in lower and "not exist" in lower):
        return UnknownSymbol(NAME, words)
    return Refused(NAME, words or f"code {code}")


def data_of(text: str) -> Any:
    """What the envelope holds. Raises the ProviderError that its code stands for."""
    body = table(decoded(text))
    error = _error(str(body["code"]), str(body.get("msg") or "")[:200])
    if error is not None:
        raise error
    return body["data"]


def acknowledged(body: Mapping[str, Any]) -> tuple[()]:
    """Nothing: the answer to a subscription, with or without a code. Raises the ProviderError of one that failed."""
    error = _error(str(body.get("code", "0")), str(body.get("msg") or "")[:200])
    if error is not None:
        raise error
    return ()


def venue_of(word: object) -> str | None:
    """None for the row over all venues, which must never be added to the others."""
    return None if word == ALL else str(word).lower()
