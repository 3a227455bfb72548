"""
Telegram and Discord as little as possible, in a process of their own: a floor to measure against.

Raw sockets, so that the server costs a bot as little as any server can. It counts what it is sent, answers after a
given delay, refuses what goes beyond a limit in any window of one second, and hands out questions.
"""

import asyncio
import json
import re
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

CHAT = re.compile(rb'chat_id"?\s*[=:]\s*"?(-?\d+)')
PATIENCE = re.compile(rb'timeout"?\s*[=:]\s*"?(\d+)')
CHANNEL = re.compile(r"/channels/(\d+)/messages")
ME = {"id": 7, "is_bot": True, "first_name": "B", "username": "bench_bot"}
AUTHOR = {"id": "7", "username": "bench", "discriminator": "0", "avatar": None, "bot": True}

APPLICATION = AUTHOR | {
    "flags": 0, "name": "bench", "icon": None, "description": "", "rpc_origins": [], "verify_key": "",
    "bot_public": True, "bot_require_code_grant": False, "owner": AUTHOR, "summary": "",
}  # fmt: skip


class Api:
    """What the platform knows. `log` is (seconds, chat, status) of every message."""

    def __init__(self) -> None:
        self.polls: list = []  # who waits for questions goes on waiting through a reset
        self.ids = 0
        self.reset({})

    def reset(self, order: dict) -> None:
        self.limit, self.latency = order.get("limit"), order.get("latency", 0.0)
        self.log: list[tuple[float, int, int, str]] = []
        self.recent: deque[float] = deque()
        self.updates: deque[dict] = deque()

    def ask(self, count: int, text: str, chats: int) -> None:
        for n in range(count):
            self.ids += 1
            chat = 1000 + n % chats
            person = {"id": chat, "first_name": "A", "is_bot": False, "language_code": "en"}
            message = {
                "message_id": self.ids, "date": 1770000000, "text": text, "from": person,
                "chat": {"id": chat, "type": "private", "first_name": "A"},
                "entities": [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}],
            }  # fmt: skip
            self.updates.append({"update_id": self.ids, "message": message})
        self.asked = time.monotonic()
        self.polls = [line for line in self.polls if not line.transport.is_closing()]
        while self.polls and self.updates:
            self.polls.pop().answer(self.batch())

    def batch(self) -> dict:
        found = [self.updates.popleft() for _ in range(min(100, len(self.updates)))]
        return {"ok": True, "result": found}

    def sent(self, chat: int, body: str) -> bool:
        now = time.monotonic()
        while self.recent and now - self.recent[0] >= 1:
            self.recent.popleft()
        fits = self.limit is None or len(self.recent) < self.limit
        if fits:
            self.recent.append(now)
        self.log.append((now, chat, 200 if fits else 429, body))
        return fits


class Line(asyncio.Protocol):
    """One HTTP/1.1 connection, read by hand."""

    def __init__(self, api: Api) -> None:
        self.api, self.buffer = api, b""

    def connection_made(self, transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            found = re.search(rb"(?i)content-length: *(\d+)", head)
            size = int(found[1]) if found else 0
            if len(self.buffer) < end + 4 + size:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + size], self.buffer[end + 4 + size :]
            self.serve(head.split(b" ", 2)[1].decode(), body)

    def answer(self, content: object, status: int = 200, extra: str = "") -> None:
        body = json.dumps(content).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{extra}"
        self.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def later(self, content: object, status: int = 200, extra: str = "") -> None:
        if self.api.latency:
            # Half the way there and half back, as far as the counting is concerned.
            asyncio.get_running_loop().call_later(
                self.api.latency / 2, self.answer, content, status, extra
            )
        else:
            self.answer(content, status, extra)

    def serve(self, path: str, body: bytes) -> None:
        if path.startswith("/_"):
            self.answer(self.control(path, json.loads(body or b"{}")))
        elif found := CHANNEL.search(path):
            self.arrive(self.discord, int(found[1]), body)
        elif path.startswith("/api"):
            self.answer(APPLICATION)
        else:
            method, _, more = path.rsplit("/", 1)[1].partition("?")
            self.telegram(method, more.encode() + body)

    def arrive(self, handle, *args) -> None:
        if self.api.latency:
            asyncio.get_running_loop().call_later(self.api.latency / 2, handle, *args)
        else:
            handle(*args)

    def telegram(self, method: str, body: bytes) -> None:
        if method == "getUpdates":
            found = PATIENCE.search(body)
            if self.api.updates or found is None or found[1] == b"0":
                self.answer(self.api.batch())
            else:
                self.api.polls.append(self)
                asyncio.get_running_loop().call_later(5, self.nothing_new)
        elif method in ("sendMessage", "editMessageText", "sendPhoto"):
            found = CHAT.search(body)
            self.arrive(self.message, int(found[1]) if found else 0, body)
        else:
            self.answer({"ok": True, "result": ME if method == "getMe" else True})

    def nothing_new(self) -> None:
        if self in self.api.polls:
            self.api.polls.remove(self)
            self.answer({"ok": True, "result": []})

    def message(self, chat: int, body: bytes) -> None:
        if not self.api.sent(chat, body[:1500].decode("utf-8", "replace")):
            wait = {"error_code": 429, "description": "Too Many", "parameters": {"retry_after": 1}}
            self.later({"ok": False, **wait}, 429)
            return
        self.api.ids += 1
        where = {"id": chat, "type": "private", "first_name": "A"}
        sent = {"message_id": self.api.ids, "date": 1770000000, "chat": where, "text": "x"}
        self.later({"ok": True, "result": sent})

    def discord(self, channel: int, body: bytes) -> None:
        if not self.api.sent(channel, body[:1500].decode("utf-8", "replace")):
            refusal = {"message": "limited", "retry_after": 1.0, "global": True}
            self.later(refusal, 429, "Retry-After: 1\r\nX-RateLimit-Global: true\r\nVia: 1.1 g\r\n")
            return
        self.api.ids += 1
        self.later({
            "id": str(10**17 + self.api.ids), "channel_id": str(channel), "author": AUTHOR,
            "content": "", "timestamp": "2026-07-01T00:00:00+00:00", "edited_timestamp": None,
            "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [],
            "attachments": [], "embeds": [], "pinned": False, "type": 0, "flags": 0,
        })  # fmt: skip

    def control(self, path: str, order: dict) -> object:
        match path:
            case "/_reset":
                self.api.reset(order)
            case "/_ask":
                self.api.ask(order["count"], order["text"], order["chats"])
            case "/_log":
                return {"log": self.api.log, "asked": getattr(self.api, "asked", 0.0)}
            case "/_count":
                return len(self.api.log)
        return True


class Platforms:
    """The process's address, and what it may be told."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self._session = session

    async def _tell(self, verb: str, **order: object) -> object:
        async with self._session.post(f"{self.root}/_{verb}", json=order) as answer:
            return await answer.json()

    async def reset(self, **order: object) -> None:
        """`limit` messages in a second, `latency` seconds for a round trip."""
        await self._tell("reset", **order)

    async def ask(self, count: int, text: str, chats: int = 10_000) -> None:
        await self._tell("ask", count=count, text=text, chats=chats)

    async def log(self) -> tuple[list, float]:
        found = await self._tell("log")
        return found["log"], found["asked"]

    async def until(self, count: int, patience: float = 60.0) -> int:
        """Wait for so many messages; how many came."""
        ends = time.monotonic() + patience
        while (came := await self._tell("count")) < count and time.monotonic() < ends:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return came


@asynccontextmanager
async def platforms() -> AsyncIterator[Platforms]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.platforms", stdout=asyncio.subprocess.PIPE
    )
    port = int(await process.stdout.readline())
    async with aiohttp.ClientSession() as session:
        try:
            yield Platforms(port, session)
        finally:
            process.kill()
            await process.wait()


async def _serve() -> None:
    api = Api()
    server = await asyncio.get_running_loop().create_server(lambda: Line(api), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
