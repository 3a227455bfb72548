"""What chats asked for, kept in the store: one hash per channel, so that it is exported, moved and forgotten whole."""

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from bot import moving
from bot.changes import TELL, changes, changes_key
from bot.forgetting import erase_traces
from bot.outbox import KEPT
from bot.owed import Owed
from bot.scripts import RESUME
from bot.store import SHARDS, Store, channel_key, reachable, shard_key, shard_of
from handlers.command import Channel
from handlers.preferences import Preferences
from handlers.rule import Rule, RuleRecord, RuleState
from handlers.subscription import Subscription

log = logging.getLogger(__name__)

LOAD_AT_ONCE = 200  # channels per script: some 20,000 rules, a few dozen milliseconds of the store
CACHED = 20_000  # channels whose preferences are kept in this process

# Keys: the channel's hash, its shard's list of channels, its shard's changes. The first argument is the channel.
WRITE = (
    TELL
    + """
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('SADD', KEYS[2], ARGV[1])
tell()
return 1"""
)
ADD_RULE = (
    TELL
    + """
redis.call('HSET', KEYS[1], 'rule:' .. ARGV[2], ARGV[3])
redis.call('HSETNX', KEYS[1], 'state:' .. ARGV[2], ARGV[4])
redis.call('SADD', KEYS[2], ARGV[1])
tell()
return 1"""
)
REPLACE_RULE = (
    TELL
    + """
if redis.call('HEXISTS', KEYS[1], 'rule:' .. ARGV[2]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'rule:' .. ARGV[2], ARGV[3])
tell()
return 1"""
)
SAVE_STATE = (
    TELL
    + """
local stored = redis.call('HGET', KEYS[1], 'state:' .. ARGV[2])
if not stored or (cjson.decode(stored)['version'] or 0) ~= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'state:' .. ARGV[2], ARGV[4])
tell()
return 1"""
)
DELETE = (
    TELL
    + """
local gone = redis.call('HDEL', KEYS[1], unpack(ARGV, 2))
tell()
return gone"""
)
CLEAR = (
    TELL
    + """
local fields = redis.call('HKEYS', KEYS[1])
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[2], ARGV[1])
tell()
return fields"""
)
# The stored texts are joined, not parsed: a million rules load in seconds.
RULES = """
local out = {}
for _, key in ipairs(KEYS) do
  local all, rules, states = redis.call('HGETALL', key), {}, {}
  for i = 1, #all, 2 do
    local name = all[i]
    if string.sub(name, 1, 5) == 'rule:' then rules[string.sub(name, 6)] = all[i + 1]
    elseif string.sub(name, 1, 6) == 'state:' then states[string.sub(name, 7)] = all[i + 1] end
  end
  for id, rule in pairs(rules) do
    out[#out + 1] = '{"rule":' .. rule .. ',"state":' .. (states[id] or '{}') .. '}'
  end
end
return '[' .. table.concat(out, ',') .. ']'"""
SUBSCRIPTIONS = """
local out = {}
for _, key in ipairs(KEYS) do
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 4) == 'sub:' then out[#out + 1] = all[i + 1] end
  end
end
return '[' .. table.concat(out, ',') .. ']'"""

_encode = msgspec.json.Encoder().encode
_records = msgspec.json.Decoder(tuple[RuleRecord, ...]).decode
_subscriptions = msgspec.json.Decoder(tuple[Subscription, ...]).decode
_preferences = msgspec.json.Decoder(Preferences).decode
Heard = Callable[[str], None]
Missed = Callable[[Preferences, Mapping[str, str], Sequence[RuleRecord]], Owed | None]


class StoreNotebook:
    """
    handlers.desk.Notebook over the store; every call raises StoreDown when the store does not answer.
    While `listen` runs, preferences are answered from memory and other processes' changes are heard.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Preferences] = {}
        self._listening = False

    async def preferences(self, channel: Channel) -> Preferences:
        if (known := self._known.get(channel.key)) is not None:
            return known
        with reachable():
            text = await self._store.cmd.hget(_chat(channel.key), "prefs")
        found = _preferences(text) if text else Preferences()
        if self._listening and len(self._known) < CACHED:
            self._known[channel.key] = found
        return found

    async def prepare(self, channels: Collection[Channel]) -> None:
        """Read the preferences of many channels in one round trip, to be answered from memory."""
        new = [c for c in channels if c.key not in self._known]
        if not self._listening or len(new) < 2 or len(self._known) + len(new) > CACHED:
            return
        with reachable():
            pipeline = self._store.cmd.pipeline(transaction=False)
            for channel in new:
                pipeline.hget(_chat(channel.key), "prefs")
            texts = await pipeline.execute()
        for channel, text in zip(new, texts, strict=True):
            self._known[channel.key] = _preferences(text) if text else Preferences()

    async def set_preferences(self, channel: Channel, preferences: Preferences) -> None:
        await self._write(channel.key, {"prefs": _encode(preferences)})

    async def subscriptions(self, channel: Channel) -> tuple[Subscription, ...]:
        found = await self._load(SUBSCRIPTIONS, [channel.key])
        return tuple(sorted(_subscriptions(found), key=lambda s: _order(s.id)))

    async def subscribe(self, subscription: Subscription) -> None:
        await self._write(subscription.channel, {f"sub:{subscription.id}": _encode(subscription)})

    async def unsubscribe(self, channel: Channel, subscription_id: str) -> bool:
        return await self._delete(channel.key, f"sub:{subscription_id}")

    async def rules(self, channel: Channel) -> tuple[RuleRecord, ...]:
        found = await self._load(RULES, [channel.key])
        return tuple(sorted(_records(found), key=lambda r: _order(r.rule.id)))

    async def add_rule(self, rule: Rule) -> None:
        await self._change(ADD_RULE, rule.channel, rule.id, _encode(rule), _encode(RuleState()))

    async def replace_rule(self, rule: Rule) -> bool:
        """The rule's state stays."""
        return bool(await self._change(REPLACE_RULE, rule.channel, rule.id, _encode(rule)))

    async def remove_rule(self, channel: Channel, rule_id: str) -> bool:
        return await self._delete(channel.key, f"rule:{rule_id}", f"state:{rule_id}")

    async def save_state(self, channel: Channel, rule_id: str, state: RuleState) -> bool:
        after = msgspec.structs.replace(state, version=state.version + 1)
        args = (rule_id, state.version, _encode(after))
        return bool(await self._change(SAVE_STATE, channel.key, *args))

    async def new_id(self, channel: Channel) -> str:
        with reachable():
            return str(await self._store.cmd.hincrby(_chat(channel.key), "next", 1))

    async def export(self, channel: Channel) -> str:
        with reachable():
            fields = await self._store.cmd.hgetall(_chat(channel.key))
        stored = {name: json.loads(text) for name, text in sorted(fields.items())}
        return json.dumps({"channel": channel.key, "stored": stored}, indent=2, ensure_ascii=False)

    async def forget(self, channel: Channel) -> int:
        """Nothing that names this chat is left, in the outbox neither; how many things it had chosen."""
        gone = await self._clear(channel)
        await erase_traces(self._store, channel.key)
        return gone

    async def _clear(self, channel: Channel) -> int:
        fields = await self._change(CLEAR, channel.key)
        return sum(name == "prefs" or name.startswith(("rule:", "sub:")) for name in fields)

    async def pause(self, channel: Channel, why: str) -> bool:
        """Send nothing there until `resume`; everything stored stays. False when it was paused already."""
        chosen = await self.preferences(channel)
        if chosen.paused_because is not None:
            return False
        await self.set_preferences(channel, msgspec.structs.replace(chosen, paused_because=why))
        return True

    async def resume(self, channel: Channel, missed: Missed | None = None) -> bool:
        """
        Send again, and owe what `missed` makes of what was withheld, in one script; it is given the chat's wishes, all
        that is stored of it, and its rules. False when the chat was not paused.
        """
        if (await self.preferences(channel)).paused_because is None:
            return False
        while True:
            with reachable():
                stored = await self._store.cmd.hgetall(_chat(channel.key))
            chosen = _preferences(stored.get("prefs", "{}"))
            if chosen.paused_because is None:
                return False
            owed = missed(chosen, stored, await self.rules(channel)) if missed else None
            debt = ("", "") if owed is None else (owed.id, _encode(owed))
            after = _encode(msgspec.structs.replace(chosen, paused_because=None))
            before = (stored["prefs"], stored.get("withheld:all", ""))
            kept = round(KEPT.total_seconds() * 1000)
            if await self._change(RESUME, channel.key, *before, after, *debt, kept):
                return True

    async def move(self, old: Channel, new: Channel) -> Mapping[str, str]:
        """
        A chat lives on under another id: what it stored joins what is set up there, then the old is deleted. Yields
        which rules and subscriptions have another number now. Repeating it is harmless, also after a crash.
        """
        while True:
            with reachable():
                there = await self._store.cmd.hgetall(_chat(old.key))
                here = await self._store.cmd.hgetall(_chat(new.key))
            if (known := moving.numbers(here, old.key)) is not None or not there:
                break
            bring = moving.joined(there, here, new.key)
            seen = (here.get("next", ""), here.get("prefs", ""))
            fields = [item for pair in bring.fields.items() for item in pair]
            said = (moving.mark(old.key), _encode(bring.numbers), *seen)
            await self._change(moving.JOIN, new.key, *said, *fields)
        await self._clear(old)
        return known or {}

    async def all_rules(self) -> tuple[RuleRecord, ...]:
        """Every rule of every channel, for the watch at its start."""
        return tuple([record for text in await self._load_all(RULES) for record in _records(text)])

    async def all_subscriptions(self) -> tuple[Subscription, ...]:
        """Every subscription of every channel, for the planner."""
        texts = await self._load_all(SUBSCRIPTIONS)
        return tuple([found for text in texts for found in _subscriptions(text)])

    async def listen(self, heard: Sequence[Heard] = ()) -> None:
        """
        Until cancelled, tell `heard` each channel key that any process changed. After an outage of the store every
        listener is told "" once: reload everything.
        """
        try:
            async for channel in changes(self._store):
                if channel is None:
                    self._deaf()
                    continue
                self._listening = True
                self._known.pop(channel, None)
                for tell in heard:
                    tell(channel)
        finally:
            self._deaf()

    def _deaf(self) -> None:
        """Without hearing of changes nothing may be answered from memory."""
        self._listening = False
        self._known.clear()

    async def _write(self, channel: str, fields: dict[str, Any]) -> None:
        flat = [item for pair in fields.items() for item in pair]
        await self._change(WRITE, channel, *flat)

    async def _delete(self, channel: str, *fields: str) -> bool:
        return bool(await self._change(DELETE, channel, *fields))

    async def _change(self, script: str, channel: str, *args: object) -> Any:
        try:
            with reachable():
                return await self._store.run(script, _keys(channel), (channel, *args))
        finally:
            self._known.pop(channel, None)

    async def _load(self, script: str, channels: Sequence[str]) -> str:
        with reachable():
            return str(await self._store.run(script, [_chat(c) for c in channels]))

    async def _load_all(self, script: str) -> list[str]:
        texts = []
        for shard in range(SHARDS):
            with reachable():
                channels = sorted(await self._store.cmd.smembers(_channels(shard)))
            parts = [channels[i : i + LOAD_AT_ONCE] for i in range(0, len(channels), LOAD_AT_ONCE)]
            texts += [await self._load(script, part) for part in parts]
        return texts


def _chat(channel: str) -> str:
    return channel_key(channel, "chat")


def _channels(shard: int) -> str:
    return shard_key(shard, "channels")


def _keys(channel: str) -> list[str]:
    shard = shard_of(channel)
    return [_chat(channel), _channels(shard), changes_key(shard)]


def _order(short_id: str) -> tuple[int, str]:
    return (int(short_id) if short_id.isdecimal() else 0, short_id)
