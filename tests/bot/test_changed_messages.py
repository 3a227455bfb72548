"""What follows a message that stands in the chat changes it, and is told anew where it stands no more."""

from datetime import timedelta

import pytest

from bot.transport import DeliveryError
from handlers.rule import Transition
from tests.bot.owing import AT
from tests.bot.test_delivery import empty, until
from tests.bot.test_digest import Chat, Reader
from tests.fakes import Clock


class Torn(Reader):
    """Lets no message be changed."""

    def __init__(self, error: DeliveryError) -> None:
        super().__init__()
        self.error, self.asked = error, []

    async def edit(self, channel, message, reply):
        self.asked.append(message)
        raise self.error


@pytest.fixture
def clock() -> Clock:
    return Clock(AT)


async def fired(store, clock, discord=None) -> Chat:
    """A chat in which an alert of BTC stands."""
    chat = Chat(store, clock)
    chat.discord = discord or chat.discord
    await chat.rule("1", "BTC")
    await chat.rule("2", "ETH")
    await chat.tells("1", 0, Transition.FIRED)
    async with chat.delivering():
        await empty(chat.outbox)
    clock.advance(minutes=40)
    return chat


async def test_a_recovery_changes_the_message_and_is_told_in_short(store, clock):
    chat = await fired(store, clock)
    await chat.tells("1", 1, Transition.RESOLVED, 71_500.0)
    async with chat.delivering():
        await empty(chat.outbox)

    assert chat.read[1:] == ["Recovered 12:40 UTC"] * 2
    assert len(chat.messages) == 2  # the other was an edit


async def test_where_the_message_was_deleted_the_recovery_is_one_new_message_at_once(store, clock):
    chat = await fired(store, clock, Torn(DeliveryError("the message is gone", gone=True)))
    await chat.tells("1", 1, Transition.RESOLVED, 71_500.0)
    async with chat.delivering():
        await empty(chat.outbox)
    await chat.tells("2", 0, Transition.FIRED)
    async with chat.delivering():
        await empty(chat.outbox)

    assert chat.read[1:] == ["Recovered 12:40 UTC", "ETH broke $70,000 ↓ — $69,000"]
    assert "BTC below $70,000" in chat.messages[1]
    assert chat.discord.rang == [True, False, True]


async def test_what_comes_after_a_deleted_message_changes_the_new_one(store, clock):
    chat = await fired(store, clock, Torn(DeliveryError("the message is gone", gone=True)))
    for version in (1, 2):
        await chat.tells("1", version, Transition.AGAIN)
        async with chat.delivering():
            await empty(chat.outbox)

    assert chat.discord.asked == ["1", "2"]


async def test_a_message_that_will_not_be_changed_holds_up_no_other_for_long(store, clock):
    chat = await fired(store, clock, Torn(DeliveryError("no text to edit")))
    await chat.tells("1", 1, Transition.AGAIN)
    tries = 0
    while await chat.outbox.length() and tries < 10:
        tries, asked = tries + 1, len(chat.discord.asked)
        async with chat.delivering():
            await until(lambda n=asked: len(chat.discord.asked) > n or len(chat.read) > 1)
        clock.advance(seconds=6)
    await chat.tells("2", 0, Transition.FIRED)
    async with chat.delivering():
        await empty(chat.outbox)

    assert [title.split()[0] for title in chat.read] == ["BTC", "BTC", "ETH"]
    assert clock() - AT < timedelta(minutes=41)
