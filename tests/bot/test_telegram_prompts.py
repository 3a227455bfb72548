"""A line of text that we asked for: replied to, or simply written next in private."""

from types import SimpleNamespace

import pytest
from fakeredis import FakeAsyncRedis
from redis.exceptions import ConnectionError as Down
from telegram import CallbackQuery, Message

from bot.buttons import Buttons
from bot.transport import at_once
from bot.transports.telegram_prompts import Prompts
from bot.transports.telegram_updates import Question
from handlers.command import Channel
from handlers.reply import Prompt, Reply, Tone

US = 99
ANN = {"id": 7, "is_bot": False, "first_name": "Ann <b>"}
BOT = {"id": US, "is_bot": True, "first_name": "Rig"}
HOME = {"id": 7, "type": "private", "first_name": "Ann"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Traders"}
CITY = Prompt("Zone", "Time <zone>", "Your city", "settings zone {answer}", "B" * 80)
WRONG = Reply("That did not work", tone=Tone.WARNING, private=True)


class Sending:
    """Numbers what it is given to say."""

    def __init__(self) -> None:
        self.said = []

    async def say(self, channel, html, markup):
        self.said.append((channel.key, html, markup))
        return SimpleNamespace(message_id=40 + len(self.said))


@pytest.fixture
def sending():
    return Sending()


@pytest.fixture
def prompts(sending):
    return Prompts(sending, Buttons(FakeAsyncRedis(), lambda: 0.0), at_once, str(US))


def message(text, chat=HOME, to=None, by=BOT) -> Message:
    told = {"message_id": 50, "date": 1, "chat": chat, "from": ANN, "text": text}
    if to is not None:
        told["reply_to_message"] = {"message_id": to, "date": 1, "chat": chat, "from": by}
    return Message.de_json(told, None)


async def put(prompts, chat):
    stands = message("x", chat).to_dict()
    query = {"id": "1", "from": ANN, "chat_instance": "1", "data": "p:x", "message": stands}
    await prompts.put(
        CallbackQuery.de_json(query, None), Channel("telegram", str(chat["id"])), CITY
    )


async def test_the_question_names_who_pressed_in_a_group_and_escapes_every_word(prompts, sending):
    await put(prompts, HOME)
    await put(prompts, GROUP)

    (_, private, markup), (_, group, _) = sending.said
    assert private == "<b>Time &lt;zone&gt;</b>\nYour city"
    assert group == f'<a href="tg://user?id=7">Ann &lt;b&gt;</a>, {private}'
    assert markup.selective
    assert len(markup.input_field_placeholder) == 64


@pytest.mark.parametrize("chat", [HOME, GROUP], ids=["private", "group"])
async def test_a_reply_goes_where_the_question_said(prompts, chat):
    await put(prompts, chat)
    answer = message("New\n  York", chat, to=41)

    expected = await prompts.replied(answer)
    assert expected.answered(answer) == Question("settings", "zone New York")


@pytest.mark.parametrize(
    "answer",
    [
        message("Berlin", to=40),
        message("/price btc", to=41),
        message("Berlin", to=41, by=ANN),
        message("Berlin"),
    ],
    ids=["to another question", "a command", "to somebody else", "to nothing"],
)
async def test_what_is_no_reply_to_our_question_is_none(prompts, answer):
    await put(prompts, HOME)

    assert await prompts.replied(answer) is None


async def test_what_is_written_next_in_private_is_the_answer_and_only_that(prompts):
    await put(prompts, HOME)

    assert await prompts.followed(message("/price btc")) is None
    assert (await prompts.followed(message("Berlin"))).command == CITY.command
    assert await prompts.followed(message("thanks")) is None


async def test_in_a_group_only_a_reply_is_an_answer(prompts):
    await put(prompts, GROUP)

    assert await prompts.followed(message("Berlin", GROUP)) is None


async def test_a_wrong_answer_may_be_followed_by_one_more(prompts):
    here = Channel("telegram", "7")
    await put(prompts, HOME)
    first = await prompts.followed(message("whenever"))
    await prompts.again(here, first, WRONG)
    second = await prompts.followed(message("you choose"))
    assert second.command == first.command
    await prompts.again(here, second, WRONG)
    assert await prompts.followed(message("never mind")) is None


@pytest.mark.parametrize("reply", [Reply("Zone: Europe/Berlin"), Reply("x", private=True), None])
async def test_a_right_answer_ends_the_question(prompts, reply):
    await put(prompts, HOME)
    await prompts.again(Channel("telegram", "7"), await prompts.followed(message("Berlin")), reply)

    assert await prompts.followed(message("thanks")) is None


async def test_without_the_store_words_are_words(sending):
    class NoStore(FakeAsyncRedis):
        async def execute_command(self, *_, **__):
            raise Down

    prompts = Prompts(sending, Buttons(NoStore(), lambda: 0.0), at_once, str(US))

    assert await prompts.replied(message("Berlin", to=41)) is None
    assert await prompts.followed(message("Berlin")) is None
