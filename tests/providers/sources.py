"""A source on the wire: real Upstream, real adapters, answers from a script; nothing leaves the machine."""

from pathlib import Path

import httpx
import pytest

from config.watchlist import Asset, Watchlist
from providers.upstream import Budget, Cache, Upstream
from tests.fakes import Clock

PAYLOADS = Path(__file__).parents[1] / "payloads"


def payload(name: str) -> str:
    return (PAYLOADS / name).read_text("utf-8")


def asset(symbol: str = "BTC") -> Asset:
    return Watchlist.load().get(symbol)


class Source:
    """Answers by path (text, JSON, or a whole response); a path it does not know is 404."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.answers = answers
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.get(request.url.path, httpx.Response(404))
        if isinstance(answer, httpx.Response):
            return httpx.Response(
                answer.status_code, content=answer.content, headers=answer.headers
            )
        if isinstance(answer, str):
            return httpx.Response(200, text=answer)
        return httpx.Response(200, json=answer)


def upstream(source: Source, clock: Clock, name: str = "here", refusal: object = None) -> Upstream:
    options = {"refusal": refusal} if refusal else {}
    return Upstream(
        name,
        "https://here.test",
        client=httpx.AsyncClient(transport=httpx.MockTransport(source)),
        cache=Cache(None),
        budget=Budget(name, "1000/second"),
        now=clock,
        **options,
    )


def raises(error: type[Exception], words: str = "") -> object:
    return pytest.raises(error, match=words)
