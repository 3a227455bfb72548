"""One source over HTTP: asked once, remembered, rested, and never believed when it talks nonsense."""

import asyncio
import gc
import json
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import fakeredis
import httpx
import pytest
import stamina

from providers import binance, bybit_answers, coinbase, deribit_read, kraken, okx_answers
from providers.errors import (
    BadPayload,
    BudgetSpent,
    GeoBlocked,
    PlanNeeded,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
)
from providers.payload import decoded
from providers.upstream import FOREVER, Budget, Cache, Refusal, Upstream
from providers.wire import http_client
from tests.fakes import START, Clock

FRESH = timedelta(seconds=10)
KEEP = timedelta(minutes=5)
SECRET = "key-of-ours"


@pytest.fixture(autouse=True)
def no_waiting_between_tries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


class Source:
    """A source that plays its script, repeating the last line; each line is a response, or an exception."""

    def __init__(self, *script: object, gate: asyncio.Event | None = None) -> None:
        self.script = list(script)
        self.gate = gate
        self.asked: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(line, Exception):
            raise line
        return line if isinstance(line, httpx.Response) else httpx.Response(200, json=line)


def number(text: str) -> float:
    return float(json.loads(text)["n"])


@asynccontextmanager
async def upstream(
    source: Source, clock: Clock, redis: fakeredis.FakeAsyncRedis | None = None, **options: object
) -> AsyncIterator[Upstream]:
    budget = options.pop("budget", None) or Budget("here", "1000/second")
    headers = options.pop("headers", {"x-key": SECRET})
    async with httpx.AsyncClient(transport=httpx.MockTransport(source)) as client:
        one = Upstream(
            "here",
            "https://here.test",
            client=client,
            cache=Cache(redis),
            budget=budget,  # type: ignore[arg-type]
            now=clock,
            headers=headers,  # type: ignore[arg-type]
            **options,  # type: ignore[arg-type]
        )
        yield one
        await one.aclose()


async def ask(one: Upstream, parse: Callable[[str], float] = number) -> tuple[float, datetime]:
    reading = await one.get("/n", {"a": "1"}, parse, fresh=FRESH, keep=KEEP)
    assert reading.source == "here"
    return reading.value, reading.as_of


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)
    await asyncio.sleep(0.005)


async def test_a_thousand_people_cost_one_call(clock: Clock) -> None:
    source, redis = Source({"n": 1}), fakeredis.FakeAsyncRedis()
    async with upstream(source, clock, redis) as one:
        answers = await asyncio.gather(*(ask(one) for _ in range(1000)))

    assert set(answers) == {(1.0, clock())}
    assert len(source.asked) == 1


async def test_several_processes_cost_one_call(clock: Clock) -> None:
    source, server = Source({"n": 1}), fakeredis.FakeServer()
    stores = [fakeredis.FakeAsyncRedis(server=server) for _ in range(3)]
    async with (
        upstream(source, clock, stores[0]) as a,
        upstream(source, clock, stores[1]) as b,
        upstream(source, clock, stores[2]) as c,
    ):
        answers = await asyncio.gather(*(ask(one) for one in (a, b, c) for _ in range(20)))

    assert set(answers) == {(1.0, clock())}
    assert len(source.asked) == 1


async def test_a_process_that_dies_while_asking_costs_only_its_lock(clock: Clock) -> None:
    source, server = Source({"n": 1}, gate=asyncio.Event()), fakeredis.FakeServer()
    redis = fakeredis.FakeAsyncRedis(server=server)
    async with upstream(source, clock, redis) as one:
        dies = asyncio.create_task(ask(one))
        await settled()
        [lock] = [k async for k in redis.scan_iter("lh:wire:lock:*")]
        life = await redis.pttl(lock)
        token = await redis.get(lock)
    with pytest.raises(asyncio.CancelledError):
        await dies
    await redis.set(lock, token, px=30)  # as if the process had not even said goodbye
    async with upstream(Source({"n": 2}), clock, redis) as other:
        answer = await ask(other)

    assert answer[0] == 2.0
    assert 0 < life <= 6000


async def test_a_young_answer_is_not_asked_again(clock: Clock) -> None:
    source = Source({"n": 1}, {"n": 2})
    async with upstream(source, clock) as one:
        first = await ask(one)
        clock.advance(seconds=9)

        assert await ask(one) == first
    assert len(source.asked) == 1


async def test_an_old_answer_is_given_at_once_and_renewed_behind(clock: Clock) -> None:
    source = Source({"n": 1}, {"n": 2})
    async with upstream(source, clock) as one:
        first = await ask(one)
        clock.advance(seconds=11)

        assert await ask(one) == first
        await settled()
        assert await ask(one) == (2.0, clock())


async def test_a_very_old_answer_waits_for_the_new_one(clock: Clock) -> None:
    source = Source({"n": 1}, {"n": 2})
    async with upstream(source, clock) as one:
        await ask(one)
        clock.advance(seconds=31)

        assert await ask(one) == (2.0, clock())


async def test_a_failed_source_leaves_its_last_answer_with_its_true_age(clock: Clock) -> None:
    source = Source({"n": 1}, httpx.Response(503))
    async with upstream(source, clock, fakeredis.FakeAsyncRedis()) as one:
        first = await ask(one)
        clock.advance(minutes=4)
        assert await ask(one) == first

        clock.advance(minutes=2)
        with pytest.raises(Unavailable):
            await ask(one)


async def test_what_is_remembered_of_a_failed_source_says_why_and_costs_a_try_a_minute(
    clock: Clock,
) -> None:
    source = Source({"n": 1}, httpx.Response(500))
    async with upstream(source, clock) as one:
        first = await one.get("/n", {}, number, fresh=FRESH, keep=KEEP)
        clock.advance(minutes=1)
        again = [await one.get("/n", {}, number, fresh=FRESH, keep=KEEP) for _ in range(50)]
        asked = len(source.asked)
        clock.advance(minutes=1)
        source.script = [{"n": 2}]
        after = await one.get("/n", {}, number, fresh=FRESH, keep=KEEP)
        clock.advance(seconds=11)
        later = await one.get("/n", {}, number, fresh=FRESH, keep=KEEP)

    assert first.failed is later.failed is None
    assert {(told.value, told.as_of) for told in again} == {(1.0, first.as_of)}
    assert {str(told.failed) for told in again} == {"here: answered with status 500"}
    assert asked == 1 + 3
    assert (after.value, after.failed) == (2.0, None)
    assert clock() - later.answered_at == timedelta(seconds=11)


async def test_a_failure_behind_an_answer_given_at_once_is_told_with_the_next(clock: Clock) -> None:
    source = Source({"n": 1}, httpx.Response(404))
    async with upstream(source, clock) as one:
        await one.get("/n", {}, number, fresh=FRESH, keep=KEEP)
        clock.advance(seconds=11)
        at_once = await one.get("/n", {}, number, fresh=FRESH, keep=KEEP)
        await settled()
        then = await one.get("/n", {}, number, fresh=FRESH, keep=KEEP)

    assert (at_once.value, at_once.failed) == (then.value, None) == (1.0, None)
    assert isinstance(then.failed, Refused)


async def test_a_restarted_process_tells_what_the_last_one_knew_of_a_failed_source(
    clock: Clock,
) -> None:
    server = fakeredis.FakeServer()
    async with upstream(Source({"n": 1}), clock, fakeredis.FakeAsyncRedis(server=server)) as one:
        first = await ask(one)
    clock.advance(minutes=1)
    down = Source(httpx.Response(503))
    async with upstream(down, clock, fakeredis.FakeAsyncRedis(server=server)) as one:
        told = await one.get("/n", {"a": "1"}, number, fresh=FRESH, keep=KEEP)

    assert (told.value, told.as_of) == first
    assert isinstance(told.failed, Unavailable)


@pytest.mark.parametrize(
    ("error", "asked"),
    [(PlanNeeded("here", "more"), 1), (Refused("here", "no"), 6), (Unavailable("here", "x"), 60)],
)
async def test_what_asking_again_does_not_change_is_seldom_asked_again(
    error: ProviderError, asked: int, clock: Clock
) -> None:
    def parse(text: str) -> float:
        raise error

    source = Source({"code": "401"})
    async with upstream(source, clock) as one:
        for _ in range(60):
            with pytest.raises(type(error)):
                await ask(one, parse)
            clock.advance(minutes=1)

    assert len(source.asked) == asked


async def test_a_restarted_process_finds_what_the_last_one_knew(clock: Clock) -> None:
    source, server = Source({"n": 1}), fakeredis.FakeServer()
    async with upstream(source, clock, fakeredis.FakeAsyncRedis(server=server)) as before:
        first = await ask(before)
    clock.advance(seconds=5)
    async with upstream(source, clock, fakeredis.FakeAsyncRedis(server=server)) as after:
        assert await ask(after) == first
    assert len(source.asked) == 1


async def test_the_store_forgets_an_answer_after_its_keep(clock: Clock) -> None:
    redis = fakeredis.FakeAsyncRedis()
    async with upstream(Source({"n": 1}), clock, redis) as one:
        await ask(one)
        await one.get("/n", {"old": "1"}, number, fresh=FOREVER, keep=FOREVER)

    lives = sorted([await redis.pttl(k) async for k in redis.scan_iter("lh:wire:here:*")])
    assert lives[0] == -1
    assert 0 < lives[1] <= KEEP.total_seconds() * 1000


@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(httpx.Response(200, html="<h1>Just a moment…</h1>"), id="a page"),
        pytest.param(httpx.Response(200, text='{"n": 1'), id="half a body"),
        pytest.param(httpx.Response(200, json={"m": 1}), id="another shape"),
        pytest.param(httpx.Response(200, json=[]), id="another type"),
        pytest.param(httpx.Response(200, text=""), id="nothing"),
        pytest.param(httpx.Response(200, content=b'{"n": "\xff"}'), id="no text"),
    ],
)
async def test_nonsense_never_replaces_a_good_answer(
    nonsense: httpx.Response, clock: Clock
) -> None:
    redis = fakeredis.FakeAsyncRedis()
    async with upstream(Source(nonsense), clock, redis) as one:
        with pytest.raises(BadPayload):
            await ask(one)
        assert [k async for k in redis.scan_iter("lh:wire:here:*")] == []

    async with upstream(Source({"n": 7}, nonsense), clock, redis) as one:
        first = await ask(one)
        clock.advance(minutes=1)
        assert await ask(one) == first


async def test_a_body_without_end_is_cut_off(clock: Clock) -> None:
    sent = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1000
            yield b"x" * 1000

    source = Source(httpx.Response(200, content=flood()))
    async with upstream(source, clock, max_bytes=10_000) as one:
        with pytest.raises(BadPayload, match="larger than 10000"):
            await ask(one)
    assert sent < 20_000


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError(f"no route to https://here.test?k={SECRET}"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
        httpx.Response(500),
        httpx.Response(502, html="<h1>Bad gateway</h1>"),
    ],
    ids=["down", "slow", "cut", "500", "502"],
)
async def test_what_may_pass_is_tried_again_three_times(error: object, clock: Clock) -> None:
    source = Source(error, error, {"n": 1})
    async with upstream(source, clock) as one:
        assert (await ask(one))[0] == 1.0
    assert len(source.asked) == 3

    source = Source(error)
    async with upstream(source, clock) as one:
        with pytest.raises(Unavailable) as failure:
            await ask(one)
    assert len(source.asked) == 3
    assert SECRET not in repr(failure.value)
    assert failure.value.__cause__ is None


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(400, Refused), (401, Refused), (403, Refused), (404, Refused), (451, GeoBlocked)],
)
async def test_a_refusal_is_not_tried_again(
    status: int, meaning: type[ProviderError], clock: Clock
) -> None:
    source = Source(httpx.Response(status))
    async with upstream(source, clock) as one:
        with pytest.raises(meaning):
            await ask(one)
    assert len(source.asked) == 1


async def test_a_source_may_say_what_its_own_errors_mean(clock: Clock) -> None:
    def refusal(status: int, headers, text: str) -> ProviderError | None:
        return GeoBlocked("here", "blocked") if status == 403 and "country" in text else None

    source = Source(httpx.Response(403, text="your country"), httpx.Response(403, text="key"))
    async with upstream(source, clock, refusal=refusal) as one:
        with pytest.raises(GeoBlocked):
            await ask(one)
        clock.advance(hours=7)
        with pytest.raises(Refused):
            await ask(one)


@pytest.mark.parametrize("status", [429, 418, 503])
@pytest.mark.parametrize("header", ["40", "date"])
async def test_a_source_that_asks_for_rest_gets_it_from_every_process(
    status: int, header: str, clock: Clock
) -> None:
    until = clock() + timedelta(seconds=40)
    value = header if header == "40" else until.strftime("%a, %d %b %Y %H:%M:%S GMT")
    server = fakeredis.FakeServer()
    source = Source(httpx.Response(status, headers={"retry-after": value}), {"n": 1})
    async with (
        upstream(source, clock, fakeredis.FakeAsyncRedis(server=server)) as one,
        upstream(source, clock, fakeredis.FakeAsyncRedis(server=server)) as other,
    ):
        with pytest.raises(ProviderError) as failure:
            await ask(one)
        assert failure.value.retry_after == timedelta(seconds=40)
        for process in (one, other):
            with pytest.raises(RateLimited) as failure:
                await ask(process)
            assert failure.value.retry_after == timedelta(seconds=40)
        assert len(source.asked) == 1

        clock.advance(seconds=41)
        assert (await ask(one))[0] == 1.0


@pytest.mark.parametrize("value", ["soon", "-5", "1e400", "nan", ""])
async def test_a_senseless_retry_after_does_no_harm(value: str, clock: Clock) -> None:
    source = Source(httpx.Response(429, headers={"retry-after": value}))
    async with upstream(source, clock) as one:
        with pytest.raises(RateLimited):
            await ask(one)


async def test_a_rest_said_inside_a_good_status_counts_too(clock: Clock) -> None:
    def parse(text: str) -> float:
        raise RateLimited("here", "code 50011", retry_after=timedelta(seconds=2))

    source = Source({"code": "50011"}, {"n": 1})
    async with upstream(source, clock) as one:
        with pytest.raises(RateLimited):
            await ask(one, parse)
        with pytest.raises(RateLimited):
            await ask(one)
    assert len(source.asked) == 1


async def test_an_unchanged_page_is_confirmed_and_not_sent_again(clock: Clock) -> None:
    headers = {"etag": '"v1"', "last-modified": "Wed, 06 Mar 2030 11:00:00 GMT"}
    source = Source(httpx.Response(200, json={"n": 1}, headers=headers), httpx.Response(304))
    async with upstream(source, clock, conditional=True) as one:
        await ask(one)
        clock.advance(minutes=1)

        assert await ask(one) == (1.0, clock())
    assert source.asked[1].headers["if-none-match"] == '"v1"'
    assert source.asked[1].headers["if-modified-since"] == headers["last-modified"]


async def test_our_own_budget_is_kept_by_all_processes_together(clock: Clock) -> None:
    server = fakeredis.FakeServer()
    budgets = [
        Budget("here", "5/minute", fakeredis.FakeAsyncRedis(server=server)) for _ in range(2)
    ]
    await budgets[0].spend(3)
    await budgets[1].spend(2)

    with pytest.raises(RateLimited) as failure:
        await budgets[0].spend(1)
    assert failure.value.retry_after is not None
    assert timedelta(seconds=1) < failure.value.retry_after <= timedelta(minutes=2)


async def test_a_spent_budget_is_said_and_asks_nobody(clock: Clock) -> None:
    source = Source({"n": 1})
    async with upstream(source, clock, budget=Budget("here", "1/minute")) as one:
        await ask(one)
        clock.advance(minutes=10)
        with pytest.raises(RateLimited, match="our own budget"):
            await ask(one)
    assert len(source.asked) == 1


async def test_without_a_store_everything_still_works(clock: Clock) -> None:
    server = fakeredis.FakeServer()
    server.connected = False
    redis = fakeredis.FakeAsyncRedis(server=server)
    source = Source({"n": 1})
    async with upstream(source, clock, redis, budget=Budget("here", "9/second", redis)) as one:
        answers = await asyncio.gather(*(ask(one) for _ in range(100)))

    assert set(answers) == {(1.0, clock())}
    assert len(source.asked) == 1


async def test_a_lost_store_is_logged_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    server = fakeredis.FakeServer()
    server.connected = False
    cache = Cache(fakeredis.FakeAsyncRedis(server=server))
    for _ in range(5):
        assert await cache.load("x") is None

    assert [r.message for r in caplog.records] == ["cache_down"]


async def test_what_another_version_wrote_is_no_answer(clock: Clock) -> None:
    redis = fakeredis.FakeAsyncRedis()
    async with upstream(Source({"n": 1}), clock, redis) as one:
        await ask(one)
    [key] = [k async for k in redis.scan_iter("lh:wire:here:*")]
    await redis.set(key, b'{"words": 1}')
    async with upstream(Source({"n": 2}), clock, redis) as one:
        assert (await ask(one))[0] == 2.0


async def test_a_client_that_decodes_its_answers_will_do(clock: Clock) -> None:
    redis = fakeredis.FakeAsyncRedis(decode_responses=True)
    async with upstream(Source({"n": 1}), clock, redis) as one:
        await ask(one)
    async with upstream(Source({"n": 2}), clock, redis) as one:
        assert (await ask(one))[0] == 1.0


async def test_an_impatient_caller_does_not_end_it_for_the_others(clock: Clock) -> None:
    gate = asyncio.Event()
    source = Source({"n": 1}, gate=gate)
    async with upstream(source, clock) as one:
        impatient, patient = (asyncio.create_task(ask(one)) for _ in range(2))
        await settled()
        impatient.cancel()
        await settled()
        gate.set()

        assert (await patient)[0] == 1.0
    assert len(source.asked) == 1


async def test_closing_leaves_nothing_running(clock: Clock) -> None:
    before = asyncio.all_tasks()
    async with upstream(Source({"n": 1}, gate=asyncio.Event()), clock) as one:
        waiting = asyncio.create_task(ask(one))
        await settled()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert asyncio.all_tasks() == before


async def test_many_questions_of_the_past_are_not_held_for_good(clock: Clock) -> None:
    """Bars are asked for with other times each hour; what was asked yesterday is held by nobody."""

    class Bars:
        """Something that can be looked after."""

    def bars(text: str) -> Bars:
        return Bars()

    held = []
    async with upstream(Source({"n": 1}), clock) as one:
        for hour in range(20):
            answer = await one.get("/n", {"end": hour}, bars, fresh=FRESH, keep=KEEP)
            held.append(weakref.ref(answer.value))
            del answer
            clock.advance(hours=1)
    gc.collect()

    assert sum(one() is not None for one in held) <= 1


async def test_the_sources_own_time_is_kept(clock: Clock) -> None:
    said = datetime(2030, 1, 1, tzinfo=UTC)
    async with upstream(Source({"n": 1}), clock) as one:
        reading = await one.get("/n", {}, number, fresh=FRESH, keep=KEEP, as_of=lambda value: said)

    assert reading.as_of == said


async def test_nothing_is_said_to_be_newer_than_when_it_was_asked(clock: Clock) -> None:
    ahead = clock() + timedelta(minutes=7)
    async with upstream(Source({"n": 1}), clock) as one:
        reading = await one.get("/n", {}, number, fresh=FRESH, keep=KEEP, as_of=lambda value: ahead)

    assert reading.as_of == clock()


async def test_each_way_of_reading_a_page_has_its_own_answer(clock: Clock) -> None:
    def times(text: str, factor: int) -> float:
        return number(text) * factor

    async with upstream(Source({"n": 2}), clock, fakeredis.FakeAsyncRedis()) as one:
        for factor in (2, 3):
            assert (await ask(one, partial(times, factor=factor)))[0] == 2 * factor
            assert (await ask(one, lambda text: times(text, factor)))[0] == 2 * factor  # noqa: B023


async def test_the_key_travels_in_a_header_and_a_body_as_json(clock: Clock) -> None:
    source = Source({"n": 1})
    async with upstream(source, clock) as one:
        await one.get("?q=1", {}, number, fresh=FRESH, keep=KEEP, method="POST", body={"t": "us"})

    [request] = source.asked
    assert (request.method, str(request.url)) == ("POST", "https://here.test?q=1")
    assert request.headers["x-key"] == SECRET
    assert json.loads(request.content) == {"t": "us"}
    assert request.headers["content-type"] == "application/json"


async def test_a_key_does_not_follow_a_redirect(clock: Clock) -> None:
    away = httpx.Response(302, headers={"location": "https://elsewhere.test/"})
    source = Source(away, {"n": 1})
    async with upstream(source, clock) as one:
        with pytest.raises(Refused):
            await ask(one)
    assert {r.url.host for r in source.asked} == {"here.test"}


async def test_memory_stays_bounded(clock: Clock) -> None:
    source = Source({"n": 1})
    async with upstream(source, clock) as one:
        for i in range(300):
            await one.get("/n", {"i": i}, number, fresh=FRESH, keep=KEEP)
        await one.get("/n", {"i": 299}, number, fresh=FRESH, keep=KEEP)
        assert len(source.asked) == 300
        await one.get("/n", {"i": 0}, number, fresh=FRESH, keep=KEEP)
    assert len(source.asked) == 301


async def test_we_say_who_we_are() -> None:
    async with http_client("1.2", "https://contact.test") as client:
        assert client.headers["user-agent"] == "Levelhead/1.2 (+https://contact.test)"


async def test_what_was_fetched_before_the_bar_opened_lacks_its_close_and_is_asked_again(clock):
    clock.time = clock.time.replace(minute=59, second=55)
    source = Source({"n": 1}, {"n": 2})
    hour = timedelta(hours=1)
    async with upstream(source, clock) as one:
        before = await one.get("/n", {}, number, fresh=FRESH, keep=KEEP, bar=hour)
        clock.advance(seconds=6)
        after = await one.get("/n", {}, number, fresh=FRESH, keep=KEEP, bar=hour)

    assert (before.value, after.value) == (1, 2)


async def test_nobody_is_given_bars_without_the_last_close_while_newer_ones_are_fetched(clock):
    clock.time = clock.time.replace(minute=59, second=50)
    hour = timedelta(hours=1)
    async with upstream(Source({"n": 1}, {"n": 2}), clock) as one:
        await one.get("/n", {}, number, fresh=FRESH, keep=KEEP, bar=hour)
        clock.advance(seconds=20)
        after = await one.get("/n", {}, number, fresh=FRESH, keep=KEEP, bar=hour)

    assert after.value == 2


@pytest.mark.parametrize(
    ("refusal", "answer", "rest"),
    [
        pytest.param(
            okx_answers.refusal, httpx.Response(200, json={"code": "50011"}), 60, id="OKX, well"
        ),
        pytest.param(
            okx_answers.refusal, httpx.Response(429, json={"code": "50011"}), 60, id="OKX"
        ),
        pytest.param(
            bybit_answers.refusal, httpx.Response(200, json={"retCode": 10006}), 60, id="Bybit"
        ),
        pytest.param(
            bybit_answers.refusal,
            httpx.Response(
                200,
                json={"retCode": 10006},
                headers={"x-bapi-limit-reset-timestamp": f"{(START.timestamp() + 7) * 1000:.0f}"},
            ),
            7,
            id="Bybit, which says until when",
        ),
        pytest.param(
            kraken.refusal,
            httpx.Response(200, json={"error": ["EAPI:Rate limit exceeded"]}),
            60,
            id="Kraken",
        ),
        pytest.param(
            deribit_read.refusal,
            httpx.Response(429, json={"error": {"code": 10028}}),
            60,
            id="Deribit",
        ),
        pytest.param(
            coinbase.refusal,
            httpx.Response(429, json={"message": "Public rate limit exceeded"}),
            60,
            id="Coinbase",
        ),
        pytest.param(
            binance.refusal,
            httpx.Response(429, json={"code": -1003, "msg": "weight"}),
            60,
            id="Binance",
        ),
        pytest.param(
            binance.refusal, httpx.Response(418, json={"code": -1003, "msg": "b"}), 120, id="a ban"
        ),
        pytest.param(
            binance.refusal,
            httpx.Response(
                418,
                json={
                    "code": -1003,
                    "msg": f"IP banned until {(START.timestamp() + 600) * 1000:.0f}.",
                },
            ),
            600,
            id="a ban that names its end",
        ),
    ],
)
async def test_a_rate_limit_in_a_venues_own_words_is_a_rest(
    refusal: Refusal, answer: httpx.Response, rest: int, clock: Clock
) -> None:
    def parse(text: str) -> str:
        error = refusal(200, {}, text)
        if error is not None:
            raise error
        return text

    source = Source(answer)
    async with upstream(source, clock, refusal=refusal) as one:
        for path in "abcde":
            with pytest.raises(RateLimited) as failure:
                await one.get(f"/{path}", {}, parse, fresh=FRESH, keep=KEEP)

        assert failure.value.retry_after == timedelta(seconds=rest)
        assert len(source.asked) == 1
        clock.advance(seconds=rest)
        source.script = [{"n": 1}]
        assert await one.get("/f", {}, json.loads, fresh=FRESH, keep=KEEP)


async def test_each_try_and_each_redirect_is_counted(clock: Clock) -> None:
    elsewhere = httpx.Response(302, headers={"location": "https://here.test/n"})
    for answer, asked in ((httpx.Response(503), 3), (elsewhere, 4)):
        source, budget = Source(answer), Budget("here", "4/hour")
        async with upstream(source, clock, budget=budget, headers={}) as one:
            with pytest.raises(ProviderError):
                await ask(one)
            assert len(source.asked) == asked
            if asked < 4:
                await budget.spend()
            with pytest.raises(BudgetSpent):
                await budget.spend()


async def test_a_path_that_a_source_counts_by_itself_has_a_budget_of_its_own(clock: Clock) -> None:
    source = Source({"n": 1})
    rules = {"/seldom": Budget("seldom", "1/hour")}
    async with upstream(source, clock, budgets=rules) as one:
        await one.get("/seldom", {}, number, fresh=FRESH, keep=KEEP)
        await one.get("/n", {}, number, fresh=FRESH, keep=KEEP)
        with pytest.raises(BudgetSpent):
            await one.get("/seldom", {"page": 2}, number, fresh=FRESH, keep=KEEP)
        await one.get("/n", {"page": 2}, number, fresh=FRESH, keep=KEEP)

    assert len(source.asked) == 3


async def test_our_own_count_is_no_wish_of_the_source_to_rest(clock: Clock) -> None:
    source = Source({"n": 1})
    async with upstream(source, clock, budgets={"/a": Budget("a", "1/hour")}) as one:
        await one.get("/a", {}, number, fresh=FRESH, keep=KEEP)
        with pytest.raises(BudgetSpent):
            await one.get("/a", {"page": 2}, number, fresh=FRESH, keep=KEEP)

        assert await ask(one) == (1.0, clock())


@pytest.mark.slow
@pytest.mark.parametrize("store", [None, fakeredis.FakeAsyncRedis], ids=["alone", "shared"])
async def test_a_long_history_waits_for_our_budget_which_is_kept_to_the_letter(
    store: type[fakeredis.FakeAsyncRedis] | None,
) -> None:
    budget = Budget("here", "4/second", store() if store else None)
    granted: list[float] = []

    async def spend() -> None:
        await budget.spend()
        granted.append(time.monotonic())

    await asyncio.gather(*(spend() for _ in range(9)))

    assert all(later - first > 0.9 for first, later in zip(granted, granted[4:], strict=False))


async def test_a_source_that_allows_one_request_an_hour_gets_one_also_when_it_fails(
    clock: Clock,
) -> None:
    source, redis = Source(httpx.Response(503)), fakeredis.FakeAsyncRedis()
    hour = timedelta(hours=1)
    for _ in range(4):  # as many starts of the process
        async with upstream(source, clock, redis, apart=hour) as one:
            for _ in range(5):
                with pytest.raises(ProviderError):
                    await ask(one)
                clock.advance(minutes=1)
    assert len(source.asked) == 1

    clock.advance(minutes=40)
    source.script = [httpx.Response(429, headers={"retry-after": "5"}), {"n": 1}]
    async with upstream(source, clock, redis, apart=hour) as one:
        for passed in (6, 0):  # a shorter wish does not shorten the hour
            with pytest.raises(ProviderError):
                await ask(one)
            clock.advance(seconds=passed)
        assert len(source.asked) == 2
        clock.advance(hours=1)
        assert (await ask(one))[0] == 1.0


@pytest.mark.parametrize("charset", ["base64", "zlib", "hex", "undefined", "idna", "nonsense"])
async def test_a_charset_that_is_none_is_not_believed(charset: str, clock: Clock) -> None:
    headers = {"content-type": f"application/json; charset={charset}"}
    source = Source(httpx.Response(200, content=b'{"n": 1}', headers=headers))
    async with upstream(source, clock) as one:
        assert (await ask(one))[0] == 1.0


@pytest.mark.parametrize("status", [200, 500])
async def test_lists_within_lists_without_end_are_no_answer(status: int, clock: Clock) -> None:
    source = Source(httpx.Response(status, text="[" * 100_000))
    async with upstream(source, clock, refusal=okx_answers.refusal) as one:
        with pytest.raises(ProviderError):
            await one.get("/n", {}, decoded, fresh=FRESH, keep=KEEP)


async def test_an_error_body_that_cannot_be_read_leaves_what_the_status_says(clock: Clock) -> None:
    def refusal(status: int, headers: Mapping[str, str], text: str) -> ProviderError | None:
        raise OverflowError

    async with upstream(Source(httpx.Response(429)), clock, refusal=refusal) as one:
        with pytest.raises(RateLimited):
            await ask(one)


class Unreadable:
    """Something that can be looked for."""


class Choking:
    """A parser that understands its first `good` answers only; what it had in hand can be looked for."""

    def __init__(self, good: int) -> None:
        self.good = good
        self.had: list[weakref.ref[Unreadable]] = []

    def __call__(self, text: str) -> float:
        answer = Unreadable()
        self.had.append(weakref.ref(answer))
        if self.good == 0:
            raise ValueError(answer)
        self.good -= 1
        return number(text)


@pytest.mark.parametrize("good", [0, 1], ids=["never answered", "answered once"])
async def test_a_failure_that_is_remembered_holds_on_to_nothing(clock: Clock, good: int) -> None:
    """Neither to what was being read when it happened, nor to what those had in hand who were told of it."""
    parse = Choking(good)

    async def failed() -> bool:
        mine = Unreadable()
        parse.had.append(weakref.ref(mine))
        try:
            reading = await one.get("/x", {}, parse, fresh=FRESH, keep=KEEP)
        except BadPayload:
            return True
        return reading.failed is not None

    async with upstream(Source({"n": 1}), clock) as one:
        failures = 0
        for _ in range(4):
            failures += await failed()
            clock.advance(seconds=61)
        await settled()
        gc.collect()

        assert failures == 4 - good
        assert len(parse.had) == 8
        assert [one for one in parse.had if one() is not None] == []
