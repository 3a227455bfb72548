"""Briefings shown beyond their channel: a Discord announcement channel hands them to those who follow it."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from bot.outbox import Entry
from bot.owed import OwedKind
from bot.refused import Tools
from bot.store import StoreDown
from bot.transport import DeliveryError
from handlers.command import Channel

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds; ten an hour may be published, and nobody waits for the eleventh


@runtime_checkable
class Publisher(Protocol):
    """A transport that can do it."""

    async def publish(self, channel: Channel, message: str) -> None:
        """Raises DeliveryError and nothing else."""
        ...


async def publish(tools: Tools, channel: Channel, message: str, paid: Sequence[Entry]) -> None:
    """Where its admins chose so, once a briefing stands there. What fails is the followers' loss alone."""
    transport = tools.transport
    if not isinstance(transport, Publisher) or not any(
        entry.owed.kind is OwedKind.BRIEFING for entry in paid
    ):
        return
    try:
        async with asyncio.timeout(PATIENCE):
            if (await tools.notebook.preferences(channel)).publish_briefings:
                await transport.publish(channel, message)
    except (DeliveryError, StoreDown, TimeoutError) as error:
        log.info("briefing_not_published", extra={"channel": channel.key, "reason": str(error)})
