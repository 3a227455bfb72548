"""
As fast as a platform allows and never faster. A send is counted until one second after its answer, because only the
answer proves when the platform has counted it: no round trip, however slow, makes two windows overlap.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from math import inf

# Of the shortest round trip seen. The next send needs at least the way there and the last answer needed at least the
# way back, so some of the round trip may be taken off the second without two windows touching. Only the shortest of
# all is a bound: when the way has been slow for a while, the very next message may be quick again. The first answers
# include the making of connections and prove nothing.
TRUSTED = 0.7
TRUSTED_FROM = 100  # answers: fewer say too little about the shortest
CATCH_UP = 0.05  # seconds: a busy loop comes round late, and what it missed would be lost for good
OUTSIDE = ""  # the chat of what goes to no chat
CHATS_KEPT = 10_000  # after so many messages, chats that are free again are forgotten


class Lane(IntEnum):
    """Who goes first when a slot is free."""

    ANSWER = 0
    BROADCAST = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """
    `per_second` over everything; `chat` and `group` are windows of (messages, seconds) for one chat. Telegram's chat
    ids below zero are groups and channels.
    """

    per_second: int
    chat: tuple[tuple[int, float], ...] = ()
    group: tuple[tuple[int, float], ...] = ()

    def windows(self, chat: str) -> tuple[tuple[int, float], ...]:
        if chat == OUTSIDE:
            return ()
        return self.chat + self.group if chat.startswith(("-", "@")) else self.chat


# core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
# discord.com/developers/docs/topics/rate-limits
TELEGRAM = Limits(30, chat=((1, 1.0),), group=((20, 60.0),))
TELEGRAM_PAID = Limits(1000, chat=((1, 1.0),), group=((20, 60.0),))
DISCORD = Limits(50, chat=((5, 5.0),))
UNLIMITED = Limits(100_000)


@dataclass(slots=True)
class _Chat:
    answered: deque[float] = field(default_factory=lambda: deque(maxlen=20))
    flying: int = 0
    until: float = 0.0  # the platform's own word
    parked: list["_Waiter"] = field(default_factory=list)


@dataclass(slots=True)
class _Turn:
    """What a slot was used for: when its request went out and its answer came in."""

    used: bool = False
    sent: float | None = None
    answered: float | None = None


_turn: ContextVar[_Turn | None] = ContextVar("turn", default=None)  # the slot we are in


@dataclass(order=True, slots=True)
class _Waiter:
    lane: Lane
    number: int
    chat: str = field(compare=False)
    ready: asyncio.Future[None] = field(compare=False)


class Pacer:
    """
    One platform's pace in this process. `share` of the platform's slots is ours; bot/quota.py agrees with the other
    processes on it. `clock` is the running loop's own time unless told otherwise.
    """

    def __init__(self, limits: Limits, share: int | None = None) -> None:
        self.limits = limits
        self.share = limits.per_second if share is None else share
        self._clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
        self._cooling: list[float] = []  # when each used slot is free again
        self._flying = 0
        self._next = 0.0  # broadcasts keep an even distance
        self._paused = 0.0
        self._trip = inf
        self._answers = 0
        self._chats: dict[str, _Chat] = {}
        self._waiting: list[_Waiter] = []
        self._later: list[tuple[float, _Waiter]] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> int:
        """Slots that may not be given away yet: in flight, or answered less than a second ago."""
        now = self._clock()
        while self._cooling and self._cooling[0] <= now:
            heapq.heappop(self._cooling)
        return self._flying + len(self._cooling)

    @property
    def wanted(self) -> int:
        """How many slots we could use now."""
        return self.busy + len(self._waiting) + len(self._later)

    @asynccontextmanager
    async def slot(self, chat: str, lane: Lane = Lane.BROADCAST) -> AsyncIterator[None]:
        """Wait for the turn of one message to this chat; leave when the platform has answered."""
        waiter = _Waiter(
            lane, next(self._numbers), chat, asyncio.get_running_loop().create_future()
        )
        heapq.heappush(self._waiting, waiter)
        self._pump()
        try:
            await waiter.ready
        except asyncio.CancelledError:
            if waiter.ready.done() and not waiter.ready.cancelled():
                self._answered(chat, None)
            raise
        turn = _Turn(sent=self._clock())
        token = _turn.set(turn)
        try:
            yield
        finally:
            _turn.reset(token)
            self._answered(chat, turn)

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """
        Around each request of a platform that counts them all. A slot covers one; what more is sent inside it must not
        wait for another while it holds one, so it is only counted; a request outside of any waits for its turn.
        """
        turn = _turn.get()
        if turn is None:
            async with self.slot(OUTSIDE, Lane.ANSWER):
                yield
        elif not turn.used:
            with self.timed():
                yield
        else:
            self._flying += 1
            try:
                yield
            finally:
                self._flying -= 1
                heapq.heappush(self._cooling, self._clock() + 1)
                self._pump()

    @contextmanager
    def timed(self) -> Iterator[None]:
        """
        Around the request itself, inside a slot: what is done before and after it there, in the store say, tells
        nothing of when the platform counted. Outside of any slot it does nothing.
        """
        turn = _turn.get()
        if turn is None:
            yield
            return
        if not turn.used:
            turn.used, turn.sent = True, self._clock()
        try:
            yield
        finally:
            turn.answered = self._clock()

    def hold(self, chat: str, seconds: float) -> None:
        """The platform asked to leave this chat alone for so long."""
        known = self._chats.setdefault(chat, _Chat())
        known.until = max(known.until, self._clock() + seconds)

    def pause(self, seconds: float) -> None:
        """The platform asked for silence everywhere."""
        self._paused = max(self._paused, self._clock() + seconds)
        self._pump()

    def shared(self, share: int) -> None:
        """From now on this many slots are ours."""
        self.share = share
        self._pump()

    def _answered(self, chat: str, turn: _Turn | None) -> None:
        known = self._chats[chat]
        self._flying -= 1
        known.flying -= 1
        if turn is not None and turn.sent is not None:
            answered = turn.answered if turn.answered is not None else self._clock()
            self._answers += 1
            self._trip = min(answered - turn.sent, self._trip)
            trusted = TRUSTED * self._trip if self._answers > TRUSTED_FROM else 0.0
            heapq.heappush(self._cooling, answered - trusted + 1)
            known.answered.append(answered)
        for waiter in known.parked:
            heapq.heappush(self._waiting, waiter)
        known.parked = []
        self._pump()

    def _pump(self) -> None:
        """Let go whoever may go now, and look again when the next one may."""
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            heapq.heappush(self._waiting, heapq.heappop(self._later)[1])
        while self._waiting and self._wait(self._waiting[0].lane, now) <= 0:
            self._let_go(heapq.heappop(self._waiting), now)
        self._look_again(now)

    def _wait(self, lane: Lane, now: float) -> float:
        """Seconds until anything may be sent in this lane."""
        until = max(self._paused, self._next if lane is Lane.BROADCAST else 0.0)
        if self.busy >= self.share:
            # With everything in flight an answer will wake us.
            until = max(until, self._cooling[0] if self._cooling and self.share else now + 1)
        return until - now

    def _let_go(self, waiter: _Waiter, now: float) -> None:
        if waiter.ready.done():  # cancelled while waiting
            return
        chat = self._chats.setdefault(waiter.chat, _Chat())
        free = self._chat_free(waiter.chat, chat)
        if free is None:
            chat.parked.append(waiter)
        elif free > now:
            heapq.heappush(self._later, (free, waiter))
        else:
            chat.flying += 1
            self._flying += 1
            self._next = max(self._next, now - max(CATCH_UP, 1 / self.share)) + 1 / self.share
            waiter.ready.set_result(None)
            if waiter.number % CHATS_KEPT == 0:
                self._forget(now)

    def _chat_free(self, name: str, chat: _Chat) -> float | None:
        """When this chat may be sent to; None: only an answer that is under way will tell."""
        free = chat.until
        for messages, seconds in self.limits.windows(name):
            if chat.flying >= messages:
                return None
            back = messages - chat.flying
            if len(chat.answered) >= back:
                free = max(free, chat.answered[-back] + seconds)
        return free

    def _look_again(self, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        times = [self._later[0][0]] if self._later else []
        if self._waiting:
            times.append(now + self._wait(self._waiting[0].lane, now))
        if times:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, min(times) - now), self._pump)

    def _forget(self, now: float) -> None:
        """Drop chats that nothing holds back any more."""
        longest = max((s for _, s in self.limits.chat + self.limits.group), default=0.0)
        self._chats = {
            name: chat
            for name, chat in self._chats.items()
            if chat.flying or chat.parked or max(chat.until, *chat.answered, 0.0) + longest > now
        }
