"""What becomes of one update: a question answered, a button's work done, a chat gained or lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from redis.exceptions import RedisError
from telegram import (
    Bot,
    CallbackQuery,
    InlineQuery,
    InlineQueryResultsButton,
    Message,
    Update,
)
from telegram.constants import ChatAction, ChatType
from telegram.error import TelegramError

from bot.buttons import Buttons
from bot.render.text import plain
from bot.transport import DeliveryError, Pace, WordsFor
from bot.transports.telegram_arrivals import Arrivals
from bot.transports.telegram_inline import FRESH_SECONDS, article, inline_questions, opener
from bot.transports.telegram_keyboard import Press, prompt_of
from bot.transports.telegram_prompts import Expected, Prompts
from bot.transports.telegram_sending import Sending
from bot.transports.telegram_updates import Question, Questions, channel_of
from handlers.command import Channel, ChannelKind, Request
from handlers.reply import Reply

log = logging.getLogger(__name__)
T = TypeVar("T")

LONGEST_NOTICE = 200  # characters of what a pressed button may show over the chat
SPINNER_SECONDS = 1.0  # how long a pressed button may spin before it is let go

PATIENCE = timedelta(
    seconds=30
)  # the longest an answer waits because Telegram asked us to slow down

Dispatch = Callable[[Request], Awaitable[Reply | None]]
Moved = Callable[[Channel, Channel], Awaitable[object]]


class Answers:
    """`username` is the bot's own, without @: commands addressed to another are not for us."""

    def __init__(
        self,
        bot: Bot,
        sending: Sending,
        questions: Questions,
        buttons: Buttons,
        prompts: Prompts,
        *,
        dispatch: Dispatch,
        words_for: WordsFor,
        arrivals: Arrivals,
        on_moved: Moved,
        pace: Pace,
    ) -> None:
        self.username = ""
        self._bot = bot
        self._sending = sending
        self._questions = questions
        self._buttons = buttons
        self._prompts = prompts
        self._dispatch = dispatch
        self._words_for = words_for
        self._arrivals = arrivals
        self._on_moved = on_moved
        self._pace = pace

    async def handle(self, update: Update) -> None:
        """One update, to its end."""
        if update.callback_query is not None:
            await self._pressed(update.callback_query)
        elif update.inline_query is not None:
            await self._inline(update.inline_query)
        elif update.my_chat_member is not None:
            await self._arrivals.changed(update.my_chat_member)
        elif (message := update.message or update.channel_post) is not None:
            await self._written(message)

    async def _written(self, message: Message) -> None:
        if message.migrate_to_chat_id is not None:
            old = Channel("telegram", str(message.chat.id))
            await self._on_moved(old, Channel("telegram", str(message.migrate_to_chat_id)))
            return
        question, expected = await self._understood(message)
        if question is None:
            return
        request = await self._questions.typed(message, question)
        in_group = message.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP)
        work = self._prompted(request, expected) if expected else self._dispatch(request)
        await self._answer(request, work, answers=message.message_id if in_group else None)

    async def _understood(self, message: Message) -> tuple[Question | None, Expected | None]:
        """What is asked, and what we had asked for if this is the answer to that."""
        question = self._questions.asked(message, self.username)
        ours = question is not None and self._questions.knows(question)
        expected = await self._prompts.replied(message)
        if expected is None and not ours and message.reply_to_message is None:
            expected = await self._prompts.followed(message)
        return (expected.answered(message), expected) if expected else (question, None)

    async def _prompted(self, request: Request, expected: Expected) -> Reply | None:
        reply = await self._dispatch(request)
        if request.kind is ChannelKind.PRIVATE:
            await self._prompts.again(request.channel, expected, reply)
        return reply

    async def _pressed(self, query: CallbackQuery) -> None:
        if query.message is None or not query.data:
            await self._close(query)
            return
        channel = channel_of(query.message)
        kind, _, name = query.data.partition(":")
        try:
            content = await self._buttons.recall(channel, name)
        except RedisError:
            content = None
        if content is None:
            words = await self._words_for(channel, query.from_user.language_code)
            await self._close(
                query, words("This button is too old. Please send the command again.")
            )
        elif kind == Press.ASK:
            await self._ask(query, channel, content)
        else:
            await self._press(query, channel, content, edits=kind == Press.EDIT)

    async def _press(
        self, query: CallbackQuery, channel: Channel, command: str, *, edits: bool
    ) -> None:
        """A remark for the presser alone is shown over the chat, and never in place of what everybody sees."""
        request = await self._questions.pressed(query, channel, command)
        work = asyncio.create_task(_awaited(self._dispatch(request)))
        try:
            done, _ = await asyncio.wait({work}, timeout=SPINNER_SECONDS)
        except asyncio.CancelledError:
            work.cancel()
            raise
        if done and (reply := work.result()) is not None and (remark := remark_of(reply)):
            await self._close(query, remark)
            return
        closing = asyncio.create_task(self._close(query))
        await self._answer(request, work, edits=edits)
        await closing

    async def _ask(self, query: CallbackQuery, channel: Channel, content: str) -> None:
        """In a channel nobody can answer a message: the command is shown instead."""
        prompt = prompt_of(content)
        if prompt is None or query.message is None:
            await self._close(query)
            return
        if query.message.chat.type == ChatType.CHANNEL:
            words = await self._words_for(channel, query.from_user.language_code)
            command = "/" + prompt.command.replace("{answer}", prompt.example or "…")
            await self._close(query, words("Post this here: {command}", command=command))
            return
        await self._close(query)
        try:
            await self._prompts.put(query, channel, prompt)
        except DeliveryError as error:
            log.warning("question_not_put", extra={"channel": channel.key, "reason": error.reason})

    async def _close(self, query: CallbackQuery, text: str | None = None) -> None:
        """End the button's spinner, whatever became of it."""
        try:
            shown = text[:LONGEST_NOTICE] if text else None
            await self._bot.answer_callback_query(query.id, shown, show_alert=bool(text) or None)
        except TelegramError:
            log.debug("callback_too_old")

    async def _inline(self, query: InlineQuery) -> None:
        async def one(question: Question) -> tuple[Question, Reply | None]:
            return question, await self._dispatch(await self._questions.inline(query, question))

        answers = await asyncio.gather(*map(one, inline_questions(query.query)))
        words = await self._words_for(
            Channel("telegram", str(query.from_user.id)), query.from_user.language_code
        )
        label = words("Ask me")
        results = [
            article(q, reply, opener(self.username, q, label))
            for q, reply in answers
            if reply and not reply.private
        ]
        try:
            await self._bot.answer_inline_query(
                query.id,
                results,
                cache_time=FRESH_SECONDS,
                is_personal=True,
                button=InlineQueryResultsButton(
                    words("Briefings and alerts"), start_parameter="subscribe"
                ),
            )
        except TelegramError as error:
            log.warning("inline_not_answered", extra={"error": type(error).__name__})

    async def _answer(
        self,
        request: Request,
        work: Awaitable[Reply | None],
        *,
        edits: bool = False,
        answers: int | None = None,
    ) -> None:
        reply = await self._sending.while_working(
            request.channel, _awaited(work), ChatAction.TYPING
        )
        if reply is None:
            return
        message = request.message if edits and not _is_remark(reply) else None
        try:
            await self._deliver(request.channel, reply, message, answers)
        except DeliveryError as error:
            log.warning(
                "answer_not_delivered",
                extra={"channel": request.channel.key, "reason": error.reason},
            )

    async def _deliver(
        self, channel: Channel, reply: Reply, message: str | None, answers: int | None
    ) -> None:
        """In place of `message`, or as a new one; once more after a short pause that Telegram asked for."""
        for last in (False, True):
            try:
                async with self._pace(channel.chat):
                    if message is not None:
                        await self._sending.edit(channel, message, reply)
                    else:
                        await self._sending.send(channel, reply, silent=False, answers=answers)
                return
            except DeliveryError as error:
                wait = error.retry_after or timedelta()
                if last or wait > PATIENCE or not (wait or error.gone):
                    raise
                message = None if error.gone else message
                await asyncio.sleep(wait.total_seconds())


async def _awaited(work: Awaitable[T]) -> T:
    return await work


def _is_remark(reply: Reply) -> bool:
    """Words for one person, with nothing in them to press, see or keep."""
    more = (reply.controls, reply.selects, reply.chart, reply.attachment)
    return reply.private and not any(more)


def remark_of(reply: Reply) -> str | None:
    """What fits over a chat as a notice; None for all other replies."""
    shown = plain(reply)
    return shown if _is_remark(reply) and len(shown) <= LONGEST_NOTICE else None
