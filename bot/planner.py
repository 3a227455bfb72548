"""
Owes each briefing when its time comes. bot/clockwork.py says when to look, once a second; what is due lies sorted by
time, the store knows until when it was planned, and the id of an occurrence makes a second planner harmless.
"""

import asyncio
import heapq
import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from bot.notebook import StoreNotebook
from bot.outbox import KEPT, Outbox
from bot.owed import Briefing, Owed, OwedKind
from bot.store import Store, StoreDown, reachable
from handlers.command import Channel
from handlers.preferences import Severity
from handlers.schedule import Occurrence, TradingDay, flow_occurrence, next_runs, occurrences
from handlers.subscription import Subscription, SubscriptionKind

log = logging.getLogger(__name__)

PLANNED = "lh:{ops}:planned"
FLOWS_NEWS = KEPT - timedelta(days=1)  # an older trade date is no news, though none came after it
AT_ONCE = 50  # briefings between two breaths of the loop


class Planner:
    """
    Runs under a lease. `grace`: how late a briefing may leave; later it is told as missed. `heard` goes to
    notebook.listen, so that changes count from the next tick on.
    """

    def __init__(
        self,
        store: Store,
        notebook: StoreNotebook,
        outbox: Outbox,
        *,
        now: Callable[[], datetime],
        trading_day: TradingDay,
        grace: timedelta,
    ) -> None:
        self._store, self._notebook, self._outbox = store, notebook, outbox
        self._now, self._trading_day, self._grace = now, trading_day, grace
        self._known: dict[tuple[str, str], Subscription] = {}
        self._next: list[tuple[datetime, str, str, Subscription, Occurrence]] = []
        self._changed: set[str] = {""}

    def heard(self, channel: str) -> None:
        """This channel's subscriptions changed; "": perhaps all of them."""
        self._changed.add(channel)

    async def tick(self) -> int:
        """Owe what became due; how many. Raises StoreDown, and may be repeated then."""
        try:
            return await self._tick(self._now())
        except StoreDown:
            self._changed.add("")
            raise

    async def _tick(self, now: datetime) -> int:
        planned = await self._planned(now)
        await self._reload(planned, now)
        owed = 0
        while due := self._pop(now):
            await self._outbox.owe(None, [self._briefing(s, o) for s, o in due])
            owed += len(due)
            await asyncio.sleep(0)
        with reachable():
            await self._store.cmd.set(PLANNED, now.isoformat())
        return owed

    async def flows_final(self, asset: str, trade_date: date) -> int:
        """
        The flows of this day are final: owe every briefing that waits for them. Harmless to repeat: what was owed is
        remembered for longer than the day is news.
        """
        now = self._now()
        if now.date() - trade_date > FLOWS_NEWS:
            return 0
        due = [
            self._briefing(s, flow_occurrence(s.schedule, trade_date, now))
            for s in tuple(self._known.values())
            if s.schedule and s.schedule.after_flows and s.asset == asset
            if s.paused is None and s.since.date() <= trade_date
        ]
        for start in range(0, len(due), AT_ONCE):
            await self._outbox.owe(None, due[start : start + AT_ONCE])
            await asyncio.sleep(0)
        return len(due)

    async def _planned(self, now: datetime) -> datetime:
        with reachable():
            stored = await self._store.cmd.get(PLANNED)
        return datetime.fromisoformat(stored) if stored else now

    async def _reload(self, planned: datetime, now: datetime) -> None:
        changed, self._changed = self._changed, set()
        try:
            if "" in changed:
                self._known, self._next = {}, []
                await self._take(await self._notebook.all_subscriptions(), planned, now)
                return
            for channel in changed:
                found = await self._notebook.subscriptions(Channel.parse(channel))
                self._known = {k: s for k, s in self._known.items() if k[0] != channel}
                await self._take(found, planned, now)
        except StoreDown:
            self._changed |= changed
            raise

    async def _take(self, found: Iterable[Subscription], planned: datetime, now: datetime) -> None:
        for number, subscription in enumerate(found):
            if subscription.kind is SubscriptionKind.BRIEFING and subscription.schedule:
                self._known[subscription.channel, subscription.id] = subscription
                self._put(subscription, max(planned, subscription.since), now)
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)

    def _put(self, subscription: Subscription, after: datetime, now: datetime) -> None:
        """Its next occurrence. Of several that passed while nobody planned only the newest counts."""
        assert subscription.schedule is not None
        schedule, trading = subscription.schedule, self._trading_day
        runs = occurrences(schedule, after, now, trading)[-1:] or next_runs(
            schedule, now, trading, 1
        )
        for run in runs:
            item = (run.utc, subscription.channel, subscription.id, subscription, run)
            heapq.heappush(self._next, item)

    def _pop(self, now: datetime) -> list[tuple[Subscription, Occurrence]]:
        """Some of what is due; each is followed by its next occurrence."""
        due: list[tuple[Subscription, Occurrence]] = []
        while self._next and self._next[0][0] <= now and len(due) < AT_ONCE:
            *_, subscription, run = heapq.heappop(self._next)
            if self._known.get((subscription.channel, subscription.id)) is not subscription:
                continue  # changed or removed since
            self._put(subscription, now, now)
            if subscription.paused is None:
                due.append((subscription, run))
        return due

    def _briefing(self, subscription: Subscription, run: Occurrence) -> Owed:
        name, asset = subscription.briefing, subscription.asset
        return Owed(
            f"briefing:{subscription.channel}:{subscription.id}:{run.key}",
            subscription.channel,
            OwedKind.BRIEFING,
            Severity.INFO,
            run.utc,
            expires=run.utc + self._grace,
            briefing=Briefing(name, asset, subscription.id, run.key),
        )
