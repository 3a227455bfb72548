"""A scrape tells what is so now, over HTTP, and answers while the store is away."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from functools import partial

import aiohttp
import pytest

from bot.health import LiveOffice
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.transport import DeliveryError
from bot.web import serve
from handlers.command import Channel
from handlers.preferences import Preferences, QuietHours
from providers.market import Market, Sources
from tests.bot.owing import AT, HERE, SOON, alert, briefing, notice
from tests.bot.test_delivery import OTHER, Loopback, delivering, empty, until
from tests.bot.test_health import FEED
from tests.fakes import Clock


class Scraped:
    """What /metrics answers, by name with labels."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url, self._session = url, session

    async def __call__(self) -> dict[str, float]:
        async with self._session.get(self._url) as answer:
            assert answer.status == 200
            rows = re.findall(r"^(levelhead_\S+) (\S+)$", await answer.text(), re.MULTILINE)
        return {name.removeprefix("levelhead_"): float(number) for name, number in rows}


@pytest.fixture
def clock() -> Clock:
    return Clock(AT)


@pytest.fixture
def office(store, clock) -> LiveOffice:
    return LiveOffice(store, Outbox(store), clock, Metrics(), AT)


@pytest.fixture
async def scraped(office, clock, unused_tcp_port):
    market = Market(Sources(), clock)
    scrape, health = partial(office.scrape, market), partial(office.health, market)
    async with (
        serve(unused_tcp_port, health, scrape, ()) as port,
        aiohttp.ClientSession() as session,
    ):
        yield Scraped(f"http://127.0.0.1:{port}/metrics", session)


async def test_a_scrape_tells_what_is_owed_in_hand_and_given_up_now(office, scraped):
    outbox = office.outbox
    empty_store = await scraped()
    await outbox.owe(None, [notice("a"), notice("b", OTHER), notice("c", OTHER)])
    for shard in range(16):
        await outbox.claim(shard)  # as every process does first
    lying = await scraped()
    [first, *_] = await outbox.read(range(16), wait=SOON)
    handed = await scraped()
    await outbox.give_up([first], "dead", "refused", AT)
    after = await scraped()

    names = ("store_up", "owed", "in_hand", "given_up")
    assert [[found[name] for name in names] for found in (empty_store, lying, handed, after)] == [
        [1, 0, 0, 0],
        [1, 3, 0, 0],
        [1, 3, 3, 0],
        [1, 2, 2, 1],
    ]


async def test_a_scrape_tells_how_old_each_feed_is_now_and_nothing_of_one_we_let_go(
    office, clock, scraped
):
    office.feeds = lambda: (replace(FEED, last_data_at=AT),)
    clock.advance(seconds=7)
    heard = await scraped()
    clock.advance(seconds=5)
    later = await scraped()
    office.feeds = tuple
    gone = await scraped()

    name = 'feed_age_seconds{feed="okx"}'
    assert (heard[name], later[name], gone.get(name)) == (7, 12, None)


async def test_a_scrape_answers_while_the_store_is_away_and_makes_up_no_number(
    office, scraped, store
):
    async def away(*_):
        raise ConnectionError

    await office.outbox.owe(None, [notice("a")])
    await scraped()
    store.cmd.xlen = away
    found = await scraped()

    assert found["store_up"] == 0
    assert all(str(found[name]) == "nan" for name in ("owed", "in_hand", "given_up"))


async def test_a_scrape_waits_for_no_store_that_hangs(office, scraped, store):
    async def hangs(*_):
        await asyncio.Event().wait()

    office.patience = 0.01
    store.cmd.xlen = hangs
    found = await scraped()

    assert found["store_up"] == 0


async def test_messages_and_refusals_are_counted_by_platform_and_kind(
    office, clock, store, scraped
):
    discord, outbox = Loopback(), office.outbox
    third = Channel("discord", "3")
    discord.errors["2"] = [DeliveryError("slow down", retry_after=timedelta())]
    discord.errors["3"] = [DeliveryError("unknown channel", permanent=True)]
    async with delivering(store, clock, discord, metrics=office.metrics):
        await outbox.owe(None, [alert("a", "1"), briefing("b", OTHER), notice("c", third)])
        await empty(outbox)
        found = await scraped()

    assert {
        n: v for n, v in found.items() if n.startswith(("sent_total", "send_failures_total"))
    } == {
        'sent_total{kind="alert",platform="discord"}': 1,
        'sent_total{kind="briefing",platform="discord"}': 1,
        'send_failures_total{kind="wait",platform="discord"}': 1,
        'send_failures_total{kind="permanent",platform="discord"}': 1,
    }


async def test_how_late_an_alert_left_is_told_unless_its_chat_wanted_silence(
    office, clock, store, scraped
):
    discord, outbox = Loopback(), office.outbox
    quiet = Preferences(quiet=QuietHours("11:00", "13:00"), zone="UTC")
    async with delivering(store, clock, discord, metrics=office.metrics) as delivery:
        await delivery.notebook.set_preferences(OTHER, quiet)
        await outbox.owe(None, [alert("held", "1", OTHER)])
        clock.advance(seconds=3)
        await outbox.owe(None, [alert("a", "1", HERE)])
        await until(lambda: discord.sent)
    clock.advance(hours=1)
    async with delivering(store, clock, discord, metrics=office.metrics):
        await empty(outbox)
        found = await scraped()

    assert len(discord.sent) == 2
    assert found['alert_delay_seconds_count{platform="discord"}'] == 1
    assert found['alert_delay_seconds_sum{platform="discord"}'] == 3


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (DeliveryError("x", moved_to=HERE), "moved"),
        (DeliveryError("x", permanent=True), "permanent"),
        (DeliveryError("x", retry_after=SOON), "wait"),
        (DeliveryError("x", gone=True), "gone"),
        (DeliveryError("x", unknown=True), "unknown"),
        (DeliveryError("a new text every time"), "other"),
    ],
)
def test_every_refusal_is_of_one_of_six_kinds(error, kind):
    assert error.kind == kind
