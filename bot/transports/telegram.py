"""Telegram: what it delivers becomes a Request, what we say becomes its messages."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web
from redis.asyncio import Redis
from telegram import Bot, User
from telegram.error import InvalidToken, TelegramError

from bot.buttons import Buttons
from bot.elsewhere import Elsewhere
from bot.transport import Pace, Sent, WordsFor, at_once
from bot.transports.telegram_answers import Answers, Dispatch, Moved
from bot.transports.telegram_arrivals import Arrivals, Membership
from bot.transports.telegram_errors import delivery_error
from bot.transports.telegram_intake import Webhook, poll
from bot.transports.telegram_keyboard import Myself
from bot.transports.telegram_menus import announce
from bot.transports.telegram_prompts import Prompts
from bot.transports.telegram_request import AiohttpRequest
from bot.transports.telegram_rights import Rights
from bot.transports.telegram_sending import Draw, Sending
from bot.transports.telegram_updates import Questions
from handlers.command import Channel, Command
from handlers.reply import Reply
from handlers.words import Words

log = logging.getLogger(__name__)

AT_ONCE = 256  # updates answered at the same time
FINISH_SECONDS = 0.5  # what is being answered when we stop has this long


@dataclass(frozen=True, slots=True)
class Door:
    """Where Telegram posts updates, and the word it shows there (1–256 of A–Z, a–z, 0–9, _ and -)."""

    url: str
    secret: str


class TelegramTransport:
    """
    Use it as `async with`; that opens connections and asks nothing. `run` listens, which only one process may do
    at a time unless there is a `door`; `send` and `edit` work in every process. Answers to people wait for their turn
    in `pace`; whoever calls `send` or `edit` has waited already.
    """

    platform = "telegram"
    idempotent = False

    def __init__(
        self,
        token: str,
        *,
        api_url: str,
        file_url: str,
        dispatch: Dispatch,
        words_for: WordsFor,
        commands: Sequence[Command],
        languages: Sequence[Words],
        buttons: Buttons,
        redis: Redis,
        draw: Draw,
        on_membership: Membership,
        on_moved: Moved,
        timer: Callable[[], float],
        owners: frozenset[str] = frozenset(),
        door: Door | None = None,
        pace: Pace = at_once,
        read_timeout: float = 10.0,
        trace: aiohttp.TraceConfig | None = None,
    ) -> None:
        self._http = AiohttpRequest(read_timeout=read_timeout, trace=trace)
        self._bot = Bot(token, api_url, file_url, self._http, self._http)
        self._commands = commands
        self._languages = languages
        self._words_for = words_for
        self._redis = redis
        self._rights = Rights(self._bot, timer)
        self._sending = Sending(self._bot, buttons, draw, timer)
        self._answers = Answers(
            self._bot,
            self._sending,
            Questions(commands, words_for, self._rights, owners),
            buttons,
            Prompts(self._sending, buttons, pace, token.partition(":")[0]),
            dispatch=Elsewhere(dispatch, commands, self._rights.place),
            words_for=words_for,
            arrivals=Arrivals(
                self._sending,
                self._rights,
                words_for=words_for,
                on_membership=on_membership,
                pace=pace,
            ),
            on_moved=on_moved,
            pace=pace,
        )
        self._webhook = Webhook(redis, door.url, door.secret) if door else None
        self._free = asyncio.Semaphore(AT_ONCE)
        self._answering: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._http.initialize()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.shutdown()

    async def send(
        self,
        channel: Channel,
        reply: Reply,
        *,
        nonce: str | None = None,  # noqa: ARG002  # part of the Protocol
        silent: bool = False,
    ) -> Sent:
        """Telegram knows no idempotency: the nonce stays here."""
        return await self._sending.send(channel, reply, silent=silent)

    async def edit(self, channel: Channel, message: str, reply: Reply) -> None:
        await self._sending.edit(channel, message, reply)

    async def missing_rights(self, channel: Channel) -> tuple[str, ...]:
        words = await self._words_for(channel, None)
        try:
            return await self._rights.missing(channel, words)
        except TelegramError as error:
            return (delivery_error(error, channel).reason,)

    def webhook_routes(self) -> tuple[web.RouteDef, ...]:
        """To be mounted on the process's web server; none without a door."""
        return self._webhook.routes() if self._webhook else ()

    async def run(self) -> None:
        """A refused token is logged once and ends listening, not the process."""
        try:
            await self._listen()
        except InvalidToken:
            log.error("telegram_token_refused")  # noqa: TRY400  # its text may quote the token
            await asyncio.Event().wait()
        finally:
            if self._answering:
                await asyncio.wait(set(self._answering), timeout=FINISH_SECONDS)
            for task in self._answering:
                task.cancel()

    async def _listen(self) -> None:
        me = await self._myself()
        self._answers.username = me.username or ""
        self._sending.me = Myself(me.username or "", bool(me.supports_inline_queries))
        async with asyncio.TaskGroup() as group:
            group.create_task(announce(self._bot, self._redis, self._commands, self._languages))
            if self._webhook:
                await self._webhook.consume(self._bot, self._answers.handle, self._start)
            else:
                await poll(self._bot, self._answers.handle, self._start)

    async def _myself(self) -> User:
        wait = 0.25
        while True:
            try:
                return await self._bot.get_me()
            except InvalidToken:
                raise
            except TelegramError as error:
                if wait == 0.25:
                    log.warning("telegram_unreachable", extra={"error": type(error).__name__})
                await asyncio.sleep(wait)
                wait = min(wait * 2, 10.0)

    async def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Answer beside the others, waiting when too many are being answered."""
        await self._free.acquire()
        task = asyncio.create_task(work)
        self._answering.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        self._free.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("update_failed", exc_info=error)
