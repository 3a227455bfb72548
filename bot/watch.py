"""Watches every rule: prices on the tick, everything else on its own cadence, and owes what they tell."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from math import inf

from bot.book import TICK_FRESH, Book, Key
from bot.cadence import Cadence
from bot.places import ON_TICKS, question
from bot.stepper import Ledger, Look, Lost, Seen, Stepper
from bot.store import wanted
from bot.watched import Watched, key_of, only_ticks
from config.watchlist import NotFollowed, Watchlist
from handlers.observing import RuleKind, Sight, hourly
from handlers.rehearsal import kind_of
from handlers.rule import Metric, Observation, Rule, RuleRecord
from providers.errors import ProviderError
from providers.market import Market

QUIET = timedelta(seconds=10)  # without a trade for so long the price is asked for
TURN = 1.0  # seconds
POLL_TURNS = 5
NOTE_TURNS = 15
TOGETHER = 250  # rules stepped in one go; a storm of thousands must not hold up what else this process does
MOST = 1000  # rules a turn that are looked at though nothing happened to them
GONE = "not followed"
Crossing = tuple[float, datetime, str]  # price, time, venue


@dataclass(slots=True)
class Watch:
    """
    `on_tick` is for the feeds: synchronous, and two comparisons when nothing happens. `drain` acts on what the ticks
    crossed, `sweep` and `note` look at rules that are pending, firing or blind and at those whose time has come, `poll`
    asks the sources; all are called by whoever holds the lease.
    """

    market: Market
    watchlist: Watchlist
    ledger: Ledger
    now: Callable[[], datetime]
    kinds: Sequence[RuleKind]
    turn: float = TURN
    stepper: Stepper = field(init=False)
    cadence: Cadence = field(init=False)
    _watched: Watched = field(default_factory=Watched)
    _books: dict[str, Book] = field(init=False)
    _crossed: dict[Key, Crossing] = field(default_factory=dict)
    _hits: list[tuple[list[Key], Crossing]] = field(default_factory=list)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.stepper = Stepper(self.ledger, self.now)
        self.cadence = Cadence(self.kinds)
        self._books = self._watched.books

    @property
    def stale(self) -> set[str]:
        """Channels whose rules another process advanced: to be read anew."""
        return self.stepper.stale

    def load(self, records: Iterable[RuleRecord]) -> None:
        """All rules at once, in place of any known before: a million within seconds."""
        self._watched.load(records)

    def replace(self, channel: str, records: Iterable[RuleRecord]) -> None:
        """One channel's rules as they are now: added, changed and removed ones."""
        gone = self._watched.replace(channel, records)
        self._sort_hits()
        for key in gone:
            self._crossed.pop(key, None)
        self.stale.discard(channel)

    def on_tick(self, asset: str, price: float, at: datetime, source: str) -> None:
        book = self._books.get(asset)
        if book is None:
            return
        book.price, book.at, book.source = price, at, source
        if book.gate_low < price < book.gate_high:
            return
        self._cross(book, price, at, source)

    async def run(self) -> None:
        """Until cancelled; only for whoever holds the lease."""
        for book in self._books.values():
            book.since = None  # what somebody else watched meanwhile was no silence
        loop = asyncio.get_running_loop()
        turn, due = 0, loop.time()
        while wanted():
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._woken.wait()
            await self.drain()
            if loop.time() < due:  # ticks that cross something all the time may not starve the rest
                continue
            if turn % POLL_TURNS == 0:
                await self.poll()
            if turn % NOTE_TURNS == 0:
                await self.note()
            await self.sweep()
            turn, due = turn + 1, loop.time() + self.turn

    async def drain(self) -> int:
        """Step what the ticks crossed; how many rules that were. What could not be saved is tried again."""
        self._woken.clear()
        self._sort_hits()
        crossed, self._crossed = self._crossed, {}
        left = dict(crossed)
        try:
            async for keys in _together(crossed):
                await self._step(
                    [look for key in keys for look in await self._hit(key, crossed[key])]
                )
                for key in keys:
                    del left[key]
        except BaseException:
            self._crossed = left | self._crossed
            raise
        return len(crossed)

    async def sweep(self) -> None:
        """
        Rules that wait for their time to pass or for anything to be seen at all, with the last trade; those whose end
        has come; those for which there is no trade.
        """
        for book in list(self._books.values()):
            if self._fresh(book, TICK_FRESH):
                async for keys in _together((*book.pending, *islice(book.blind, MOST))):
                    await self._look_again(book, keys)
        await self._look_at_due()
        for symbol, book in list(self._books.items()):
            await self._look_for(symbol, book)

    async def note(self) -> None:
        """How far the price went beyond the lines of rules that fire: told when they recover, and kept until then."""
        for book in list(self._books.values()):
            if not self._fresh(book, TICK_FRESH):
                continue
            low, high = book.take_range()
            try:
                async for keys in _together(book.firing):
                    await self._look_again(book, keys, low, high)
            except BaseException:
                book.low, book.high = min(low, book.low), max(high, book.high)
                raise

    async def poll(self) -> None:
        """Ask the sources for every metric whose turn it is, once for all rules that ask the same."""
        due = self.cadence.due(self._watched.metrics, self.now())
        await self._quotes()
        await self._ranges()
        if not due:  # a million rules are not even looked through
            return
        answers: dict[tuple[object, ...], tuple[Observation | Lost, ...]] = {}
        looks: list[Look] = []
        for record in list(self._watched.records.values()):
            rule = record.rule
            if rule.metric not in due or (rule.metric is Metric.PRICE and not rule.on_close):
                continue
            same = question(rule)
            if same not in answers:
                answers[same] = await self._read(rule)
            looks.append((record, answers[same] or (None,)))
        await self._step(looks)

    async def _look_at_due(self) -> None:
        """Rules whose end has come, and those that have seen nothing for long."""
        due = self._watched.deadlines.due(self.now(), MOST)
        left = dict.fromkeys(due)
        try:
            async for keys in _together(due):
                known = [key for key in keys if key in self._watched.records]
                await self._step(
                    [(self._watched.records[key], (self._last(key),)) for key in known]
                )
                for key in keys:
                    del left[key]
        except BaseException:
            for key in left:
                self._watched.deadlines.put(key, self.now())
            raise

    def _last(self, key: Key) -> Seen:
        """The last trade, while it is fresh, for a rule that waits for trades."""
        rule = self._watched.records[key].rule
        if rule.metric not in ON_TICKS or rule.on_close:
            return None
        book = self._watched.book_of(rule)
        if book.price is None or book.at is None or not self._fresh(book, TICK_FRESH):
            return None
        return book.seen(rule, book.price, book.at, book.source)

    async def _look_for(self, symbol: str, book: Book) -> None:
        """Rules that wait for a trade where none comes see nothing, and those of an asset that is gone never will."""
        followed = not symbol or self.watchlist.follows(symbol)
        if followed and not book.is_dark(self.now()):
            book.unseen = None
            return
        nothing = None if followed else Lost(GONE)
        try:
            async for keys in _together(book.take_unseen(MOST)):
                known = [
                    r for key in keys if (r := self._watched.records.get(key)) and only_ticks(r)
                ]
                await self._step([(record, (nothing,)) for record in known])
        except BaseException:
            book.unseen = None
            raise

    async def _quotes(self) -> None:
        """Where no stream speaks, a venue is asked, and its answer is a tick like any other."""
        for symbol, book in list(self._books.items()):
            if not self._fresh(book, QUIET):
                with suppress(ProviderError, NotFollowed):
                    ticker = await self.market.ticker(self.watchlist.get(symbol))
                    self.on_tick(symbol, ticker.value.last, ticker.as_of, ticker.source)

    def _fresh(self, book: Book, limit: timedelta) -> bool:
        return book.at is not None and self.now() - book.at <= limit

    def _cross(self, book: Book, price: float, at: datetime, source: str) -> None:
        if keys := book.cross(price):
            self._hits.append((keys, (price, at, source)))
            self._woken.set()

    def _sort_hits(self) -> None:
        """By rule; what it crossed first counts."""
        for keys, crossing in self._hits:
            self._crossed = dict.fromkeys(keys, crossing) | self._crossed
        self._hits.clear()

    async def _hit(self, key: Key, crossing: Crossing) -> tuple[Look, ...]:
        record = self._watched.records.get(key)
        if record is None:
            return ()
        rule = record.rule
        if rule.metric not in ON_TICKS:
            return ((record, await self._read(rule)),)
        book = self._watched.book_of(rule)
        far = book.far(rule, book.low, book.high) if key in book.firing else ()
        return ((record, (*far, book.seen(rule, *crossing))),)

    async def _look_again(
        self, book: Book, keys: Iterable[Key], low: float = inf, high: float = -inf
    ) -> None:
        """With the last trade. A rule that is as it was waits where it did."""
        looks: list[Look] = []
        for key in keys:
            record = self._watched.records.get(key)
            if record is not None and record.rule.metric in ON_TICKS and not record.rule.on_close:
                last = book.seen(record.rule, book.price or 0.0, book.at or self.now(), book.source)
                looks.append((record, (*book.far(record.rule, low, high), last)))
        await self._step(looks, changed_only=True)

    async def _step(self, looks: Sequence[Look], *, changed_only: bool = False) -> None:
        after = await self.stepper.step(looks)
        for (before, seen), record in zip(looks, after, strict=True):
            same = changed_only and record is before
            if (
                not same and self._watched.records.get(key_of(before.rule)) is before
            ):  # not replaced meanwhile
                last = seen[-1] if seen else None
                self._watched.settle(record, last if isinstance(last, Observation) else None)

    async def _read(self, rule: Rule) -> tuple[Observation | Lost, ...]:
        """Nothing when no source answers: no data is not a signal."""
        try:
            asset = self.watchlist.get(rule.asset or self.watchlist.assets[0].symbol)
            sight = Sight(self.market, asset, self.now())
            return await kind_of(self.kinds, rule.metric).read(rule, sight)
        except ProviderError:
            return ()
        except NotFollowed:
            return (Lost(GONE),)

    async def _ranges(self) -> None:
        """How far a usual day goes, for the re-arm lines."""
        for symbol in list(self._books):  # rules on others may come while this asks
            with suppress(ProviderError, NotFollowed):
                sight = Sight(self.market, self.watchlist.get(symbol), self.now())
                atr = (await hourly(sight, self.now())).atr_at(self.now())
                self._watched.ranged(symbol, atr)


async def _together(keys: Iterable[Key]) -> AsyncIterator[list[Key]]:
    """A few hundred at a time; between them everybody else has a turn."""
    every = list(keys)
    for start in range(0, len(every), TOGETHER):
        yield every[start : start + TOGETHER]
        await asyncio.sleep(0)
