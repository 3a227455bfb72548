"""
Messages we owe, in Redis Streams. Claiming and owing are one script, so no moment exists in which something is
claimed but not owed.

Each of the store's 16 shards is one stream with one consumer group. The one process that holds the shard
(bot/shards.py) is its consumer, so a chat is never sent to by two at once and keeps its order; more processes share the
shards. An entry is acknowledged and deleted by the script that settles it, and pending until then: whoever holds the
shard next claims what is pending before it reads on (bot/consumer.py).
That a shard changes hands too early harms nothing: a delivery's record (queued, sending, done, unknown, dead, expired)
is fenced by a token, and only its holder may send and settle.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import msgspec

from bot import scripts
from bot.bundle import Bundle
from bot.owed import Owed, RuleChange
from bot.store import SHARDS, Store, channel_key, reachable, shard_key, shard_of

KEPT = timedelta(days=8)  # how long a delivery is remembered
BATCH = 250  # items per script call
FIRST = "-"  # from the first entry on
_SHARDS = range(SHARDS)
T = TypeVar("T")

_body = msgspec.json.Encoder().encode
_owed = msgspec.json.Decoder(Owed).decode


@dataclass(frozen=True, slots=True)
class Entry:
    """Something owed, as it lies in its stream."""

    shard: int
    entry: str
    owed: Owed


@dataclass(frozen=True, slots=True)
class Begun:
    """
    Whether a delivery may be sent now. `verdict`: "send"; "repeat" (a send before may have arrived); "wait" for `wait`;
    "unknown" (a send before may have arrived, and repeating was not allowed: it was just given up); "gone" (settled).
    `batch` names what was begun together. What is repeated must be repeated in the same company: a platform that knows
    a nonce again answers with the old message, and a debt newly added to it would be settled unsent.
    """

    verdict: str
    tries: int = 0
    wait: timedelta = timedelta()
    batch: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    id: str
    channel: str
    state: str
    why: str
    at: datetime


@dataclass(slots=True)
class Outbox:
    """Every call raises StoreDown when the store does not answer, and may be repeated then."""

    store: Store
    lease: timedelta = timedelta(seconds=20)  # longer than any send may take
    me: str = field(default_factory=lambda: uuid4().hex)
    _numbers: Any = field(default_factory=count)
    _bundle: Bundle = field(init=False)

    def __post_init__(self) -> None:
        self._bundle = Bundle(self.store)

    async def owe(self, claim: str | None, owed: Sequence[Owed], ttl: timedelta = KEPT) -> bool:
        """
        Owe these once: never again under the same `claim` or the same id. False when all of it had been claimed by
        another. Over several shards it is one script each, so it must be called again until it returns.
        """
        token = f"{self.me}:{next(self._numbers)}"
        calls = []
        for shard, part in _by_shard(owed, lambda o: o.channel).items():
            marks = [(o.id, o.channel, _body(o)) for o in part]
            head = [claim or "", token, _ms(ttl), _ms(KEPT)]
            calls.append(self._run(scripts.OWE, shard, [*head, *_flat(marks)]))
        return any(await asyncio.gather(*calls))

    async def advance(self, changes: Sequence[RuleChange]) -> tuple[bool, ...]:
        """
        Save each rule's step with what it owes, unless somebody advanced the rule since `version` or removed it.
        The state is stored with `version` + 1.
        """
        done: dict[int, bool] = {}
        calls = []
        numbered = list(enumerate(changes))
        for shard, part in _by_shard(numbered, lambda n: n[1].channel).items():
            chunks = (part[i : i + BATCH] for i in range(0, len(part), BATCH))
            calls += [self._advance(shard, chunk, done) for chunk in chunks]
        await asyncio.gather(*calls)
        return tuple(done[i] for i in range(len(changes)))

    async def claim(
        self, shard: int, start: str = FIRST, limit: int = BATCH, *, others: bool = False
    ) -> tuple[list[Entry], str]:
        """
        Up to `limit` entries from `start` on that were handed out and are not settled, oldest first, and where the
        next ones start ("": there are none). They are ours now, whoever had them; `others`: but for those ours already.
        """
        args = [self.me, start, limit, int(others)]
        following, rows = await self._run(scripts.CLAIM, shard, args)
        return [Entry(shard, entry, _owed(body)) for entry, body in rows], str(following)

    async def read(
        self, shards: Collection[int], limit: int = 500, wait: timedelta = timedelta(seconds=1)
    ) -> list[Entry]:
        """
        What nobody was handed yet, oldest first per shard; waits until there is something or `wait` is over. When this
        fails, something may have been handed to us all the same: claim it. So may it when the store was emptied.
        """
        streams = {_stream(shard): ">" for shard in shards}
        names = {_stream(shard): shard for shard in shards}
        with reachable():
            if self.store.cluster:
                found = await self._read_cluster(streams, limit, wait)
            else:
                block = max(1, _ms(wait))
                answer = await self._handed(self.store.block, streams, limit, block)
                found = list(answer.items()) if isinstance(answer, dict) else answer
        return [
            Entry(names[name], entry, _owed(fields["b"]))
            for name, entries in found
            for entry, fields in _plain(entries)
        ]

    async def begin(
        self,
        entries: Sequence[Entry],
        token: str,
        repeat_within: timedelta | None,
        now: datetime,
        batch: str = "",
        windows: Sequence[tuple[int, float]] = (),
    ) -> tuple[Begun, ...]:
        """
        Ask to send these (all of one channel) under `token`, just before sending. When an earlier send may have
        arrived, it is repeated within `repeat_within` of it; None: always. `windows`, of (messages, seconds), are the
        platform's for this chat; they are kept over all processes that wrote to it.
        """
        within = -1 if repeat_within is None else _ms(repeat_within)
        marks = [(e.entry, e.owed.id, _body(e.owed)) for e in entries]
        at = round(now.timestamp() * 1000)
        pace = " ".join(f"{n}:{round(seconds * 1000)}" for n, seconds in windows)
        channel = entries[0].owed.channel
        head = [token, _ms(self.lease), within, _ms(KEPT), at, batch, channel, pace]
        answers = await self._run(scripts.BEGIN, entries[0].shard, [*head, *_flat(marks)])
        return tuple(
            Begun(v, int(n), timedelta(milliseconds=float(w)), b) for v, n, w, b in answers
        )

    async def settle(
        self, entries: Sequence[Entry], token: str, message: str, now: datetime
    ) -> None:
        """These arrived as `message`, which stays known for eight days."""
        marks = [(e.entry, e.owed.id, _subject(e.owed)) for e in entries]
        head = [token, message, round(now.timestamp() * 1000), _ms(KEPT)]
        await self._run(scripts.SETTLE, entries[0].shard, [*head, *_flat(marks)])

    async def postpone(
        self, entries: Sequence[Entry], token: str, until: datetime, *, counts: bool, unsure: bool
    ) -> None:
        """
        A try failed; not again before `until`. `counts` makes it one more try of the ladder. `unsure`: it may have
        arrived all the same.
        """
        marks = [(e.owed.id,) for e in entries]
        head = [token, round(until.timestamp() * 1000), int(counts), int(unsure)]
        await self._run(scripts.POSTPONE, entries[0].shard, [*head, *_flat(marks)])

    async def give_up(self, entries: Sequence[Entry], state: str, why: str, now: datetime) -> None:
        """End these as "dead", "unknown" or "expired"; the first two are listed and may be resent."""
        marks = [(e.entry, e.owed.id, _body(e.owed)) for e in entries]
        head = [state, why, round(now.timestamp() * 1000), _ms(KEPT)]
        await self._run(scripts.GIVE_UP, entries[0].shard, [*head, *_flat(marks)])

    async def withhold(self, entries: Sequence[Entry], why: str, now: datetime) -> bool:
        """
        End these, all of one paused chat, as "expired", and count them for when it is back. False, and nothing is
        done, when the chat is paused no more.
        """
        marks = [
            (e.entry, e.owed.id, _body(e.owed), e.owed.kind.value, _epoch_ms(e.owed.at))
            for e in entries
        ]
        head = [entries[0].owed.channel, why, _epoch_ms(now), _ms(KEPT)]
        return bool(await self._run(scripts.WITHHOLD, entries[0].shard, [*head, *_flat(marks)]))

    async def message_of(self, channel: str, rule: str) -> str | None:
        """Where the last alert of this rule stands, for edits."""
        with reachable():
            found = await self.store.cmd.get(channel_key(channel, "message", rule))
        return None if found is None else str(found)

    async def delivery(self, delivery_id: str, channel: str) -> Mapping[str, str]:
        """The record: `st`, and where known `mid` and `sent` (ms); empty when unknown or older than eight days."""
        with reachable():
            record = await self.store.cmd.hgetall(_record(shard_of(channel), delivery_id))
        return dict(record)

    async def length(self) -> int:
        """How many messages are owed now."""
        with reachable():
            return sum(await asyncio.gather(*(self.store.cmd.xlen(_stream(s)) for s in _SHARDS)))

    async def in_hand(self) -> int:
        """How many of them some process was handed, and has not settled."""
        parts = await asyncio.gather(*(self._run(scripts.IN_HAND, s, ()) for s in _SHARDS))
        return sum(map(int, parts))

    async def dead(self, limit: int = 50) -> tuple[DeadLetter, ...]:
        """Given up, newest first."""
        parts = await asyncio.gather(*(self._run(scripts.DEAD, s, [limit]) for s in _SHARDS))
        letters = [
            DeadLetter(i, channel, state, why, datetime.fromtimestamp(float(at) / 1000, UTC))
            for part in parts
            for i, channel, state, why, at in part
        ]
        return tuple(sorted(letters, key=lambda letter: letter.at, reverse=True)[:limit])

    async def dead_count(self) -> int:
        with reachable():
            keys = [shard_key(s, "dead") for s in _SHARDS]
            return sum(await asyncio.gather(*(self.store.cmd.zcard(key) for key in keys)))

    async def resend(self, delivery_id: str) -> bool:
        """Owe a given-up message again; False when there is none of this id."""
        for shard in _SHARDS:
            with reachable():
                body = await self.store.cmd.hget(_record(shard, delivery_id), "body")
            if body:
                # Asked for by hand, so being late is no reason not to send it.
                again = msgspec.structs.replace(_owed(body), expires=None)
                return bool(await self._run(scripts.RESEND, shard, [delivery_id, _body(again)]))
        return False

    async def _advance(
        self, shard: int, part: list[tuple[int, RuleChange]], done: dict[int, bool]
    ) -> None:
        rows = [_change(change) for _, change in part]
        answers = await self._run(scripts.ADVANCE, shard, [_ms(KEPT), *_flat(rows)])
        done.update({i: bool(ok) for (i, _), ok in zip(part, answers, strict=True)})

    async def _read_cluster(
        self, streams: Mapping[str, str], limit: int, wait: timedelta
    ) -> list[Any]:
        """A command over streams of several slots is refused, so each is asked, and we come back soon."""
        calls = (self._handed(self.store.once, {name: ">"}, limit, None) for name in streams)
        answers = await asyncio.gather(*calls)
        found = [one for answer in answers for one in answer]
        if not found:
            await asyncio.sleep(min(0.1, wait.total_seconds()))
        return found

    async def _handed(
        self, client: Any, streams: Mapping[str, str], limit: int, block: int | None
    ) -> Any:
        """By a client that repeats nothing: the second answer would not hold what was lost with the first."""
        group = scripts.GROUP
        return await client.xreadgroup(group, self.me, streams, count=limit, block=block) or []

    async def _run(self, script: str, shard: int, args: Sequence[object]) -> Any:
        with reachable():
            return await self._bundle.run(script, shard_key(shard), args)


def _change(change: RuleChange) -> tuple[object, ...]:
    state = msgspec.structs.replace(change.state, version=change.version + 1)
    owed = ("", "") if change.owed is None else (change.owed.id, _body(change.owed))
    return (change.channel, change.rule, change.version, _body(state), *owed)


def _stream(shard: int) -> str:
    return shard_key(shard, "owed")


def _record(shard: int, delivery_id: str) -> str:
    return shard_key(shard, "d", delivery_id)


def _subject(owed: Owed) -> str:
    return "" if owed.alert is None else owed.alert.rule


def _ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)


def _epoch_ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _flat(rows: Iterable[Sequence[object]]) -> list[object]:
    return [item for row in rows for item in row]


def _plain(entries: Any) -> Any:
    """Newer protocols wrap the list of entries once more."""
    return entries[0] if entries and isinstance(entries[0], list) else entries


def _by_shard(items: Iterable[T], channel: Callable[[T], str]) -> dict[int, list[T]]:
    parts: dict[int, list[T]] = {}
    for item in items:
        parts.setdefault(shard_of(channel(item)), []).append(item)
    return parts
