"""What is said once when a server lets us in."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import discord
from msgspec.structs import replace
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.transport import DeliveryError, WordsFor
from bot.transports.discord_requests import PLATFORM
from handlers.command import Channel, UserError
from handlers.greeting import hello
from handlers.reply import Button, Reply
from handlers.words import Words

log = logging.getLogger(__name__)

REMEMBERED = timedelta(days=365)  # to be let in again soon is no new acquaintance

Say = Callable[[Channel, Reply], Awaitable[object]]


class Greeter:
    """
    Says hello where a server's own notices stand, without a ping. Where we may not write there its owner hears it in
    private; that is who can give us a channel.
    """

    def __init__(self, store: Redis, words_for: WordsFor, say: Say) -> None:
        self._store = store
        self._words_for = words_for
        self._say = say

    async def met(self, guild: discord.Guild) -> None:
        try:
            if not await self._store.set(_key(guild.id), b"1", nx=True, ex=REMEMBERED):
                return
            channel = _where(guild)
            words = await self._words_for(channel, str(guild.preferred_locale))
            await self._say(channel, _hello(words))
        except (RedisError, OSError, UserError, DeliveryError) as error:
            log.info("greeting_not_sent", extra={"guild": guild.id, "reason": str(error)})


def _hello(words: Words) -> Reply:
    """With the first two things to try one press away."""
    tries = (
        Button(words("Brief me"), "brief", edits=False),
        Button(words("Subscribe"), "subscribe", edits=False),
    )
    return replace(hello(words), controls=(tries,))


def _where(guild: discord.Guild) -> Channel:
    notices = guild.system_channel
    if notices is not None:
        rights = notices.permissions_for(guild.me)
        if rights.view_channel and rights.send_messages and rights.embed_links:
            return Channel(PLATFORM, str(notices.id))
    return Channel(PLATFORM, f"@{guild.owner_id}")


def _key(guild: int) -> str:
    return f"lh:{{dc}}:greeted:{guild}"
