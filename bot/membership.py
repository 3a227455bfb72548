"""We were let into a chat or put out of it: pushing goes on or pauses, nothing is deleted."""

from contextlib import suppress

import msgspec

from bot.let_back import LetBack
from bot.notebook import StoreNotebook
from bot.refused import private
from bot.store import StoreDown
from handlers.command import Channel
from handlers.preferences import Managed


class Membership:
    """
    Remembers who let us in: that person is told when the chat takes no more messages, and finds a broadcast channel
    again in the private chat, from where it is set up.
    """

    def __init__(self, notebook: StoreNotebook, let_back: LetBack) -> None:
        self._notebook, self._let_back = notebook, let_back

    async def __call__(
        self,
        channel: Channel,
        gained: bool,
        by_user: str | None,
        broadcast: str | None = None,
    ) -> None:
        """`by_user` is the person's id on that platform; `broadcast` the channel's name if it is one."""
        with suppress(StoreDown):
            if gained:
                await self._came(channel, by_user, broadcast)
            else:
                await self._went(channel)

    async def _came(self, channel: Channel, by_user: str | None, broadcast: str | None) -> None:
        await self._let_back(channel)
        if by_user is None:
            return
        person = f"{channel.platform}:{by_user}"
        preferences = await self._notebook.preferences(channel)
        bound = msgspec.structs.replace(preferences, bound_by=person)
        await self._notebook.set_preferences(channel, bound)
        if broadcast is not None:
            await self._managed(person, channel, (Managed(f"@{channel.chat}", broadcast),))

    async def _went(self, channel: Channel) -> None:
        await self._notebook.pause(channel, "removed from this chat")
        if person := (await self._notebook.preferences(channel)).bound_by:
            await self._managed(person, channel, ())

    async def _managed(self, person: str, channel: Channel, now: tuple[Managed, ...]) -> None:
        """What this person's private chat remembers of the channel."""
        home = private(person)
        chosen = await self._notebook.preferences(home)
        others = tuple(m for m in chosen.channels if m.at != f"@{channel.chat}")
        if (*others, *now) != chosen.channels:
            changed = msgspec.structs.replace(chosen, channels=(*others, *now))
            await self._notebook.set_preferences(home, changed)
