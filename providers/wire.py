"""One HTTP exchange: bounded in time and size, tried again when that may help, its failures told in our own words."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import httpx
import stamina

from providers.charset import text_of
from providers.errors import (
    BadPayload,
    GeoBlocked,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
)
from providers.payload import UNREADABLE

TRIES = 3
REDIRECTS = 3  # followed; an address that moved twice is rare, a circle is not
ONE_TRY = httpx.Timeout(4.0, connect=3.0)
LIMITED = timedelta(seconds=60)  # when a source that is asked too often does not say for how long
BANNED = timedelta(minutes=2)  # the shortest ban Binance documents for a 418
LONGEST_REST = timedelta(days=3)  # the longest one; a header asking for more is nonsense

Spend = Callable[[], Awaitable[None]]

# What a status, headers (lower case) and a body mean to this source; None: what the status means everywhere.
Refusal = Callable[[int, Mapping[str, str], str], ProviderError | None]


def no_refusal(
    status: int,  # noqa: ARG001 - the shape of a Refusal
    headers: Mapping[str, str],  # noqa: ARG001
    text: str,  # noqa: ARG001
) -> ProviderError | None:
    """A source whose errors say no more than their status."""
    return None


def http_client(version: str, contact: str) -> httpx.AsyncClient:
    """The one client all sources share; it says who we are and how to reach us."""
    return httpx.AsyncClient(
        headers={"user-agent": f"Levelhead/{version} (+{contact})"},
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=30),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer. `text` is None when nothing changed since (304)."""

    text: str | None
    etag: str | None
    modified: str | None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Wire:
    """How to reach one source. Raises ProviderError only: a foreign exception may carry an address with a key."""

    name: str
    base_url: str
    client: httpx.AsyncClient
    now: Callable[[], datetime]
    headers: Mapping[str, str]
    refusal: Refusal
    max_bytes: int
    patience: timedelta
    tries: int = TRIES

    async def fetch(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        *,
        spend: Spend,
        body: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """
        At most three tries within the patience, and only where another may go better. `spend` is awaited before each
        request, also before those of another try and of a redirect.
        """
        request = self.client.build_request(
            method,
            self.base_url + path,
            params=dict(params) or None,  # an empty mapping would strip a query the address has
            content=json.dumps(body) if body is not None else None,
            headers={
                **({"content-type": "application/json"} if body is not None else {}),
                **self.headers,
                **(headers or {}),
            },
            timeout=ONE_TRY,
        )
        seconds = self.patience.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                async for attempt in stamina.retry_context(
                    _may_pass, attempts=self.tries, timeout=seconds, wait_initial=0.2, wait_max=1.5
                ):
                    with attempt:
                        return await self._once(request, spend)
        except TimeoutError:
            raise Unavailable(self.name, "timed out") from None
        raise AssertionError("stamina returns or raises")

    async def _once(self, request: httpx.Request, spend: Spend) -> Answer:
        response, text = await self._sent(request, spend)
        for _ in range(REDIRECTS):
            # A key must not follow a redirect to somebody else's host.
            if response.next_request is None or self.headers:
                break
            response, text = await self._sent(response.next_request, spend)
        status, headers = response.status_code, self._headers(response)
        if status == 304 or 200 <= status < 300:
            etag, modified = headers.get("etag"), headers.get("last-modified")
            return Answer(None if status == 304 else text, etag, modified, headers)
        raise self._error(status, headers, text)

    async def _sent(self, request: httpx.Request, spend: Spend) -> tuple[httpx.Response, str]:
        await spend()
        try:
            # Redirects are followed by us: each is a request, and counts as one.
            response = await self.client.send(request, stream=True, follow_redirects=False)
            try:
                text = await self._text(response)
            finally:
                await response.aclose()
        except httpx.TimeoutException:
            raise Unavailable(self.name, "timed out") from None
        except httpx.DecodingError:
            raise BadPayload(self.name, "compressed body is broken") from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise Unavailable(self.name, f"no answer ({type(error).__name__})") from None
        return response, text

    async def _text(self, response: httpx.Response) -> str:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self.max_bytes:
                raise BadPayload(self.name, f"body is larger than {self.max_bytes} bytes")
        return text_of(bytes(body), response.charset_encoding)

    def rest(self, answer: Answer) -> timedelta:
        """For how long a source wants to be left alone that says so with a good status."""
        said = self._refusal(200, answer.headers, answer.text or "")
        asked = _retry_after(answer.headers.get("retry-after"), self.now())
        return _bounded(asked or (said.retry_after if said is not None else None) or LIMITED)

    def _error(self, status: int, headers: Mapping[str, str], text: str) -> ProviderError:
        error = self._refusal(status, headers, text) or self._meaning(status)
        asked = _retry_after(headers.get("retry-after"), self.now())
        if asked:
            error.retry_after = asked
        elif isinstance(error, RateLimited) and not error.retry_after:
            error.retry_after = BANNED if status == 418 else LIMITED
        if error.retry_after is not None:
            error.retry_after = _bounded(error.retry_after)
        return error

    def _refusal(self, status: int, headers: Mapping[str, str], text: str) -> ProviderError | None:
        try:
            return self.refusal(status, headers, text)
        except UNREADABLE:
            return None  # then its status says all there is

    def _headers(self, response: httpx.Response) -> dict[str, str]:
        """In lower case; where the source does not tell its time, ours must do."""
        ours = {"date": format_datetime(self.now(), usegmt=True)}
        return ours | {name.lower(): value for name, value in response.headers.items()}

    def _meaning(self, status: int) -> ProviderError:
        match status:
            case 429:
                return RateLimited(self.name, "asked too often")
            case 418:
                return RateLimited(self.name, "banned for a while")
            case 451:
                return GeoBlocked(self.name, "does not serve this country")
            case 408:
                return Unavailable(self.name, "timed out there")
            case _ if 300 <= status < 500:
                return Refused(self.name, f"refused with status {status}")
            case _:
                return Unavailable(self.name, f"answered with status {status}")


def _may_pass(error: Exception) -> bool:
    return isinstance(error, Unavailable) and error.retry_after is None


def _retry_after(value: str | None, now: datetime) -> timedelta | None:
    """RFC 9110 §10.2.3: whole seconds or a date. None when it says nothing we understand."""
    if not value:
        return None
    try:
        wait = timedelta(seconds=float(value))
    except (ValueError, OverflowError):
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return _bounded(wait)


def _bounded(rest: timedelta) -> timedelta:
    return min(max(rest, timedelta(0)), LONGEST_REST)
