"""What stands under a message on Telegram, and under an answer that was handed on."""

import pytest
from fakeredis import FakeAsyncRedis

from bot.buttons import Buttons
from bot.transports.telegram_inline import opener
from bot.transports.telegram_keyboard import Myself, keyboard
from bot.transports.telegram_updates import Question
from handlers.command import Channel
from handlers.commands import COMMANDS
from handlers.reply import Button, Invite, Reply, Share
from tests.fakes import desk_without_sources
from tests.handlers.commands.asking import ask

HERE = Channel("telegram", "7")
SHARE = Share("Share", "levels btc")
ME = Myself("our_bot", inline=True)


@pytest.fixture
def buttons():
    return Buttons(FakeAsyncRedis(), lambda: 0.0)


def labels(markup) -> list[list[str]]:
    return [[button.text for button in row] for row in markup.inline_keyboard]


def row(*names: str) -> tuple[Button, ...]:
    return tuple(Button(name, name) for name in names)


async def test_an_answer_is_shared_by_a_choice_of_chats(buttons):
    drawn = await keyboard(Reply("BTC", controls=(row("a"),), share=SHARE), HERE, buttons, ME)  # fmt: skip

    chosen = drawn.inline_keyboard[-1][-1].switch_inline_query_chosen_chat
    assert labels(drawn) == [["a", "Share"]]
    assert chosen.query == "levels btc"
    assert chosen.allow_user_chats
    assert chosen.allow_group_chats
    assert chosen.allow_channel_chats
    assert not chosen.allow_bot_chats


async def test_sharing_never_makes_a_row_too_wide_for_a_phone(buttons):
    full = Reply("BTC", controls=(row("a", "b", "c", "d"),), share=SHARE)

    assert labels(await keyboard(full, HERE, buttons, ME)) == [
        ["a", "b", "c", "d"],
        ["Share"],
    ]


async def test_a_bot_without_inline_mode_offers_no_sharing(buttons):
    """Telegram would refuse the whole message."""
    assert await keyboard(Reply("BTC", share=SHARE), HERE, buttons) is None


async def test_links_let_us_into_a_group_or_a_channel_with_the_one_right_we_need(buttons):
    reply = Reply("Hello", controls=(row("a"),), invite=Invite("To a group", "To a channel"))

    drawn = await keyboard(reply, HERE, buttons, Myself("our_bot"))
    assert labels(drawn) == [["a"], ["To a group", "To a channel"]]
    assert [button.url for button in drawn.inline_keyboard[1]] == [
        "https://t.me/our_bot?startgroup",
        "https://t.me/our_bot?startchannel&admin=post_messages",
    ]
    assert labels(await keyboard(reply, HERE, buttons)) == [["a"]]


@pytest.mark.parametrize(
    ("question", "url"),
    [
        (Question("levels", "eth"), "https://t.me/our_bot?start=levels-eth"),
        (Question("brief", "btc weekly"), "https://t.me/our_bot?start=brief-btc-weekly"),
        (Question("price", "₿"), None),
        (Question("news", "x" * 70), None),
    ],
)
def test_a_shared_answer_leads_back_to_its_question(question, url):
    markup = opener("our_bot", question, "Ask me")

    assert (markup.inline_keyboard[0][0].url if markup else None) == url


async def test_a_briefing_that_was_asked_for_can_be_shared(clock):
    brief = next(c for c in COMMANDS if c.name == "brief")

    reply = await ask(brief, desk_without_sources(clock), "eth weekly")

    assert reply.share == Share("Share", "brief eth weekly")
