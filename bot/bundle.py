"""Script calls of the same moment in one round trip: a store that writes to disk first writes once for all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import ConnectionError as Lost
from redis.exceptions import NoScriptError

from bot.store import Store

AT_ONCE = 200  # calls


@dataclass(slots=True)
class _Call:
    script: str
    key: str
    args: Sequence[object]
    answer: asyncio.Future[Any]


@dataclass(slots=True)
class Bundle:
    """As Store.run, for scripts that may safely run twice. While one bundle is away the next one gathers."""

    store: Store
    _waiting: list[_Call] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, script: str, key: str, args: Sequence[object]) -> Any:
        if self.store.cluster:
            return await self.store.run(script, [key], args)
        call = _Call(script, key, args, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        async with self._turn:
            while not call.answer.done():
                await self._send()
        return await call.answer

    async def _send(self) -> None:
        calls, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        pipeline = self.store.cmd.pipeline(transaction=False)
        for call in calls:
            pipeline.evalsha(self.store.digest(call.script), 1, call.key, *call.args)
        try:
            answers = await pipeline.execute(raise_on_error=False)
        except BaseException as error:
            self._failed(calls, error)
            raise
        for call, answer in zip(calls, answers, strict=True):
            known = not isinstance(answer, NoScriptError)  # a store may be new, or restarted
            self._settle(call, answer if known else await self._alone(call))

    async def _alone(self, call: _Call) -> Any:
        try:
            return await self.store.run(call.script, [call.key], call.args)
        except Exception as error:  # noqa: BLE001 - it is raised where it was asked
            return error

    def _failed(self, calls: Sequence[_Call], error: BaseException) -> None:
        """Whoever is cancelled takes nobody along: the others see a lost connection, and ask again."""
        told = error if isinstance(error, Exception) else Lost("interrupted")
        for call in calls:
            self._settle(call, told)

    def _settle(self, call: _Call, answer: Any) -> None:
        if call.answer.done():
            return
        if isinstance(answer, Exception):
            call.answer.set_exception(answer)
            call.answer.exception()  # seen, even when nobody waits any more
        else:
            call.answer.set_result(answer)
