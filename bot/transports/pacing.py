"""The pacer told of the requests themselves, by the libraries' own hooks on aiohttp."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import SimpleNamespace

import aiohttp

from bot.pacer import Pacer

_Begin = Callable[[AsyncExitStack, aiohttp.TraceRequestStartParams], Awaitable[None]]

# Not bound to the global limit (docs.discord.com/developers/topics/rate-limits).
EXEMPT = ("/interactions/", "/webhooks/")


def counted(pacer: Pacer) -> aiohttp.TraceConfig:
    """
    Every request counts against Discord's global limit, not only messages: also the ones discord.py makes by itself,
    to log in, to register commands, to look at a channel.
    """

    async def begin(turn: AsyncExitStack, asked: aiohttp.TraceRequestStartParams) -> None:
        if not any(part in asked.url.path for part in EXEMPT):
            await turn.enter_async_context(pacer.request())

    return _around(begin)


def timed(pacer: Pacer) -> aiohttp.TraceConfig:
    """Telegram counts messages alone; for those it matters when they went out and were answered."""

    async def begin(turn: AsyncExitStack, _: aiohttp.TraceRequestStartParams) -> None:
        turn.enter_context(pacer.timed())

    return _around(begin)


def _around(begin: _Begin) -> aiohttp.TraceConfig:
    async def start(
        _: aiohttp.ClientSession, context: SimpleNamespace, asked: aiohttp.TraceRequestStartParams
    ) -> None:
        context.turn = AsyncExitStack()
        await begin(context.turn, asked)

    async def end(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        await context.turn.aclose()

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(start)
    trace.on_request_end.append(end)
    trace.on_request_exception.append(end)
    return trace
