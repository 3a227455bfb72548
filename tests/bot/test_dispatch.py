"""A question always gets an answer, or silence where it was not for us."""

import pytest

from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from handlers.command import Channel, ChannelKind, Command, Request, Right, UserError
from handlers.reply import Button, Reply
from handlers.words import Words
from providers.errors import RateLimited
from tests.fakes import Clock, desk_without_sources


def ask(command: str, *args: str, kind=ChannelKind.PRIVATE, admin=False, user="7") -> Request:
    return Request(
        command,
        args,
        " ".join(args),
        Channel("console", "1"),
        kind,
        user,
        "Ann",
        Words(),
        admin=admin,
    )


async def hello(request, desk):
    return Reply(f"Hello {request.user_name}")


async def breaks(request, desk):
    raise RuntimeError("secret token 123")


async def refuses(request, desk):
    raise UserError("I need a price.")


async def asks_back(request, desk):
    raise UserError("Two of that name.", controls=(Button("One", "hello one"),))


async def blind(request, desk):
    raise RateLimited("binance", "429 with a secret")


COMMANDS = (
    Command("hello", "/hello", "Say hello", hello),
    Command("breaks", "/breaks", "Break", breaks),
    Command("refuses", "/refuses PRICE", "Refuse", refuses, examples=("/refuses 70000",)),
    Command("which", "/which", "Ask back", asks_back),
    Command("blind", "/blind", "How it stands", blind, fact="Price"),
    Command("setup", "/setup", "Set up", hello, group="Settings", right=Right.ADMIN),
    Command("resend", "/resend", "Send again", hello, group="Settings", right=Right.OWNER),
)


@pytest.fixture
def dispatch(clock: Clock) -> Dispatcher:
    return Dispatcher(COMMANDS, desk_without_sources(clock), Metrics(), per_minute=5)


def shown(reply: Reply) -> str:
    return f"{reply.title} {reply.blocks}"


async def test_a_known_command_is_answered(dispatch):
    assert await dispatch(ask("hello")) == Reply("Hello Ann")


async def test_an_unknown_command_in_private_names_the_nearest(dispatch):
    reply = await dispatch(ask("helo"))

    assert "“helo”" in shown(reply)
    assert "/hello" in shown(reply)


async def shows(request, desk):
    return Reply(f"Price of {request.text}")


async def test_an_asset_alone_asks_for_its_price_in_private_and_nothing_in_a_group(clock):
    price = Command("price", "/price", "Price", shows)
    dispatch = Dispatcher((price,), desk_without_sources(clock), Metrics(), per_minute=50)

    assert await dispatch(ask("eth")) == Reply("Price of eth")
    assert await dispatch(ask("eth", kind=ChannelKind.GROUP)) is None
    assert "/alert btc 70k" in shown(await dispatch(ask("btc", "70k")))
    assert "/help" in shown(await dispatch(ask("good", "morning")))


async def test_an_unknown_command_in_a_group_is_for_another_bot(dispatch):
    assert await dispatch(ask("ban", kind=ChannelKind.GROUP)) is None


async def test_a_user_error_is_shown_with_an_example(dispatch):
    reply = await dispatch(ask("refuses"))

    assert "I need a price." in shown(reply)
    assert "/refuses 70000" in shown(reply)


async def test_a_question_back_can_be_answered_with_a_press(dispatch):
    reply = await dispatch(ask("which"))

    assert reply.title == "Which one?"
    assert [[b.command for b in row] for row in reply.controls] == [["hello one"]]
    assert "Try:" not in shown(reply)


async def test_our_own_bug_is_told_without_its_text(dispatch):
    reply = await dispatch(ask("breaks"))

    assert "Something broke on my side" in shown(reply)
    assert "secret" not in shown(reply)


async def test_a_silent_source_is_named_without_its_text(dispatch):
    reply = await dispatch(ask("blind"))

    assert "Price: no data (binance asks us to wait)" in shown(reply)
    assert "secret" not in shown(reply)


async def test_settings_are_for_admins(dispatch):
    refused = await dispatch(ask("setup"))
    allowed = await dispatch(ask("setup", admin=True))

    assert "Only admins" in shown(refused)
    assert allowed.title == "Hello Ann"


async def test_an_admin_of_a_chat_is_no_owner_of_the_bot(dispatch):
    assert "Only the owner" in shown(await dispatch(ask("resend", admin=True)))


async def test_a_flood_of_questions_gets_a_kind_answer_and_others_are_not_held_up(dispatch):
    for _ in range(5):
        await dispatch(ask("hello"))

    assert "One moment" in shown(await dispatch(ask("hello")))
    assert await dispatch(ask("hello", user="8")) == Reply("Hello Ann")


async def test_a_flood_is_answered_once_a_minute_and_then_with_silence(dispatch, clock):
    for _ in range(5):
        await dispatch(ask("hello"))

    said = [await dispatch(ask(word)) for word in ("hello", "breaks", "nonsense", "hello")]
    assert [reply is not None for reply in said] == [True, False, False, False]
    clock.advance(seconds=59)
    assert await dispatch(ask("hello")) is None
    clock.advance(seconds=2)
    assert "One moment" in shown(await dispatch(ask("hello")))


async def test_a_crowd_that_floods_a_chat_is_answered_once(dispatch):
    for n in range(15):
        await dispatch(ask("hello", user=str(n)))

    said = [await dispatch(ask("hello", user=str(n))) for n in range(20, 30)]
    assert [reply for reply in said if reply is not None] == said[:1]


async def test_whoever_may_not_do_it_floods_no_less(dispatch):
    for _ in range(5):
        await dispatch(ask("setup"))

    assert "One moment" in shown(await dispatch(ask("setup")))


async def test_ten_thousand_characters_are_too_long(dispatch):
    assert "too long" in shown(await dispatch(ask("hello", "x" * 10_000)))


async def test_help_lists_what_the_asker_may_use(dispatch):
    reader, admin = await dispatch(ask("help")), await dispatch(ask("help", admin=True, user="9"))

    assert "/hello" in shown(reader)
    assert "/setup" not in shown(reader)
    assert "/setup" in shown(admin)
    assert "/resend" not in shown(admin)


async def test_help_for_one_command_shows_examples(dispatch):
    assert "/refuses 70000" in shown(await dispatch(ask("help", "/refuses")))
