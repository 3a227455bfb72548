"""What a platform must do for us, and how it says no."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from handlers.command import Channel
from handlers.reply import Reply
from handlers.words import Words


class DeliveryError(Exception):
    """
    A message did not arrive.

    permanent: this place will not take it, now or later (kicked, blocked, deleted): pause, never delete.
    retry_after: the platform's own word on when to try again.
    moved_to: the chat lives on under another id (a Telegram group became a supergroup).
    unknown: nobody can say whether it arrived (the answer was lost).
    gone: the message to edit no longer exists; the place itself may be fine.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        moved_to: Channel | None = None,
        unknown: bool = False,
        global_limit: bool = False,
        gone: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        self.moved_to = moved_to
        self.unknown = unknown
        self.global_limit = global_limit
        self.gone = gone

    @property
    def kind(self) -> str:
        """One of six words, to count by."""
        kinds = {
            "moved": self.moved_to is not None,
            "permanent": self.permanent,
            "wait": self.retry_after is not None,
            "gone": self.gone,
            "unknown": self.unknown,
        }
        return next((kind for kind, so in kinds.items() if so), "other")


# How a chat reads, or else the app of whoever asks.
WordsFor = Callable[[Channel, str | None], Awaitable[Words]]
# Waits for the turn of an answer to this chat; what is inside it is sent then, and counts until it was answered.
Pace = Callable[[str], AbstractAsyncContextManager[None]]


def at_once(chat: str) -> AbstractAsyncContextManager[None]:  # noqa: ARG001  # a Pace
    """No turns: for a place without limits."""
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message stands now; `message` is what `edit` takes."""

    message: str


class Transport(Protocol):
    """
    One platform. `send` and `edit` raise DeliveryError and nothing else. `nonce` names the delivery: a platform that
    knows idempotency sends it along (`idempotent` is True) and a repeat does not double.
    """

    platform: str
    idempotent: bool

    async def send(
        self, channel: Channel, reply: Reply, *, nonce: str | None = None, silent: bool = False
    ) -> Sent: ...

    async def edit(self, channel: Channel, message: str, reply: Reply) -> None: ...

    async def missing_rights(self, channel: Channel) -> tuple[str, ...]:
        """Words for each right we lack to post there; empty when all is well."""
        ...

    async def run(self) -> None:
        """Listen until cancelled; returns only then."""
        ...
