"""Replies as messages that can be sent: embeds, files and controls."""

import io
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from redis.exceptions import RedisError

from bot.buttons import Buttons
from bot.render.discord import ALT, ROWS, Page, Row, pages, plain, rows
from bot.transports.discord_views import kept, view
from handlers.command import Channel
from handlers.reply import AnyChart, Reply

log = logging.getLogger(__name__)

PICTURE = "chart.png"
Draw = Callable[[AnyChart], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Enclosed:
    name: str
    data: bytes
    alt: str | None = None

    def file(self) -> discord.File:
        """A new one for every attempt: sending closes it."""
        return discord.File(io.BytesIO(self.data), self.name, description=self.alt)


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to be sent or to take another's place."""

    embed: discord.Embed
    view: discord.ui.View | None
    enclosed: tuple[Enclosed, ...]

    def new(self) -> dict[str, Any]:
        """Arguments of a send."""
        files = [enclosed.file() for enclosed in self.enclosed]
        view = {"view": self.view} if self.view else {}
        return {"embed": self.embed, "files": files, "allowed_mentions": nobody(), **view}

    def instead(self) -> dict[str, Any]:
        """Arguments of an edit: nothing of what stood there stays."""
        files = [enclosed.file() for enclosed in self.enclosed]
        return {
            "embed": self.embed,
            "attachments": files,
            "view": self.view,
            "allowed_mentions": nobody(),
        }


def nobody() -> discord.AllowedMentions:
    return discord.AllowedMentions.none()


class Composer:
    """Makes messages of replies. What its buttons do is remembered for `channel`, where they can be pressed."""

    def __init__(self, buttons: Buttons, draw: Draw) -> None:
        self._buttons = buttons
        self._draw = draw

    async def messages(self, reply: Reply, channel: Channel) -> tuple[Message, ...]:
        """Never empty. The picture is on the first, controls are on the last and, if they are many, below it."""
        enclosed = await self._enclosed(reply)
        views = await self._views(rows(reply), channel)
        embeds = [_embed(page) for page in pages(reply)]
        embeds += [discord.Embed(description="…") for _ in views[1:]]
        if reply.chart:
            embeds[0].set_image(url=f"attachment://{PICTURE}")
        under = dict(enumerate(views, len(embeds) - max(len(views), 1)))
        return tuple(
            Message(embed, under.get(i), enclosed if i == 0 else ())
            for i, embed in enumerate(embeds)
        )

    async def _enclosed(self, reply: Reply) -> tuple[Enclosed, ...]:
        found = []
        if reply.chart:
            alt = plain(reply.chart.alt, ALT) or None
            found.append(Enclosed(PICTURE, await self._draw(reply.chart), alt))
        if reply.attachment:
            name = re.sub(r"[^\w.-]+", "_", reply.attachment.name, flags=re.ASCII)[-100:] or "file"
            found.append(Enclosed(name, reply.attachment.text.encode(errors="replace")))
        return tuple(found)

    async def _views(self, found: Sequence[Row], channel: Channel) -> list[discord.ui.View]:
        stored = [text for row in found for item in row for text in kept(item)]
        if not stored:
            return []
        try:
            names = iter(await self._buttons.remember(channel, stored))
        except (RedisError, OSError):
            log.warning("buttons_left_out", extra={"channel": channel.key})
            return []
        return [view(found[i : i + ROWS], names) for i in range(0, len(found), ROWS)]


def _embed(page: Page) -> discord.Embed:
    embed = discord.Embed(
        title=page.title or None, description=page.description or None, colour=page.colour
    )
    return embed.set_footer(text=page.footer) if page.footer else embed
