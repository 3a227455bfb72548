"""A message we owe: not words yet but what happened, so that it is written when it leaves, in the chat's own terms."""

from datetime import datetime
from enum import StrEnum

import msgspec

from handlers.preferences import Severity
from handlers.reply import Reply
from handlers.rule import Alert, RuleState, Transition

__all__ = ["Alert", "Briefing", "Owed", "OwedKind", "RuleChange", "Transition"]


class OwedKind(StrEnum):
    BRIEFING = "briefing"
    ALERT = "alert"
    NOTICE = "notice"


class Briefing(msgspec.Struct, frozen=True):
    """`occurrence` is local date and time without fold, "2026-02-04T08:00"."""

    name: str
    asset: str
    subscription: str
    occurrence: str


class Owed(msgspec.Struct, frozen=True):
    """
    `id` names the delivery and is what makes a double impossible. After `expires` it is told as missed
    rather than sent stale. Exactly one of briefing, alert and reply is set, as `kind` says.
    """

    id: str
    channel: str
    kind: OwedKind
    severity: Severity
    at: datetime
    expires: datetime | None = None
    briefing: Briefing | None = None
    alert: Alert | None = None
    reply: Reply | None = None


class RuleChange(msgspec.Struct, frozen=True):
    """A rule's step: saved together with what it owes, only if nobody advanced the rule since `version`."""

    channel: str
    rule: str
    version: int
    state: RuleState
    owed: Owed | None = None
