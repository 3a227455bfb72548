"""All sources of the demo world on one port, one path each; and what goes wrong with them on demand."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import WSMsgType, web
from aiohttp.typedefs import Middleware

from config.settings import Addresses

TICK = 0.2  # seconds between two rounds of frames on every socket
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# A fault is one of these words; a number is an HTTP status.
FAULTS = (
    "429", "418", "451", "403", "500", "503", "html", "half", "content_type", "slow", "empty", "duplicate", "skew",
    "silent", "ack_only", "no_ack", "refuse", "garbage", "cut",
)  # fmt: skip
_STATUS_BODIES = {
    451: '{"code":0,"msg":"Service unavailable from a restricted location."}',
    418: '{"code":-1003,"msg":"Way too much request weight used; IP banned."}',
}
# What each venue says to a subscription that it will not serve.
_REFUSED = {
    "binance": '{"error":{"code":2,"msg":"Invalid request: unknown stream"},"id":1}',
    "okx": '{"event":"error","code":"60018","msg":"Wrong URL or channel, or instId does not exist."}',
    "bybit": '{"success":false,"ret_msg":"error:handler not found","conn_id":"1","req_id":"","op":"subscribe"}',
    "coinbase": '{"type":"error","message":"Failed to subscribe","reason":"unknown is not a valid product"}',
}


@dataclass(slots=True)
class Fault:
    """`times` None: until it is taken back."""

    kind: str
    times: int | None = None


@dataclass(slots=True)
class World:
    """`faults` by source; `asked` counts requests by source; `sockets` counts the open ones; `tick` in seconds."""

    now: Callable[[], datetime]
    faults: dict[str, Fault] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    sockets: dict[str, int] = field(default_factory=dict)
    tick: float = TICK

    def break_(self, source: str, kind: str, times: int | None = None) -> None:
        if kind not in FAULTS:
            raise ValueError(f"unknown fault {kind!r}; known: {', '.join(FAULTS)}")
        self.faults[source] = Fault(kind, times)

    def mend(self, source: str | None = None) -> None:
        if source is None:
            self.faults.clear()
        else:
            self.faults.pop(source, None)

    def fault(self, source: str) -> str | None:
        """The fault that applies to this request, counted down."""
        fault = self.faults.get(source)
        if fault is None:
            return None
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.faults.pop(source)
        return fault.kind

    def skewed(self, source: str) -> datetime:
        """The time as this source believes it to be."""
        fault = self.faults.get(source)
        return self.now() + (
            timedelta(minutes=7) if fault and fault.kind == "skew" else timedelta()
        )


def source_of(request: web.Request) -> str:
    return request.path.split("/", 2)[1]


def misbehave(world: World) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        source = source_of(request)
        if source == "_world":
            return await handler(request)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            kind = _kind(world, source)
            return _refusal(int(kind)) if kind and kind.isdecimal() else await handler(request)
        world.asked[source] = world.asked.get(source, 0) + 1
        fault = world.fault(source)
        if fault is not None and fault.isdecimal():
            return _refusal(int(fault))
        match fault:
            case "html":
                return web.Response(
                    text="<html><body>Just a moment...</body></html>", content_type="text/html"
                )
            case "empty" | "garbage":
                text = "" if fault == "empty" else "{not json"
                return web.Response(text=text, content_type="application/json")
            case "slow":
                await asyncio.sleep(20)
        answer = await handler(request)
        match fault:
            case "content_type":
                answer.content_type = "text/plain"
            case "duplicate" if isinstance(answer, web.Response) and answer.text:
                answer.text = _doubled(answer.text)
            case "half":
                return await _half(request, answer)
        return answer

    return middleware


def _refusal(status: int) -> web.Response:
    headers = {"Retry-After": "3"} if status in (418, 429, 503) else {}
    body = _STATUS_BODIES.get(status, json.dumps({"message": "no"}))
    return web.Response(status=status, text=body, headers=headers, content_type="application/json")


def _doubled(text: str) -> str:
    """The same answer with the last row of each of its lists said twice; what is not JSON stays."""

    def twice(value: object) -> object:
        if isinstance(value, dict):
            return {key: twice(part) for key, part in value.items()}
        told = isinstance(value, list) and value and isinstance(value[-1], (dict, list))
        return [*value, value[-1]] if told else value  # type: ignore[misc, index]  # a list, as was asked

    try:
        return json.dumps(twice(json.loads(text)))
    except ValueError:
        return text


async def _half(request: web.Request, whole: web.StreamResponse) -> web.StreamResponse:
    """Promise all of the body, send half, hang up."""
    body = whole.body if isinstance(whole, web.Response) else b""
    text = bytes(body) if isinstance(body, (bytes, bytearray)) else b"{}"
    answer = web.StreamResponse(
        headers={"Content-Length": str(len(text)), "Content-Type": "application/json"}
    )
    await answer.prepare(request)
    await answer.write(text[: len(text) // 2])
    if request.transport:
        request.transport.close()
    return answer


# What a venue's socket must know: how to answer a message, and what to send each round.
OnMessage = Callable[[str, set[str]], Iterable[str]]
Frames = Callable[[set[str], datetime, datetime], Iterable[str]]


def socket(world: World, source: str, on_message: OnMessage, frames: Frames) -> Handler:
    """A websocket endpoint: acknowledges subscriptions, then sends what is subscribed every round."""

    async def handler(request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(autoping=True)
        await ws.prepare(request)
        world.sockets[source] = world.sockets.get(source, 0) + 1
        topics: set[str] = {t for t in request.query.get("streams", "").split("/") if t}
        sender = asyncio.create_task(_send(world, source, ws, topics, frames))
        try:
            async for message in ws:
                if message.type is not WSMsgType.TEXT:
                    continue
                match _kind(world, source):
                    case "no_ack":
                        continue
                    case "refuse":
                        answers: Iterable[str] = [_REFUSED[source.partition("_")[0]]]
                    case _:
                        answers = on_message(message.data, topics)
                for answer in answers:
                    await ws.send_str(answer)
        finally:
            sender.cancel()
            world.sockets[source] -= 1
        return ws

    return handler


def _kind(world: World, source: str) -> str | None:
    fault = world.faults.get(source)
    return fault.kind if fault else None


async def _send(
    world: World, source: str, ws: web.WebSocketResponse, topics: set[str], frames: Frames
) -> None:
    before = world.now()
    while not ws.closed:
        await asyncio.sleep(world.tick)
        kind, now = _kind(world, source), world.skewed(source)
        if kind == "cut":
            world.mend(source)
            await ws.close()
            return
        if kind == "garbage":
            await ws.send_str("{not json")
        if kind not in ("silent", "ack_only", "no_ack"):
            for text in frames(topics, before, now):
                await ws.send_str(text)
                if kind == "duplicate":
                    await ws.send_str(text)
        before = now


def control(world: World) -> list[web.RouteDef]:
    """POST /_world/fault {"source", "kind", "times"}; DELETE takes all back; GET says how often each was asked."""

    async def add(request: web.Request) -> web.Response:
        order = await request.json()
        try:
            world.break_(str(order["source"]), str(order["kind"]), order.get("times"))
        except (KeyError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"ok": True})

    async def clear(_: web.Request) -> web.Response:
        world.mend()
        return web.json_response({"ok": True})

    async def show(_: web.Request) -> web.Response:
        faults = {source: fault.kind for source, fault in world.faults.items()}
        return web.json_response({"asked": world.asked, "sockets": world.sockets, "faults": faults})

    return [
        web.post("/_world/fault", add),
        web.delete("/_world/fault", clear),
        web.get("/_world", show),
    ]


def make_app(world: World) -> web.Application:
    # The venues know the world; it meets them only here.
    from bot.demo import binance, bybit, deribit, flows, macro, okx, press, spot

    app = web.Application(middlewares=[misbehave(world)])
    for venue in (binance, okx, bybit, spot, deribit, flows, press, macro):
        app.add_routes(venue.routes(world))
    app.add_routes(control(world))
    return app


def addresses(port: int) -> Addresses:
    """Every outside address, on this machine."""
    root = f"//127.0.0.1:{port}"
    names = (
        name for name in Addresses.model_fields if not name.startswith(("telegram", "discord"))
    )
    return Addresses(**{name: _address(root, name) for name in names})


def _address(root: str, name: str) -> str:
    scheme = "ws:" if name.endswith("_stream_url") else "http:"
    return f"{scheme}{root}/{name.removesuffix('_url')}"


@asynccontextmanager
async def serve(world: World) -> AsyncIterator[Addresses]:
    """The world, listening on a free loopback port for as long as the block lasts."""
    runner = web.AppRunner(make_app(world), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield addresses(runner.addresses[0][1])
    finally:
        await runner.cleanup()
