"""What chats asked for, kept in the store: one hash per channel, so that it is exported, moved and forgotten whole."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec

from bot.forgetting import erase_traces
from bot.store import SHARDS, Store, StoreDown, channel_key, reachable, shard_key, shard_of, wanted
from handlers.command import Channel
from handlers.preferences import Preferences
from handlers.rule import Rule, RuleRecord, RuleState
from handlers.subscription import Subscription

log = logging.getLogger(__name__)

CHANGES = "lh:{changes}"
CHANGES_KEPT = 10_000
LISTEN_EVERY = 0.25  # seconds
LOAD_AT_ONCE = 200  # channels per script: some 20,000 rules, a few dozen milliseconds of the store
CACHED = 20_000  # channels whose preferences are kept in this process

# A channel's fields are written together with its place in the list of channels.
WRITE = """
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('SADD', KEYS[2], ARGV[1])
return 1"""
ADD_RULE = """
redis.call('HSET', KEYS[1], 'rule:' .. ARGV[2], ARGV[3])
redis.call('HSETNX', KEYS[1], 'state:' .. ARGV[2], ARGV[4])
redis.call('SADD', KEYS[2], ARGV[1])
return 1"""
REPLACE_RULE = """
if redis.call('HEXISTS', KEYS[1], 'rule:' .. ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'rule:' .. ARGV[1], ARGV[2])
return 1"""
SAVE_STATE = """
local stored = redis.call('HGET', KEYS[1], 'state:' .. ARGV[1])
if not stored or (cjson.decode(stored)['version'] or 0) ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'state:' .. ARGV[1], ARGV[3])
return 1"""
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
        args = (rule.channel, rule.id, _encode(rule), _encode(RuleState()))
        with reachable():
            await self._store.run(ADD_RULE, _keys(rule.channel), args)
        await self._tell(rule.channel)

    async def replace_rule(self, rule: Rule) -> bool:
        """The rule's state stays."""
        with reachable():
            args = (rule.id, _encode(rule))
            known = bool(await self._store.run(REPLACE_RULE, [_chat(rule.channel)], args))
        await self._tell(rule.channel)
        return known

    async def remove_rule(self, channel: Channel, rule_id: str) -> bool:
        return await self._delete(channel.key, f"rule:{rule_id}", f"state:{rule_id}")

    async def save_state(self, channel: Channel, rule_id: str, state: RuleState) -> bool:
        after = msgspec.structs.replace(state, version=state.version + 1)
        with reachable():
            args = (rule_id, state.version, _encode(after))
            saved = bool(await self._store.run(SAVE_STATE, [_chat(channel.key)], args))
        if saved:
            await self._tell(channel.key)
        return saved

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
        with reachable():
            fields = await self._store.cmd.hkeys(_chat(channel.key))
            await self._store.cmd.delete(_chat(channel.key))
            await self._store.cmd.srem(_channels(shard_of(channel.key)), channel.key)
        await self._tell(channel.key)
        return sum(name == "prefs" or name.startswith(("rule:", "sub:")) for name in fields)

    async def pause(self, channel: Channel, why: str) -> bool:
        """Send nothing there until `resume`; everything stored stays. False when it was paused already."""
        chosen = await self.preferences(channel)
        if chosen.paused_because is not None:
            return False
        await self.set_preferences(channel, msgspec.structs.replace(chosen, paused_because=why))
        return True

    async def resume(self, channel: Channel) -> bool:
        """Send again; False when it was not paused."""
        chosen = await self.preferences(channel)
        if chosen.paused_because is None:
            return False
        await self.set_preferences(channel, msgspec.structs.replace(chosen, paused_because=None))
        return True

    async def move(self, old: Channel, new: Channel) -> None:
        """
        A chat lives on under another id: copy what it stored, then delete the old. Repeating it after a crash
        is harmless, and what the new chat already chose for itself wins.
        """
        with reachable():
            fields = await self._store.cmd.hgetall(_chat(old.key))
            already = set(await self._store.cmd.hkeys(_chat(new.key)))
        fresh = {n: _moved(n, t, new.key) for n, t in fields.items() if n not in already}
        if fresh:
            await self._write(new.key, fresh)
        await self._clear(old)

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
            async for channel in self._changes():
                if channel:
                    self._known.pop(channel, None)
                for tell in heard:
                    tell(channel)
        finally:
            self._deaf()

    async def _changes(self) -> AsyncIterator[str]:
        last = ""
        while wanted():
            try:
                with reachable():
                    if not last:
                        newest = await self._store.cmd.xrevrange(CHANGES, count=1)
                        last, self._listening = (newest[0][0] if newest else "0-0"), True
                        yield ""
                    entries = await self._store.cmd.xrange(CHANGES, f"({last}", count=1000)
            except StoreDown:
                last = ""
                self._deaf()
                entries = []
            for entry, fields in entries:
                last = entry
                yield fields["c"]
            await asyncio.sleep(0 if len(entries) == 1000 else LISTEN_EVERY)

    def _deaf(self) -> None:
        """Without hearing of changes nothing may be answered from memory."""
        self._listening = False
        self._known.clear()

    async def _write(self, channel: str, fields: dict[str, Any]) -> None:
        flat = [item for pair in fields.items() for item in pair]
        with reachable():
            await self._store.run(WRITE, _keys(channel), (channel, *flat))
        await self._tell(channel)

    async def _delete(self, channel: str, *fields: str) -> bool:
        with reachable():
            gone = bool(await self._store.cmd.hdel(_chat(channel), *fields))
        await self._tell(channel)
        return gone

    async def _tell(self, channel: str) -> None:
        self._known.pop(channel, None)
        with reachable():
            await self._store.cmd.xadd(CHANGES, {"c": channel}, maxlen=CHANGES_KEPT)

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
    return [_chat(channel), _channels(shard_of(channel))]


def _order(short_id: str) -> tuple[int, str]:
    return (int(short_id) if short_id.isdecimal() else 0, short_id)


def _moved(name: str, text: str, channel: str) -> str:
    if not name.startswith(("rule:", "sub:")):
        return text
    return json.dumps({**json.loads(text), "channel": channel}, ensure_ascii=False)
