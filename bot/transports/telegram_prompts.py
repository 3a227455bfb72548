"""Questions of ours that wait for a line of text: a forced reply, answered by a reply or, in private, plainly."""

from contextlib import suppress
from dataclasses import dataclass
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

LAST_TRY = "!"  # stands before a command whose answer was not understood once already
LONGEST_HINT = 64  # characters of what an empty answer shows


@dataclass(frozen=True, slots=True)
class Expected:
    """The command that an answer of ours goes into; `last` when a wrong answer is not to be followed by another."""

    command: str
    last: bool = False

    def answered(self, message: Message) -> Question:
        """What was typed, put where the question said."""
        return split(self.command.replace("{answer}", " ".join((message.text or "").split())))


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

    async def replied(self, message: Message) -> Expected | None:
        """What this replies to, if it was a question of ours."""
        asked = message.reply_to_message
        if asked is None or not _is_answer(message):
            return None
        if asked.from_user is None or str(asked.from_user.id) != self._bot_id:
            return None
        with suppress(RedisError):
            command = await self._buttons.expected(channel_of(message), str(asked.message_id))
            return Expected(command) if command else None
        return None

    async def followed(self, message: Message) -> Expected | None:
        """What we asked for just before, which not every app shows as something to reply to."""
        if message.chat.type != ChatType.PRIVATE or not _is_answer(message):
            return None
        with suppress(RedisError):
            kept = await self._buttons.awaited(channel_of(message)) or ""
            command = kept.removeprefix(LAST_TRY)
            return Expected(command, last=command != kept) if command else None
        return None

    async def again(self, channel: Channel, expected: Expected, reply: Reply | None) -> None:
        """An answer that we did not understand may be followed by a better one; once."""
        wrong = reply is not None and reply.private and reply.tone is Tone.WARNING
        if wrong and not expected.last:
            with suppress(RedisError):
                await self._buttons.await_answer(channel, LAST_TRY + expected.command)


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
