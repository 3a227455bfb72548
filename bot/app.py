"""Everything is put together here, and only here."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import stamina

from bot.audit import EMPTY, Finding, Level, audit
from bot.buttons import Buttons
from bot.charts import Charts
from bot.clockwork import Beat, Clockwork
from bot.composer import ChatComposer
from bot.delivery import Delivery
from bot.dispatch import Dispatcher
from bot.health import INGEST, LiveOffice
from bot.ingest import Ingest
from bot.languages import Languages
from bot.lease import run_while_leader
from bot.metrics import Metrics
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.pacer import Pacer
from bot.planner import Planner
from bot.platforms import listen, open_platforms
from bot.quota import Quota
from bot.refused import notice_to
from bot.shards import Shards
from bot.sources import Outside, open_sources
from bot.store import Store, StoreDown, UnsafeStore, open_store, wanted
from bot.transport import Transport
from bot.watch import Watch
from bot.web import serve
from config.settings import Settings
from config.watchlist import Watchlist
from handlers.briefings import BRIEFINGS
from handlers.command import Channel
from handlers.commands import COMMANDS
from handlers.desk import Desk
from handlers.preferences import Preferences
from handlers.reply import Reply, Tone, text
from handlers.rules import KINDS
from handlers.words import Words
from providers.errors import ProviderError
from providers.feed import FeedState
from providers.market import Market
from providers.trading_days import is_trading_day
from providers.types import utc_now

log = logging.getLogger(__name__)

LOOK_FOR_BRIEFINGS = timedelta(seconds=1)
LOOK_FOR_FLOWS = timedelta(minutes=1)  # whether a trade date has become final
STOP_WITHIN = 0.9  # seconds for everything to end once we are told to
CHANGES_WITHIN = 0.2  # seconds until a new rule is watched


@dataclass(slots=True)
class App:
    """One process: every role it may play, and what they share."""

    settings: Settings
    now: Callable[[], datetime]
    desk: Desk
    dispatch: Dispatcher
    languages: Languages
    store: Store
    notebook: StoreNotebook
    outbox: Outbox
    office: LiveOffice
    charts: Charts
    metrics: Metrics
    outside: Outside
    watch: Watch
    planner: Planner
    session: aiohttp.ClientSession
    buttons: Buttons
    stack: AsyncExitStack
    pacers: dict[str, Pacer] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)

    async def words_for(self, channel: Channel, client: str | None) -> Words:
        """How this chat reads; when the store is away, as its asker's app does."""
        try:
            preferences = await self.notebook.preferences(channel)
        except StoreDown:
            preferences = Preferences()
        return self.languages.words(preferences, client)

    async def run(self) -> None:
        """Every role until cancelled; leases decide which of several processes plays the single ones."""
        routes = [
            r
            for t in self.office.transports.values()
            for r in getattr(t, "webhook_routes", tuple)()
        ]
        async with (
            serve(self.settings.port, self._health, self._scrape, routes),
            asyncio.TaskGroup() as group,
        ):
            shards = Shards(self.store)
            delivery = self._delivery(shards)
            for name, work in self._roles(shards, delivery).items():
                group.create_task(work, name=name)
            log.info("started", extra={"platforms": sorted(self.office.transports)})

    def _roles(self, shards: Shards, delivery: Delivery) -> dict[str, Coroutine[Any, Any, None]]:
        roles: dict[str, Coroutine[Any, Any, None]] = {
            "changes": self.notebook.listen([self.planner.heard, self._changed.add]),
            "shards": shards.run(),
            "delivery": delivery.run(),
            "ingest": run_while_leader(self.store, INGEST, self._ingest, through_outages=True),
            "plan": run_while_leader(self.store, "plan", self._plan),
        }
        for name, pacer in self.pacers.items():
            roles[f"quota:{name}"] = Quota(self.store, name, pacer).run()
        for name, transport in self.office.transports.items():
            roles[name] = self._listening(name, transport)
        return roles

    def _listening(self, name: str, transport: Transport) -> Coroutine[Any, Any, None]:
        """A webhook may be heard by every process; polling, the gateway and a terminal by one."""
        if name == "telegram" and self.settings.telegram_webhook_url:
            return listen(self, transport)
        if name == "console":
            return asyncio.sleep(0)  # whoever opened the console reads it
        return run_while_leader(
            self.store, name, partial(listen, self, transport), through_outages=True
        )

    def _delivery(self, shards: Shards) -> Delivery:
        return Delivery(
            self.outbox,
            shards,
            self.notebook,
            self.office.transports,
            self.pacers,
            ChatComposer(self.desk, self.outbox, self.languages),
            self.now,
            self.settings.owners,
            self.languages.words,
            self.metrics,
        )

    async def _ingest(self) -> None:
        """Feeds in, rules watched on every tick; in one process, because a tick is no use elsewhere."""
        ingest = Ingest(
            await self.outside.feeds(),
            session=self.session,
            redis=self.store.cmd,
            prices=self.outside.live,
            now=self.now,
            on_tick=[self.watch.on_tick],
        )
        self.office.feeds = ingest.feeds
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(ingest.run(), name="feeds")
                group.create_task(self.outside.learning(), name="contracts")
                group.create_task(self._keep_rules(), name="rules")
                group.create_task(self._watching(), name="watch")
        finally:
            self.office.feeds = _no_feeds

    async def _watching(self) -> None:
        """The watch, which starts again when the store was away."""
        while wanted():
            try:
                await self.watch.run()
            except StoreDown:
                await asyncio.sleep(1)

    async def _keep_rules(self) -> None:
        """All rules at first, then each channel's as it changes or as another process advances it."""
        self._changed.add("")
        while wanted():
            changed = self._take_changed()
            try:
                if "" in changed:
                    self.watch.load(await self.notebook.all_rules())
                for channel in changed - {""}:
                    self.watch.replace(channel, await self.notebook.rules(Channel.parse(channel)))
            except StoreDown:
                self._changed |= changed
            await asyncio.sleep(CHANGES_WITHIN)

    def _take_changed(self) -> set[str]:
        changed = self._changed | self.watch.stale
        self._changed.clear()
        self.watch.stale.clear()
        return changed

    async def _plan(self) -> None:
        """What repeats; in one process, because the same work twice is no use."""
        self.planner.heard("")  # while another planned, we may have missed changes
        await Clockwork(
            (
                Beat("briefings", LOOK_FOR_BRIEFINGS, self.planner.tick),
                Beat("flows", LOOK_FOR_FLOWS, self._flows_final),
            )
        ).run()

    async def _flows_final(self) -> None:
        """Briefings that wait for the ETF flows leave once the last fund has reported."""
        for asset in (a for a in self.desk.watchlist.assets if a.etf):
            with suppress(ProviderError):
                days = (await self.desk.market.flows(asset)).value
                if final := [d for d in days if d.final]:
                    await self.planner.flows_final(asset.symbol, final[-1].trade_date)

    async def _health(self) -> tuple[bool, dict[str, object]]:
        return await self.office.health(self.desk.market)

    async def _scrape(self) -> bytes:
        return await self.office.scrape(self.desk.market)


def _no_feeds() -> tuple[FeedState, ...]:
    return ()


@asynccontextmanager
async def open_app(
    settings: Settings, *, now: Callable[[], datetime] = utc_now
) -> AsyncIterator[App]:
    """
    The whole program, connected to its store and to nothing else yet. Raises UnsafeStore when the store could lose
    what people entrust to it, StoreDown when it does not answer.
    """
    stamina.instrumentation.set_on_retry_hooks([])  # we log when a source goes, not each try
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings))
        found = await _audited(store, settings, now())
        watchlist = Watchlist.load()
        outside = await stack.enter_async_context(open_sources(settings, watchlist, store.cmd, now))
        market = Market(
            outside.sources,
            now,
            outside.waiting_for_key,
            outside.flows.states,
            outside.flows.compare,
            outside.switched_off,
        )
        notebook, outbox, metrics = StoreNotebook(store), Outbox(store), Metrics()
        languages = Languages(default=settings.default_language, zone=settings.default_zone)
        office = LiveOffice(store, outbox, now, metrics, now())
        desk = Desk(
            market, now, watchlist, notebook, office,
            max_rules=settings.max_rules_per_chat, max_schedules=settings.max_schedules_per_chat,
            languages=languages.known, kinds=KINDS, briefings=BRIEFINGS,
        )  # fmt: skip
        app = App(
            settings, now, desk,
            Dispatcher(COMMANDS, desk, metrics, per_minute=settings.commands_per_minute),
            languages, store, notebook, outbox, office,
            await stack.enter_async_context(Charts()), metrics, outside,
            Watch(market, watchlist, outbox, now, KINDS),
            Planner(
                store, notebook, outbox, now=now, trading_day=is_trading_day,
                grace=timedelta(minutes=settings.briefing_grace_minutes),
            ),
            await stack.enter_async_context(aiohttp.ClientSession()),
            Buttons(store.cmd, asyncio.get_running_loop().time), stack,
        )  # fmt: skip
        if EMPTY in found:
            await _tell_empty(app)
        await open_platforms(app)
        yield app


async def _tell_empty(app: App) -> None:
    """Only a person knows whether this was the first start."""
    words, now = app.languages.words(Preferences()), app.now()
    said = words(
        "I have started with an empty memory. Right after setting me up that is as it should be; otherwise "
        "somebody emptied my store, and every subscription and alert is gone."
    )
    reply = Reply(words("Nothing is stored"), (text(said),), tone=Tone.WARNING)
    name = f"empty:{now:%Y%m%d%H%M%S}"
    if people := sorted(app.settings.owners):
        await app.outbox.owe(None, [notice_to(person, name, reply, now) for person in people])


async def _audited(store: Store, settings: Settings, now: datetime) -> tuple[Finding, ...]:
    found = await audit(store, now)
    for finding in found:
        if finding.level is Level.FATAL and not settings.allow_volatile_store:
            raise UnsafeStore(f"{finding.text} Set ALLOW_VOLATILE_STORE=1 to accept that.")
        if finding.level is not Level.INFO:
            log.warning("store_audit", extra={"finding": finding.text})
    return found
