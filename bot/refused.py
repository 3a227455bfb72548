"""What becomes of messages that a platform did not take: later, elsewhere, or given up and told."""

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from bot.letters import Composer
from bot.metrics import Metrics
from bot.notebook import StoreNotebook
from bot.outbox import Entry, Outbox
from bot.owed import Owed, OwedKind
from bot.pacer import Pacer
from bot.silence import older
from bot.transport import DeliveryError, Transport
from handlers.command import Channel
from handlers.preferences import Preferences, Severity
from handlers.reply import Reply, Tone, text
from handlers.words import Words

log = logging.getLogger(__name__)

LADDER = (1.0, 5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0)  # seconds; the last one repeats
GIVEN_UP_AFTER = timedelta(hours=24)

WordsFor = Callable[[Preferences], Words]


def plain_words(preferences: Preferences) -> Words:
    """English in the chat's zone."""
    return Words(zone=ZoneInfo(preferences.zone or "UTC"))


@dataclass(frozen=True, slots=True)
class Tools:
    """What a channel's line works with; `owners` run this deployment and hear of what nobody else can."""

    outbox: Outbox
    notebook: StoreNotebook
    transport: Transport
    pacer: Pacer
    composer: Composer
    now: Callable[[], datetime]
    owners: frozenset[str]
    words_for: WordsFor
    metrics: Metrics


def delay(tries: int) -> timedelta:
    """How long to wait after so many tries; spread, so that not everyone returns at once."""
    seconds = LADDER[min(tries, len(LADDER) - 1)]
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


async def refused(
    tools: Tools,
    channel: Channel,
    entries: Sequence[Entry],
    token: str,
    error: DeliveryError,
    tries: int,
) -> datetime | None:
    """Deal with a refusal of these. Returns when to try again; None when they are settled some other way."""
    now = tools.now()
    if error.moved_to is not None:
        await _follow(tools, channel, error.moved_to, entries)
        return None
    if error.permanent:
        await _pause(tools, channel, entries, error.reason)
        return None
    if error.retry_after is not None:
        return await _obey(tools, channel, entries, token, error)
    preferences = await tools.notebook.preferences(channel)
    if any(older(e.owed, GIVEN_UP_AFTER, preferences, now) for e in entries):
        await tools.outbox.give_up(entries, "dead", error.reason, now)
        log.warning("delivery_given_up", extra={"channel": channel.key})
        return None
    until = now + (
        timedelta() if error.unknown and not tools.transport.idempotent else delay(tries)
    )
    await tools.outbox.postpone(entries, token, until, counts=True, unsure=error.unknown)
    return until


async def tell_unknown(tools: Tools, channel: Channel, lost: Sequence[Owed]) -> None:
    """Say that nobody knows whether these arrived."""
    preferences = await tools.notebook.preferences(channel)
    words = tools.words_for(preferences)
    said = words(
        "{n} message(s) to {channel} may not have arrived: the connection broke while they were sent. "
        "/deadletters lists them and /resend sends one again.",
        n=len(lost),
        channel=channel.key,
    )
    people = _binder(preferences, channel)
    await _tell(tools, people, f"unknown:{lost[0].id}", words("Perhaps not delivered"), said)


async def _obey(
    tools: Tools, channel: Channel, entries: Sequence[Entry], token: str, error: DeliveryError
) -> datetime:
    wait = error.retry_after or timedelta()
    if error.global_limit:
        tools.pacer.pause(wait.total_seconds())
    else:
        tools.pacer.hold(channel.chat, wait.total_seconds())
    until = tools.now() + wait
    await tools.outbox.postpone(entries, token, until, counts=False, unsure=False)
    return until


async def _follow(tools: Tools, old: Channel, new: Channel, entries: Sequence[Entry]) -> None:
    """The chat has another id now: take along what it chose and what we owe it."""
    numbers = await tools.notebook.move(old, new)
    await tools.outbox.owe(None, [_moved(e.owed, new, numbers) for e in entries])
    await tools.outbox.give_up(entries, "expired", "moved", tools.now())
    log.info("channel_moved", extra={"channel": old.key, "to": new.key})


def _moved(owed: Owed, new: Channel, numbers: Mapping[str, str]) -> Owed:
    """The same debt there, by the number that its rule has there."""
    alert, briefing = owed.alert, owed.briefing
    if alert is not None:
        alert = msgspec.structs.replace(alert, rule=numbers.get(alert.rule, alert.rule))
    if briefing is not None:
        number = numbers.get(briefing.subscription, briefing.subscription)
        briefing = msgspec.structs.replace(briefing, subscription=number)
    name = f"{owed.id}:moved"
    return msgspec.structs.replace(owed, id=name, channel=new.key, alert=alert, briefing=briefing)


async def _pause(tools: Tools, channel: Channel, entries: Sequence[Entry], reason: str) -> None:
    preferences = await tools.notebook.preferences(channel)
    people = _binder(preferences, channel) | await _makers(tools, channel)
    # Where nobody set anything up, as with a person who never wrote to us, there is nothing to pause or to tell.
    if not people:
        await tools.outbox.give_up(entries, "dead", reason, tools.now())
        return
    if await tools.notebook.pause(channel, reason):
        words = tools.words_for(preferences)
        said = words(
            "{channel} does not take my messages ({reason}). I have paused it and kept everything it set up; "
            "let me back in and write to me there, and it goes on.",
            channel=channel.key,
            reason=words(reason),
        )
        name = f"paused:{channel.key}:{tools.now():%Y%m%d%H%M}"
        await _tell(tools, people, name, words("Paused"), said, but=channel)
        log.warning("channel_paused", extra={"channel": channel.key})
    if not await tools.outbox.withhold(entries, reason, tools.now()):  # let back in meanwhile
        await tools.outbox.give_up(entries, "dead", reason, tools.now())


def _binder(preferences: Preferences, channel: Channel) -> frozenset[str]:
    return frozenset({_named(preferences.bound_by, channel)} if preferences.bound_by else ())


async def _makers(tools: Tools, channel: Channel) -> frozenset[str]:
    """Who set up what is sent there."""
    rules = await tools.notebook.rules(channel)
    subscriptions = await tools.notebook.subscriptions(channel)
    people = {r.rule.created_by for r in rules} | {s.created_by for s in subscriptions}
    return frozenset(_named(person, channel) for person in people)


def _named(person: str, channel: Channel) -> str:
    """Requests call people by the id that the channel's platform gave them."""
    return person if ":" in person else f"{channel.platform}:{person}"


async def _tell(
    tools: Tools,
    people: frozenset[str],
    name: str,
    title: str,
    said: str,
    but: Channel | None = None,
) -> None:
    """To these and to the owners, each in private, once."""
    owed = [
        notice_to(person, name, Reply(title, (text(said),), tone=Tone.WARNING), tools.now())
        for person in sorted(people | tools.owners)
        if private(person) != but
    ]
    if owed:
        await tools.outbox.owe(None, owed)


def notice_to(person: str, name: str, reply: Reply, now: datetime) -> Owed:
    """For somebody's private chat; `name` makes it once."""
    here = private(person).key
    return Owed(f"{name}:{person}", here, OwedKind.NOTICE, Severity.WARNING, now, reply=reply)


def private(person: str) -> Channel:
    """
    The private chat with a person: on Telegram it has the person's own id; Discord makes one when asked, so there it
    is written "discord:@<id>".
    """
    platform, _, user = person.partition(":")
    return Channel(platform, f"@{user}" if platform == "discord" else user)
