"""What people type and press on Telegram, and with which rights it is asked."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import CallbackQuery, InlineQuery, Message

from bot.transports.telegram_updates import Question, Questions, channel_of, message_name, split
from handlers.command import ChannelKind, Command, Right
from handlers.words import Words

ANN = {"id": 7, "is_bot": False, "first_name": "Ann", "last_name": "Lee", "language_code": "de"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Ann"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Traders"}
NEWS = {"id": -1003, "type": "channel", "title": "News"}
US = "our_bot"


def command(name, right=Right.ANYONE, aliases=()):
    return Command(name, f"/{name}", name, run=None, right=right, aliases=aliases)


COMMANDS = (
    command("price", aliases=("p",)), command("levels"), command("start"), command("mute", Right.ADMIN),
    command("resend", Right.OWNER),
)  # fmt: skip


class Rights:
    """Says who is an admin, and remembers how it was asked."""

    def __init__(self, *admins) -> None:
        self.admins, self.asked = admins, []

    async def may_manage(self, message):
        return message.from_user is None or message.from_user.id in self.admins

    async def is_admin(self, chat, user, *, fresh=False):
        self.asked.append((chat, user, fresh))
        return user in self.admins


async def words_for(channel, language):
    return Words(locale=language or "en")


def questions(*admins, owners=()) -> SimpleNamespace:
    rights = Rights(*admins)
    asked = Questions(COMMANDS, words_for, rights, frozenset(owners))
    return SimpleNamespace(q=asked, rights=rights)


def message(text="/price btc", chat=PRIVATE, **more) -> Message:
    told = {"message_id": 5, "date": 1, "chat": chat, "from": ANN, "text": text} | more
    return Message.de_json({k: v for k, v in told.items() if v is not None}, None)


def press(stands, user=ANN) -> CallbackQuery:
    query = {"id": "1", "from": user, "chat_instance": "1", "data": "e:x", "message": stands.to_dict()}  # fmt: skip
    return CallbackQuery.de_json(query, None)


@pytest.mark.parametrize(
    ("text", "chat", "means"),
    [
        ("/price btc", GROUP, Question("price", "btc")),
        ("/PRICE@Our_Bot  btc\neth", GROUP, Question("price", "btc\neth")),
        ("/price@other_bot btc", GROUP, None),
        ("/price_btc", GROUP, Question("price_btc", "")),
        ("/price,btc", GROUP, None),
        ("/price,btc", PRIVATE, Question("price,btc", "")),
        ("price btc", GROUP, None),
        ("price btc", PRIVATE, Question("price", "btc")),
        ("P btc", PRIVATE, Question("p", "btc")),
        ("Good morning", PRIVATE, Question("good", "morning")),
        ("good morning", GROUP, None),
        ("hello /price", GROUP, None),
        ("/", GROUP, None),
        (None, PRIVATE, None),
        ("/start levels-ETH", PRIVATE, Question("levels", "ETH")),
        ("/start price-btc-usd", PRIVATE, Question("price", "btc usd")),
        ("/start mute-1h", PRIVATE, Question("start", "mute-1h")),
        ("/start resend-1", PRIVATE, Question("start", "resend-1")),
        ("/start", PRIVATE, Question("start", "")),
    ],
)
def test_what_is_a_question_to_us(text, chat, means):
    assert questions().q.asked(message(text, chat), US) == means


@pytest.mark.parametrize(
    "more",
    [
        {"via_bot": {"id": 9, "is_bot": True, "first_name": "b"}},
        {"forward_origin": {"type": "user", "date": 1, "sender_user": ANN}},
    ],
    ids=["through another bot", "forwarded"],
)
def test_the_words_of_others_are_no_questions(more):
    assert questions().q.asked(message("/price btc", **more), US) is None


@given(st.text(max_size=80))
def test_no_words_break_the_reading(text):
    found = questions().q.asked(message(text or "x", GROUP), US)
    assert found is None or found.command == found.command.lower()
    assert " " not in split(text).command


async def test_a_typed_question_carries_who_where_and_in_which_language():
    asked = questions(7, owners=("telegram:7",))
    request = await asked.q.typed(message(chat=GROUP), Question("price", "btc  usd"))

    assert (request.command, request.args, request.text) == ("price", ("btc", "usd"), "btc  usd")
    assert (request.channel.key, request.kind) == ("telegram:-1001", ChannelKind.GROUP)
    assert (request.user, request.user_name, request.channel_name) == ("7", "Ann Lee", "Traders")
    assert request.words.locale == "de"
    assert (request.admin, request.owner, request.pressed) == (True, True, False)


@pytest.mark.parametrize(
    ("more", "user", "name"),
    [
        ({}, "7", "Ann Lee"),
        ({"sender_chat": GROUP}, "-1001", "Traders"),
        ({"from": None, "sender_chat": NEWS, "chat": NEWS}, "-1003", "News"),
        ({"from": None, "chat": NEWS}, "-1003", "News"),
    ],
    ids=["a person", "as the group", "a channel", "a channel that says no more"],
)
async def test_who_asks_is_who_is_shown(more, user, name):
    more = {"chat": GROUP} | more
    request = await questions().q.typed(message(**more), Question("price", ""))

    assert (request.user, request.user_name) == (user, name)


@pytest.mark.parametrize(("admins", "may"), [((7,), True), ((), False)])
async def test_rights_are_asked_anew_when_a_button_is_pressed(admins, may):
    asked = questions(*admins)
    query = press(message(chat=GROUP))
    request = await asked.q.pressed(query, channel_of(query.message), "/mute 1h")

    assert (request.command, request.text, request.admin) == ("mute", "1h", may)
    assert (request.pressed, request.message) == (True, "5")
    assert asked.rights.asked == [(-1001, 7, True)]


async def test_in_private_everybody_is_at_home():
    asked = questions()
    query = press(message())

    assert (await asked.q.pressed(query, channel_of(query.message), "mute 1h")).admin
    assert asked.rights.asked == []


async def test_an_inline_question_has_nobodys_rights():
    asked = questions(7, owners=("telegram:7",))
    query = InlineQuery.de_json({"id": "1", "from": ANN, "query": "btc", "offset": ""}, None)
    request = await asked.q.inline(query, Question("price", "btc"))

    assert request.kind is ChannelKind.FOREIGN
    assert not request.admin
    assert not request.owner


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({}, "telegram:-1001"),
        ({"message_thread_id": 45, "is_topic_message": True}, "telegram:-1001/45"),
        ({"message_thread_id": 1, "is_topic_message": True}, "telegram:-1001"),
        ({"message_thread_id": 45}, "telegram:-1001"),
    ],
    ids=["no topic", "a topic", "the General topic", "a thread of replies"],
)
def test_a_topic_is_a_place_of_its_own(more, key):
    assert channel_of(message(chat=GROUP, **more)).key == key


def test_a_picture_is_known_by_its_name():
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]

    assert message_name(message()) == "5"
    assert message_name(message(text=None, photo=photo)) == "5:photo"
