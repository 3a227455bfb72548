"""The process's small web server: health, metrics, and the door for Telegram's webhook."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

Health = Callable[[], Awaitable[tuple[bool, dict[str, object]]]]
Scrape = Callable[[], Awaitable[bytes]]


@asynccontextmanager
async def serve(
    port: int | None, health: Health, scrape: Scrape, routes: Sequence[web.RouteDef]
) -> AsyncIterator[int | None]:
    """Listens while the block lasts; yields the port. No port: no server."""
    if port is None:
        yield None
        return
    app = web.Application(client_max_size=2**20)
    app.add_routes(
        [web.get("/healthz", _healthz(health)), web.get("/metrics", _metrics(scrape)), *routes]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, None, port).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def _healthz(health: Health) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(_: web.Request) -> web.Response:
        well, body = await health()
        return web.json_response(body, status=200 if well else 503)

    return handler


def _metrics(scrape: Scrape) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=await scrape(), content_type="text/plain")

    return handler
