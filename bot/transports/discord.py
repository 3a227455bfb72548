"""Discord: sends over REST from any process; whoever holds the lease also listens."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord.backoff import ExponentialBackoff
from redis.asyncio import Redis

from bot.buttons import Buttons
from bot.transport import DeliveryError, Pace, Sent, at_once
from bot.transports.discord_addresses import Addresses
from bot.transports.discord_answers import STORE_ERRORS, Answers, Counter
from bot.transports.discord_commands import Catalogues, payload, sync
from bot.transports.discord_errors import (
    ARCHIVED,
    LOST,
    NOT_A_TEXT_CHANNEL,
    delivering,
)
from bot.transports.discord_gateway import PATIENCE, Gateway, OnMembership, quiet_about_voice
from bot.transports.discord_greeting import Greeter
from bot.transports.discord_messages import Composer, Draw, Message
from bot.transports.discord_posts import Posts
from bot.transports.discord_requests import PLATFORM
from bot.transports.discord_rights import missing_rights
from handlers.command import Channel
from handlers.reply import Reply
from handlers.words import Words

log = logging.getLogger(__name__)

FINISHING = 0.6  # seconds that answers under way are given when we stop
LONGEST_PAUSE = 60.0  # seconds before we try to listen again
BAD_TOKEN = 4004  # the gateway's close code


class DiscordTransport:
    """
    A channel's `chat` is a Discord channel, thread or forum, or "@" and a person's id for their direct messages.
    Sent.message is one or more message ids with commas, for a forum post after its own id and a slash.
    Close it when done.
    """

    platform = PLATFORM
    idempotent = True

    def __init__(
        self,
        token: str,
        *,
        counter: Counter,
        buttons: Buttons,
        draw: Draw,
        on_membership: OnMembership,
        store: Redis,
        now: Callable[[], datetime],
        catalogues: Catalogues | None = None,
        guild_id: int | None = None,
        addresses: Addresses | None = None,
        pace: Pace = at_once,
        trace: aiohttp.TraceConfig | None = None,
    ) -> None:
        self._token = token
        self._counter = counter
        self._store = store
        self._now = now
        self._on_membership = on_membership
        self._catalogues = catalogues or {}
        self._guild_id = guild_id
        self._addresses = addresses or Addresses()
        self._composer = Composer(buttons, draw)
        self._pace = pace
        self._trace = trace or aiohttp.TraceConfig()
        self._answers = Answers(counter, buttons, self._composer, self._say)
        self._rest: discord.Client | None = None
        self._entering = asyncio.Lock()
        self._forums: set[str] = set()
        self._posts = Posts(store)
        self._greeter = Greeter(store, counter.words_for, self._say)

    async def login(self) -> discord.Client:
        """Ready to send, without listening. Raises discord.LoginFailure for a token Discord does not know."""
        async with self._entering:
            if self._rest is None:
                self._addresses.point()
                quiet_about_voice()
                client = discord.Client(
                    intents=discord.Intents(guilds=True),
                    max_ratelimit_timeout=PATIENCE,
                    http_trace=self._trace,
                )
                try:
                    await client.login(self._token)
                except BaseException:
                    await client.close()
                    raise
                self._rest = client
            return self._rest

    async def close(self) -> None:
        client, self._rest = self._rest, None
        if client is not None:
            await client.close()

    async def run(self) -> None:
        """Listens until cancelled, whatever happens, but ends at once when Discord does not know the token."""
        pause = ExponentialBackoff()
        self._addresses.point()
        while True:
            gateway = Gateway(self._answers, self._on_membership, self._greeter.met, self._trace)
            try:
                await self._listen(gateway)
            except discord.LoginFailure:
                break
            except discord.ConnectionClosed as error:
                log.warning("discord_gateway_closed", extra={"code": error.code})
                if error.code == BAD_TOKEN:
                    break
            except Exception:  # the other platform goes on whatever broke in this one
                log.exception("discord_gateway_failed")
            finally:
                await gateway.close()
            await asyncio.sleep(min(pause.delay(), LONGEST_PAUSE))
        log.error("discord_token_refused")

    async def _listen(self, gateway: Gateway) -> None:
        await gateway.login(self._token)
        await self._register(gateway)
        try:
            await gateway.connect()
        finally:
            await self._answers.finished(FINISHING)

    async def _register(self, gateway: Gateway) -> None:
        if gateway.application_id is None:
            return
        wanted = payload(
            self._counter.commands, self._catalogues, everywhere=self._guild_id is None
        )
        try:
            await sync(
                gateway.http,
                gateway.application_id,
                wanted,
                guild_id=self._guild_id,
                store=self._store,
            )
        except discord.HTTPException as error:  # those registered before go on working
            log.error("discord_commands_refused", extra={"code": error.code})  # noqa: TRY400 - said whole

    async def send(
        self, channel: Channel, reply: Reply, *, nonce: str | None = None, silent: bool = False
    ) -> Sent:
        messages = await self._composer.messages(reply, channel)
        quiet = silent or reply.quiet
        if channel.chat not in self._forums:
            try:
                with delivering(repeatable=nonce is not None):
                    where = await self._where(channel)
                    return Sent(await self._send(where, messages, nonce, quiet))
            except DeliveryError as error:
                if not _is_forum(error):
                    raise
                self._forums.add(channel.chat)
        return await self._post(channel, reply.title, messages, nonce, quiet)

    async def _say(self, channel: Channel, reply: Reply) -> Sent:
        """
        An answer as a message of its own. Only this one waits for its turn: "Interaction endpoints are not bound to
        the bot's Global Rate Limit" (docs.discord.com/developers/topics/rate-limits).
        """
        async with self._pace(channel.chat):
            return await self.send(channel, reply)

    async def _post(
        self,
        forum: Channel,
        title: str,
        messages: tuple[Message, ...],
        nonce: str | None,
        quiet: bool,
    ) -> Sent:
        """Each message to a forum is a dated post of its own."""
        words = await self._words(forum)
        day = words.long_date(self._now().astimezone(words.zone).date())
        first, rest = messages[0], messages[1:]
        with delivering(repeatable=False):
            client = await self.login()
            post = await self._posts.made(
                client, forum, f"{day} · {title}", first, _nonce(nonce, 0), quiet
            )
        with delivering(repeatable=nonce is not None):
            ids = await self._send(client.get_partial_messageable(int(post)), rest, nonce, quiet)
        return Sent(f"{post}/{post}" + (f",{ids}" if ids else ""))

    async def edit(self, channel: Channel, message: str, reply: Reply) -> None:
        """A message that is gone is told as such. What does not fit where it stood is sent below it."""
        messages = await self._composer.messages(reply, channel)
        post, _, ids = message.rpartition("/")
        if not post:
            return await self._edit(channel, ids, messages)
        try:
            return await self._edit(Channel(PLATFORM, post), ids, messages)
        except DeliveryError as error:
            if not error.permanent:
                raise
            raise DeliveryError(error.reason, gone=True) from error  # the forum may still be open

    async def _edit(self, channel: Channel, ids: str, messages: tuple[Message, ...]) -> None:
        with delivering(repeatable=True):
            where = await self._where(channel)
            known = [where.get_partial_message(int(part)) for part in ids.split(",")]
            for stands, new in zip(known, messages, strict=False):
                await self._change(stands, new)
            for stale in known[len(messages) :]:
                await stale.delete()
            await self._send(where, messages[len(known) :], None, quiet=True)

    async def publish(self, channel: Channel, message: str) -> None:
        """Show a message of an announcement channel to the servers that follow it; ten an hour at most."""
        with delivering(repeatable=True):
            where = await self._where(channel)
            for part in message.split(","):
                await where.get_partial_message(int(part)).publish()

    async def missing_rights(self, channel: Channel) -> tuple[str, ...]:
        if channel.chat.startswith("@"):
            return ()
        words = await self._words(channel)
        with delivering(repeatable=True):
            return await missing_rights(await self.login(), int(channel.chat), words)

    async def _words(self, channel: Channel) -> Words:
        try:
            return await self._counter.words_for(channel, None)
        except STORE_ERRORS:
            return Words()

    async def _where(self, channel: Channel) -> Any:
        """Something that takes messages, without asking Discord what it is."""
        client = await self.login()
        if channel.chat.startswith("@"):
            return await client.create_dm(discord.Object(int(channel.chat[1:])))
        return client.get_partial_messageable(int(channel.chat))

    async def _send(
        self, where: Any, messages: tuple[Message, ...], nonce: str | None, quiet: bool
    ) -> str:
        names = [_nonce(nonce, number) for number in range(len(messages))]
        sent = [
            await _sent(where, message, name, quiet)
            for message, name in zip(messages, names, strict=True)
        ]
        return ",".join(str(message.id) for message in sent)

    async def _change(self, stands: discord.PartialMessage, new: Message) -> None:
        """A thread that fell asleep is woken: editing, unlike posting, does not do that by itself."""
        try:
            await stands.edit(**new.instead())
        except discord.HTTPException as error:
            if error.code != ARCHIVED:
                raise
            client = await self.login()
            await client.http.edit_channel(stands.channel.id, archived=False)
            await stands.edit(**new.instead())


async def _sent(where: Any, message: Message, nonce: str | None, quiet: bool) -> discord.Message:
    """Once more when the answer was lost: by the nonce Discord knows that it is the same message."""
    try:
        sent: discord.Message = await where.send(**message.new(), nonce=nonce, silent=quiet)
    except LOST:
        if nonce is None:
            raise
        sent = await where.send(**message.new(), nonce=nonce, silent=quiet)
    return sent


def _nonce(delivery: str | None, number: int) -> str | None:
    """Discord takes 25 characters and remembers them for some minutes."""
    if delivery is None:
        return None
    return hashlib.sha256(f"{delivery}#{number}".encode()).hexdigest()[:25]


def _is_forum(error: DeliveryError) -> bool:
    cause = error.__cause__
    return isinstance(cause, discord.HTTPException) and cause.code == NOT_A_TEXT_CHANNEL
