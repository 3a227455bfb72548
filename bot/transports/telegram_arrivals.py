"""The bot is let into a chat or put out of it, and says hello where somebody reads it."""

import asyncio
import logging
from typing import Protocol

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.transport import DeliveryError, Pace, WordsFor
from bot.transports.telegram_rights import Rights
from bot.transports.telegram_sending import Sending
from handlers.command import Channel
from handlers.greeting import channel_added, hello
from handlers.reply import Reply

log = logging.getLogger(__name__)

IN_CHAT = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER)


class Membership(Protocol):
    """Told when the bot comes into a chat, and when it can no longer write there."""

    async def __call__(
        self, channel: Channel, gained: bool, by_user: str | None, broadcast: str | None
    ) -> None:
        """`by_user` is None when nobody says who it was; `broadcast` is a channel's name, None for any other chat."""
        ...


class Arrivals:
    """A group is greeted in itself; of a channel, where all would read it, only whoever let us in is told."""

    def __init__(
        self,
        sending: Sending,
        rights: Rights,
        *,
        words_for: WordsFor,
        on_membership: Membership,
        pace: Pace,
    ) -> None:
        self._sending = sending
        self._rights = rights
        self._words_for = words_for
        self._on_membership = on_membership
        self._pace = pace
        self._in_order = (
            asyncio.Lock()
        )  # updates are handled side by side, but what came last counts

    async def changed(self, update: ChatMemberUpdated) -> None:
        """Promotions and the like, which leave us where we are, are no news."""
        before, after = _inside(update.old_chat_member), _inside(update.new_chat_member)
        if before == after:
            return
        chat, user = update.chat, update.from_user
        channel = Channel("telegram", str(chat.id))
        broadcast = (chat.title or "") if chat.type == ChatType.CHANNEL else None
        who = None if user.is_bot else str(user.id)  # an anonymous admin writes as a bot
        async with self._in_order:
            await self._on_membership(channel, after, who, broadcast)
        if not after or chat.type == ChatType.PRIVATE:
            return
        if broadcast is None:
            words = await self._words_for(channel, user.language_code)
            await self._say(channel, hello(words))
        elif who is not None:
            await self._offer(Channel("telegram", who), channel, broadcast, user.language_code)

    async def _offer(
        self, home: Channel, channel: Channel, name: str, language: str | None
    ) -> None:
        words = await self._words_for(home, language)
        try:
            missing = await self._rights.missing(channel, words)
        except TelegramError:
            missing = ()  # whoever subscribes is told
        await self._say(home, channel_added(words, name, f"@{channel.chat}", missing))

    async def _say(self, channel: Channel, reply: Reply) -> None:
        try:
            async with self._pace(channel.chat):
                await self._sending.send(channel, reply, silent=True)
        except DeliveryError as error:  # such as a person who never wrote to us
            log.info("greeting_not_sent", extra={"channel": channel.key, "reason": error.reason})


def _inside(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status in IN_CHAT
