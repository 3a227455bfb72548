"""What chats asked for, as two processes on one store see it."""

import asyncio
import json
from contextlib import asynccontextmanager
from typing import ClassVar

import msgspec
import pytest

from bot.notebook import StoreNotebook
from bot.store import Store, StoreDown
from handlers.command import Channel
from handlers.preferences import Preferences, Severity
from handlers.rule import Phase, Rule, RuleState
from handlers.subscription import Subscription, SubscriptionKind
from tests.bot.owing import AT, HERE, rule

NEW = Channel("discord", "1001")


def subscription(number: str = "2", channel: Channel = HERE) -> Subscription:
    return Subscription(number, channel.key, SubscriptionKind.BRIEFING, "discord:9", AT)


@asynccontextmanager
async def listening(notebook: StoreNotebook):
    heard: list[str] = []
    task = asyncio.ensure_future(notebook.listen([heard.append]))
    await until(lambda: heard == [""])
    heard.clear()
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(condition) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the store is polled, it has no event
            await asyncio.sleep(0.01)


@pytest.fixture
def one(store) -> StoreNotebook:
    return StoreNotebook(store)


@pytest.fixture
def two(store) -> StoreNotebook:
    return StoreNotebook(store)


class Killed(Store):
    """Of a process that ends right after its first script."""

    __slots__ = ()

    async def run(self, script, keys, args=()):
        await super().run(script, keys, args)
        raise ConnectionError


CHANGES = {
    "preferences": lambda n: n.set_preferences(HERE, Preferences(zone="Asia/Tokyo")),
    "subscribed": lambda n: n.subscribe(subscription("3")),
    "unsubscribed": lambda n: n.unsubscribe(HERE, "2"),
    "rule added": lambda n: n.add_rule(rule("2")),
    "rule replaced": lambda n: n.replace_rule(rule("1")),
    "rule removed": lambda n: n.remove_rule(HERE, "1"),
    "state saved": lambda n: n.save_state(HERE, "1", RuleState(Phase.PENDING)),
    "forgotten": lambda n: n.forget(HERE),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_is_heard_though_who_made_it_was_killed_right_after(store, one, change):
    await one.subscribe(subscription())
    await one.add_rule(rule("1"))
    dying = StoreNotebook(Killed(store.cmd, None, None, "dying"))
    async with listening(one) as heard:
        with pytest.raises(StoreDown):
            await CHANGES[change](dying)
        await until(lambda: heard == [HERE.key])


async def test_what_one_writes_the_other_reads(one, two):
    await one.subscribe(subscription())
    await one.add_rule(rule("1"))

    assert await two.subscriptions(HERE) == (subscription(),)
    assert [r.rule for r in await two.rules(HERE)] == [rule("1")]
    assert await two.all_subscriptions() == (subscription(),)
    assert [r.rule for r in await two.all_rules()] == [rule("1")]


async def test_ids_are_never_given_twice(one, two):
    ids = await asyncio.gather(*(n.new_id(HERE) for n in (one, two) * 5))

    assert len(set(ids)) == 10


async def test_preferences_kept_in_memory_are_forgotten_when_another_changes_them(one, two):
    async with listening(one) as heard:
        before = await one.preferences(HERE)
        await two.set_preferences(HERE, Preferences(language="de"))
        await until(lambda: heard == [HERE.key])
        after = await one.preferences(HERE)

    assert (before.language, after.language) == (None, "de")


async def test_many_preferences_are_read_at_once_and_answered_from_memory(one, two, store):
    await two.set_preferences(HERE, Preferences(language="de"))
    async with listening(one):
        await one.prepare({HERE, NEW})
        kept, store.cmd = store.cmd, None
        found = [await one.preferences(channel) for channel in (HERE, NEW)]
        store.cmd = kept

    assert [p.language for p in found] == ["de", None]


async def test_nobody_who_cannot_hear_of_changes_keeps_them_in_memory(one, two):
    await one.prepare({HERE, NEW})
    await two.set_preferences(HERE, Preferences(language="de"))

    assert (await one.preferences(HERE)).language == "de"


async def test_what_is_in_memory_is_answered_while_the_store_is_away_and_the_rest_is_not(
    one, store
):
    class Away:
        async def hget(self, *_):
            raise ConnectionError

    async with listening(one):
        await one.preferences(HERE)
        kept, store.cmd = store.cmd, Away()
        known = await one.preferences(HERE)
        with pytest.raises(StoreDown):
            await one.preferences(NEW)
        store.cmd = kept

    assert known == Preferences()


async def test_an_export_is_everything_and_reads_well(one):
    await one.set_preferences(HERE, Preferences(zone="Europe/Berlin"))
    await one.add_rule(rule("1"))
    await one.subscribe(subscription())
    export = json.loads(await one.export(HERE))

    assert export["channel"] == HERE.key
    assert sorted(export["stored"]) == ["prefs", "rule:1", "state:1", "sub:2"]
    assert export["stored"]["prefs"]["zone"] == "Europe/Berlin"


async def test_what_is_forgotten_is_gone_for_everybody(one, two, store):
    await one.set_preferences(HERE, Preferences(zone="Europe/Berlin"))
    await one.add_rule(rule("1"))
    await one.subscribe(subscription())
    async with listening(two) as heard:
        await two.preferences(HERE)
        number = await one.forget(HERE)
        await until(lambda: HERE.key in heard)
        left = await two.preferences(HERE), await two.rules(HERE), await two.all_subscriptions()

    assert number == 3
    assert left == (Preferences(), (), ())
    assert [key async for key in store.cmd.scan_iter(match=f"*{HERE.key}*")] == []


async def test_a_chat_that_moves_takes_everything_along_once(one, two):
    await one.add_rule(rule("1"))
    await one.set_preferences(HERE, Preferences(zone="Europe/Berlin", language="de"))
    await two.set_preferences(NEW, Preferences(language="fr"))
    await one.move(HERE, NEW)
    await two.move(HERE, NEW)

    assert [r.rule.channel for r in await two.rules(NEW)] == [NEW.key]
    assert (await two.preferences(NEW)).language == "fr"
    assert await two.rules(HERE) == ()
    assert [r.rule.channel for r in await two.all_rules()] == [NEW.key]


def priced(number: str, value: float, channel: Channel, **more) -> Rule:
    return msgspec.structs.replace(rule(number, channel), value=value, **more)


async def numbered(notebook, *rules) -> None:
    for one in rules:
        await notebook.new_id(Channel.parse(one.channel))
        await notebook.add_rule(one)


async def test_a_chat_that_moves_loses_no_rule_to_one_that_is_there_already(one, two):
    await numbered(one, priced("1", 70_000.0, HERE), priced("2", 65_000.0, HERE))
    assert await one.save_state(HERE, "2", RuleState(Phase.FIRING))
    await numbered(one, priced("1", 80_000.0, NEW))
    moved = [await one.move(HERE, NEW), await two.move(HERE, NEW)]
    found = {r.rule.id: (r.rule.value, r.state.phase) for r in await two.rules(NEW)}

    assert moved == [{"1": "3"}, {"1": "3"}]
    assert found == {
        "1": (80_000.0, Phase.ARMED),
        "2": (65_000.0, Phase.FIRING),
        "3": (70_000.0, Phase.ARMED),
    }
    assert {r.rule.channel for r in await two.rules(NEW)} == {NEW.key}
    assert await one.new_id(NEW) == "4"


async def test_a_number_that_was_given_there_once_is_not_given_again_by_a_move(one):
    await numbered(one, priced("1", 70_000.0, HERE))
    await numbered(one, priced("1", 80_000.0, NEW))
    await one.remove_rule(NEW, "1")
    await one.move(HERE, NEW)

    assert [(r.rule.id, r.rule.value) for r in await one.rules(NEW)] == [("2", 70_000.0)]


async def test_what_both_chats_say_is_said_once_after_a_move(one):
    alerts = {"kind": SubscriptionKind.ALERTS, "preset": "standard"}
    for channel, number in ((HERE, "2"), (NEW, "5")):
        wanted = msgspec.structs.replace(subscription(number, channel), **alerts)
        await one.subscribe(wanted)
        await numbered(one, priced("1", 70_000.0, channel, subscription=number))
    await numbered(one, priced("3", 60_000.0, HERE, subscription="2"))
    moved = await one.move(HERE, NEW)

    assert [s.id for s in await one.subscriptions(NEW)] == ["5"]
    assert [(r.rule.value, r.rule.subscription) for r in await one.rules(NEW)] == [
        (70_000.0, "5"),
        (60_000.0, "5"),
    ]
    assert moved["2"] == "5"


async def test_a_move_takes_along_each_wish_that_the_new_chat_has_none_about(one):
    await one.set_preferences(HERE, Preferences(zone="Asia/Tokyo", language="de", currency="EUR"))
    await one.pause(HERE, "kicked")
    await one.set_preferences(NEW, Preferences(language="fr", rings_from=Severity.CRITICAL))
    await one.move(HERE, NEW)

    assert await one.preferences(NEW) == Preferences(
        zone="Asia/Tokyo", language="fr", currency="EUR", rings_from=Severity.CRITICAL
    )


async def test_a_rule_that_is_set_while_its_chat_is_joined_keeps_its_number(store, one, two):
    class Meanwhile(Store):
        """Between what a move reads and what it writes somebody sets an alert in the new chat."""

        __slots__ = ()
        told: ClassVar[list] = []

        async def run(self, script, keys, args=()):
            if not self.told:
                self.told.append(script)
                await numbered(two, priced("1", 80_000.0, NEW))
            return await super().run(script, keys, args)

    await numbered(one, priced("1", 70_000.0, HERE))
    await StoreNotebook(Meanwhile(store.cmd, store.once, store.block, "busy")).move(HERE, NEW)

    assert [(r.rule.id, r.rule.value) for r in await one.rules(NEW)] == [
        ("1", 80_000.0),
        ("2", 70_000.0),
    ]


async def test_a_move_that_was_killed_half_way_is_finished_without_doubling(store, one):
    await numbered(one, priced("1", 70_000.0, HERE))
    await numbered(one, priced("1", 80_000.0, NEW))
    with pytest.raises(StoreDown):
        await StoreNotebook(Killed(store.cmd, None, None, "dying")).move(HERE, NEW)

    assert await one.move(HERE, NEW) == {"1": "2"}
    assert [r.rule.value for r in await one.rules(NEW)] == [80_000.0, 70_000.0]
    assert await one.rules(HERE) == ()


async def test_paused_and_resumed_by_either(one, two):
    first = await one.pause(HERE, "kicked")
    again = await two.pause(HERE, "kicked")
    why = (await two.preferences(HERE)).paused_because
    resumed = [await two.resume(HERE), await one.resume(HERE)]

    assert (first, again, why) == (True, False, "kicked")
    assert resumed == [True, False]
    assert await one.preferences(HERE) == Preferences()


async def test_a_removed_rule_cannot_be_replaced_or_saved(one, two):
    await one.add_rule(rule("1"))
    [record] = await two.rules(HERE)
    removed = [await one.remove_rule(HERE, "1"), await two.remove_rule(HERE, "1")]

    assert removed == [True, False]
    assert not await two.replace_rule(rule("1"))
    assert not await two.save_state(HERE, "1", msgspec.structs.replace(record.state, muted=True))


async def test_after_an_outage_listeners_are_told_to_read_everything(one, store):
    class Away:
        def pipeline(self, **_):
            raise ConnectionError

    async with listening(one) as heard:
        kept, store.cmd = store.cmd, Away()
        await asyncio.sleep(0.3)
        store.cmd = kept
        await until(lambda: "" in heard)

    assert heard == [""]
