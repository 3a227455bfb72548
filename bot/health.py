"""What only the running process knows: for /status, for /healthz, and for owners."""

import asyncio
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.lease import held
from bot.liquidation_book import venues_heard
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.store import Store, StoreDown, reachable
from bot.transport import DeliveryError, Transport
from handlers.command import Channel
from handlers.desk import FeedStatus, OfficeStatus
from handlers.reply import Reply, text
from handlers.words import Words
from providers.feed import FeedState
from providers.market import Market
from providers.types import Coverage

INGEST = "ingest"  # the lease of whoever listens to the feeds
SILENT = timedelta(minutes=2)  # a feed that has said nothing for so long is worth a person's look

PATIENCE = 2.0  # seconds for the store; whoever scrapes waits ten


@dataclass(slots=True)
class LiveOffice:
    """Implements handlers.desk.Office. `transports` and `feeds` are filled in while the app is put together."""

    store: Store
    outbox: Outbox
    now: Callable[[], datetime]
    metrics: Metrics
    started_at: datetime
    transports: dict[str, Transport] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    feeds: Callable[[], tuple[FeedState, ...]] = tuple
    patience: float = PATIENCE

    async def status(self) -> OfficeStatus:
        """While the store is away the queue is unknown: shown as -1 nowhere, said in `store`."""
        try:
            queue, dead = await self.outbox.length(), await self.outbox.dead_count()
            store = self.store.kind
        except StoreDown:
            queue, dead, store = 0, 0, "not reachable"
        feeds = self.feeds()
        listener, heard = (None, ()) if feeds else await self._elsewhere()
        return OfficeStatus(
            self.started_at,
            queue,
            dead,
            store,
            tuple(map(_feed, feeds)),
            tuple(self.states.items()),
            tuple(_declined(feeds)),
            tuple((state.name, state.ahead) for state in feeds if state.ahead is not None),
            listener,
            heard,
        )

    async def _elsewhere(self) -> tuple[bool | None, tuple[tuple[Coverage, datetime | None], ...]]:
        """Whether any process listens, and what the store has heard; nothing while it is away."""
        try:
            with reachable():
                listener = await held(self.store, INGEST)
                return listener, await venues_heard(self.store.cmd, self.now())
        except StoreDown:
            return None, ()

    async def send_test(self, channel: Channel, words: Words) -> str | None:
        transport = self.transports.get(channel.platform)
        if transport is None:
            return words("{platform} is not connected here.", platform=channel.platform.title())
        try:
            await transport.send(channel, test_message(words))
        except DeliveryError as error:
            return words(error.reason)
        return None

    async def missing_rights(self, channel: Channel) -> tuple[str, ...]:
        transport = self.transports.get(channel.platform)
        return await transport.missing_rights(channel) if transport else ()

    async def dead_letters(self) -> tuple[str, ...]:
        return tuple(
            f"{letter.id} · {letter.channel} · {letter.at:%Y-%m-%d %H:%M} UTC · {letter.state}: {letter.why}"
            for letter in await self.outbox.dead()
        )

    async def resend(self, delivery_id: str) -> bool:
        return await self.outbox.resend(delivery_id)

    async def health(self, market: Market) -> tuple[bool, dict[str, object]]:
        """Well means: the store answers. Feeds and sources are told, but a dead source is no reason to restart."""
        now = self.now()
        try:
            await self.outbox.length()
            well = True
        except StoreDown:
            well = False
        silent = [s.name for s in self.feeds() if s.last_data_at and now - s.last_data_at > SILENT]
        down = sorted({state.name for state in market.states() if state.error})
        body: dict[str, object] = {
            "store": "ok" if well else "down",
            "platforms": dict(self.states),
            "silent_feeds": silent,
            "sources_down": down,
            "up_seconds": round((now - self.started_at).total_seconds()),
        }
        return well, body

    async def scrape(self, market: Market) -> bytes:
        """The metrics as they are now. What the store does not tell in time is not a number, never what was."""
        metrics = self.metrics
        outbox, unknown = self.outbox, math.nan
        try:
            async with asyncio.timeout(self.patience):
                told = await asyncio.gather(outbox.length(), outbox.in_hand(), outbox.dead_count())
            numbers: tuple[float, ...] = (1, *told)
        except (StoreDown, TimeoutError):
            numbers = (0, unknown, unknown, unknown)
        gauges = (metrics.store_up, metrics.owed, metrics.in_hand, metrics.given_up)
        for gauge, number in zip(gauges, numbers, strict=True):
            gauge.set(number)
        self._ages(market)
        return metrics.text()

    def _ages(self, market: Market) -> None:
        """Of those that have ever answered; a feed that another process hears now is not told of here."""
        now, metrics = self.now(), self.metrics
        for state in market.states():
            if state.last_good_at is not None:
                age = (now - state.last_good_at).total_seconds()
                metrics.source_age.labels(state.name, state.kind).set(age)
        metrics.feed_age.clear()
        for feed in self.feeds():
            if feed.last_data_at is not None:
                age = (now - feed.last_data_at).total_seconds()
                metrics.feed_age.labels(feed.name).set(age)


def _feed(state: FeedState) -> FeedStatus:
    error = None if state.connected else state.last_error
    return FeedStatus(state.name, state.last_data_at, error, state.connects, state.gaps)


def _declined(feeds: tuple[FeedState, ...]) -> Iterator[tuple[str, str, str]]:
    for state in feeds:
        if state.given_up is not None:
            yield state.venue, "", state.given_up
        yield from ((state.venue, topic, reason) for topic, reason in state.declined)


def test_message(words: Words) -> Reply:
    return Reply(
        words("Test: this arrived"),
        (text(words("Messages to this chat will look like this one.")),),
        quiet=True,
    )
