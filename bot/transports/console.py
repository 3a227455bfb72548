"""A chat in the terminal: what is typed becomes a Request, what is pushed is printed as it comes."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import TextIO

from bot.charts import Charts
from bot.render.text import plain
from bot.transport import Sent
from handlers.command import Channel, ChannelKind, Request
from handlers.reply import AnyChart, Reply
from handlers.words import Words

HOME = Channel("console", "here")
Dispatch = Callable[[Request], Awaitable[Reply | None]]


class ConsoleTransport:
    """Charts are written as PNG files into `pictures`, and the path is printed."""

    platform = "console"
    idempotent = False

    def __init__(
        self,
        dispatch: Dispatch,
        words_for: Callable[[Channel, str | None], Awaitable[Words]],
        charts: Charts,
        pictures: Path,
        out: TextIO = sys.stdout,
    ) -> None:
        self._dispatch = dispatch
        self._words_for = words_for
        self._charts = charts
        self._pictures = pictures
        self._out = out
        self._numbers = count(1)

    async def ask(self, line: str) -> None:
        """Answer one line as if its writer owned this chat."""
        name, _, rest = line.strip().lstrip("/").partition(" ")
        if not name:
            return
        request = Request(
            name.lower(), tuple(rest.split()), rest.strip(), HOME, ChannelKind.PRIVATE, "you", "you",
            await self._words_for(HOME, None), admin=True, owner=True,
        )  # fmt: skip
        reply = await self._dispatch(request)
        if reply is not None:
            await self._show(reply)

    async def send(
        self,
        channel: Channel,  # noqa: ARG002 # there is one chat
        reply: Reply,
        *,
        nonce: str | None = None,  # noqa: ARG002 # part of the Protocol
        silent: bool = False,
    ) -> Sent:
        self._print("🔕" if silent else "🔔", "pushed")
        await self._show(reply)
        return Sent(str(next(self._numbers)))

    async def edit(self, channel: Channel, message: str, reply: Reply) -> None:  # noqa: ARG002 # one chat
        self._print("✎", f"message {message} now reads")
        await self._show(reply)

    async def missing_rights(self, channel: Channel) -> tuple[str, ...]:  # noqa: ARG002 # a terminal allows all
        return ()

    async def run(self) -> None:
        """Reads lines until the input ends."""
        while line := await asyncio.to_thread(sys.stdin.readline):
            await self.ask(line)

    async def _show(self, reply: Reply) -> None:
        self._print(plain(reply, controls=True))
        if reply.chart is not None:
            self._print(await self._picture(reply.chart))
        self._print("")

    async def _picture(self, chart: AnyChart) -> str:
        data = await self._charts.draw(chart)
        self._pictures.mkdir(parents=True, exist_ok=True)
        path = self._pictures / f"chart-{next(self._numbers)}.png"
        path.write_bytes(data)
        return f"[picture: {path} — {chart.alt}]"

    def _print(self, *words: str) -> None:
        print(*words, file=self._out, flush=True)
