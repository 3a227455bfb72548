"""Whether a source answers, and when it may be asked again after it did not."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from providers.errors import GeoBlocked, ProviderError
from providers.types import Reading, SourceState

log = logging.getLogger(__name__)

SKIP = timedelta(seconds=60)  # a source that failed is not asked again for so long
ALONE = timedelta(seconds=5)  # but when every other one rests too
SKIP_BLOCKED = timedelta(hours=6)  # a geo block does not pass within a conversation


@dataclass(slots=True)
class Health:
    """What we know of one source for one kind of fact. Going down and coming back are logged once each."""

    last_good_at: datetime | None = None  # of when the newest fact is
    answered_at: datetime | None = None  # when it last said anything
    error: str | None = None
    error_at: datetime | None = None
    skip_until: datetime | None = None
    must_rest: bool = False  # it said so itself, or will never serve us
    remembers: bool = False  # what it said before it failed may still be had from it, at no cost

    def rests(self, now: datetime) -> bool:
        return self.skip_until is not None and self.skip_until > now

    def may_try(self, now: datetime) -> bool:
        """Whether to ask it all the same, nobody else being left."""
        return not self.must_rest and self.error_at is not None and now - self.error_at >= ALONE

    def went(
        self, kind: str, name: str, error: ProviderError, now: datetime, *, remembers: bool = False
    ) -> None:
        """It failed."""
        if self.error is None:
            log.warning("source_down", extra={"source": name, "kind": kind, "detail": error.detail})
        rest = SKIP_BLOCKED if isinstance(error, GeoBlocked) else error.retry_after or SKIP
        self.must_rest = isinstance(error, GeoBlocked) or error.retry_after is not None
        self.error, self.error_at, self.skip_until = error.detail, now, now + rest
        self.remembers = remembers

    def told(self, kind: str, name: str, answer: Reading[Any], now: datetime) -> None:
        """It gave a reading: an answer, or what it remembers while it does not answer."""
        if answer.failed is not None:
            self.went(kind, name, answer.failed, now, remembers=True)
            return
        if self.error is not None:
            log.info("source_up", extra={"source": name, "kind": kind})
        self.last_good_at, self.answered_at = answer.as_of, answer.answered_at or now
        self.error, self.skip_until, self.remembers = None, None, False

    def state(self, kind: str, name: str) -> SourceState:
        """For /status."""
        return SourceState(
            name,
            kind,
            self.last_good_at,
            self.error,
            self.error_at,
            answered_at=self.answered_at,
        )
