"""What one chat has chosen. Everything has a default; only differences matter."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return ("info", "warning", "critical").index(self.value)


class QuietHours(msgspec.Struct, frozen=True):
    """Local times HH:MM in the chat's zone; `start` after `end` means over midnight."""

    start: str
    end: str
    critical_passes: bool = True


class Managed(msgspec.Struct, frozen=True):
    """A channel that whoever owns a private chat let us into; commands there call it `at`, people call it `name`."""

    at: str
    name: str


class Preferences(msgspec.Struct, frozen=True):
    """
    `rings_from`: the least severity that makes a sound. `muted_until`: nothing but critical before then; it is kept
    when it is over, since what a mute held is not late. `currency`: of prices, ISO 4217, told beside the dollars.
    """

    language: str | None = None
    zone: str | None = None
    quiet: QuietHours | None = None
    muted_until: datetime | None = None
    rings_from: Severity = Severity.WARNING
    assets: tuple[str, ...] = ("BTC",)
    dark_charts: bool = True
    publish_briefings: bool = False
    manager_role: str | None = None
    paused_because: str | None = None
    bound_by: str | None = None
    channels: tuple[Managed, ...] = ()
    currency: str = "USD"
