"""Questions whose last try failed, and for how long another try would be in vain."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from providers.errors import GeoBlocked, PlanNeeded, ProviderError, Refused, UnknownSymbol
from providers.health import SKIP, SKIP_BLOCKED

MOST = 256  # questions; the oldest failures go
SKIP_REFUSED = timedelta(minutes=10)  # our key or our words do not change by being repeated


@dataclass(frozen=True, slots=True)
class Failure:
    error: ProviderError
    at: datetime

    def stands(self, now: datetime, *, remembered: bool) -> bool:
        """
        Whether to spare the source another try. Where an older answer is `remembered` nobody is left with nothing, so
        it is spared after any failure; otherwise only when it said that a try is in vain.
        """
        return now - self.at < (_lasts(self.error) or (SKIP if remembered else timedelta()))


class Failures:
    """One source's, by question."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Failure] = {}

    def get(self, question: Hashable) -> Failure | None:
        return self._known.get(question)

    def put(self, question: Hashable, error: ProviderError, now: datetime) -> None:
        self._known.pop(question, None)
        self._known[question] = Failure(error.anew(), now)
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]

    def drop(self, question: Hashable) -> None:
        self._known.pop(question, None)


def _lasts(error: ProviderError) -> timedelta | None:
    match error:
        case GeoBlocked() | PlanNeeded():
            return SKIP_BLOCKED
        case UnknownSymbol():
            return None
        case Refused():
            return SKIP_REFUSED
        case _:
            return None
