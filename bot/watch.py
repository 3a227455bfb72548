"""Watches every rule: prices on the tick, everything else on its own cadence, and owes what they tell."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Protocol

import msgspec

from bot.book import Book, Key
from bot.owed import Owed, OwedKind, RuleChange
from bot.places import ACTIVE, ON_TICKS, places, question
from bot.store import wanted
from bot.thresholds import Place, Thresholds, uncollected
from config.watchlist import Watchlist
from handlers.alerting import step
from handlers.alerts import alert_of
from handlers.crossing import round_lines
from handlers.observing import RuleKind, Sight, hourly
from handlers.rehearsal import kind_of
from handlers.rule import (
    Direction,
    Metric,
    Observation,
    Rule,
    RuleRecord,
    RuleState,
    Transition,
)
from providers.errors import ProviderError
from providers.market import Market

TICK_FRESH = timedelta(seconds=5)
ALERT_KEEPS = timedelta(hours=6)  # later than this an alert is told as missed
QUIET = timedelta(seconds=10)  # without a trade for so long the price is asked for
TURN = timedelta(seconds=1)
POLL_TURNS = 5
Crossing = tuple[float, datetime, str]  # price, time, venue
Look = tuple[RuleRecord, tuple[Observation | None, ...]]


class Ledger(Protocol):
    async def advance(self, changes: Sequence[RuleChange]) -> tuple[bool, ...]:
        """Save each state with what it owes; False where somebody else advanced the rule first."""
        ...


@dataclass(slots=True)
class Watch:
    """
    `on_tick` is for the feeds: synchronous, and two comparisons when nothing happens. `drain` acts on what the ticks
    crossed, `sweep` looks at rules that are pending or firing, `poll` asks the sources; all three are called by
    whoever holds the lease. Rules that another process advanced are named in `stale` and must be read anew.
    """

    market: Market
    watchlist: Watchlist
    ledger: Ledger
    now: Callable[[], datetime]
    kinds: Sequence[RuleKind]
    stale: set[str] = field(default_factory=set)
    _records: dict[Key, RuleRecord] = field(default_factory=dict)
    _books: dict[str, Book] = field(default_factory=dict)
    _crossed: dict[Key, Crossing] = field(default_factory=dict)
    _hits: list[tuple[list[Key], Crossing]] = field(default_factory=list)
    _polled: dict[Metric, datetime] = field(default_factory=dict)
    _metrics: set[Metric] = field(default_factory=set)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def load(self, records: Iterable[RuleRecord]) -> None:
        """All rules at once, in place of any known before: a million within seconds."""
        with uncollected():
            self._load(records)

    def _load(self, records: Iterable[RuleRecord]) -> None:
        self._records = {(r.rule.channel, r.rule.id): r for r in records}
        self._metrics = {r.rule.metric for r in self._records.values()}
        placed: dict[str, list[tuple[Key, tuple[Place, ...]]]] = {}
        for key, record in self._records.items():
            rule = record.rule
            if rule.asset is not None:
                placed.setdefault(rule.asset, []).append((key, places(rule, record.state)))
        for asset, entries in placed.items():
            active = {key for key, _ in entries if self._records[key].state.phase in ACTIVE}
            book = self._books.setdefault(asset, Book(Thresholds()))
            book.lines, book.active = Thresholds(entries), active
            book.regate()

    def replace(self, channel: str, records: Iterable[RuleRecord]) -> None:
        """One channel's rules as they are now: added, changed and removed ones."""
        fresh = {(r.rule.channel, r.rule.id): r for r in records}
        for key in [k for k in self._records if k[0] == channel and k not in fresh]:
            self._forget(key)
        for record in fresh.values():
            self._settle(record)
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
        turn = 0
        while wanted():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), TURN.total_seconds())
                await self.drain()
                continue
            if turn % POLL_TURNS == 0:
                await self.poll()
            await self.sweep()
            turn += 1

    async def drain(self) -> int:
        """Step what the ticks crossed; how many rules that were. What could not be saved is tried again."""
        self._woken.clear()
        self._sort_hits()
        crossed, self._crossed = self._crossed, {}
        looks: list[Look] = []
        try:
            for key, tick in crossed.items():
                record = self._records.get(key)
                if record is not None and record.rule.metric in ON_TICKS:
                    seen = self._tick(self._book_of(record.rule), record.rule, *tick)
                    looks.append((record, (seen,)))
                elif record is not None:
                    looks.append((record, await self._read(record.rule)))
            await self._step(looks)
        except BaseException:
            self._crossed = crossed | self._crossed
            raise
        return len(looks)

    async def sweep(self) -> None:
        """Rules that are pending or firing, with the last trade and the extremes since the last sweep."""
        looks: list[Look] = []
        for book in self._books.values():
            if book.price is None or not self._fresh(book, TICK_FRESH):
                continue
            for key in book.active:
                record = self._records[key]
                if record.rule.metric in ON_TICKS and not record.rule.on_close:
                    looks.append((record, self._since_sweep(book, record.rule)))
            book.low = book.high = book.price
            book.regate()
        await self._step(looks)

    async def poll(self) -> None:
        """Ask the sources for every metric whose turn it is, once for all rules that ask the same."""
        due = self._due()
        await self._quotes()
        await self._ranges()
        if not due:  # a million rules are not even looked through
            return
        answers: dict[tuple[object, ...], tuple[Observation, ...]] = {}
        looks: list[Look] = []
        for record in list(self._records.values()):
            rule = record.rule
            if rule.metric not in due or (rule.metric is Metric.PRICE and not rule.on_close):
                continue
            same = question(rule)
            if same not in answers:
                answers[same] = await self._read(rule)
            looks.append((record, answers[same] or (None,)))
        await self._step(looks)

    def _due(self) -> set[Metric]:
        now, due = self.now(), set()
        for metric in self._metrics:
            last = self._polled.get(metric)
            every = kind_of(self.kinds, metric).every
            if last is None or now - last >= every or _hour_closed(last, now):
                due.add(metric)
                self._polled[metric] = now
        return due

    async def _quotes(self) -> None:
        """Where no stream speaks, a venue is asked, and its answer is a tick like any other."""
        for symbol, book in list(self._books.items()):
            if not self._fresh(book, QUIET):
                with suppress(ProviderError):
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

    def _tick(self, book: Book, rule: Rule, price: float, at: datetime, source: str) -> Observation:
        lines = round_lines(price) if rule.metric is Metric.LEVEL else ()
        return Observation(price, at, source, atr=book.atr, lines=lines, fresh_for=TICK_FRESH)

    def _since_sweep(self, book: Book, rule: Rule) -> tuple[Observation, ...]:
        """The far side first: an extreme counts even when the price has come back since."""
        price, at = book.price or 0.0, book.at or self.now()
        far = book.low if rule.direction is Direction.BELOW else book.high
        prices = (far, price) if abs(far) != inf and far != price else (price,)
        return tuple(self._tick(book, rule, one, at, book.source) for one in prices)

    async def _read(self, rule: Rule) -> tuple[Observation, ...]:
        """Nothing when no source answers: no data is not a signal."""
        asset = self.watchlist.get(rule.asset or self.watchlist.assets[0].symbol)
        try:
            sight = Sight(self.market, asset, self.now())
            return await kind_of(self.kinds, rule.metric).read(rule, sight)
        except ProviderError:
            return ()

    async def _ranges(self) -> None:
        """How far a usual day goes, for the re-arm lines."""
        for symbol, book in self._books.items():
            with suppress(ProviderError):
                sight = Sight(self.market, self.watchlist.get(symbol), self.now())
                book.atr = (await hourly(sight, self.now())).atr_at(self.now())

    async def _step(self, looks: Sequence[Look]) -> None:
        """Every look in order, all rules of a turn saved at once with what they owe."""
        records = [record for record, _ in looks]
        for turn in range(max((len(seen) for _, seen in looks), default=0)):
            changes: dict[int, RuleChange] = {}
            for n, (_, seen) in enumerate(looks):
                if turn < len(seen) and (change := self._change(records[n], seen[turn])):
                    changes[n] = change
            saved = await self.ledger.advance(tuple(changes.values())) if changes else ()
            for (n, change), done in zip(changes.items(), saved, strict=True):
                records[n] = self._after(records[n], change, saved=done)
        for record, (_, seen) in zip(records, looks, strict=True):
            self._settle(record, seen[-1] if seen else None)

    def _change(self, record: RuleRecord, seen: Observation | None) -> RuleChange | None:
        rule, before = record.rule, record.state
        after, told = step(rule, before, seen, self.now())
        if after == before:
            return None
        owed = None if told is None else self._owed(rule, before, after, seen, told)
        return RuleChange(rule.channel, rule.id, before.version, after, owed)

    def _after(self, record: RuleRecord, change: RuleChange, *, saved: bool) -> RuleRecord:
        if not saved:  # another process was first, or the rule is gone
            self.stale.add(change.channel)
            return record
        state = msgspec.structs.replace(change.state, version=change.version + 1)
        return RuleRecord(record.rule, state)

    def _owed(
        self,
        rule: Rule,
        before: RuleState,
        after: RuleState,
        seen: Observation | None,
        told: Transition,
    ) -> Owed:
        at = seen.as_of if seen is not None else self.now()
        return Owed(
            f"alert:{rule.channel}:{rule.id}:{before.version}",
            rule.channel,
            OwedKind.ALERT,
            rule.severity,
            at,
            expires=self.now() + ALERT_KEEPS,
            alert=alert_of(rule, before, after, seen, told, at),
        )

    def _settle(self, record: RuleRecord, seen: Observation | None = None) -> None:
        """Remember a rule as it is now, and wait at the lines where something may next happen to it."""
        rule, state = record.rule, record.state
        key = (rule.channel, rule.id)
        self._records[key] = record
        self._metrics.add(rule.metric)
        if rule.asset is None:
            return
        book = self._book_of(rule)
        (book.active.add if state.phase in ACTIVE else book.active.discard)(key)
        book.lines.place(key, places(rule, state, price=book.price, atr=book.atr, seen=seen))
        book.regate()

    def _forget(self, key: Key) -> None:
        record = self._records.pop(key)
        self._sort_hits()
        self._crossed.pop(key, None)
        if record.rule.asset is not None:
            book = self._book_of(record.rule)
            book.active.discard(key)
            book.lines.remove(key)
            book.regate()

    def _book_of(self, rule: Rule) -> Book:
        return self._books.setdefault(rule.asset or "", Book(Thresholds()))


def _hour_closed(last: datetime, now: datetime) -> bool:
    """A close is news at once, whatever the cadence of its metric."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return last < hour <= now
