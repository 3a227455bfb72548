"""
python-telegram-bot's requests over aiohttp: several times faster under load than its own over httpx.

What it raises is what HTTPXRequest raises, and never quotes an aiohttp error: those spell the address, which
contains the token.
"""

import asyncio
import json
from typing import Any, ClassVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

KEEPALIVE = 15.0  # seconds; well below what Telegram keeps an idle connection open
_decoder = msgspec.json.Decoder()


class NotSent(NetworkError):
    """No connection: Telegram cannot have seen the request."""


class NotSentInTime(TimedOut):
    """No free or no new connection in time: Telegram cannot have seen the request."""


class Lost(NetworkError):
    """The connection broke after the request was sent: nobody knows whether it was done."""


class AiohttpRequest(BaseRequest):
    """
    Timeouts are seconds, None waits for ever. A request waits at most `pool_timeout` for one of
    `connection_pool_size` connections. Proxies are taken from the environment unless one is given.
    """

    __slots__ = (
        "_client",
        "_gate",
        "_media_write_timeout",
        "_pool_size",
        "_proxies",
        "_timeouts",
        "_trace",
    )

    POOL_FULL: ClassVar[str] = (
        "Pool timeout: All connections in the connection pool are occupied. "
        "Request was *not* sent to Telegram. Consider adjusting the connection "
        "pool size or the pool timeout."
    )

    def __init__(
        self,
        connection_pool_size: int = 256,
        read_timeout: float | None = 5.0,
        write_timeout: float | None = 5.0,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 1.0,
        media_write_timeout: float | None = 20.0,
        proxy: str | None = None,
        trace: aiohttp.TraceConfig | None = None,
    ) -> None:
        self._trace = [] if trace is None else [trace]
        self._timeouts = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        self._media_write_timeout = media_write_timeout
        self._pool_size = connection_pool_size
        self._proxies = Proxies(proxy)
        self._client: aiohttp.ClientSession | None = None
        self._gate = asyncio.Semaphore(connection_pool_size)

    @property
    def read_timeout(self) -> float | None:
        return self._timeouts[0]

    async def initialize(self) -> None:
        if self._client is None or self._client.closed:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE)
            self._client = aiohttp.ClientSession(
                connector=connector,
                headers={"User-Agent": self.USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=self._trace,
            )

    async def shutdown(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        if self._client is None or self._client.closed:
            raise RuntimeError("This AiohttpRequest is not initialized!")
        read, write, connect, pool = self._timeouts
        if request_data is not None and request_data.contains_files:
            write = self._media_write_timeout
        read, write = _chosen(read_timeout, read), _chosen(write_timeout, write)
        timeout = _timeout(read, write, _chosen(connect_timeout, connect))
        await self._enter(_chosen(pool_timeout, pool))
        try:
            return await self._exchange(self._client, url, method, request_data, timeout)
        finally:
            self._gate.release()

    async def _enter(self, patience: float | None) -> None:
        if not self._gate.locked():
            await self._gate.acquire()  # free: does not wait
            return
        try:
            async with asyncio.timeout(patience):
                await self._gate.acquire()
        except TimeoutError:
            raise NotSentInTime(self.POOL_FULL) from None

    async def _exchange(
        self,
        client: aiohttp.ClientSession,
        url: str,
        method: str,
        request_data: RequestData | None,
        timeout: aiohttp.ClientTimeout,
    ) -> tuple[int, bytes]:
        try:
            async with client.request(
                method, url, timeout=timeout, proxy=self._proxies.for_(url), **_body(request_data)
            ) as response:
                return response.status, await response.read()
        except aiohttp.ConnectionTimeoutError:
            raise NotSentInTime from None
        except TimeoutError:
            raise TimedOut from None
        except aiohttp.ClientConnectorError as error:
            raise NotSent(f"aiohttp.{type(error).__name__}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Lost(f"aiohttp.{type(error).__name__}") from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        try:
            return _decoder.decode(payload)
        except ValueError:
            pass
        try:  # lone surrogates and broken UTF-8, which PTB lets pass
            return json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            raise TelegramError("Invalid server response") from None


class Proxies:
    """
    `only`, or for each host the one that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. They are read once a host: aiohttp
    itself would read them, and a .netrc file, in two threads for every request, which takes as long as the request.
    """

    def __init__(self, only: str | None) -> None:
        self._only = only
        self._known: dict[tuple[str, str], str | None] = {}

    def for_(self, url: str) -> str | None:
        if self._only is not None:
            return self._only
        at = urlsplit(url)
        origin = (at.scheme, at.netloc)
        if origin not in self._known:
            spared = proxy_bypass(at.hostname or "")
            self._known[origin] = None if spared else getproxies().get(at.scheme)
        return self._known[origin]


def _chosen(asked: ODVInput[float], default: float | None) -> float | None:
    return default if isinstance(asked, DefaultValue) else asked


def _timeout(
    read: float | None, write: float | None, connect: float | None
) -> aiohttp.ClientTimeout:
    """aiohttp has no timeout for writing; the sum of the three bounds a write that stalls."""
    steps = (read, write, connect)
    total = None if None in steps else sum(step for step in steps if step is not None)
    return aiohttp.ClientTimeout(total=total, sock_connect=connect, sock_read=read)


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None or (not data.parameters and not data.contains_files):
        return {}
    if not data.contains_files:
        body = msgspec.json.encode(data.parameters)
        return {"data": body, "headers": {"Content-Type": "application/json"}}
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return {"data": form}
