"""Requests to Telegram go through the proxy that the environment names."""

from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.transports.telegram_request import AiohttpRequest

WANTED = "http://telegram.invalid/bot1/getMe"


class Proxy:
    """Answers whatever it is asked to fetch, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.address = ""

    async def answer(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(str(request.url))
        return web.Response(text="{}")


@asynccontextmanager
async def proxy():
    made = Proxy()
    runner = web.ServerRunner(web.Server(made.answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made.address = f"http://{host}:{port}"
    try:
        yield made
    finally:
        await runner.cleanup()


@pytest.fixture
def environment(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


async def fetched(request: AiohttpRequest) -> int:
    async with request:
        status, _ = await request.do_request(WANTED, "POST")
        await request.do_request(WANTED, "POST")
    return status


async def test_the_proxy_of_the_environment_is_asked(environment):
    async with proxy() as named:
        environment.setenv("http_proxy", named.address)
        assert await fetched(AiohttpRequest()) == 200
        assert named.asked == [WANTED, WANTED]


async def test_a_proxy_that_is_given_goes_before_the_environment(environment):
    async with proxy() as named, proxy() as given:
        environment.setenv("http_proxy", named.address)
        assert await fetched(AiohttpRequest(proxy=given.address)) == 200
        assert given.asked == [WANTED, WANTED]
        assert named.asked == []


async def test_a_host_that_no_proxy_names_is_asked_directly(environment):
    async with proxy() as named:
        environment.setenv("http_proxy", named.address)
        environment.setenv("no_proxy", "127.0.0.1")
        async with proxy() as telegram, AiohttpRequest() as request:
            await request.do_request(f"{telegram.address}/bot1/getMe", "POST")
            assert telegram.asked == [f"{telegram.address}/bot1/getMe"]
        assert named.asked == []
