import asyncio
from datetime import timedelta

import pytest

from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from handlers.command import Channel
from tests.bot.owing import AT, HERE, alert, change, lying, notice, rule

OTHER = Channel("telegram", "-100", "4")


@pytest.fixture
def outbox(store) -> Outbox:
    return Outbox(store)


async def test_what_is_owed_is_read_as_it_was(outbox):
    owed = [notice("a"), alert("b", "7", OTHER)]

    assert await outbox.owe("08:00", owed)

    found = await lying(outbox)
    assert sorted((e.owed for e in found), key=lambda o: o.id) == owed
    assert await outbox.length() == 2


async def test_two_processes_owe_an_occurrence_once(store):
    one, two = Outbox(store), Outbox(store)

    first, second = await asyncio.gather(
        one.owe("08:00", [notice("a")]), two.owe("08:00", [notice("other")])
    )

    assert sorted([first, second]) == [False, True]
    assert await one.length() == 1


async def test_the_same_id_is_owed_once_even_without_a_claim(outbox):
    await outbox.owe(None, [notice("a")])
    await outbox.owe(None, [notice("a")])

    assert await outbox.length() == 1


async def test_a_sent_message_is_never_sent_again(outbox):
    await outbox.owe(None, [notice("a")])
    [entry] = await lying(outbox)
    [begun] = await outbox.begin([entry], "t", None, AT)
    await outbox.settle([entry], "t", "m1", AT)

    [again] = await outbox.begin([entry], "other", None, AT)

    assert (begun.verdict, again.verdict) == ("send", "gone")
    assert await outbox.length() == 0
    assert (await outbox.delivery("a", HERE.key))["mid"] == "m1"


async def test_a_lost_answer_to_begin_is_asked_again(outbox):
    await outbox.owe(None, [notice("a")])
    [entry] = await lying(outbox)

    verdicts = [(await outbox.begin([entry], "t", None, AT))[0].verdict for _ in range(2)]

    assert verdicts == ["send", "send"]


async def test_while_one_sends_another_waits(outbox):
    await outbox.owe(None, [notice("a")])
    [entry] = await lying(outbox)
    await outbox.begin([entry], "one", None, AT)

    [other] = await outbox.begin([entry], "two", None, AT)

    assert other.verdict == "wait"
    assert timedelta() < other.wait <= outbox.lease


async def wrote(store, channel: Channel, *names: str) -> None:
    """One message of another process, with these debts."""
    other = Outbox(store)
    await other.owe(None, [notice(name, channel) for name in names])
    entries = [e for e in await lying(other) if e.owed.id in names]
    await other.begin(entries, "dead", None, AT)
    await other.settle(entries, "dead", "m", AT)


@pytest.mark.parametrize(
    ("windows", "waits"),
    [
        ([(1, 60.0)], True),
        ([(2, 60.0)], True),
        ([(1, 0.0), (3, 60.0)], False),
        ([], False),
    ],
    ids=["one", "two", "not yet three", "no limit"],
)
async def test_a_chat_rests_as_long_whoever_wrote_to_it_last(outbox, store, windows, waits):
    await wrote(store, OTHER, "a", "b", "c")
    await wrote(store, Channel("telegram", "-100", "5"), "d")  # another topic of the same chat
    await outbox.owe(None, [notice("next", OTHER)])

    [begun] = await outbox.begin(await lying(outbox), "t", None, AT, "", windows)

    assert begun.verdict == ("wait" if waits else "send")
    if waits:
        assert timedelta(seconds=50) < begun.wait <= timedelta(seconds=60)


async def test_no_other_chat_rests_with_it(outbox, store):
    await wrote(store, OTHER, "a")
    await outbox.owe(None, [notice("next")])

    [begun] = await outbox.begin(await lying(outbox), "t", None, AT, "", [(1, 60.0)])

    assert begun.verdict == "send"


async def test_what_may_have_arrived_counts_for_the_pace_too(outbox, store):
    await outbox.owe(None, [notice("a")])
    entries = await lying(outbox)
    await outbox.begin(entries, "t", None, AT)
    await outbox.postpone(entries, "t", AT, counts=True, unsure=True)

    [begun] = await Outbox(store).begin(entries, "u", None, AT, "", [(1, 60.0)])

    assert begun.verdict == "wait"


async def test_a_chat_that_was_told_to_wait_waits_whoever_sends_next(outbox, store):
    await outbox.owe(None, [notice("a")])
    [refused] = await lying(outbox)
    await outbox.begin([refused], "dead", None, AT)
    until = AT + timedelta(seconds=30)
    await outbox.postpone([refused], "dead", until, counts=False, unsure=False)
    await outbox.owe(None, [notice("older", at=AT - timedelta(hours=1))])
    older = [e for e in await lying(outbox) if e.owed.id == "older"]

    soon, then = [
        (await Outbox(store).begin(older, "next", None, at))[0]
        for at in (AT + timedelta(seconds=10), until)
    ]

    assert (soon.verdict, soon.wait) == ("wait", timedelta(seconds=20))
    assert then.verdict == "send"


@pytest.mark.parametrize(
    ("repeat_within", "verdict", "left"),
    [(None, "repeat", 1), (timedelta(minutes=1), "repeat", 1), (timedelta(), "unknown", 0)],
    ids=["an alert may repeat", "a nonce makes it safe for a while", "a briefing is given up"],
)
async def test_a_crash_while_sending(store, repeat_within, verdict, left):
    outbox = Outbox(store, lease=timedelta())  # runs out at once
    await outbox.owe(None, [notice("a")])
    [entry] = await lying(outbox)
    await outbox.begin([entry], "killed", repeat_within, AT)

    [begun] = await outbox.begin([entry], "next", repeat_within, AT)

    assert begun.verdict == verdict
    assert await outbox.length() == left
    assert [d.state for d in await outbox.dead()] == ["unknown"] * (1 - left)


async def test_who_lost_the_right_to_send_cannot_settle(store):
    outbox = Outbox(store, lease=timedelta())  # runs out at once
    await outbox.owe(None, [notice("a")])
    [entry] = await lying(outbox)
    await outbox.begin([entry], "slow", None, AT)
    await outbox.begin([entry], "next", None, AT)

    await outbox.settle([entry], "slow", "m1", AT)

    assert await outbox.length() == 1
    assert (await outbox.delivery("a", HERE.key))["st"] == "sending"


async def test_a_failed_try_waits_and_counts(outbox):
    await outbox.owe(None, [notice("a")])
    [entry] = await lying(outbox)
    await outbox.begin([entry], "t", None, AT)
    far = AT + timedelta(days=36_500)
    await outbox.postpone([entry], "t", far, counts=True, unsure=False)
    await outbox.postpone([entry], "t", far, counts=True, unsure=False)

    [begun] = await outbox.begin([entry], "u", None, AT)

    assert (begun.verdict, begun.tries) == ("wait", 1)


async def test_a_dead_letter_is_listed_and_resent(outbox):
    late = notice("a", expires=AT)
    await outbox.owe(None, [late])
    [entry] = await lying(outbox)
    await outbox.give_up([entry], "dead", "refused for a day", AT)

    [dead] = await outbox.dead()
    resent = [await outbox.resend("a"), await outbox.resend("a")]

    assert (dead.id, dead.channel, dead.state) == ("a", HERE.key, "dead")
    assert (dead.why, dead.at) == ("refused for a day", AT)
    assert resent == [True, False]
    assert [e.owed.expires for e in await lying(outbox)] == [None]
    assert await outbox.dead_count() == 0


async def test_a_rule_and_what_it_owes_are_saved_together(store, outbox):
    notebook = StoreNotebook(store)
    await notebook.add_rule(rule("7"))

    saved = await outbox.advance([change("7", 0, alert("a", "7")), change("8", 0)])
    stale = await outbox.advance([change("7", 5, alert("b", "7"))])

    assert (saved, stale) == ((True, False), (False,))
    [record] = await notebook.rules(HERE)
    assert record.state.version == 1
    assert [e.owed.id for e in await lying(outbox)] == ["a"]


async def test_two_processes_advance_a_rule_once(store):
    notebook = StoreNotebook(store)
    await notebook.add_rule(rule("7"))
    outboxes = [Outbox(store), Outbox(store)]

    await asyncio.gather(*(o.advance([change("7", 0, alert("a", "7"))]) for o in outboxes))

    assert await outboxes[0].length() == 1


async def test_where_the_last_alert_stands_is_known(outbox):
    await outbox.owe(None, [alert("a", "7")])
    [entry] = await lying(outbox)
    await outbox.begin([entry], "t", None, AT)
    await outbox.settle([entry], "t", "m1", AT)

    assert await outbox.message_of(HERE.key, "7") == "m1"
    assert await outbox.message_of(HERE.key, "8") is None
