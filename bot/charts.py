"""Pictures of charts: drawn off the event loop, one at a time, once for everybody who asks, and kept a while."""

import asyncio
import hashlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

import msgspec

from handlers.reply import AnyChart

KEPT = 128  # pictures of under twenty kilobytes
HANDS = 1  # threads that draw; more would only take the processor from the loop


class Charts:
    """
    `async with Charts() as charts`. What a chart shows is its name here: equal specs are drawn once, also when they are
    asked for at the same time, and whoever stops waiting does not stop the drawing for the others.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._done: OrderedDict[str, bytes] = OrderedDict()
        self._drawing: dict[str, asyncio.Future[bytes]] = {}
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="charts")
        self.drawn = 0

    async def __aenter__(self) -> "Charts":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hands.shutdown(wait=False, cancel_futures=True)

    async def draw(self, chart: AnyChart) -> bytes:
        """The PNG of this chart."""
        name = shows(chart)
        if name in self._done:
            self._done.move_to_end(name)
            return self._done[name]
        if name not in self._drawing:
            self._drawing[name] = self._begun(name, chart)
        return await asyncio.shield(self._drawing[name])

    def _begun(self, name: str, chart: AnyChart) -> asyncio.Future[bytes]:
        work = asyncio.get_running_loop().run_in_executor(self._hands, _draw, chart)
        work.add_done_callback(lambda drawn: self._keep(name, drawn))
        return work

    def _keep(self, name: str, drawn: asyncio.Future[bytes]) -> None:
        self._drawing.pop(name, None)
        if drawn.cancelled() or drawn.exception() is not None:
            return
        self.drawn += 1
        self._done[name] = drawn.result()
        if len(self._done) > self._kept:
            self._done.popitem(last=False)


def shows(chart: AnyChart) -> str:
    """The same for charts that show the same, whoever asked. Alt text is not in the picture."""
    seen = msgspec.structs.replace(chart, alt="" if chart.bars else chart.alt)
    return hashlib.blake2b(msgspec.msgpack.encode(seen), digest_size=16).hexdigest()


def _draw(chart: AnyChart) -> bytes:
    """In a thread of its own, where Pillow is imported with the first chart."""
    from bot.render.chart import draw

    return draw(chart)
