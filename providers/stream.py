"""One websocket client for every feed: subscribe, keep alive, notice silence, come back, and tell what was missed."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp

from providers.errors import BadPayload, ProviderError, RateLimited
from providers.feed import (
    Acknowledged,
    Alive,
    Answer,
    Connected,
    Declined,
    Event,
    Feed,
    FeedState,
    Gap,
    GivenUp,
    Heard,
    Reconnect,
    Tick,
)
from providers.payload import UNREADABLE
from providers.types import Liquidation

log = logging.getLogger(__name__)

MAX_FRAME = 4_000_000
BLOCKED = (403, 451)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a feed waits for what, in seconds."""

    connect: float = 10.0
    acknowledgements: float = 10.0
    close: float = 0.5  # a dead peer never answers our goodbye
    first_retry: float = 1.0
    longest_retry: float = 60.0
    short_life: float = 60.0  # a socket that lived shorter counts as another failure
    refused: float = 3600.0


class _Lost(Exception):
    """This socket is of no more use; the text says why."""


class _TooOften(_Lost):
    """The venue wants fewer words: the next socket waits as long as after many failures."""


class _Refusal(Exception):
    """The venue will not serve this feed as it is."""


@dataclass(slots=True, eq=False)
class _Life:
    """One socket from connecting to its end. Times are the event loop's."""

    born: float
    heard: float
    next_ping: float
    due: float = 0.0
    acknowledged: int = 0
    carries: bool = False
    too_often: bool = False
    declined: dict[str, str] = field(default_factory=dict)
    started: asyncio.Event = field(default_factory=asyncio.Event)  # it carries data, or has ended
    leaves: asyncio.Event = field(default_factory=asyncio.Event)  # it needs a successor


class Stream:
    """
    Keeps one feed alive until cancelled; what it hears goes to `on_event`, in order, on the event loop.

    A successor is opened before a socket that must go is closed, so some events come twice: the listener drops
    doubles. Acknowledgements and pongs are not data: without a Tick, Liquidation or Alive for the feed's
    `quiet_limit` the socket is dead.
    """

    def __init__(
        self,
        feed: Feed,
        *,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime],
        on_event: Callable[[Heard], None],
        patience: Patience | None = None,
    ) -> None:
        self.feed = feed
        self._session = session
        self._now = now
        self._on_event = on_event
        self._patience = patience or Patience()
        self._connects = self._gaps = self._bad_frames = self._failures = 0
        self._last_frame_at: datetime | None = None
        self._last_data_at: datetime | None = None
        self._lost_since: datetime | None = None
        self._given_up: str | None = None
        self._error: str | None = None
        self._carrying: set[_Life] = set()
        self._declined: set[str] = set()  # told once, not after every reconnect

    @property
    def state(self) -> FeedState:
        return FeedState(
            name=self.feed.name,
            venue=self.feed.venue,
            connected=bool(self._carrying),
            connects=self._connects,
            gaps=self._gaps,
            bad_frames=self._bad_frames,
            last_frame_at=self._last_frame_at,
            last_data_at=self._last_data_at,
            given_up=self._given_up,
            last_error=self._error,
            declined=tuple(sorted({i for life in self._carrying for i in life.declined.items()})),
        )

    async def run(self) -> None:
        """Never returns by itself. Cancelling ends every socket."""
        async with asyncio.TaskGroup() as sockets:
            leaving: asyncio.Task[None] | None = None
            while True:
                life = self._new_life()
                task = sockets.create_task(self._socket(life), name=self.feed.name)
                await life.started.wait()
                if life.carries:
                    if leaving is not None:
                        leaving.cancel()
                    leaving = task
                    await life.leaves.wait()
                await self._before_the_next(life)

    def _new_life(self) -> _Life:
        now = asyncio.get_running_loop().time()
        return _Life(born=now, heard=now, next_ping=now + self.feed.ping_every.total_seconds())

    async def _before_the_next(self, life: _Life) -> None:
        """Back-off with jitter after a failure; none after a long and useful life."""
        lived = asyncio.get_running_loop().time() - life.born
        if self._given_up is not None:
            await asyncio.sleep(self._patience.refused)
            self._given_up = None
            return
        if life.carries and lived >= self._patience.short_life and not life.too_often:
            self._failures = 0
            return
        self._failures += 1
        longest = self._patience.first_retry * 2 ** min(self._failures - 1, 16)
        wait = self._patience.longest_retry
        wait = wait if life.too_often else min(longest, wait)
        await asyncio.sleep(wait * random.uniform(0.5, 1.0))

    async def _socket(self, life: _Life) -> None:
        """One socket's whole life; its end is a state, not an exception."""
        try:
            await self._live(life)
        except _Refusal as refusal:
            self._refused(str(refusal))
        except _Lost as lost:
            life.too_often = isinstance(lost, _TooOften)
            self._ended(life, str(lost))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            self._ended(life, type(error).__name__)
        finally:
            self._carrying.discard(life)
            if not self._carrying and self._lost_since is None:
                self._lost_since = self._last_data_at
            life.started.set()
            life.leaves.set()

    def _refused(self, reason: str) -> None:
        self._given_up = reason
        log.error("feed_refused", extra={"feed": self.feed.name, "detail": reason})
        self._on_event(GivenUp(reason, self._now()))

    def _ended(self, life: _Life, reason: str) -> None:
        if self._error is None and not self._carrying - {life}:
            log.warning("feed_down", extra={"feed": self.feed.name, "detail": reason})
        self._error = reason

    async def _live(self, life: _Life) -> None:
        self._connects += 1
        try:
            async with asyncio.timeout(self._patience.connect):
                socket = await self._session.ws_connect(
                    self.feed.url,
                    max_msg_size=MAX_FRAME,
                    timeout=aiohttp.ClientWSTimeout(ws_close=self._patience.close),
                )
        except aiohttp.WSServerHandshakeError as error:
            if error.status in BLOCKED:
                raise _Refusal(f"status {error.status}") from None
            raise _Lost(f"status {error.status}") from None
        async with socket:
            for text in self.feed.subscribe:
                await socket.send_str(text)
            await self._converse(socket, life)

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse, life: _Life) -> None:
        while True:
            await self._keep(socket, life)
            # One timer for all frames until something is due: a timer for each doubles what a frame costs.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(life.due):
                    await self._hear(socket, life)

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse, life: _Life) -> None:
        while True:
            message = await socket.receive()
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                raise _Lost(f"closed with {socket.close_code}")
            self._last_frame_at = self._now()
            for event in self._read(message.data):
                if isinstance(event, Answer):
                    await socket.send_str(event.text)
                else:
                    self._take(event, life)

    async def _keep(self, socket: aiohttp.ClientWebSocketResponse, life: _Life) -> None:
        """What is due by the clock: our pings, missing acknowledgements, silence, old age."""
        time = asyncio.get_running_loop().time()
        feed = self.feed
        quiet_at = life.heard + feed.quiet_limit.total_seconds()
        answered_by = life.born + self._patience.acknowledgements
        old_at = life.born + feed.lifetime.total_seconds()
        if time >= quiet_at:
            raise _Lost("silent")
        if life.acknowledged < feed.acknowledgements and time >= answered_by:
            raise _Lost(f"{life.acknowledged} of {feed.acknowledgements} acknowledged")
        if time >= old_at:
            life.leaves.set()
        if feed.ping is not None and time >= life.next_ping:
            await socket.send_str(feed.ping)
            life.next_ping = time + feed.ping_every.total_seconds()
        coming = [quiet_at, answered_by, old_at]
        if feed.ping is not None:
            coming.append(life.next_ping)
        life.due = min((at for at in coming if at > time), default=quiet_at)

    def _read(self, frame: str | bytes) -> tuple[Event, ...]:
        try:
            return self.feed.read(frame)
        except (BadPayload, *UNREADABLE) as error:
            self._bad_frames += 1
            if self._bad_frames == 1:
                detail = error.detail if isinstance(error, BadPayload) else type(error).__name__
                log.warning("feed_nonsense", extra={"feed": self.feed.name, "detail": detail})
            return ()
        except RateLimited as limit:
            raise _TooOften(limit.detail) from None
        except ProviderError as refusal:
            raise _Refusal(refusal.detail) from None

    def _take(self, event: Event, life: _Life) -> None:
        match event:
            case Tick() | Liquidation():
                self._data(life)
                self._on_event(event)
            case Alive():
                self._data(life)
            case Acknowledged():
                life.acknowledged += 1
            case Declined(topic, reason):
                life.acknowledged += 1
                life.declined[topic] = reason
                self._declines(topic, reason)
                if 0 < self.feed.acknowledgements <= len(life.declined):
                    raise _Refusal(reason)  # nothing is left to be streamed
            case Reconnect():
                life.leaves.set()

    def _declines(self, topic: str, reason: str) -> None:
        if topic not in self._declined:
            self._declined.add(topic)
            extra = {"feed": self.feed.name, "topic": topic, "detail": reason}
            log.warning("feed_declined", extra=extra)

    def _data(self, life: _Life) -> None:
        life.heard = asyncio.get_running_loop().time()
        at = self._last_frame_at or self._now()
        if not life.carries:
            self._began(life, at)
        self._last_data_at = at

    def _began(self, life: _Life, at: datetime) -> None:
        life.carries = True
        life.started.set()
        self._carrying.add(life)
        if self._error is not None:
            log.info("feed_up", extra={"feed": self.feed.name})
            self._error = None
        if self._lost_since is not None:
            self._gaps += 1
            self._on_event(Gap(self._lost_since, at))
            self._lost_since = None
        self._on_event(Connected(at))
