"""A chat that lives on under another id, where something may be set up already: what it stored joins that."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from bot.changes import TELL
from handlers.draft import twin
from handlers.preferences import Preferences
from handlers.rule import Rule
from handlers.subscription import Subscription

# Unless the chat was joined already, or changed since it was read. Keys as in bot/notebook.py; the arguments are the
# channel, the mark, the new numbers, `next` and the preferences as they were read, and the fields to write.
JOIN = (
    TELL
    + """
if redis.call('HEXISTS', KEYS[1], ARGV[2]) == 1 then return 1 end
local function now(name) return redis.call('HGET', KEYS[1], name) or '' end
if now('next') ~= ARGV[4] or now('prefs') ~= ARGV[5] then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3], unpack(ARGV, 6))
redis.call('SADD', KEYS[2], ARGV[1])
tell()
return 1"""
)

_encode = msgspec.json.encode
_preferences = msgspec.json.Decoder(Preferences).decode
_rule = msgspec.json.Decoder(Rule).decode
_subscription = msgspec.json.Decoder(Subscription).decode
_numbers = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(frozen=True, slots=True)
class Joined:
    """The fields that the old chat brings into the new one, and what became of numbers that could not stay."""

    fields: Mapping[str, str | bytes]
    numbers: Mapping[str, str]


def mark(old: str) -> str:
    """The field that says that the old chat has joined this one, and how it was renumbered."""
    return f"moved:{old}"


def numbers(stored: Mapping[str, str], old: str) -> Mapping[str, str] | None:
    """What became of the old chat's numbers; None while it has not joined."""
    return _numbers(stored[mark(old)]) if mark(old) in stored else None


def joined(old: Mapping[str, str], new: Mapping[str, str], channel: str) -> Joined:
    """What the new chat says already is not said twice; everything else keeps its number, or gets a new one."""
    ids = _numbered(old, new)
    fields: dict[str, str | bytes] = {"next": ids.pop("next")}
    own_subscriptions = [_subscription(text) for text in _of(new, "sub").values()]
    own_rules = [_rule(text) for text in _of(new, "rule").values()]
    for number, text in _of(old, "sub").items():
        sub = msgspec.structs.replace(_subscription(text), id=ids[number], channel=channel)
        if same := [own.id for own in own_subscriptions if _alike(own, sub)]:
            ids[number] = same[0]
        else:
            fields[f"sub:{sub.id}"] = _encode(sub)
    for number, text in _of(old, "rule").items():
        rule = msgspec.structs.replace(_rule(text), id=ids[number], channel=channel)
        rule = msgspec.structs.replace(rule, subscription=ids.get(rule.subscription or ""))
        if own := twin(rule, own_rules):
            ids[number] = own.id
        else:
            fields |= {f"rule:{rule.id}": _encode(rule)}
            fields |= {f"state:{rule.id}": old.get(f"state:{number}", "{}")}
    if "prefs" in old:
        fields["prefs"] = _encode(_chosen(old["prefs"], new.get("prefs")))
    kept = {name: text for name, text in old.items() if name not in new and not _ours(name)}
    return Joined({**kept, **fields}, {was: now for was, now in ids.items() if was != now})


def _numbered(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """
    The new number of each of the old ones, and `next`. One that the new chat has given is not given again, though its
    rule may be gone: what was sent is remembered under it.
    """
    ids = sorted({*_of(old, "rule"), *_of(old, "sub")}, key=lambda i: (len(i), i))
    taken = {*_of(new, "rule"), *_of(new, "sub")}
    given = max((int(n) for n in (new.get("next", "0"), *taken) if n.isdecimal()), default=0)
    last = max((int(n) for n in (old.get("next", "0"), *ids) if n.isdecimal()), default=0)
    last = max(last, given)
    found: dict[str, str] = {}
    for one in ids:
        free = one not in taken and not (one.isdecimal() and int(one) <= given)
        last += not free
        found[one] = one if free else str(last)
    return {**found, "next": str(last)}


def _of(stored: Mapping[str, str], kind: str) -> dict[str, str]:
    """By number."""
    begins = f"{kind}:"
    return {n.removeprefix(begins): text for n, text in stored.items() if n.startswith(begins)}


def _ours(name: str) -> bool:
    return name in ("prefs", "next") or name.startswith(("rule:", "state:", "sub:"))


def _alike(one: Subscription, other: Subscription) -> bool:
    """Whether both send the same at the same times."""

    def sends(s: Subscription) -> tuple[object, ...]:
        return s.kind, s.briefing, s.asset, s.schedule, s.preset

    return sends(one) == sends(other)


def _chosen(old: str, new: str | None) -> Preferences:
    """What the new chat chose for itself wins, field by field. That the old one was paused says nothing of it."""
    here, usual = _preferences(new) if new else Preferences(), Preferences()
    own = {name: getattr(here, name) for name in here.__struct_fields__}
    own = {name: value for name, value in own.items() if value != getattr(usual, name)}
    return msgspec.structs.replace(_preferences(old), **{"paused_because": None} | own)
