"""
Every request counts against Discord's global limit, not only messages: also the ones discord.py makes by itself, to
log in, to register commands, to look at a channel.
"""

from contextlib import AsyncExitStack
from types import SimpleNamespace

import aiohttp

from bot.pacer import Pacer

# The endpoints of interactions are not bound to it (docs.discord.com/developers/topics/rate-limits).
EXEMPT = ("/interactions/", "/webhooks/")


def counted(pacer: Pacer) -> aiohttp.TraceConfig:
    """For discord.py's own hook on its requests."""

    async def start(
        _: aiohttp.ClientSession, context: SimpleNamespace, asked: aiohttp.TraceRequestStartParams
    ) -> None:
        context.turn = AsyncExitStack()
        if not any(part in asked.url.path for part in EXEMPT):
            await context.turn.enter_async_context(pacer.request())

    async def end(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        await context.turn.aclose()

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(start)
    trace.on_request_end.append(end)
    trace.on_request_exception.append(end)
    return trace
