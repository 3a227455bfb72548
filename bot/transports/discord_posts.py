"""
Posts in a forum. Discord knows no nonce for them, so which post a delivery made is noted in the store.

https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel
"""

from contextlib import suppress

import discord
from discord.http import handle_message_parameters
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.render.discord import plain
from bot.transports.discord_messages import Message
from handlers.command import Channel

NAME = 100  # characters of a post's name
KEPT = 3600  # seconds for which a post is known by its delivery


class Posts:
    def __init__(self, store: Redis) -> None:
        self._store = store

    async def made(
        self,
        client: discord.Client,
        forum: Channel,
        name: str,
        first: Message,
        nonce: str | None,
        quiet: bool,
    ) -> str:
        """The id of the post, which is its first message's too. The one made before, if this is a repeat."""
        known = await self._known(nonce)
        if known is not None:
            return known
        flags = discord.MessageFlags(suppress_notifications=quiet)
        named = {"name": plain(name, NAME)}
        with handle_message_parameters(**first.new(), flags=flags, channel_payload=named) as made:
            answer = await client.http.start_thread_in_forum(int(forum.chat), params=made)
        post = str(answer["id"])
        if nonce is not None:
            with suppress(RedisError, OSError):  # costs a repeat at worst
                await self._store.set(_key(nonce), post, ex=KEPT)
        return post

    async def _known(self, nonce: str | None) -> str | None:
        if nonce is None:
            return None
        with suppress(RedisError, OSError):
            known = await self._store.get(_key(nonce))
            return known.decode() if isinstance(known, bytes) else known
        return None


def _key(nonce: str) -> str:
    return f"lh:{{dc}}:post:{nonce}"
