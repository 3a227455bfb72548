"""Making sense of one raw answer: JSON, figures that may be strings, moments in s or ms."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NoReturn, TypeVar

import msgspec

from providers.errors import BadPayload, ProviderError

T = TypeVar("T")
U = TypeVar("U")

# What a parser may raise over an answer it did not expect, besides BadPayload itself.
UNREADABLE = (
    msgspec.MsgspecError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    RecursionError,  # lists within lists within lists
)

Reader = Callable[[str], Sequence[object]]
Refusal = Callable[[int, dict[str, str], str], ProviderError | None]


def decoded(text: str) -> Any:
    """JSON, with or without a byte order mark. Raises msgspec.DecodeError."""
    return msgspec.json.decode(text.lstrip("\ufeff").encode())


def table(value: object) -> dict[str, Any]:
    """This value when it is a JSON object. Raises ValueError otherwise."""
    if not isinstance(value, dict):
        raise ValueError("an object was expected")
    return value


def rows(value: object) -> list[dict[str, Any]]:
    """This value when it is a list of JSON objects. Raises ValueError otherwise."""
    if not isinstance(value, list):
        raise ValueError("a list was expected")
    return [table(row) for row in value]


def each(facts: Sequence[T], read: Callable[[T], U]) -> list[U]:
    """
    What can be read of facts that do not depend on each other: one that cannot costs itself alone. Where none can,
    it raises what `read` raised.
    """
    found: list[U] = []
    unreadable: Exception | None = None
    for fact in facts:
        try:
            found.append(read(fact))
        except UNREADABLE as error:
            unreadable = error
    if unreadable is not None and not found:
        raise unreadable
    return found


def most(rows: Sequence[T], read: Callable[[T], U]) -> list[U]:
    """As `each`, of rows of one shape. Raises ValueError when most cannot be read: then the shape has changed."""
    found = each(rows, read)
    if len(found) * 2 < len(rows):
        raise ValueError("most rows cannot be read")
    return found


def number(value: object) -> float | None:
    """A figure that may come as number, numeric string, empty string or null; never NaN or infinite."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("a figure was expected")
    figure = float(value)
    if not math.isfinite(figure):
        raise ValueError("a finite figure was expected")
    return figure


def figure(value: object) -> float:
    """A figure that must be there. Raises ValueError when it is missing."""
    known = number(value)
    if known is None:
        raise ValueError("a figure is missing")
    return known


def moment(seconds: object) -> datetime:
    """Unix seconds, as number or string."""
    try:
        return datetime.fromtimestamp(figure(seconds), UTC)
    except (OverflowError, OSError):
        _impossible()


def epoch_ms(moment: datetime) -> int:
    """Since the epoch, as the venues count."""
    return round(moment.timestamp() * 1000)


def moment_ms(milliseconds: object) -> datetime:
    return moment(figure(milliseconds) / 1000)


def milliseconds(value: object) -> int:
    """Unix milliseconds that name a moment. Raises ValueError otherwise."""
    moment_ms(value)
    return round(figure(value))


def day(value: object) -> date:
    """A date written YYYY-MM-DD, alone or before a time."""
    if not isinstance(value, str):
        raise ValueError("a date was expected")
    return date.fromisoformat(value[:10])


def understood(
    source: str,
    parse: Callable[[str], Sequence[object]],
    refusal: Refusal | None = None,
) -> Callable[[str], Sequence[object]]:
    """`parse` for a raw answer of unknown status: what cannot be read raises the ProviderError it is."""

    def read(text: str) -> Sequence[object]:
        error = refusal(200, {}, text) if refusal else None
        if error is not None:
            raise error
        try:
            return parse(text)
        except UNREADABLE:
            raise BadPayload(source, "an answer in a shape we do not know") from None

    return read


def _impossible() -> NoReturn:
    raise ValueError("a moment outside of all calendars") from None
