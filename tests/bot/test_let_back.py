"""A chat that could not be written to hears, once it is back, of everything that was due to it meanwhile."""

from datetime import timedelta

import pytest

from bot.let_back import LetBack
from bot.notebook import StoreNotebook
from bot.owed import RuleChange
from bot.refused import plain_words
from bot.transport import DeliveryError
from handlers.rule import Fire, Phase, RuleState, Transition
from tests.bot.owing import AT, HERE, alert, briefing, lying, notice
from tests.bot.test_delivery import Loopback, empty, until
from tests.bot.test_digest import Chat
from tests.fakes import Clock


class Reading(Loopback):
    """What was read there, whole."""

    def __init__(self) -> None:
        super().__init__()
        self.replies = []

    async def send(self, channel, reply, *, nonce=None, silent=False):
        sent = await super().send(channel, reply, nonce=nonce, silent=silent)
        self.replies.append(reply)
        return sent


@pytest.fixture
def clock() -> Clock:
    return Clock(AT)


@pytest.fixture
def chat(store, clock) -> Chat:
    made = Chat(store, clock)
    made.discord = Reading()
    return made


def lines(reply) -> list[str]:
    parts = [line for block in reply.blocks for line in block.lines]
    return ["".join(p if isinstance(p, str) else p.text for p in line) for line in parts]


async def fires(chat: Chat, rule: str, version: int, *before: Fire) -> tuple[Fire, ...]:
    """Once more, as the watch saves it."""
    now = chat.clock()
    history = (*before, Fire(now, 69_000.0 - version))
    state = RuleState(Phase.FIRING, now, fires=history, version=version)
    debt = alert(f"alert:{rule}:{version}", rule, at=now, expires=now + timedelta(hours=6))
    assert await chat.outbox.advance([RuleChange(HERE.key, rule, version, state, debt)])
    return history


async def back(chat: Chat) -> bool:
    return await LetBack(StoreNotebook(chat.store), plain_words, chat.clock)(HERE)


async def test_a_chat_that_is_back_is_told_once_what_it_missed(chat, clock):
    await chat.rule("1", "BTC")
    await chat.rule("2", "ETH")
    known = (Fire(AT - timedelta(days=1), 69_500.0),)
    await chat.notebook.pause(HERE, "bot was kicked")
    async with chat.delivering():
        for version in range(5):
            known = await fires(chat, "1", version, *known)
            clock.advance(hours=1)
        await fires(chat, "2", 0)
        await chat.outbox.owe(None, [briefing("b"), notice("n")])
        await empty(chat.outbox)
        while_away = (chat.read, await chat.outbox.dead())
        came = [await back(chat), await back(chat)]
        await until(lambda: chat.read)
        await empty(chat.outbox)

    assert while_away == ([], ())
    assert came == [True, False]
    assert chat.read == ["Missed while I could not write here"]
    assert lines(chat.discord.replies[0]) == [
        "Since Wed 6 Mar 12:00 UTC I could not write here: bot was kicked.",
        "Messages about alerts: 6",
        "Briefings: 1",
        "Other messages: 1",
        "#2 ETH below $70,000: fired 1 ×, last Wed 6 Mar 17:00 UTC ($69,000)",
        "#1 BTC below $70,000: fired 5 ×, last Wed 6 Mar 16:00 UTC ($68,996)",
    ]


async def test_what_met_the_refusal_itself_is_told_too(chat):
    await chat.rule("1", "BTC")
    chat.discord.errors["1"] = [DeliveryError("missing access", permanent=True)]
    await fires(chat, "1", 0)
    async with chat.delivering():
        await empty(chat.outbox)
        await back(chat)
        await until(lambda: ("1", "Missed while I could not write here") in chat.discord.sent)

    assert await chat.outbox.dead() == ()


async def test_a_chat_that_missed_nothing_is_told_nothing(chat):
    await chat.notebook.pause(HERE, "bot was kicked")

    assert await back(chat)
    assert await chat.outbox.length() == 0


async def test_a_digest_names_ten_alerts_and_where_the_others_are(chat):
    for number in range(12):
        await chat.rule(str(number), "BTC")
        await fires(chat, str(number), 0)
    await chat.notebook.pause(HERE, "bot was kicked")
    async with chat.delivering():
        await empty(chat.outbox)
        await back(chat)
        await until(lambda: chat.read)
    said = lines(chat.discord.replies[0])

    assert sum(line.startswith("#") for line in said) == 10
    assert said[-1] == "Everything that fired: /alert history"


async def test_what_is_withheld_twice_after_a_lost_answer_counts_once(chat):
    await chat.rule("1", "BTC")
    await fires(chat, "1", 0)
    await chat.notebook.pause(HERE, "bot was kicked")
    [entry] = await lying(chat.outbox)
    done = [await chat.outbox.withhold([entry], "bot was kicked", AT) for _ in range(2)]

    assert done == [True, True]
    assert '"withheld:all": 1' in await chat.notebook.export(HERE)


async def test_nothing_is_withheld_from_a_chat_that_was_let_back_meanwhile(chat):
    await chat.rule("1", "BTC")
    await fires(chat, "1", 0)
    [entry] = await lying(chat.outbox)

    assert not await chat.outbox.withhold([entry], "bot was kicked", AT)
    assert await chat.outbox.length() == 1


async def test_a_recovery_alone_is_told_as_missed(chat):
    await chat.rule("1", "BTC")
    await chat.notebook.pause(HERE, "bot was kicked")
    await chat.tells("1", 0, Transition.RESOLVED)
    async with chat.delivering():
        await empty(chat.outbox)
        await back(chat)
        await until(lambda: chat.read)

    assert lines(chat.discord.replies[0])[1:] == ["Messages about alerts: 1"]
