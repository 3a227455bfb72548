"""The live connection to Discord: hears interactions, and that a place was won or lost."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import aiohttp
import discord

from bot.transports.discord_answers import Answers
from bot.transports.discord_requests import PLATFORM
from bot.transports.discord_views import MODAL, Pick, Press
from handlers.command import Channel

log = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds we wait for a rate limit before we say so
OnMembership = Callable[[Channel, bool, str | None], Awaitable[None]]
OnGuild = Callable[[discord.Guild], Awaitable[None]]


def quiet_about_voice() -> None:
    """We never speak, so discord.py need not warn that it could not."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


class Gateway(discord.AutoShardedClient):
    """
    Opens as many connections as Discord recommends: one for a small bot, and above 2,500 servers the several without
    which Discord refuses to talk. It hears slash commands and guilds; no intent that reads messages or members.
    """

    def __init__(
        self,
        listener: Answers,
        on_membership: OnMembership,
        on_guild: OnGuild,
        trace: aiohttp.TraceConfig,
    ) -> None:
        quiet_about_voice()
        super().__init__(
            intents=discord.Intents(guilds=True),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_ratelimit_timeout=PATIENCE,
            guild_ready_timeout=0.5,
            http_trace=trace,
        )
        self.listener = listener
        self._on_membership = on_membership
        self._on_guild = on_guild
        self.add_dynamic_items(Press, Pick)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Buttons and drop-downs arrive through their dynamic items."""
        match interaction.type:
            case discord.InteractionType.application_command:
                await self.listener.commanded(interaction)
            case discord.InteractionType.autocomplete:
                await self.listener.suggested(interaction)
            case discord.InteractionType.modal_submit:
                if MODAL.fullmatch(str(dict(interaction.data or {}).get("custom_id"))):
                    await self.listener.submitted(interaction)
            case _:
                pass

    async def on_guild_join(self, guild: discord.Guild) -> None:
        log.info("discord_guild_joined", extra={"guild": guild.id})
        await self._changed(_places(guild), gained=True)
        await self._on_guild(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Kicked, left or deleted; an outage is told apart by discord.py."""
        log.info("discord_guild_lost", extra={"guild": guild.id})
        await self._changed(_places(guild), gained=False)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._changed((channel.id,), gained=False)

    async def on_raw_thread_delete(self, thread: discord.RawThreadDeleteEvent) -> None:
        await self._changed((thread.thread_id,), gained=False)

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        log.error(
            "discord_event_failed",
            exc_info=True,  # noqa: LOG014 - discord.py calls this while it handles the exception
            extra={"event": event_method},
        )

    async def _changed(self, places: Iterable[int], *, gained: bool) -> None:
        for place in places:
            await self._on_membership(Channel(PLATFORM, str(place)), gained, None)


def _places(guild: discord.Guild) -> tuple[int, ...]:
    """Where one could have subscribed."""
    found = (*guild.text_channels, *guild.forums, *guild.threads)
    return tuple(place.id for place in found)
