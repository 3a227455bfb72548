import asyncio
import os
import time
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest

from bot.delivery import Delivery
from bot.letters import Letter
from bot.metrics import Metrics
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.pacer import TELEGRAM, UNLIMITED, Pacer
from bot.shards import Shards
from bot.store import Store
from bot.transport import DeliveryError, Sent
from handlers.command import Channel
from handlers.preferences import Preferences, QuietHours, Severity
from handlers.reply import Reply
from providers.types import utc_now
from tests.bot.owing import AT, HERE, alert, briefing, lying, notice, rule
from tests.fakes import Clock

OTHER = Channel("discord", "2")


class Titles:
    """One letter that names every debt, as the order has it."""

    async def compose(
        self, channel, owed, preferences, *, missed=frozenset(), may_repeat=frozenset()
    ):
        def name(o) -> str:
            mark = " missed" if o.id in missed else " may repeat" if o.id in may_repeat else ""
            return (o.reply.title if o.reply else o.id) + mark

        return (Letter(Reply(", ".join(map(name, owed))), tuple(o.id for o in owed)),)


class Loopback:
    """Takes what it is sent; `errors` are raised first, one per send to that chat."""

    def __init__(self, platform: str = "discord", *, idempotent: bool = True) -> None:
        self.platform, self.idempotent = platform, idempotent
        self.sent: list[tuple[str, str]] = []
        self.errors: dict[str, list[DeliveryError]] = {}
        self.arrived = asyncio.Event()

    async def send(self, channel, reply, *, nonce=None, silent=False) -> Sent:
        if self.errors.get(channel.chat):
            raise self.errors[channel.chat].pop(0)
        self.sent.append((channel.chat, reply.title))
        self.arrived.set()
        return Sent(str(len(self.sent)))

    async def edit(self, channel, message, reply) -> None:
        self.sent.append((channel.chat, reply.title))

    async def missing_rights(self, channel) -> tuple[str, ...]:
        return ()

    async def run(self) -> None:
        await asyncio.Event().wait()


@asynccontextmanager
async def delivering(
    store: Store,
    clock,
    *transports: Loopback,
    owners=frozenset(),
    outbox=None,
    composer=None,
    limits=UNLIMITED,
    metrics=None,
):
    shards = Shards(store)
    await shards.renew()
    pacers = {t.platform: Pacer(limits) for t in transports}
    delivery = Delivery(
        outbox or Outbox(store),
        shards,
        StoreNotebook(store),
        {t.platform: t for t in transports},
        pacers,
        composer or Titles(),
        clock,
        owners,
        metrics=metrics or Metrics(),
    )
    running = asyncio.ensure_future(delivery.run())
    renewing = asyncio.ensure_future(shards.run())
    try:
        yield delivery
    finally:
        running.cancel()
        await asyncio.wait([running])
        renewing.cancel()
        await asyncio.wait([renewing])
    if not running.cancelled():
        running.result()


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the store is polled, it has no event
            await asyncio.sleep(0.005)


async def empty(outbox: Outbox) -> None:
    async with asyncio.timeout(10):
        while await outbox.length():  # noqa: ASYNC110 - the store is polled, it has no event
            await asyncio.sleep(0.005)


@pytest.fixture
def clock() -> Clock:
    return Clock(AT)


async def test_what_is_owed_arrives_once_and_is_settled(store, clock):
    discord, outbox = Loopback(), Outbox(store)
    async with delivering(store, clock, discord):
        await outbox.owe(None, [notice("a"), notice("b", OTHER)])
        await empty(outbox)

    assert sorted(discord.sent) == [("1", "a"), ("2", "b")]


async def test_a_storm_arrives_as_one_message_in_order(store, clock):
    discord, outbox = Loopback(), Outbox(store)
    later = AT + timedelta(seconds=1)
    await outbox.owe(None, [notice("b", at=later), notice("a")])
    async with delivering(store, clock, discord):
        await empty(outbox)

    assert discord.sent == [("1", "a, b")]


async def test_a_chat_that_must_wait_blocks_no_other(store, clock):
    discord, outbox = Loopback(), Outbox(store)
    discord.errors["1"] = [DeliveryError("slow down", retry_after=timedelta(milliseconds=50))]
    await outbox.owe(None, [notice("a"), notice("b", OTHER)])
    async with delivering(store, clock, discord):
        await until(lambda: discord.sent == [("2", "b")] and not discord.errors["1"])
        clock.advance(seconds=1)
        await empty(outbox)

    assert discord.sent == [("2", "b"), ("1", "a")]


@pytest.mark.parametrize("unknown", [False, True], ids=["refused", "nobody knows"])
async def test_a_failed_send_is_tried_again(store, clock, unknown):
    discord, outbox = Loopback(), Outbox(store)
    discord.errors["1"] = [DeliveryError("down", unknown=unknown)]
    await outbox.owe(None, [notice("a")])
    async with delivering(store, clock, discord):
        await until(lambda: not discord.errors["1"])
    before = list(discord.sent)
    clock.advance(seconds=2)
    async with delivering(store, clock, discord):
        await empty(outbox)

    assert before == []
    assert discord.sent == [("1", "a")]


async def test_what_fails_for_a_day_is_given_up_and_listed(store, clock):
    discord, outbox = Loopback(), Outbox(store)
    discord.errors["1"] = [DeliveryError("down")]
    await outbox.owe(None, [notice("a")])
    clock.advance(hours=25)
    async with delivering(store, clock, discord):
        await empty(outbox)

    assert [(d.id, d.why) for d in await outbox.dead()] == [("a", "down")]


async def test_a_chat_that_is_gone_is_paused_and_its_binder_is_told(store, clock):
    telegram, outbox = Loopback("telegram", idempotent=False), Outbox(store)
    group, notebook = Channel("telegram", "-5"), StoreNotebook(store)
    await notebook.set_preferences(group, Preferences(bound_by="telegram:9"))
    telegram.errors["-5"] = [DeliveryError("bot was kicked", permanent=True)]
    async with delivering(store, clock, telegram):
        await outbox.owe(None, [notice("a", group)])
        await until(lambda: telegram.sent)
        await outbox.owe(None, [notice("b", group)])
        await empty(outbox)

    assert telegram.sent == [("9", "Paused")]
    assert (await notebook.preferences(group)).paused_because == "bot was kicked"
    assert await outbox.dead() == ()


async def test_whoever_set_up_what_is_refused_is_told_once(store, clock):
    discord, outbox, notebook = Loopback(), Outbox(store), StoreNotebook(store)
    discord.errors["1"] = [DeliveryError("missing access", permanent=True)]
    await notebook.add_rule(rule("7"))
    async with delivering(store, clock, discord):
        await outbox.owe(None, [notice("a")])
        await empty(outbox)
        await outbox.owe(None, [notice("b")])
        await empty(outbox)
        await until(lambda: discord.sent)

    assert discord.sent == [("@9", "Paused")]
    assert len(await notebook.rules(HERE)) == 1


@pytest.mark.parametrize("spelled", ["9", "discord:9"])
async def test_a_person_is_reached_by_the_id_that_the_platform_gave(store, clock, spelled):
    discord, outbox, notebook = Loopback(), Outbox(store), StoreNotebook(store)
    discord.errors["1"] = [DeliveryError("missing access", permanent=True)]
    await notebook.add_rule(msgspec.structs.replace(rule("7"), created_by=spelled))
    await notebook.set_preferences(HERE, Preferences(bound_by=spelled))
    async with delivering(store, clock, discord):
        await outbox.owe(None, [notice("a")])
        await empty(outbox)
        await until(lambda: discord.sent)

    assert discord.sent == [("@9", "Paused")]


async def test_a_person_who_cannot_be_told_is_no_news_for_others(store, clock):
    telegram, outbox = Loopback("telegram", idempotent=False), Outbox(store)
    person = Channel("telegram", "9")
    telegram.errors["9"] = [DeliveryError("never wrote to us", permanent=True)]
    async with delivering(store, clock, telegram, owners=frozenset({"telegram:1"})):
        await outbox.owe(None, [notice("a", person)])
        await empty(outbox)

    assert telegram.sent == []
    assert [d.why for d in await outbox.dead()] == ["never wrote to us"]
    assert (await StoreNotebook(store).preferences(person)).paused_because is None


async def test_a_chat_that_moved_is_followed(store, clock):
    telegram, outbox = Loopback("telegram", idempotent=False), Outbox(store)
    old, new, notebook = (
        Channel("telegram", "-5"),
        Channel("telegram", "-1005"),
        StoreNotebook(store),
    )
    await notebook.add_rule(rule("7", old))
    telegram.errors["-5"] = [DeliveryError("migrated", moved_to=new)]
    async with delivering(store, clock, telegram):
        await outbox.owe(None, [notice("a", old)])
        await until(lambda: telegram.sent)
        await empty(outbox)

    assert telegram.sent == [("-1005", "a")]
    assert [r.rule.channel for r in await notebook.rules(new)] == [new.key]
    assert await notebook.rules(old) == ()


async def test_an_alert_follows_its_rule_to_the_number_it_has_after_a_move(store, clock):
    class Numbers(Titles):
        async def compose(self, channel, owed, preferences, **more):
            title = ", ".join(o.alert.rule for o in owed)
            return (Letter(Reply(title), tuple(o.id for o in owed)),)

    telegram, outbox = Loopback("telegram", idempotent=False), Outbox(store)
    old, new = Channel("telegram", "-5"), Channel("telegram", "-1005")
    notebook = StoreNotebook(store)
    for place in (old, new):
        await notebook.new_id(place)
        value = 70_000.0 if place == old else 80_000.0
        await notebook.add_rule(msgspec.structs.replace(rule("1", place), value=value))
    telegram.errors["-5"] = [DeliveryError("migrated", moved_to=new)]
    async with delivering(store, clock, telegram, composer=Numbers()):
        await outbox.owe(None, [alert("a", "1", old)])
        await until(lambda: telegram.sent)
        await empty(outbox)

    assert telegram.sent == [("-1005", "2")]


@pytest.mark.parametrize(
    ("debt", "arrives"),
    [
        (alert("a", "7", Channel("telegram", "5")), "a may repeat"),
        (briefing("a", Channel("telegram", "5")), None),
    ],
    ids=["an alert", "a briefing"],
)
async def test_a_crash_on_a_platform_without_nonce(store, clock, debt, arrives):
    telegram, outbox = Loopback("telegram", idempotent=False), Outbox(store, lease=timedelta())
    await outbox.owe(None, [debt])
    await outbox.begin(await lying(outbox), "killed", None, AT)

    async with delivering(store, clock, telegram, owners=frozenset({"telegram:1"})):
        await until(lambda: telegram.sent)
        await empty(outbox)

    told = [("5", arrives)] if arrives else [("1", "Perhaps not delivered")]
    assert telegram.sent == told


async def test_what_is_repeated_under_a_nonce_takes_no_new_debt_along(store, clock):
    class Remembering(Loopback):
        async def send(self, channel, reply, *, nonce=None, silent=False):
            if nonce == "a":  # arrived before the crash: shown once
                return Sent("0")
            return await super().send(channel, reply, nonce=nonce, silent=silent)

    discord, outbox = Remembering(), Outbox(store, lease=timedelta())
    await outbox.owe(None, [notice("a")])
    await outbox.begin(await lying(outbox), "killed", None, AT, "first")
    await outbox.owe(None, [notice("b", at=AT + timedelta(seconds=1))])
    async with delivering(store, clock, discord):
        await empty(outbox)

    assert discord.sent == [("1", "b")]


async def test_nothing_overtakes_what_another_is_sending(store, clock):
    discord, outbox = Loopback(), Outbox(store)
    await outbox.owe(None, [notice("a")])
    [entry] = await lying(outbox)
    await outbox.begin([entry], "slow", None, AT, "first")
    await outbox.owe(None, [notice("b", at=AT + timedelta(seconds=1)), notice("c", OTHER)])
    async with delivering(store, clock, discord):
        await until(lambda: discord.sent)
        await outbox.settle([entry], "slow", "m1", AT)

    assert discord.sent == [("2", "c")]
    assert await outbox.length() == 1


async def test_a_late_briefing_is_told_as_missed(store, clock):
    discord, outbox = Loopback(), Outbox(store)
    await outbox.owe(None, [briefing("a")])
    clock.advance(minutes=16)
    async with delivering(store, clock, discord):
        await empty(outbox)

    assert discord.sent == [("1", "a missed")]


async def test_quiet_hours_hold_until_their_end_over_a_restart(store, clock):
    discord, outbox = Loopback(), Outbox(store)
    quiet = Preferences(quiet=QuietHours("11:00", "13:00"), zone="UTC")
    await StoreNotebook(store).set_preferences(HERE, quiet)
    held = [notice("a"), notice("b", at=AT + timedelta(seconds=1))]
    async with delivering(store, clock, discord):
        await outbox.owe(None, [*held, notice("!", severity=Severity.CRITICAL)])
        await until(lambda: discord.sent)
    before = list(discord.sent)
    clock.advance(hours=1)
    async with delivering(store, clock, discord):
        await empty(outbox)

    assert before == [("1", "!")]
    assert discord.sent[1:] == [("1", "a, b")]


async def test_words_that_fail_stop_no_other_chat(store, clock):
    class Clumsy(Titles):
        async def compose(self, channel, *rest, **more):
            if channel == HERE:
                raise ValueError(channel)
            return await super().compose(channel, *rest, **more)

    discord, outbox = Loopback(), Outbox(store)
    async with delivering(store, clock, discord) as delivery:
        delivery.composer = Clumsy()
        await outbox.owe(None, [notice("a"), notice("b", OTHER)])
        await until(lambda: discord.sent)

    assert discord.sent == [("2", "b")]
    assert await outbox.length() == 1


async def test_what_could_not_be_written_is_written_anew(store, clock):
    class Stumbling(Titles):
        tries = 0

        async def compose(self, *what, **more):
            self.tries += 1
            if self.tries == 1:
                raise ValueError("a word is missing")
            return await super().compose(*what, **more)

    discord, outbox, composer = Loopback(), Outbox(store), Stumbling()
    quiet = Preferences(quiet=QuietHours("11:00", "13:00"), zone="UTC")
    await StoreNotebook(store).set_preferences(HERE, quiet)
    async with delivering(store, clock, discord, composer=composer):
        await outbox.owe(None, [notice("a", severity=Severity.CRITICAL)])
        await until(lambda: composer.tries)
        clock.advance(seconds=2)
        await outbox.owe(None, [notice("held")])  # only to make the chat's line look again
        await until(lambda: discord.sent)

    assert discord.sent == [("1", "a")]


async def test_two_processes_share_the_chats_and_double_none(store, clock):
    discord, outbox = Loopback(), Outbox(store)
    places = [Channel("discord", str(n)) for n in range(100)]
    async with delivering(store, clock, discord) as one, delivering(store, clock, discord) as two:
        await until(lambda: len(one.shards.held) == len(two.shards.held) == 8)
        await outbox.owe(None, [notice(f"n{c.chat}", c) for c in places])
        await empty(outbox)
        halves = (len(one.shards.held), len(two.shards.held))

    assert halves == (8, 8)
    assert len(discord.sent) == len(set(discord.sent)) == 100


async def test_a_chat_keeps_its_pace_when_another_process_takes_it_over(store):
    telegram, outbox = Loopback("telegram", idempotent=False), Outbox(store)
    place, at = Channel("telegram", "7"), []
    for name in ("a", "b"):
        await outbox.owe(None, [notice(name, place)])
        async with delivering(store, utc_now, telegram, limits=TELEGRAM):
            await until(lambda: ("7", name) in telegram.sent)  # noqa: B023 - awaited at once
            at.append(time.monotonic())
            await empty(outbox)

    assert at[1] - at[0] > 0.9


@pytest.mark.slow
async def test_the_outbox_is_quick(store, clock):
    if store.kind == "fake":
        pytest.skip("measured on the real store")
    discord, outbox = Loopback(), Outbox(store)
    n = int(os.environ.get("OUTBOX_MESSAGES", "2000"))
    debts = [notice(f"n{i}", Channel("discord", str(i))) for i in range(n)]
    start = time.perf_counter()
    for i in range(0, n, 250):
        await outbox.owe(None, debts[i : i + 250])
    owed = time.perf_counter()
    async with delivering(store, clock, discord):
        await empty(outbox)
    done = time.perf_counter()
    print(f"in {n / (owed - start):,.0f}/s, out {n / (done - owed):,.0f}/s")  # noqa: T201

    assert len(discord.sent) == n
    assert n / (done - start) > 100
