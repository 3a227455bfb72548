"""A reply on its way into a Telegram chat: split, drawn, sent, or put where another message stands."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec
from redis.exceptions import RedisError
from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.buttons import Buttons
from bot.render.telegram import CAPTION_LIMIT, Page, pages, title_page
from bot.render.text import clean
from bot.transport import DeliveryError, Sent
from bot.transports.telegram_errors import delivery_error, is_markup, is_unchanged, pause
from bot.transports.telegram_keyboard import Myself, keyboard
from bot.transports.telegram_updates import PHOTO
from handlers.command import Channel
from handlers.reply import AnyChart, Reply, Text

log = logging.getLogger(__name__)
T = TypeVar("T")

Draw = Callable[[AnyChart], Awaitable[bytes]]
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
SLOW = 1.0  # seconds without an answer after which people should see that we work
ACTION_LASTS = 4.5  # Telegram shows an action for five seconds
PICTURES_KNOWN = 256


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: words, or a picture with a caption."""

    page: Page
    picture: bytes | str | None = None
    keyboard: InlineKeyboardMarkup | None = None


class Sending:
    """
    Raises DeliveryError and nothing else. `timer` counts seconds of any origin; `me` is filled in by whoever listens,
    for Telegram refuses buttons that share answers unless the bot's owner has switched inline mode on.
    """

    def __init__(self, bot: Bot, buttons: Buttons, draw: Draw, timer: Callable[[], float]) -> None:
        self.me = Myself()
        self._bot = bot
        self._buttons = buttons
        self._draw = draw
        self._timer = timer
        self._paused: dict[str, float] = {}  # chat → when Telegram allows the next call
        self._pictures: dict[str, str] = {}  # what a chart shows → Telegram's id of its picture

    async def send(
        self, channel: Channel, reply: Reply, *, silent: bool, answers: int | None = None
    ) -> Sent:
        """The name of the message that carries the buttons, or of the last one."""
        letters = await self._letters(channel, reply)
        where = _where(channel, silent=silent or reply.quiet, answers=answers)
        sent = await self._send_all(channel, letters, where, reply.chart)
        if reply.attachment is not None:
            content = clean_lines(reply.attachment.text).encode()
            file = InputFile(content, filename=clean(reply.attachment.name) or "file.txt")
            await self._call(channel, lambda: self._bot.send_document(document=file, **where))
        return Sent(sent)

    async def edit(self, channel: Channel, message: str, reply: Reply) -> None:
        """What does not fit into the message any more follows it silently."""
        number, is_photo = _parsed(message)
        letters = await self._letters(channel, reply, onto_photo=is_photo)
        if letters[0].picture is not None and not is_photo and len(letters) > 1:
            letters = await self._letters(channel, msgspec.structs.replace(reply, chart=None))
        target = {"chat_id": int(channel.chat), "message_id": number}
        await self._call(
            channel, partial(self._edit_one, target, letters[0], reply.chart, is_photo)
        )
        await self._send_all(channel, letters[1:], _where(channel, silent=True), reply.chart)

    async def while_working(self, channel: Channel, work: Coroutine[Any, Any, T], action: str) -> T:
        """The work's result; while it is slow the chat shows "typing" or the like."""
        task = asyncio.create_task(work)
        patience = SLOW
        try:
            while not (await asyncio.wait({task}, timeout=patience))[0]:
                patience = ACTION_LASTS
                await self._show(channel, action)
            return task.result()
        finally:
            task.cancel()

    async def say(self, channel: Channel, html: str, markup: Any = None) -> Message:
        """A message of our own making."""
        where = _where(channel, silent=True)
        return await self._call(
            channel,
            lambda: self._bot.send_message(
                text=html, parse_mode=ParseMode.HTML, reply_markup=markup, **where
            ),
        )

    async def _show(self, channel: Channel, action: str) -> None:
        where = _where(channel)
        try:
            await self._bot.send_chat_action(where["chat_id"], action, where["message_thread_id"])
        except TelegramError:
            log.debug("chat_action_refused")

    async def _letters(
        self, channel: Channel, reply: Reply, *, onto_photo: bool = False
    ) -> list[Letter]:
        picture = None
        if reply.chart is not None:
            reply, picture = await self._drawn(channel, reply, reply.chart)
        if picture is None:
            limit = {"limit": CAPTION_LIMIT} if onto_photo else {}
            letters = [Letter(page) for page in pages(reply, **limit)]
        else:
            letters = _captioned(reply, picture)
        letters[-1] = replace(letters[-1], keyboard=await self._keyboard(channel, reply))
        return letters

    async def _drawn(
        self, channel: Channel, reply: Reply, chart: AnyChart
    ) -> tuple[Reply, bytes | str | None]:
        """The picture; words instead of it when it cannot be drawn, and when no other words are there."""
        in_words = msgspec.structs.replace(reply, blocks=(*reply.blocks, Text(((chart.alt,),))))
        known = self._pictures.get(_shows(chart))
        if known is not None:
            return (reply if reply.blocks else in_words), known
        try:
            work = _awaited(self._draw(chart))
            picture = await self.while_working(channel, work, ChatAction.UPLOAD_PHOTO)
        except (OSError, ValueError):
            log.exception("chart_not_drawn")
            return in_words, None
        return (reply if reply.blocks else in_words), picture

    async def _keyboard(self, channel: Channel, reply: Reply) -> InlineKeyboardMarkup | None:
        try:
            return await keyboard(reply, channel, self._buttons, self.me)
        except RedisError:
            log.warning("buttons_left_out", extra={"channel": channel.key})
            return None

    async def _send_all(
        self,
        channel: Channel,
        letters: Sequence[Letter],
        where: dict[str, Any],
        chart: AnyChart | None,
    ) -> str:
        name = ""
        for letter in letters:
            sent = await self._call(channel, partial(self._send_one, where, letter))
            self._learn(chart, sent)
            name = f"{sent.message_id}{PHOTO if sent.photo else ''}"
            where = {**where, "reply_parameters": None}
        return name

    async def _send_one(self, where: dict[str, Any], letter: Letter) -> Message:
        async def words(text: str, parse_mode: str | None) -> Message:
            if letter.picture is None:
                return await self._bot.send_message(
                    text=text,
                    parse_mode=parse_mode,
                    link_preview_options=NO_PREVIEW,
                    reply_markup=letter.keyboard,
                    **where,
                )
            return await self._bot.send_photo(
                photo=letter.picture,
                caption=text,
                parse_mode=parse_mode,
                reply_markup=letter.keyboard,
                **where,
            )

        return await _or_plain(letter.page, words)

    async def _edit_one(
        self, target: dict[str, Any], letter: Letter, chart: AnyChart | None, is_photo: bool
    ) -> None:
        async def words(text: str, parse_mode: str | None) -> Message | bool:
            markup = {"reply_markup": letter.keyboard, **target}
            if letter.picture is not None:
                media = InputMediaPhoto(letter.picture, text, parse_mode)
                return await self._bot.edit_message_media(media, **markup)
            markup["parse_mode"] = parse_mode
            if is_photo:
                return await self._bot.edit_message_caption(caption=text, **markup)
            return await self._bot.edit_message_text(
                text, link_preview_options=NO_PREVIEW, **markup
            )

        try:
            self._learn(chart, await _or_plain(letter.page, words))
        except BadRequest as error:
            if not is_unchanged(error):
                raise

    def _learn(self, chart: AnyChart | None, sent: Message | bool) -> None:
        if chart is None or not isinstance(sent, Message) or not sent.photo:
            return
        if len(self._pictures) >= PICTURES_KNOWN:
            self._pictures.clear()
        self._pictures[_shows(chart)] = sent.photo[-1].file_id

    async def _call(self, channel: Channel, make: Callable[[], Awaitable[T]]) -> T:
        """One call, unless Telegram has asked us to wait with this chat: then none."""
        wait = self._paused.get(channel.chat, 0.0) - self._timer()
        if wait > 0:
            raise DeliveryError("too many messages", retry_after=timedelta(seconds=wait))
        self._paused.pop(channel.chat, None)
        try:
            return await make()
        except TelegramError as error:
            if isinstance(error, RetryAfter):
                self._paused[channel.chat] = self._timer() + pause(error).total_seconds()
            raise delivery_error(error, channel) from error


async def _awaited(work: Awaitable[T]) -> T:
    return await work


async def _or_plain(page: Page, words: Callable[[str, str | None], Awaitable[T]]) -> T:
    """The page as HTML; when Telegram cannot read that, which would be our mistake, its words alone."""
    try:
        return await words(page.html, ParseMode.HTML)
    except BadRequest as error:
        if not is_markup(error):
            raise
    log.error("markup_refused")
    return await words(page.plain, None)


def _captioned(reply: Reply, picture: bytes | str) -> list[Letter]:
    """Picture and words in one message; when they are too long for a caption, the words follow it."""
    whole = pages(reply, CAPTION_LIMIT)
    if len(whole) == 1:
        return [Letter(whole[0], picture)]
    rest = pages(msgspec.structs.replace(reply, title=""))
    return [Letter(title_page(reply), picture), *(Letter(page) for page in rest)]


def _where(channel: Channel, *, silent: bool = False, answers: int | None = None) -> dict[str, Any]:
    quoted = ReplyParameters(answers, allow_sending_without_reply=True) if answers else None
    return {
        "chat_id": int(channel.chat),
        "message_thread_id": int(channel.thread) if channel.thread else None,
        "disable_notification": silent or None,
        "reply_parameters": quoted,
    }


def _parsed(message: str) -> tuple[int, bool]:
    return int(message.removesuffix(PHOTO)), message.endswith(PHOTO)


def _shows(chart: AnyChart) -> str:
    return hashlib.blake2b(msgspec.json.encode(chart), digest_size=16).hexdigest()


def clean_lines(text: str) -> str:
    return "\n".join(clean(line) for line in text.split("\n"))
