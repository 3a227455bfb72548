"""When each kind of fact is asked for again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from handlers.observing import RuleKind
from handlers.rehearsal import kind_of
from handlers.rule import Metric


@dataclass(slots=True)
class Cadence:
    """Each metric by its kind's own pace, and at once when an hour has closed."""

    kinds: Sequence[RuleKind]
    _asked: dict[Metric, datetime] = field(default_factory=dict)

    def due(self, metrics: Iterable[Metric], now: datetime) -> set[Metric]:
        """Those whose turn it is, which counts as their being asked."""
        due = set()
        for metric in metrics:
            last = self._asked.get(metric)
            every = kind_of(self.kinds, metric).every
            if last is None or now - last >= every or _hour_closed(last, now):
                due.add(metric)
                self._asked[metric] = now
        return due


def _hour_closed(last: datetime, now: datetime) -> bool:
    """A close is news at once, whatever the cadence of its metric."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return last < hour <= now
