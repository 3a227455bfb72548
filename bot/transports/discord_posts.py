"""
Posts in a forum. Discord knows no nonce for them, so which post a delivery made is noted in the store.

https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel
"""

import json
from contextlib import suppress
from typing import Any

import discord
from discord.http import Route
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.render.discord import plain
from bot.transports.discord_messages import Message, nobody
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
        post = await _created(client, forum, _body(plain(name, NAME), first, quiet), first)
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


async def _created(
    client: discord.Client, forum: Channel, body: dict[str, Any], first: Message
) -> str:
    """Asked directly: discord.py's own way needs the forum fetched first and sends fields Discord does not list."""
    route = Route("POST", "/channels/{channel_id}/threads", channel_id=int(forum.chat))
    files = [enclosed.file() for enclosed in first.enclosed]
    if not files:
        answer = await client.http.request(route, json=body)
        return str(answer["id"])
    form: list[dict[str, Any]] = [{"name": "payload_json", "value": json.dumps(body)}]
    form += [
        {"name": f"files[{i}]", "value": file.fp, "filename": file.filename}
        for i, file in enumerate(files)
    ]
    answer = await client.http.request(route, files=files, form=form)
    return str(answer["id"])


def _body(name: str, first: Message, quiet: bool) -> dict[str, Any]:
    embed = {key: value for key, value in first.embed.to_dict().items() if key != "flags"}
    message: dict[str, Any] = {
        "embeds": [embed],
        "allowed_mentions": nobody().to_dict(),
        "flags": discord.MessageFlags(suppress_notifications=quiet).value,
        "attachments": [
            {"id": i, "filename": enclosed.name, "description": enclosed.alt}
            for i, enclosed in enumerate(first.enclosed)
        ],
    }
    if first.view:
        message["components"] = first.view.to_components()
    return {"name": name, "message": message}


def _key(nonce: str) -> str:
    return f"lh:{{dc}}:post:{nonce}"
