"""A chat set up from the private chat of somebody who manages it, and of nobody else."""

import pytest

from bot.dispatch import Dispatcher
from bot.elsewhere import Elsewhere, Place
from bot.metrics import Metrics
from bot.render.text import plain
from handlers.command import Channel, ChannelKind, Request
from handlers.commands import COMMANDS
from handlers.words import Words
from tests.fakes import desk_without_sources

NEWS, HOME = Channel("telegram", "-1003"), Channel("telegram", "7")


@pytest.fixture
def desk(clock):
    return desk_without_sources(clock)


class Chats:
    """One channel, @news, and who manages it."""

    def __init__(self) -> None:
        self.admins = {"7"}
        self.asked = []

    async def find(self, named, user):
        self.asked.append((named, user))
        known = named in ("@news", "@-1003") and user in self.admins
        return Place(NEWS, ChannelKind.BROADCAST, "News") if known else None


@pytest.fixture
def chats():
    return Chats()


@pytest.fixture
def say(desk, chats):
    dispatch = Dispatcher(COMMANDS, desk, Metrics(), per_minute=1000)
    elsewhere = Elsewhere(dispatch, COMMANDS, chats.find)

    async def said(line, kind=ChannelKind.PRIVATE, user="7", here=HOME):
        name, _, rest = line.partition(" ")
        request = Request(
            name, tuple(rest.split()), rest, here, kind, user, "Ann", Words(),
            admin=kind is ChannelKind.GROUP,
        )  # fmt: skip
        return await elsewhere(request)

    return said


def commands(reply) -> list[str]:
    return [control.command for row in reply.controls for control in row]


async def test_a_channel_is_subscribed_from_its_admins_private_chat(say, desk):
    reply = await say("subscribe @news brief 08:00 Europe/Berlin")

    (kept,) = await desk.notebook.subscriptions(NEWS)
    assert (kept.channel, kept.created_by) == ("telegram:-1003", "7")
    assert reply.title == "News › Subscribed: briefing at 08:00"
    assert await desk.notebook.subscriptions(HOME) == ()


async def test_what_is_typed_and_pressed_next_is_about_the_channel_too(say):
    reply = await say("subscribe @news brief 08:00")

    assert "/unsubscribe @news 1" in plain(reply)
    assert commands(reply) == ["subscribe @-1003 test", "unsubscribe @-1003 1"]
    listed = await say("subscribe @-1003")
    assert "subscribe @-1003 brief {answer}" in commands(listed)


async def test_a_name_copied_from_our_own_example_is_understood(say, desk):
    reply = await say("subscribe @\u2060news alerts")

    assert "/unsubscribe @news 1" in plain(reply)
    assert await desk.notebook.subscriptions(NEWS)


async def test_the_channels_language_is_kept_in_the_channel(say, desk):
    await say("subscribe @news alerts")

    assert (await desk.notebook.preferences(NEWS)).language == "en"
    assert (await desk.notebook.preferences(HOME)).language is None


@pytest.mark.parametrize(
    "line",
    ["subscribe @news alerts", "unsubscribe @-1003 all", "alert @news btc 70k", "mute @news 1h",
     "settings @news zone UTC", "subscribe @nobody", "subscribe @"],
)  # fmt: skip
async def test_whoever_does_not_manage_it_is_told_the_same_as_of_no_chat_at_all(
    say, chats, desk, line
):
    chats.admins.clear()

    reply = await say(line)

    assert reply.title == "That did not work"
    assert "I know no chat @" in plain(reply)
    assert await desk.notebook.subscriptions(NEWS) == ()
    assert await desk.notebook.rules(NEWS) == ()


async def test_rights_are_asked_at_every_step(say, chats):
    for line in ("subscribe @news", "subscribe @news alerts", "unsubscribe @news alerts"):
        await say(line)

    assert chats.asked == [("@news", "7")] * 3


async def test_in_a_group_nobody_speaks_for_another_chat(say, chats, desk):
    reply = await say("subscribe @news alerts", kind=ChannelKind.GROUP)

    assert "not “@news”" in plain(reply)
    assert chats.asked == []
    assert await desk.notebook.subscriptions(NEWS) == ()


async def test_what_is_asked_of_the_market_knows_no_chats(say, chats):
    await say("price @news")

    assert chats.asked == []


async def test_an_alert_of_the_channel_is_set_with_the_words_after_its_name(say, desk):
    reply = await say("alert @news  btc liqs > 500M 24h")

    (record,) = await desk.notebook.rules(NEWS)
    assert record.rule.value == 500_000_000
    assert reply.title.startswith("News › ")
    assert all(" @-1003" in c for c in commands(reply) if c.startswith("alert"))
