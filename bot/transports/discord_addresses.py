"""Where Discord is, for a Discord that is somewhere else."""

from dataclasses import dataclass

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Discord is; None leaves discord.py's own."""

    api: str | None = None
    gateway: str | None = None
    cdn: str | None = None

    def point(self) -> None:
        """discord.py keeps its addresses on its classes, so they hold for this whole process."""
        if self.api:
            Route.BASE = self.api
        if self.gateway:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self.gateway)
        if self.cdn:
            discord.Asset.BASE = self.cdn
