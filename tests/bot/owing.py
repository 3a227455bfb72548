"""Small debts for tests."""

from datetime import UTC, datetime, timedelta

from bot.outbox import Entry, Outbox
from bot.owed import Alert, Briefing, Owed, OwedKind, RuleChange, Transition
from bot.store import SHARDS
from handlers.command import Channel
from handlers.preferences import Severity
from handlers.reply import Reply
from handlers.rule import Direction, Metric, Phase, Rule, RuleState

SOON = timedelta(milliseconds=5)
AT = datetime(2030, 3, 6, 12, 0, tzinfo=UTC)
HERE = Channel("discord", "1")


def notice(name: str, channel: Channel = HERE, **more) -> Owed:
    more = {"severity": Severity.WARNING, "at": AT, "reply": Reply(name)} | more
    return Owed(name, channel.key, OwedKind.NOTICE, **more)


def alert(name: str, rule: str, channel: Channel = HERE, **more) -> Owed:
    seen = Alert(rule, Transition.FIRED, 69_000.0, AT, "venue")
    more = {"severity": Severity.WARNING, "at": AT, "alert": seen} | more
    return Owed(name, channel.key, OwedKind.ALERT, **more)


def briefing(name: str, channel: Channel = HERE, **more) -> Owed:
    more = {
        "severity": Severity.INFO,
        "at": AT,
        "expires": AT + timedelta(minutes=15),
        "briefing": Briefing("morning", "BTC", "1", "2030-03-06T12:00"),
    } | more
    return Owed(name, channel.key, OwedKind.BRIEFING, **more)


def rule(rule_id: str, channel: Channel = HERE) -> Rule:
    return Rule(
        rule_id, channel.key, "discord:9", AT, Metric.PRICE, Direction.BELOW, 70_000.0, "BTC"
    )


def change(rule_id: str, version: int, owed: Owed | None = None, channel=HERE) -> RuleChange:
    return RuleChange(channel.key, rule_id, version, RuleState(Phase.FIRING, AT, 69_000.0), owed)


async def lying(outbox: Outbox) -> list[Entry]:
    """Everything that is not settled, whoever has it: it is this outbox's now."""
    pages = [await outbox.claim(shard) for shard in range(SHARDS)]
    assert all(following == "" for _, following in pages)
    claimed = [entry for page, _ in pages for entry in page]
    return claimed + await outbox.read(range(SHARDS), wait=SOON)
