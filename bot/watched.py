"""Which rules are watched, and where each waits: at its lines, for its time, or for its metric to be asked for."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.book import Book, Key
from bot.deadlines import Deadlines
from bot.places import places
from bot.thresholds import Place, Thresholds, uncollected
from handlers.alerting import deadline
from handlers.rule import Metric, Observation, Rule, RuleRecord


@dataclass(slots=True)
class Watched:
    """`books` by asset, that of no asset under ""; it is the same dict for good, so that a tick finds it at once."""

    records: dict[Key, RuleRecord] = field(default_factory=dict)
    books: dict[str, Book] = field(default_factory=dict)
    deadlines: Deadlines = field(default_factory=Deadlines)
    metrics: set[Metric] = field(default_factory=set)

    def load(self, records: Iterable[RuleRecord]) -> None:
        """All rules at once, in place of any known before: a million within seconds."""
        with uncollected():
            self.records = {key_of(r.rule): r for r in records}
            self.metrics = {r.rule.metric for r in self.records.values()}
            ends = ((key, deadline(r.rule, r.state)) for key, r in self.records.items())
            self.deadlines = Deadlines((key, at) for key, at in ends if at is not None)
            placed: dict[str, list[tuple[Key, tuple[Place, ...]]]] = {}
            for key, record in self.records.items():
                rule = record.rule
                if rule.asset is not None:
                    placed.setdefault(rule.asset, []).append((key, places(rule, record.state)))
            for asset, entries in placed.items():
                book = self.books.setdefault(asset, Book(Thresholds()))
                book.lines = Thresholds(entries)
                book.pending, book.firing, book.blind, book.unseen = set(), set(), set(), None
                for key, _ in entries:
                    book.mark(key, self.records[key].state)
                book.regate()

    def replace(self, channel: str, records: Iterable[RuleRecord]) -> list[Key]:
        """One channel's rules as they are now: added, changed and removed ones; the keys of those removed."""
        fresh = {key_of(r.rule): r for r in records}
        gone = [k for k in self.records if k[0] == channel and k not in fresh]
        for key in gone:
            self._forget(key)
        for record in fresh.values():
            self.settle(record)
        return gone

    def settle(self, record: RuleRecord, seen: Observation | None = None) -> None:
        """Remember a rule as it is now, and wait at the lines where something may next happen to it."""
        rule, state = record.rule, record.state
        key = key_of(rule)
        self.records[key] = record
        self.metrics.add(rule.metric)
        self.deadlines.put(key, deadline(rule, state))
        if rule.asset is None:
            return
        book = self.book_of(rule)
        book.mark(key, state)
        if book.unseen is not None and only_ticks(record) and not state.blind:
            book.unseen.append(key)  # it came while nothing is seen
        book.lines.place(key, places(rule, state, price=book.price, atr=book.atr, seen=seen))
        book.regate()

    def ranged(self, symbol: str, atr: float | None) -> None:
        """How far a usual day goes, by which rules that fire wait anew."""
        book = self.books[symbol]
        if atr == book.atr:
            return
        book.atr = atr
        for key in list(book.firing):
            self.settle(self.records[key])

    def book_of(self, rule: Rule) -> Book:
        return self.books.setdefault(rule.asset or "", Book(Thresholds()))

    def _forget(self, key: Key) -> None:
        record = self.records.pop(key)
        self.deadlines.put(key, None)
        if record.rule.asset is not None:
            book = self.book_of(record.rule)
            book.mark(key, None)
            book.lines.remove(key)
            book.regate()


def only_ticks(record: RuleRecord) -> bool:
    """Whether nobody but the ticks looks at this rule."""
    return record.rule.metric is Metric.PRICE and not record.rule.on_close


def key_of(rule: Rule) -> Key:
    return rule.channel, rule.id
