"""From what rules see to what they owe: each turn's steps, saved together with their messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from bot.owed import Owed, OwedKind, RuleChange
from handlers.alerting import failed, step
from handlers.alerts import alert_of
from handlers.once import unjudged
from handlers.rule import Observation, Rule, RuleRecord, RuleState, Transition

ALERT_KEEPS = timedelta(hours=6)  # later than this an alert is told as missed


@dataclass(frozen=True, slots=True)
class Lost:
    """Nothing can be looked at, now or later: what the rule is about is gone."""

    error: str


Seen = Observation | Lost | None
Look = tuple[RuleRecord, tuple[Seen, ...]]


class Ledger(Protocol):
    async def advance(self, changes: Sequence[RuleChange]) -> tuple[bool, ...]:
        """Save each state with what it owes; False where somebody else advanced the rule first."""
        ...


@dataclass(frozen=True, slots=True)
class Stepper:
    """Channels with a rule that another process advanced are named in `stale` and must be read anew."""

    ledger: Ledger
    now: Callable[[], datetime]
    stale: set[str] = field(default_factory=set)

    async def step(self, looks: Sequence[Look]) -> list[RuleRecord]:
        """The rules after every look in its order; the very same object where nothing changed."""
        records = [record for record, _ in looks]
        looks = [(record, _left(record, seen)) for record, seen in looks]
        for turn in range(max((len(seen) for _, seen in looks), default=0)):
            changes: dict[int, RuleChange] = {}
            for n, (_, seen) in enumerate(looks):
                if turn < len(seen) and (change := self._change(records[n], seen[turn])):
                    changes[n] = change
            saved = await self.ledger.advance(tuple(changes.values())) if changes else ()
            for (n, change), done in zip(changes.items(), saved, strict=True):
                records[n] = self._after(records[n], change, saved=done)
        return records

    def _change(self, record: RuleRecord, looked: Seen) -> RuleChange | None:
        rule, before = record.rule, record.state
        if isinstance(looked, Lost):
            seen, (after, told) = None, failed(rule, before, looked.error, self.now())
        else:
            seen, (after, told) = looked, step(rule, before, looked, self.now())
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
        looked = told.is_fire or told is Transition.RESOLVED  # the others come with time alone
        at = seen.as_of if seen is not None and looked else self.now()
        return Owed(
            f"alert:{rule.channel}:{rule.id}:{before.version}",
            rule.channel,
            OwedKind.ALERT,
            rule.severity,
            at,
            expires=self.now() + ALERT_KEEPS,
            alert=alert_of(rule, before, after, seen, told, at),
        )


def _left(record: RuleRecord, seen: tuple[Seen, ...]) -> tuple[Seen, ...]:
    """Without what this rule has judged already."""
    told = tuple(one for one in seen if isinstance(one, Observation))
    if len(told) < 2 or len(told) < len(seen):
        return seen
    return unjudged(record.rule, record.state, told)
