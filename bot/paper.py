"""A notebook and an office that live as long as one question: for asking and replaying without a store."""

from collections import defaultdict
from datetime import datetime

import msgspec

from handlers.command import Channel
from handlers.desk import OfficeStatus
from handlers.preferences import Preferences
from handlers.rule import Rule, RuleRecord, RuleState
from handlers.subscription import Subscription
from handlers.words import Words


class PaperNotebook:
    """Implements handlers.desk.Notebook in memory."""

    def __init__(self) -> None:
        self._chosen: dict[str, Preferences] = {}
        self._subscriptions: defaultdict[str, dict[str, Subscription]] = defaultdict(dict)
        self._rules: defaultdict[str, dict[str, RuleRecord]] = defaultdict(dict)
        self._last_id = 0

    async def preferences(self, channel: Channel) -> Preferences:
        return self._chosen.get(channel.key, Preferences())

    async def set_preferences(self, channel: Channel, preferences: Preferences) -> None:
        self._chosen[channel.key] = preferences

    async def subscriptions(self, channel: Channel) -> tuple[Subscription, ...]:
        return tuple(self._subscriptions[channel.key].values())

    async def subscribe(self, subscription: Subscription) -> None:
        self._subscriptions[subscription.channel][subscription.id] = subscription

    async def unsubscribe(self, channel: Channel, subscription_id: str) -> bool:
        return self._subscriptions[channel.key].pop(subscription_id, None) is not None

    async def rules(self, channel: Channel) -> tuple[RuleRecord, ...]:
        return tuple(self._rules[channel.key].values())

    async def add_rule(self, rule: Rule) -> None:
        self._rules[rule.channel][rule.id] = RuleRecord(rule, RuleState())

    async def replace_rule(self, rule: Rule) -> bool:
        if rule.id not in self._rules[rule.channel]:
            return False
        await self.add_rule(rule)
        return True

    async def remove_rule(self, channel: Channel, rule_id: str) -> bool:
        return self._rules[channel.key].pop(rule_id, None) is not None

    async def save_state(self, channel: Channel, rule_id: str, state: RuleState) -> bool:
        record = self._rules[channel.key].get(rule_id)
        if record is None or record.state.version != state.version:
            return False
        kept = msgspec.structs.replace(state, version=state.version + 1)
        self._rules[channel.key][rule_id] = RuleRecord(record.rule, kept)
        return True

    async def new_id(self, channel: Channel) -> str:  # noqa: ARG002 # one count for all is enough here
        self._last_id += 1
        return str(self._last_id)

    async def export(self, channel: Channel) -> str:
        kept = {
            "preferences": await self.preferences(channel),
            "subscriptions": await self.subscriptions(channel),
            "rules": await self.rules(channel),
        }
        return msgspec.json.format(msgspec.json.encode(kept), indent=2).decode()

    async def forget(self, channel: Channel) -> int:
        gone = int(self._chosen.pop(channel.key, None) is not None)
        return (
            gone
            + len(self._subscriptions.pop(channel.key, {}))
            + len(self._rules.pop(channel.key, {}))
        )


class PaperOffice:
    """Implements handlers.desk.Office for a process that sends nothing."""

    def __init__(self, started_at: datetime) -> None:
        self._started_at = started_at

    async def status(self) -> OfficeStatus:
        return OfficeStatus(self._started_at, 0, 0, "none: one question only", (), ())

    async def send_test(self, channel: Channel, words: Words) -> str | None:  # noqa: ARG002 # nothing is sent anywhere
        return words("Nothing is sent from here.")

    async def missing_rights(self, channel: Channel) -> tuple[str, ...]:  # noqa: ARG002 # nothing is sent anywhere
        return ()

    async def dead_letters(self) -> tuple[str, ...]:
        return ()

    async def resend(self, delivery_id: str) -> bool:  # noqa: ARG002 # nothing is sent anywhere
        return False
