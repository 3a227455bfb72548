"""What people type and press on Telegram, as a Request."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import CallbackQuery, Chat, InlineQuery, MaybeInaccessibleMessage, Message, User
from telegram.constants import ChatType

from bot.transport import WordsFor
from bot.transports.telegram_rights import Rights
from handlers.command import Channel, ChannelKind, Command, Request, Right
from handlers.words import Words

GENERAL_TOPIC = 1
PHOTO = ":photo"  # follows the id of a message that is a picture with a caption
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?=\s|$)")
_KINDS = {
    ChatType.PRIVATE: ChannelKind.PRIVATE,
    ChatType.SENDER: ChannelKind.PRIVATE,
    ChatType.CHANNEL: ChannelKind.BROADCAST,
}


@dataclass(frozen=True, slots=True)
class Question:
    """A command's name and everything after it."""

    command: str
    text: str


class Questions:
    """`commands` says which words are ours when no slash stands before them, and what a link may start."""

    def __init__(
        self,
        commands: Sequence[Command],
        words_for: WordsFor,
        rights: Rights,
        owners: frozenset[str],
    ) -> None:
        self._commands = {name: c for c in commands for name in (c.name, *c.aliases)}
        self._words_for = words_for
        self._rights = rights
        self._owners = owners

    def asked(self, message: Message, username: str) -> Question | None:
        """
        None: it was not said to us. Forwards and posts copied from a linked channel never are; in private everything
        else is.
        """
        if not message.text or message.forward_origin or message.via_bot:
            return None
        text = message.text.strip()
        match = _COMMAND.match(text)
        if match is not None:
            if match[2] and match[2].casefold() != username.casefold():
                return None
            question = Question(match[1].lower(), text[match.end() :].strip())
            return self._linked(question) if question.command == "start" else question
        return split(text) if message.chat.type == ChatType.PRIVATE else None

    def knows(self, question: Question) -> bool:
        """Whether it names a command of ours."""
        return question.command in self._commands

    async def typed(self, message: Message, question: Question) -> Request:
        channel = channel_of(message)
        author = message.sender_chat or message.from_user or message.chat
        name = author.full_name if isinstance(author, User) else author.effective_name
        language = message.from_user.language_code if message.from_user else None
        return self._request(
            question,
            channel,
            message.chat,
            str(author.id),
            name or "",
            await self._words_for(channel, language),
            admin=await self._rights.may_manage(message),
        )

    async def pressed(self, query: CallbackQuery, channel: Channel, command: str) -> Request:
        """The presser's rights are asked anew: a button may be older than they are."""
        message = query.message
        assert message is not None  # the caller found the channel in it
        chat, user = message.chat, query.from_user
        private = chat.type == ChatType.PRIVATE
        admin = private or await self._rights.is_admin(chat.id, user.id, fresh=True)
        return self._request(
            split(command),
            channel,
            chat,
            str(user.id),
            user.full_name,
            await self._words_for(channel, user.language_code),
            admin=admin,
            message=message_name(message),
        )

    async def inline(self, query: InlineQuery, question: Question) -> Request:
        """Asked in somebody else's chat: answered with nobody's rights."""
        user = query.from_user
        channel = Channel("telegram", str(user.id))
        return Request(
            question.command,
            tuple(question.text.split()),
            question.text,
            channel,
            ChannelKind.FOREIGN,
            str(user.id),
            user.full_name,
            await self._words_for(channel, user.language_code),
        )

    def _request(
        self,
        question: Question,
        channel: Channel,
        chat: Chat,
        user: str,
        name: str,
        words: Words,
        *,
        admin: bool,
        message: str | None = None,
    ) -> Request:
        return Request(
            command=question.command,
            args=tuple(question.text.split()),
            text=question.text,
            channel=channel,
            kind=_KINDS.get(ChatType(chat.type), ChannelKind.GROUP),
            user=user,
            user_name=name,
            words=words,
            admin=admin,
            owner=f"telegram:{user}" in self._owners,
            pressed=message is not None,
            message=message,
            channel_name=chat.effective_name or "",
        )

    def _linked(self, start: Question) -> Question:
        """`t.me/bot?start=levels-BTC` asks /levels BTC. A link starts only what anyone may ask."""
        name, _, rest = start.text.partition("-")
        command = self._commands.get(name.lower())
        if command is None or command.right is not Right.ANYONE:
            return start
        return Question(name.lower(), rest.replace("-", " "))


def split(command: str) -> Question:
    """A command as a button holds it, with or without its slash."""
    name, *rest = command.strip().removeprefix("/").split(maxsplit=1) or [""]
    return Question(name.lower(), rest[0] if rest else "")


def channel_of(message: MaybeInaccessibleMessage) -> Channel:
    """The chat, and the topic when it is one of a forum; the General topic has no number of its own."""
    thread = None
    if isinstance(message, Message) and message.is_topic_message:
        thread = message.message_thread_id
    named = thread is not None and thread != GENERAL_TOPIC
    return Channel("telegram", str(message.chat.id), str(thread) if named else None)


def message_name(message: MaybeInaccessibleMessage) -> str:
    photo = isinstance(message, Message) and bool(message.photo)
    return f"{message.message_id}{PHOTO if photo else ''}"
