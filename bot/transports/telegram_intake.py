"""How updates reach us: asked for one after the other, or posted to our door and kept until handled."""

import asyncio
import hmac
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.store import wanted
from bot.transports.telegram_errors import pause

log = logging.getLogger(__name__)

Handle = Callable[[Update], Coroutine[Any, Any, None]]
Start = Callable[[Coroutine[Any, Any, None]], Awaitable[None]]

WANTED = ("message", "channel_post", "callback_query", "inline_query", "my_chat_member")
POLL_SECONDS = 25
LAST_WORD_SECONDS = 0.4
BREATH = 0.002  # seconds: who has asked is answered before the next questions are asked for
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
STREAM = "lh:{tg}:updates"
GROUP = "bot"
SEEN_SECONDS = 2 * 86400  # Telegram repeats an update for a day
ABANDONED_MS = 60_000
KEEP = """
if redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[2]) then
  redis.call('XADD', KEYS[2], '*', 'update', ARGV[1])
end
"""


async def poll(bot: Bot, handle: Handle, start: Start) -> None:
    """
    Long polling until cancelled; then tells Telegram what was taken, so that it does not come again.
    Raises InvalidToken; any other trouble is waited out.
    """
    await _patiently(bot.delete_webhook)
    offset, wait = 0, 0.0
    try:
        while True:
            try:
                updates = await _fetch(bot, offset, POLL_SECONDS)
            except TelegramError as error:
                wait = await _recover(error, wait)
                continue
            if wait:
                log.info("telegram_back")
                wait = 0.0
            for update in updates:
                offset = update["update_id"] + 1
                await start(_one_read(bot, handle, update))
            if updates:
                await asyncio.sleep(BREATH)
    finally:
        if offset:
            await _last_word(bot, offset)


async def _fetch(bot: Bot, offset: int, seconds: int, limit: int = 100) -> list[dict[str, Any]]:
    """
    Updates as Telegram wrote them (https://core.telegram.org/bots/api#getupdates). The library would read all of them
    at once, so that one which it does not know how to read would keep the others away, and itself come again for ever.
    """
    asked = {"offset": offset, "limit": limit, "timeout": seconds}
    wanted_kinds = msgspec.json.encode(WANTED).decode()
    address = f"{bot.base_url}/getUpdates?{urlencode(asked | {'allowed_updates': wanted_kinds})}"
    patience = (bot.request.read_timeout or 0.0) + seconds
    found: Any = await bot.request.post(address, read_timeout=patience)
    if not isinstance(found, list) or not all("update_id" in update for update in found):
        raise TelegramError("Invalid server response")
    return found


async def _one_read(bot: Bot, handle: Handle, update: dict[str, Any]) -> None:
    await handle(Update.de_json(update, bot))


async def _last_word(bot: Bot, offset: int) -> None:
    said = asyncio.create_task(_fetch(bot, offset, 0, 1))
    done, _ = await asyncio.wait({said}, timeout=LAST_WORD_SECONDS)
    if not done:
        said.cancel()
    elif said.exception() is not None:
        log.info("last_updates_unconfirmed")


async def _recover(error: TelegramError, wait: float) -> float:
    """Sleeps; how long, for the next time."""
    if isinstance(error, InvalidToken):
        raise error
    if not wait:
        event = "telegram_polled_twice" if isinstance(error, Conflict) else "telegram_unreachable"
        log.warning(event, extra={"error": type(error).__name__})
    wait = min(max(wait * 2, 0.25), 10.0)
    if isinstance(error, RetryAfter):
        wait = pause(error).total_seconds()
    await asyncio.sleep(wait)
    return wait


async def _patiently(call: Callable[[], Awaitable[Any]]) -> None:
    wait = 0.0
    while True:
        try:
            await call()
            return
        except TelegramError as error:
            wait = await _recover(error, wait)


class Webhook:
    """
    Updates posted by Telegram. Each is kept in a stream before it is confirmed and taken out after it was handled,
    so a kill loses none; one posted again is kept once.
    """

    def __init__(self, redis: Redis, url: str, secret: str) -> None:
        self._redis = redis
        self._url = url
        self._secret = secret
        self._name = uuid.uuid4().hex

    def routes(self) -> tuple[web.RouteDef, ...]:
        return (web.post(urlsplit(self._url).path or "/", self._receive),)

    async def _receive(self, request: web.Request) -> web.Response:
        shown = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(shown.encode("utf-8", "replace"), self._secret.encode()):
            return web.Response(status=403)
        body = await request.read()
        try:
            number = msgspec.json.decode(body, type=_Numbered).update_id
        except msgspec.MsgspecError:
            return web.Response(status=400)
        try:
            await self._redis.eval(KEEP, 2, f"lh:{{tg}}:seen:{number}", STREAM, body, SEEN_SECONDS)  # type: ignore[misc,arg-type,no-untyped-call,unused-ignore]
        except RedisError:
            return web.Response(status=503)  # Telegram will post it again
        return web.Response()

    async def consume(self, bot: Bot, handle: Handle, start: Start) -> None:
        """Handle what is kept, until cancelled. Raises InvalidToken."""

        async def tell() -> None:
            await bot.set_webhook(self._url, secret_token=self._secret, allowed_updates=WANTED)

        await _patiently(tell)
        while wanted():
            try:
                await self._prepare()
                async for entry, body in self._entries():
                    await start(self._one(bot, handle, entry, body))
            except RedisError as error:
                log.warning("updates_unreadable", extra={"error": type(error).__name__})
                await asyncio.sleep(1)

    async def _prepare(self) -> None:
        try:
            await self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _entries(self) -> Any:
        """First what a process before us left unfinished, then what comes in."""
        while wanted():
            claimed: Any = await self._redis.xautoclaim(
                STREAM, GROUP, self._name, min_idle_time=ABANDONED_MS, count=50
            )
            for entry in _pairs(claimed[1]):
                yield entry
            fresh: Any = await self._redis.xreadgroup(
                GROUP, self._name, {STREAM: ">"}, count=50, block=2000
            )
            for _, entries in fresh or ():
                for entry in _pairs(entries):
                    yield entry
            await asyncio.sleep(
                0
            )  # a store that answers without waiting may not keep everybody else from working

    async def _one(self, bot: Bot, handle: Handle, entry: Any, body: Any) -> None:
        handled = True
        try:
            update = Update.de_json(bot.request.parse_json_payload(_bytes(body)), bot)
            await handle(update)
        except asyncio.CancelledError:
            handled = False  # the next process takes it
            raise
        finally:
            if handled:
                await self._redis.xack(STREAM, GROUP, entry)
                await self._redis.xdel(STREAM, entry)


class _Numbered(msgspec.Struct):
    update_id: int


def _pairs(entries: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    for entry, fields in entries:
        if fields:
            yield entry, next(iter(fields.values()))


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
