"""Who may change a chat's settings, and what the bot itself may do there, as Telegram says."""

import re
from collections.abc import Callable, Iterator

from telegram import Bot, ChatMember, ChatMemberAdministrator, ChatMemberRestricted, Message
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import TelegramError

from bot.elsewhere import Place
from handlers.command import Channel, ChannelKind
from handlers.words import Words

BELIEVED_FOR = 60.0  # seconds
ADMINS = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)
AWAY = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
CACHED_AT_ONCE = 20_000
_NAMED = re.compile(
    r"@(?:(-\d{1,16})|[A-Za-z][A-Za-z0-9_]{3,31})"
)  # an id of ours, or a public name
_PLACES = {
    ChatType.CHANNEL: ChannelKind.BROADCAST,
    ChatType.GROUP: ChannelKind.GROUP,
    ChatType.SUPERGROUP: ChannelKind.GROUP,
}


class Rights:
    """Answers are believed for a minute; what cannot be asked is denied. `timer` counts seconds of any origin."""

    def __init__(self, bot: Bot, timer: Callable[[], float]) -> None:
        self._bot = bot
        self._timer = timer
        self._members: dict[tuple[int, int], tuple[float, bool]] = {}
        self._linked: dict[int, tuple[float, int | None]] = {}

    async def may_manage(self, message: Message) -> bool:
        """
        Whether who wrote this may change the chat's settings: in private everybody, in a channel whoever can
        post, in a group its admins, also when they write as the group or as its linked channel.
        """
        chat, sender = message.chat, message.sender_chat
        if chat.type in (ChatType.PRIVATE, ChatType.CHANNEL):
            return True
        if sender is not None:
            return sender.id == chat.id or sender.id == await self._linked_channel(chat.id)
        if message.from_user is None:
            return False
        return await self.is_admin(chat.id, message.from_user.id)

    async def is_admin(self, chat: int, user: int, *, fresh: bool = False) -> bool:
        known = self._members.get((chat, user))
        if known is not None and not fresh and self._timer() - known[0] < BELIEVED_FOR:
            return known[1]
        try:
            member = await self._member(chat, user)
        except TelegramError:
            return False
        answer = member.status in ADMINS
        if len(self._members) > CACHED_AT_ONCE:
            self._members.clear()
        self._members[chat, user] = (self._timer(), answer)
        return answer

    async def place(self, named: str, user: str) -> Place | None:
        """The chat `@name` or `@-100123` if this person is one of its administrators, asked anew."""
        match = _NAMED.fullmatch(named)
        if match is None:
            return None
        try:
            chat = await self._bot.get_chat(int(match[1]) if match[1] else named)
        except TelegramError:
            return None
        kind = _PLACES.get(ChatType(chat.type))
        if kind is None or not await self.is_admin(chat.id, int(user), fresh=True):
            return None
        return Place(Channel("telegram", str(chat.id)), kind, chat.effective_name or named)

    async def missing(self, channel: Channel, words: Words) -> tuple[str, ...]:
        """Words for what we may not do there. Raises TelegramError when Telegram does not say."""
        chat = await self._bot.get_chat(int(channel.chat))
        if chat.type == ChatType.PRIVATE:
            return ()
        me = await self._member(chat.id, self._bot_id)
        return tuple(_missing(me, words, broadcast=chat.type == ChatType.CHANNEL))

    async def _member(self, chat: int, user: int) -> ChatMember:
        try:
            return await self._bot.get_chat_member(chat, user)
        except TypeError:  # a server of one's own that is older than the library leaves out rights
            raise TelegramError("the member's rights are unreadable") from None

    @property
    def _bot_id(self) -> int:
        return int(self._bot.token.partition(":")[0])

    async def _linked_channel(self, chat: int) -> int | None:
        known = self._linked.get(chat)
        if known is not None and self._timer() - known[0] < BELIEVED_FOR:
            return known[1]
        try:
            linked = (await self._bot.get_chat(chat)).linked_chat_id
        except TelegramError:
            return None
        self._linked[chat] = (self._timer(), linked)
        return linked


def _missing(me: ChatMember, words: Words, *, broadcast: bool) -> Iterator[str]:
    if me.status in AWAY:
        yield words("Add the bot to the chat")
    elif broadcast:
        if not (isinstance(me, ChatMemberAdministrator) and me.can_post_messages):
            yield words("“Post messages” (channel settings › Administrators › this bot)")
    elif isinstance(me, ChatMemberRestricted):
        if not me.can_send_messages:
            yield words("Send messages")
        if not me.can_send_photos:
            yield words("Send photos")
