"""What leaves: a reply for one channel, and the debts it pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.owed import Owed
from handlers.command import Channel
from handlers.preferences import Preferences
from handlers.reply import Reply


@dataclass(frozen=True, slots=True)
class Letter:
    """
    `edits` is the message it replaces; when that is gone it is sent as one of its own. `echo`: tells once more what the
    letter before it put into a message that stands, and is needless when that became a new one. A debt named by several
    letters is paid when the last of them was sent.
    """

    reply: Reply
    owed: tuple[str, ...]
    silent: bool = False
    edits: str | None = None
    echo: bool = False


class Composer(Protocol):
    async def compose(
        self,
        channel: Channel,
        owed: Sequence[Owed],
        preferences: Preferences,
        *,
        missed: frozenset[str] = frozenset(),
        may_repeat: frozenset[str] = frozenset(),
    ) -> tuple[Letter, ...]:
        """
        Everything owed to one channel now, oldest first, as few messages: the newest state of each rule. What no letter
        names nobody would want told; it is settled unsent. `missed`: too late to be sent as they are, to be told as
        missed. `may_repeat`: may have arrived before, which the text says.
        """
        ...
