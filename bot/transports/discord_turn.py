"""
One interaction from its acknowledgement to its answer.

Discord allows three seconds to the acknowledgement and fifteen minutes to the answer
(https://docs.discord.com/developers/interactions/receiving-and-responding).
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import discord

from bot.transports.discord_errors import (
    ALREADY_ANSWERED,
    INVALID_TOKEN,
    LOST,
    UNKNOWN_INTERACTION,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
)
from bot.transports.discord_messages import Message
from handlers.reply import Reply

log = logging.getLogger(__name__)

CLOSED = frozenset((UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION, INVALID_TOKEN, UNKNOWN_MESSAGE))
NOT_OURS = frozenset((UNKNOWN_INTERACTION, ALREADY_ANSWERED))


@dataclass(slots=True)
class Turn:
    """
    `thinking`: a new message is owed; otherwise the one the control stands under is to change.
    `hidden`: whatever is said is seen by the asker alone.
    """

    interaction: discord.Interaction
    thinking: bool
    hidden: bool
    waiting: bool = False  # somebody looks at «thinking»

    async def acknowledge(self) -> bool:
        """False: too late, or another process was quicker. A lost answer may have been a yes, so we go on."""
        try:
            await self.interaction.response.defer(thinking=self.thinking, ephemeral=self.hidden)
        except discord.HTTPException as error:
            log.warning("interaction_not_acknowledged", extra={"code": error.code})
            if error.code in NOT_OURS:
                return False
        except LOST:
            log.warning("interaction_acknowledgement_lost")
        self.waiting = True
        return True

    async def show(self, reply: Reply, messages: Sequence[Message]) -> bool:
        """False when Discord no longer takes an answer for this interaction; nothing was shown then."""
        try:
            await self._show(reply, messages)
        except discord.HTTPException as error:
            if error.code not in CLOSED:
                raise
            self.waiting = False
            return False
        return True

    async def silence(self) -> None:
        """There is nothing to say."""
        self.waiting = False
        if self.thinking:
            with suppress(discord.HTTPException, *LOST):  # it fades by itself in the end
                await self.interaction.delete_original_response()

    async def _show(self, reply: Reply, messages: Sequence[Message]) -> None:
        rest = list(messages)
        if self._in_place(reply):
            await self._edit(rest.pop(0))
        elif self.thinking:
            await self.interaction.delete_original_response()  # it was begun for all to see
        self.waiting = False
        for message in rest:
            await self.interaction.followup.send(
                **message.new(), ephemeral=self.hidden or reply.private
            )

    def _in_place(self, reply: Reply) -> bool:
        """What is for one person never takes the place of what all see, nor a mere remark that of a panel."""
        if not reply.private:
            return True
        return self.hidden and (self.thinking or bool(reply.controls or reply.selects))

    async def _edit(self, message: Message) -> None:
        """Twice if need be: the same edit done again changes nothing."""
        try:
            await self.interaction.edit_original_response(**message.instead())
        except LOST:
            await self.interaction.edit_original_response(**message.instead())
