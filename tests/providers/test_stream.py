"""One websocket client for every feed, against a venue on this machine that may misbehave."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from providers.errors import BadPayload, RateLimited, Refused
from providers.feed import (
    Acknowledged,
    Alive,
    Answer,
    Connected,
    Declined,
    Event,
    Feed,
    Gap,
    GivenUp,
    Heard,
    Reconnect,
    Tick,
)
from providers.stream import Patience, Stream
from tests.fakes import Clock

HASTY = Patience(
    connect=1.0,
    acknowledgements=0.05,
    close=0.02,
    first_retry=0.01,
    longest_retry=0.02,
    short_life=0.0,
    refused=0.05,
)
Script = Callable[[web.WebSocketResponse], Awaitable[None]]


class Venue:
    """Plays one script per connection, repeating the last; remembers what it was told."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.told: list[str] = []
        self.open = 0
        self.most_open = 0
        self.connects = 0

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self.connects += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        listener = asyncio.create_task(self._listen(socket))
        try:
            await (self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0])(socket)
        except ConnectionError:
            pass
        finally:
            self.open -= 1
            listener.cancel()
        return socket

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            self.told.append(message.data)


def say(*frames: object, then: Script | None = None) -> Script:
    async def script(socket: web.WebSocketResponse) -> None:
        for frame in frames:
            await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
        if then is not None:
            await then(socket)

    return script


async def stay(socket: web.WebSocketResponse) -> None:
    await until(lambda: socket.closed, seconds=60)


async def until(true: Callable[[], bool], seconds: float = 3) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what we wait for is on the other side of a socket
            await asyncio.sleep(0.002)


async def cut(socket: web.WebSocketResponse) -> None:
    assert socket._req is not None
    assert socket._req.transport is not None
    socket._req.transport.abort()


def chatter(every: float = 0.005) -> Script:
    async def script(socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            await socket.send_str('{"p": 1}')
            await asyncio.sleep(every)

    return script


def read(clock: Clock) -> Callable[[str | bytes], tuple[Event, ...]]:
    def events(frame: str | bytes) -> tuple[Event, ...]:
        said = json.loads(frame)
        known: dict[str, tuple[Event, ...]] = {
            "ok": (Acknowledged(),),
            "p": (Tick("v", "BTC", said.get("p"), clock()),),
            "alive": (Alive(),),
            "ping": (Answer("pong"),),
            "bye": (Reconnect("maintenance"),),
            "pong": (),
            "gone": (Declined(said.get("gone"), "not listed"),),
        }
        word = next(iter(said))
        if word == "no":
            raise Refused("v", "channel does not exist")
        if word == "often":
            raise RateLimited("v", "too many requests")
        if word not in known:
            raise BadPayload("v", "unknown frame")
        return known[word]

    return events


class Heards(list[Heard]):
    """What was heard, in order."""

    @property
    def prices(self) -> list[float]:
        return [event.price for event in self if isinstance(event, Tick)]

    def of(self, kind: type[Heard]) -> list[Heard]:
        return [event for event in self if isinstance(event, kind)]

    async def until(self, enough: Callable[["Heards"], bool]) -> None:
        await until(lambda: enough(self))


@asynccontextmanager
async def listening(
    venue: Venue, clock: Clock, patience: Patience = HASTY, **feed: object
) -> AsyncIterator[tuple[Stream, Heards]]:
    app = web.Application()
    app.router.add_get("/ws", venue.serve)
    heard = Heards()
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        options = {"subscribe": ("sub",), "acknowledgements": 0} | feed
        one = Feed(
            name="f", venue="v", url=str(server.make_url("/ws")), read=read(clock), **options
        )  # type: ignore[arg-type]
        stream = Stream(one, session=session, now=clock, on_event=heard.append, patience=patience)
        task = asyncio.create_task(stream.run())
        try:
            yield stream, heard
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


async def test_it_subscribes_and_hears(clock: Clock) -> None:
    venue = Venue(say({"ok": 1}, {"p": 5}, then=stay))
    async with listening(venue, clock, Patience(), acknowledgements=1) as (stream, heard):
        await heard.until(lambda h: bool(h.prices))

        await until(lambda: bool(venue.told))  # it speaks at once, perhaps before it listens

        assert list(heard) == [Connected(clock()), Tick("v", "BTC", 5, clock())]
        assert venue.told == ["sub"]
        assert stream.state.connected
        assert stream.state.last_data_at == clock()


async def test_a_cut_socket_comes_back_and_the_gap_is_told(clock: Clock) -> None:
    async def later(socket: web.WebSocketResponse) -> None:
        clock.advance(seconds=30)
        await socket.send_str('{"p": 2}')
        await stay(socket)

    began = clock()

    async def hear_and_cut(socket: web.WebSocketResponse) -> None:
        await until(lambda: venue.told == ["sub"])
        await say({"p": 1}, then=cut)(socket)

    venue = Venue(hear_and_cut, later)
    async with listening(venue, clock) as (stream, heard):
        await heard.until(lambda h: h.prices == [1, 2])

        assert heard.of(Gap) == [Gap(began, began + timedelta(seconds=30))]
        assert heard.index(heard.of(Gap)[0]) < heard.index(Tick("v", "BTC", 2, clock()))
        assert (stream.state.connects, stream.state.gaps) == (2, 1)
        await until(lambda: venue.told == ["sub", "sub"])


async def test_a_silent_socket_is_left(clock: Clock) -> None:
    venue = Venue(say({"p": 1}, then=stay), say({"p": 2}, then=stay))
    async with listening(venue, clock, quiet_limit=timedelta(seconds=0.04)) as (_, heard):
        await heard.until(lambda h: h.prices[:2] == [1, 2])


async def test_acknowledgements_and_pongs_are_not_data(clock: Clock) -> None:
    async def acks_forever(socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            await socket.send_str('{"ok": 1}')
            await socket.send_str('{"pong": 1}')
            await asyncio.sleep(0.005)

    venue = Venue(acks_forever)
    quiet = timedelta(seconds=0.04)
    async with listening(venue, clock, acknowledgements=1, quiet_limit=quiet) as (stream, heard):
        await until(lambda: stream.state.connects >= 3)

        assert list(heard) == []
        assert not stream.state.connected
        assert stream.state.last_error == "silent"


async def test_a_control_stream_keeps_a_quiet_feed_alive(clock: Clock) -> None:
    async def marks(socket: web.WebSocketResponse) -> None:
        for _ in range(25):
            await socket.send_str('{"alive": 1}')
            await asyncio.sleep(0.005)
        await socket.send_str('{"p": 9}')
        await stay(socket)

    async with listening(Venue(marks), clock, quiet_limit=timedelta(seconds=0.05)) as (s, heard):
        await heard.until(lambda h: h.prices == [9])

        assert s.state.connects == 1


async def test_a_missing_acknowledgement_means_another_try(clock: Clock) -> None:
    venue = Venue(say({"ok": 1}, then=chatter()), say({"ok": 1}, {"ok": 1}, then=chatter()))
    async with listening(venue, clock, acknowledgements=2) as (stream, heard):
        await heard.until(lambda h: len(h.of(Gap)) == 1)
        await asyncio.sleep(0.08)

        assert stream.state.connects == 2
        assert stream.state.connected


async def test_a_refused_subscription_is_said_and_not_hammered(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    venue = Venue(say({"no": 1}, then=stay))
    async with listening(venue, clock, Patience(close=0.02)) as (stream, heard):
        await heard.until(lambda h: bool(h.of(GivenUp)))
        await asyncio.sleep(0.05)

        assert heard == [GivenUp("channel does not exist", clock())]
        assert stream.state.given_up == "channel does not exist"
        assert venue.connects == 1
    assert [(r.levelname, r.message) for r in caplog.records] == [("ERROR", "feed_refused")]


async def test_a_refused_feed_is_tried_again_after_a_long_while(clock: Clock) -> None:
    venue = Venue(say({"no": 1}, then=stay), say({"p": 1}, then=stay))
    async with listening(venue, clock) as (stream, heard):
        await heard.until(lambda h: h.prices == [1])

        assert stream.state.given_up is None


async def test_a_blocked_country_is_not_hammered(clock: Clock) -> None:
    async def blocked(socket: web.WebSocketResponse) -> None:
        raise AssertionError("never reached")

    class Blocked(Venue):
        async def serve(self, request: web.Request) -> web.WebSocketResponse:
            self.connects += 1
            raise web.HTTPUnavailableForLegalReasons(link="")

    venue = Blocked(blocked)
    async with listening(venue, clock, Patience()) as (stream, heard):
        await heard.until(lambda h: bool(h.of(GivenUp)))

        assert stream.state.given_up == "status 451"
        assert venue.connects == 1


async def test_nonsense_is_counted_said_once_and_survived(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    venue = Venue(say("<html>", {"q": 1}, "[]", {"p": 3}, then=stay))
    async with listening(venue, clock) as (stream, heard):
        await heard.until(lambda h: h.prices == [3])

        assert stream.state.bad_frames == 3
        assert stream.state.connects == 1
    assert [r.message for r in caplog.records] == ["feed_nonsense"]


async def test_lists_within_lists_without_end_cost_only_their_frame(clock: Clock) -> None:
    venue = Venue(say("[" * 100_000, {"p": 3}, then=stay))
    async with listening(venue, clock) as (stream, heard):
        await heard.until(lambda h: h.prices == [3])

        assert (stream.state.bad_frames, stream.state.connects) == (1, 1)


async def test_a_venue_that_wants_fewer_words_gets_a_pause_and_is_not_given_up(
    clock: Clock,
) -> None:
    venue = Venue(say({"p": 1}, {"often": 1}, then=stay), say({"p": 2}, then=stay))
    slow = Patience(first_retry=0, longest_retry=0.3, short_life=0, close=0.02)
    async with listening(venue, clock, slow) as (stream, heard):
        await heard.until(lambda h: h.prices == [1])
        await until(lambda: stream.state.last_error is not None)
        assert stream.state.last_error == "too many requests"
        await asyncio.sleep(0.05)
        assert venue.connects == 1
        await heard.until(lambda h: h.prices == [1, 2])

    assert heard.of(GivenUp) == []


async def test_a_name_that_is_declined_costs_only_itself_and_all_of_them_the_feed(
    clock: Clock,
) -> None:
    some = Venue(say({"gone": "A"}, {"ok": 1}, {"p": 1}, then=stay))
    async with listening(some, clock, acknowledgements=2) as (stream, heard):
        await heard.until(lambda h: h.prices == [1])
        assert stream.state.declined == (("A", "not listed"),)

    every = Venue(say({"gone": "A"}, {"gone": "B"}, then=stay))
    async with listening(every, clock, acknowledgements=2) as (stream, heard):
        await heard.until(lambda h: bool(h.of(GivenUp)))


async def test_a_question_is_answered_at_once(clock: Clock) -> None:
    venue = Venue(say({"ping": 1}, {"p": 1}, then=stay))
    async with listening(venue, clock) as (_, heard):
        await heard.until(lambda h: venue.told == ["sub", "pong"])


async def test_it_pings_in_the_venues_own_words(clock: Clock) -> None:
    venue = Venue(chatter())
    every = timedelta(seconds=0.02)
    async with listening(venue, clock, ping='{"op":"ping"}', ping_every=every) as (_, heard):
        await heard.until(lambda h: venue.told.count('{"op":"ping"}') >= 2)


@pytest.mark.parametrize("reason", ["old", "told"])
async def test_a_successor_takes_over_without_a_gap(reason: str, clock: Clock) -> None:
    first = chatter() if reason == "old" else say({"p": 1}, {"bye": 1}, then=chatter())
    lifetime = timedelta(seconds=0.06 if reason == "old" else 60)
    venue = Venue(first, chatter())
    async with listening(venue, clock, lifetime=lifetime) as (stream, heard):
        await heard.until(lambda h: len(h.of(Connected)) >= 2)
        await until(lambda: venue.open == 1)

        assert venue.most_open == 2
        assert heard.of(Gap) == []
        assert stream.state.gaps == 0


async def test_the_old_socket_serves_until_the_successor_carries_data(clock: Clock) -> None:
    venue = Venue(say({"p": 1}, {"bye": 1}, then=chatter()), say(then=cut), chatter())
    async with listening(venue, clock) as (_, heard):
        await heard.until(lambda h: len(h.of(Connected)) == 2)

        assert venue.connects == 3
        assert heard.of(Gap) == []


async def test_a_venue_that_cuts_at_once_is_asked_ever_less_often(clock: Clock) -> None:
    venue = Venue(say({"p": 1}, then=cut))
    slow = Patience(first_retry=0.04, longest_retry=10, short_life=60, close=0.02)
    async with listening(venue, clock, slow) as (stream, _):
        await asyncio.sleep(0.2)

        assert 2 <= stream.state.connects <= 4


async def test_a_venue_that_is_down_is_logged_once_down_and_once_up(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    venue = Venue(say({"p": 1}, then=cut), say(then=cut), say(then=cut), say({"p": 2}, then=stay))
    async with listening(venue, clock) as (_, heard):
        await heard.until(lambda h: h.prices == [1, 2])

    ours = [r.message for r in caplog.records if r.name == "providers.stream"]
    assert ours == ["feed_down", "feed_up"]


async def test_cancelling_leaves_nothing_open_or_running(clock: Clock) -> None:
    venue = Venue(chatter())
    async with listening(venue, clock) as (stream, heard):
        await heard.until(lambda h: len(h) > 3)
    names = {task.get_name() for task in asyncio.all_tasks()}

    assert "f" not in names
    assert not stream.state.connected
