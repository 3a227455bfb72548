"""The line under every message that names each source and how old its figure is."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from handlers.reply import Inline, Line
from handlers.words import Words
from providers.types import Reading

FRESH = timedelta(minutes=2)  # younger than this needs no age beside its time


def footer(words: Words, now: datetime, readings: Iterable[Reading[Any]]) -> tuple[Line, ...]:
    """Each source once, with its oldest figure: "Binance 12:03 UTC · Deribit 11:40 UTC (23 min old)"."""
    oldest: dict[str, datetime] = {}
    for reading in readings:
        known = oldest.get(reading.source)
        oldest[reading.source] = reading.as_of if known is None else min(known, reading.as_of)
    parts: list[Inline] = []
    for source, as_of in oldest.items():
        parts += [" · "] if parts else []
        parts += [f"{source} ", words.moment(as_of)]
        if now - as_of > FRESH:
            parts.append(f" ({words.age(as_of, now)})")
    return (tuple(parts),) if parts else ()
