"""One channel's line: what is owed to it, sent in order, one turn after the other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar, cast
from uuid import uuid4

from bot.letters import Letter
from bot.outbox import Begun, Entry
from bot.owed import Owed, OwedKind
from bot.posting import nonce, post
from bot.publishing import publish
from bot.refused import Tools, refused, tell_unknown
from bot.silence import held, late
from bot.store import StoreDown
from bot.transport import DeliveryError
from handlers.command import Channel
from handlers.preferences import Preferences

log = logging.getLogger(__name__)

IDEMPOTENT_FOR = timedelta(seconds=60)  # how long a platform is trusted to know a nonce again
LOOK_AGAIN = 30.0  # seconds; a chat may change its quiet hours meanwhile
REST = 0.5  # seconds between tries while the store is away
A = TypeVar("A")
B = TypeVar("B")


class Line:
    """`sending` while a message is on its way: then it may not be cancelled, nor its shard given away."""

    def __init__(self, channel: Channel, shard: int, tools: Tools) -> None:
        self.channel, self.shard = channel, shard
        self._entries: dict[str, Entry] = {}
        self.sending = False
        self._tools = tools
        self._token = uuid4().hex
        self._tries = 0
        self._wishes = Preferences()
        self._not_before: datetime | None = None
        self._news = asyncio.Event()
        self._draft: tuple[object, tuple[Letter, ...] | None] = (None, ())

    @property
    def entries(self) -> list[Entry]:
        """What is still to be sent, in the order in which it was handed to us."""
        return list(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Once, however often it is handed to us."""
        if entry.entry not in self._entries:
            self._entries[entry.entry] = entry
            self._news.set()

    def keep(self, shards: frozenset[int]) -> None:
        """Forget everything when our shard is not among these."""
        if self.shard not in shards:
            self._entries.clear()
            self._news.set()

    async def run(self) -> None:
        """Until nothing is left."""
        while self._entries:
            self._news.clear()
            try:
                wait = await self._turn()
            except StoreDown:
                wait = REST
            if wait and self._entries:
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._news.wait()

    async def _turn(self) -> float:
        """Send what may be sent now; seconds until it is worth looking again."""
        if self._draft[1] is None:
            self._draft = (None, ())  # what could not be written is written anew
        preferences = await self._tools.notebook.preferences(self.channel)
        self._wishes = preferences
        if preferences.paused_because is not None:
            return await self._withhold(self.entries, preferences.paused_because)
        due, wait = self._due(preferences)
        if not due:
            return wait
        if any(e.owed.kind is OwedKind.BRIEFING for e in due):
            await self._letters(due, preferences)  # may ask slow sources: no slot is held meanwhile
        async with self._tools.pacer.slot(self.channel.chat):
            self.sending = True
            try:
                letters, due = await self._opened(preferences)
                going = not letters or await self._post(letters, 0, due)
            finally:
                self.sending = False
        number = 1
        while going and number < len(letters) and self._entries:  # none: given away meanwhile
            async with self._tools.pacer.slot(self.channel.chat):
                self.sending = True
                try:
                    going = await self._post(letters, number, due)
                finally:
                    self.sending = False
            number += 1
        return 0

    def _due(self, preferences: Preferences) -> tuple[list[Entry], float]:
        """What may go now, oldest first, and else how long nothing will."""
        now = self._tools.now()
        if self._not_before is not None and self._not_before > now:
            return [], min(LOOK_AGAIN, (self._not_before - now).total_seconds())
        ends = [(entry, held(entry.owed, preferences, now)) for entry in self._entries.values()]
        due = sorted((e for e, end in ends if end is None), key=lambda e: e.owed.at)
        waits = [(end - now).total_seconds() for _, end in ends if end is not None]
        return due, min([LOOK_AGAIN, *waits])

    async def _opened(self, preferences: Preferences) -> tuple[list[Letter], list[Entry]]:
        """Our turn has come: claim what is due by now, and write what was claimed."""
        due, _ = self._due(preferences)
        begun, _ = await _both(self._begin_all(due), self._letters(due, preferences))
        waiting = min((e.owed.at for e, b in begun if b.verdict == "wait"), default=None)
        begun = [(e, b) for e, b in begun if b.verdict in ("send", "repeat")]
        begun = [(e, b) for e, b in begun if waiting is None or e.owed.at < waiting]
        if not begun:
            return [], []
        begun.sort(key=lambda pair: (pair[1].verdict != "repeat", pair[0].owed.at))
        first = begun[0][1]
        claimed = sorted((e for e, b in begun if b.batch == first.batch), key=lambda e: e.owed.at)
        doubtful = first.verdict == "repeat" and not self._tools.transport.idempotent
        repeats = frozenset(e.owed.id for e in claimed if doubtful)
        letters = await self._letters(claimed, preferences, repeats)
        if letters is None:
            return [], []
        named = {owed for letter in letters for owed in letter.owed}
        if unnamed := [e for e in claimed if e.owed.id not in named]:
            await self._end(unnamed, "expired", "nothing to tell")
        return list(letters), [e for e in claimed if e.owed.id in named]

    async def _begin_all(self, due: Sequence[Entry]) -> list[tuple[Entry, Begun]]:
        begun: list[tuple[Entry, Begun]] = []
        batch = uuid4().hex
        for part in _by_policy(due):
            begun += zip(part, await self._begin(part, batch), strict=True)
        return begun

    async def _begin(self, entries: Sequence[Entry], batch: str) -> tuple[Begun, ...]:
        outbox, within = self._tools.outbox, self._repeat_within(entries[0].owed)
        windows = self._tools.pacer.limits.windows(self.channel.chat)
        answers = await outbox.begin(
            entries, self._token, within, self._tools.now(), batch, windows
        )
        pairs = list(zip(entries, answers, strict=True))
        self._remove([e for e, begun in pairs if begun.verdict in ("gone", "unknown")])
        if lost := [e.owed for e, begun in pairs if begun.verdict == "unknown"]:
            await tell_unknown(self._tools, self.channel, lost)
        if waits := [begun.wait for begun in answers if begun.verdict == "wait"]:
            self._not_before = self._tools.now() + max(waits)
        self._tries = max(begun.tries for begun in answers)
        return answers

    def _repeat_within(self, owed: Owed) -> timedelta | None:
        if self._tools.transport.idempotent:
            return IDEMPOTENT_FOR
        return timedelta() if owed.kind is OwedKind.BRIEFING else None

    async def _letters(
        self,
        entries: Sequence[Entry],
        preferences: Preferences,
        repeats: frozenset[str] = frozenset(),
    ) -> tuple[Letter, ...] | None:
        """Written once for the same debts; None: they cannot be written now."""
        now, owed = self._tools.now(), [e.owed for e in entries]
        missed = frozenset(o.id for o in owed if late(o, preferences, now))
        about = (tuple(o.id for o in owed), missed, repeats)
        if self._draft[0] != about:
            letters: tuple[Letter, ...] | None
            try:
                letters = await self._tools.composer.compose(
                    self.channel, owed, preferences, missed=missed, may_repeat=repeats
                )
            except StoreDown:
                raise
            except Exception:  # one chat's words must not stop every chat's delivery
                log.exception("not_composed", extra={"channel": self.channel.key})
                await self._fail(entries, DeliveryError("could not be written"))
                letters = None
            self._draft = (about, letters)
        return self._draft[1]

    async def _post(self, letters: list[Letter], number: int, due: Sequence[Entry]) -> bool:
        """Send one letter, strike out its echo if it needs none, and settle what it paid; False when it was refused."""
        letter = letters[number]
        unpaid = {owed for other in letters[number:] for owed in other.owed}
        try:
            message = await post(
                self._tools.transport, self.channel, letter, nonce(letters, number), self._tries
            )
        except DeliveryError as error:
            self._tools.metrics.failed.labels(self.channel.platform, error.kind).inc()
            await self._fail([e for e in due if e.owed.id in unpaid], error)
            return False
        if letter.edits not in (None, message) and any(o.echo for o in letters[number + 1 :][:1]):
            del letters[number + 1]
        later = {owed for other in letters[number + 1 :] for owed in other.owed}
        self._count([e.owed for e in due if e.owed.id in letter.owed])
        paid = [e for e in due if e.owed.id in set(letter.owed) - later]
        if paid:
            settle, now = self._tools.outbox.settle, self._tools.now()
            await _insist(lambda: settle(paid, self._token, message, now))
            self._remove(paid)
            await publish(self._tools, self.channel, message, paid)
        return True

    def _count(self, owed: Sequence[Owed]) -> None:
        """A message that arrived, by what it tells of; and how late its alerts were, unless the chat wished so."""
        metrics, platform = self._tools.metrics, self.channel.platform
        kinds = {o.kind.value for o in owed}
        metrics.sent.labels(platform, kinds.pop() if len(kinds) == 1 else "several").inc()
        for one in owed:
            if one.kind is OwedKind.ALERT and held(one, self._wishes, one.at) is None:
                late = (self._tools.now() - one.at).total_seconds()
                metrics.alert_delay.labels(platform).observe(max(0.0, late))

    async def _fail(self, entries: Sequence[Entry], error: DeliveryError) -> None:
        again: list[datetime | None] = []
        self._tries += 1

        async def deal() -> None:
            again.append(
                await refused(
                    self._tools, self.channel, entries, self._token, error, self._tries - 1
                )
            )

        await _insist(deal)
        self._not_before = again[-1]
        self._draft = (None, ())
        if again[-1] is None:
            self._remove(entries)

    async def _end(self, entries: Sequence[Entry], state: str, why: str) -> None:
        await self._tools.outbox.give_up(entries, state, why, self._tools.now())
        self._remove(entries)

    async def _withhold(self, entries: Sequence[Entry], why: str) -> float:
        """The chat hears of these when it is back; if it is already, it is worth looking again."""
        if not await self._tools.outbox.withhold(entries, why, self._tools.now()):
            return REST
        self._remove(entries)
        return 0

    def _remove(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self._entries.pop(entry.entry, None)


def _by_policy(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Briefings apart: what is repeated after a crash differs."""
    briefings = [e for e in entries if e.owed.kind is OwedKind.BRIEFING]
    others = [e for e in entries if e.owed.kind is not OwedKind.BRIEFING]
    return [part for part in (briefings, others) if part]


async def _both(one: Awaitable[A], other: Awaitable[B]) -> tuple[A, B]:
    """At the same time; when one fails the other is let finish."""
    results = await asyncio.gather(one, other, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return cast(tuple[A, B], tuple(results))


async def _insist(act: Callable[[], Awaitable[None]]) -> None:
    """What happened at the platform must be written down, however long the store is away."""
    while True:
        try:
            return await act()
        except StoreDown:
            await asyncio.sleep(REST)
