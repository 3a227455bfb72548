"""What one raw answer or frame says, together with what the fact itself does not carry."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """`venue` is the source; `symbol` is None where the answer does not name what it is about."""

    item: object
    venue: str
    symbol: str | None
    interval: str | None = None
    at: datetime | None = None
