"""Questions of ours that wait for a line of text: a forced reply, answered by a reply or, in private, plainly."""

from contextlib import suppress
from html import escape

from redis.exceptions import RedisError
from telegram import CallbackQuery, ForceReply, Message
from telegram.constants import ChatType

from bot.buttons import Buttons
from bot.render.text import clean
from bot.transport import Pace
from bot.transports.telegram_sending import Sending
from bot.transports.telegram_updates import Question, channel_of, split
from handlers.command import Channel
from handlers.reply import Prompt, Reply, Tone

LONGEST_HINT = 64  # characters of what an empty answer shows


class Prompts:
    """`bot_id` tells a reply to one of our messages from a reply to anybody else's."""

    def __init__(self, sending: Sending, buttons: Buttons, pace: Pace, bot_id: str) -> None:
        self._sending = sending
        self._buttons = buttons
        self._pace = pace
        self._bot_id = bot_id

    async def put(self, query: CallbackQuery, channel: Channel, prompt: Prompt) -> None:
        """Raises DeliveryError."""
        async with self._pace(channel.chat):
            sent = await self._sending.say(channel, _question(prompt, query), _forced(prompt))
        await self._buttons.expect(channel, str(sent.message_id), prompt.command)
        if _is_private(query):
            await self._buttons.await_answer(channel, prompt.command)

    async def replied(self, message: Message) -> str | None:
        """The command that this replies to one of our questions of."""
        asked = message.reply_to_message
        if asked is None or not _is_answer(message):
            return None
        if asked.from_user is None or str(asked.from_user.id) != self._bot_id:
            return None
        with suppress(RedisError):
            return await self._buttons.expected(channel_of(message), str(asked.message_id))
        return None

    async def followed(self, message: Message) -> str | None:
        """The command that we asked for just before, which not every app shows as something to reply to."""
        if message.chat.type != ChatType.PRIVATE or not _is_answer(message):
            return None
        with suppress(RedisError):
            return await self._buttons.awaited(channel_of(message))
        return None

    async def again(self, channel: Channel, command: str, reply: Reply | None) -> None:
        """An answer that we did not understand may be followed by a better one."""
        if reply is not None and reply.private and reply.tone is Tone.WARNING:
            with suppress(RedisError):
                await self._buttons.await_answer(channel, command)


def answered(command: str, message: Message) -> Question:
    """What was typed, put where the question said."""
    return split(command.replace("{answer}", " ".join((message.text or "").split())))


def _is_answer(message: Message) -> bool:
    return bool(message.text) and not (message.text or "").startswith("/")


def _is_private(query: CallbackQuery) -> bool:
    return query.message is not None and query.message.chat.type == ChatType.PRIVATE


def _question(prompt: Prompt, query: CallbackQuery) -> str:
    """Names who pressed, so that only that person's app opens the answer."""
    lines = f"<b>{escape(clean(prompt.title))}</b>\n{escape(clean(prompt.field))}"
    if _is_private(query):
        return lines
    user = query.from_user
    return f'<a href="tg://user?id={user.id}">{escape(clean(user.full_name))}</a>, {lines}'


def _forced(prompt: Prompt) -> ForceReply:
    hint = clean(prompt.example)[:LONGEST_HINT]
    return ForceReply(selective=True, input_field_placeholder=hint or None)
