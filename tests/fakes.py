"""Small stand-ins for the world outside, obeying the real Protocols. Each has at most one knob."""

from datetime import UTC, datetime, timedelta

import msgspec

from config.watchlist import Watchlist
from handlers.briefings import BRIEFINGS
from handlers.command import Channel
from handlers.desk import Desk, OfficeStatus
from handlers.preferences import Preferences
from handlers.rule import Rule, RuleRecord, RuleState
from handlers.subscription import Subscription
from handlers.words import Words
from providers.market import Market, Sources
from providers.types import Headline, Reading

START = datetime(2030, 3, 6, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that is told the time."""

    def __init__(self, now: datetime = START) -> None:
        self.time = now

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> datetime:
        self.time += timedelta(**by)
        return self.time


class NoHeadlines:
    """A feed that answers, with no headline at all."""

    name = "coindesk"

    def __init__(self, now: Clock) -> None:
        self.now = now

    async def headlines(self) -> Reading[tuple[Headline, ...]]:
        return Reading((), self.name, self.now())


class FakeNotebook:
    """What chats asked for, in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, object]] = {}
        self.chosen: dict[str, Preferences] = {}
        self.counter = 0

    def _of(self, channel: Channel, kind: type) -> tuple:
        return tuple(v for v in self.kept.get(channel.key, {}).values() if isinstance(v, kind))

    async def preferences(self, channel: Channel) -> Preferences:
        return self.chosen.get(channel.key, Preferences())

    async def set_preferences(self, channel: Channel, preferences: Preferences) -> None:
        self.chosen[channel.key] = preferences

    async def subscriptions(self, channel: Channel) -> tuple[Subscription, ...]:
        return self._of(channel, Subscription)

    async def subscribe(self, subscription: Subscription) -> None:
        self.kept.setdefault(subscription.channel, {})[subscription.id] = subscription

    async def unsubscribe(self, channel: Channel, subscription_id: str) -> bool:
        return self.kept.get(channel.key, {}).pop(subscription_id, None) is not None

    async def rules(self, channel: Channel) -> tuple[RuleRecord, ...]:
        return self._of(channel, RuleRecord)

    async def add_rule(self, rule: Rule) -> None:
        self.kept.setdefault(rule.channel, {})[rule.id] = RuleRecord(rule, RuleState())

    async def replace_rule(self, rule: Rule) -> bool:
        known = rule.id in self.kept.get(rule.channel, {})
        if known:
            await self.add_rule(rule)
        return known

    async def remove_rule(self, channel: Channel, rule_id: str) -> bool:
        return await self.unsubscribe(channel, rule_id)

    async def save_state(self, channel: Channel, rule_id: str, state: RuleState) -> bool:
        record = self.kept.get(channel.key, {}).get(rule_id)
        if not isinstance(record, RuleRecord) or record.state.version != state.version:
            return False
        after = msgspec.structs.replace(state, version=state.version + 1)
        self.kept[channel.key][rule_id] = RuleRecord(record.rule, after)
        return True

    async def new_id(self, channel: Channel) -> str:
        self.counter += 1
        return str(self.counter)

    async def export(self, channel: Channel) -> str:
        return repr(self.kept.get(channel.key, {}))

    async def forget(self, channel: Channel) -> int:
        self.chosen.pop(channel.key, None)
        return len(self.kept.pop(channel.key, {}))


class FakeOffice:
    """A process that does well; `missing` is what the platform does not let us do, `problem` why a test is refused."""

    def __init__(self) -> None:
        self.missing: tuple[str, ...] = ()
        self.tested: list[Channel] = []
        self.problem: str | None = None
        self.letters: tuple[str, ...] = ()

    async def status(self) -> OfficeStatus:
        return OfficeStatus(START, 0, 0, "embedded", (), ())

    async def send_test(self, channel: Channel, words: Words) -> str | None:
        self.tested.append(channel)
        return self.problem

    async def missing_rights(self, channel: Channel) -> tuple[str, ...]:
        return self.missing

    async def dead_letters(self) -> tuple[str, ...]:
        return self.letters

    async def resend(self, delivery_id: str) -> bool:
        return any(line.startswith(delivery_id) for line in self.letters)


def desk_with(sources: Sources, clock: Clock) -> Desk:
    """A desk over these sources, with an empty notebook."""
    market = Market(sources, clock)
    return Desk(market, clock, Watchlist.load(), FakeNotebook(), FakeOffice(), briefings=BRIEFINGS)


def desk_without_sources(clock: Clock) -> Desk:
    return desk_with(Sources(), clock)
