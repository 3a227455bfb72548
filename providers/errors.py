"""
Why a fact could not be had.

ProviderError
├── Unavailable        down, slow, or nonsense for now: try the next source, come back later
│   ├── NoSource        this deployment has no source for that kind of fact
│   ├── NothingAnswers  every source of a kind of fact failed; carries what was last known
│   └── StillCounting   our own count has only just begun
├── RateLimited        we asked too often; carries when we may ask again
│   └── BudgetSpent     we would ask too often, by our own count
├── Refused            our key or our request is wrong; asking again changes nothing
│   ├── PlanNeeded     the key is good, its plan does not include this
│   └── UnknownSymbol  the source does not list what was asked
├── GeoBlocked         the source does not serve this machine's country; never retried
└── BadPayload         an answer we cannot read; never stored, a developer should look
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from providers.types import Reading


class ProviderError(Exception):
    """A fact could not be had. `detail` is for logs and /status, never an exception's own text."""

    code: ClassVar[str] = "unavailable"

    def __init__(self, source: str, detail: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{source}: {detail}")
        self.source = source
        self.detail = detail
        self.retry_after = retry_after

    def anew(self) -> Self:
        """
        The same, as if it had never been raised. What is raised holds on to all that was at hand where it was, whole
        answers among it: so what is kept, or raised again and again, is one of these.
        """
        same = type(self).__new__(type(self), *self.args)
        same.__dict__.update(self.__dict__)
        return same


class Unavailable(ProviderError):
    code = "unavailable"


class NoSource(Unavailable):
    code = "no_source"


class StillCounting(Unavailable):
    code = "counting"


class RateLimited(ProviderError):
    code = "rate_limited"


class BudgetSpent(RateLimited):
    """Nobody was asked."""


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


class NothingAnswers(Unavailable):
    """
    Every source of this kind failed. `last` is what was last said to the same question, with its own source and
    time, and `since` when any question of the kind was last answered; both None when there never was an answer.
    """

    def __init__(
        self,
        kind: str,
        cause: ProviderError | None,
        *,
        last: Reading[Any] | None = None,
        since: datetime | None = None,
    ) -> None:
        super().__init__(
            cause.source if cause else kind,
            cause.detail if cause else "no source answered",
            retry_after=cause.retry_after if cause else None,
        )
        self.last = last
        self.since = since
        self.cause = cause
