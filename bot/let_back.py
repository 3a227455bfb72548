"""A chat that takes messages again is told what it missed, in the script that lets it have more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bot.notebook import StoreNotebook
from bot.owed import Owed, OwedKind
from handlers.command import Channel
from handlers.preferences import Preferences, Severity
from handlers.rule import RuleRecord
from handlers.withheld import Withheld, digest
from handlers.words import Words


@dataclass(frozen=True, slots=True)
class LetBack:
    """Send to a paused chat again; False when it was not paused."""

    notebook: StoreNotebook
    words_for: Callable[[Preferences], Words]
    now: Callable[[], datetime]

    async def __call__(self, channel: Channel) -> bool:
        return await self.notebook.resume(channel, partial(self._missed, channel))

    def _missed(
        self,
        channel: Channel,
        chosen: Preferences,
        stored: Mapping[str, str],
        records: Sequence[RuleRecord],
    ) -> Owed | None:
        """`stored` holds the counts that the outbox's script makes of what it withholds."""
        if "withheld:since" not in stored:
            return None
        alerts, briefings, others = (
            int(stored.get(f"withheld:{kind}", 0))
            for kind in (OwedKind.ALERT, OwedKind.BRIEFING, OwedKind.NOTICE)
        )
        since = datetime.fromtimestamp(int(stored["withheld:since"]) / 1000, UTC)
        withheld = Withheld(since, alerts, briefings, others)
        words, now = self.words_for(chosen).at(self.now()), self.now()
        reply = digest(withheld, chosen.paused_because, records, words)
        name = f"missed:{channel.key}:{now:%Y%m%d%H%M%S}"
        return Owed(name, channel.key, OwedKind.NOTICE, Severity.WARNING, now, reply=reply)
