"""
Why a fact could not be had.

ProviderError
├── Unavailable        down, slow, or nonsense for now: try the next source, come back later
├── RateLimited        we asked too often; carries when we may ask again
├── Refused            our key or our request is wrong; asking again changes nothing
│   ├── PlanNeeded     the key is good, its plan does not include this
│   └── UnknownSymbol  the source does not list what was asked
├── GeoBlocked         the source does not serve this machine's country; never retried
└── BadPayload         an answer we cannot read; never stored, a developer should look
"""

from datetime import timedelta
from typing import ClassVar


class ProviderError(Exception):
    """A fact could not be had. `detail` is for logs and /status, never an exception's own text."""

    code: ClassVar[str] = "unavailable"

    def __init__(self, source: str, detail: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{source}: {detail}")
        self.source = source
        self.detail = detail
        self.retry_after = retry_after


class Unavailable(ProviderError):
    code = "unavailable"


class RateLimited(ProviderError):
    code = "rate_limited"


class Refused(ProviderError):
    code = "refused"


class PlanNeeded(Refused):
    code = "plan"


class UnknownSymbol(Refused):
    code = "unknown_symbol"


class GeoBlocked(ProviderError):
    code = "geo_blocked"


class BadPayload(ProviderError):
    code = "bad_payload"
