import pytest

from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from handlers.command import Channel, ChannelKind, Request, UserError
from handlers.commands.deadletters import DEADLETTERS, RESEND
from handlers.words import Words
from tests.fakes import desk_without_sources

HERE = Channel("telegram", "1")
LETTERS = tuple(
    f"alert:telegram:-5:{n}:0 · telegram:-5 · 2030-03-06 12:00 UTC · dead: refused"
    for n in range(12)
)


def asked(command: str, text: str = "", **more) -> Request:
    args = tuple(text.split())
    return Request(
        command, args, text, HERE, ChannelKind.PRIVATE, "telegram:1", "Ada", Words(), **more
    )


@pytest.fixture
def desk(clock):
    return desk_without_sources(clock)


async def test_what_was_given_up_is_listed_with_a_button_each_for_the_newest(desk):
    desk.office.letters = LETTERS
    reply = await DEADLETTERS.run(asked("deadletters"), desk)

    assert reply.title == "Given up on: 12"
    assert len(reply.blocks[0].lines) == 11
    assert reply.blocks[0].lines[0][0].text == "alert:telegram:-5:0:0"
    assert reply.blocks[0].lines[10] == ("2 older ones",)
    assert reply.controls[0][0].command == "/resend alert:telegram:-5:0:0"
    assert reply.private


async def test_nothing_given_up_is_said(desk):
    assert (await DEADLETTERS.run(asked("deadletters"), desk)).title == "Nothing was given up on"


async def test_a_letter_is_sent_again(desk):
    desk.office.letters = LETTERS
    reply = await RESEND.run(asked("resend", "alert:telegram:-5:3:0"), desk)

    assert reply.title == "On its way again"


@pytest.mark.parametrize("typed", ["", "alert:nowhere:1"])
async def test_an_id_nobody_knows_is_refused_with_where_to_look(desk, typed):
    with pytest.raises(UserError) as refused:
        await RESEND.run(asked("resend", typed), desk)

    assert refused.value.example == "/deadletters"


@pytest.mark.parametrize("command", ["deadletters", "resend"])
async def test_only_the_owner_may_look(desk, command):
    dispatch = Dispatcher((DEADLETTERS, RESEND), desk, Metrics(), per_minute=30)

    refused = await dispatch(asked(command, admin=True))
    allowed = await dispatch(asked("deadletters", owner=True))

    assert "Only the owner" in str(refused.blocks)
    assert allowed.title == "Nothing was given up on"
