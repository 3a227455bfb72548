"""Who writes in a group under another name than their own: anonymous admins, the linked channel, other channels."""

import asyncio

import pytest
import pytest_asyncio

from handlers.command import Channel
from tests.conformance.home import ANN, ANONYMOUS, BOB, CAT, opened, said

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]

DEE = 24
GROUP, OTHER, LINKED, FOREIGN = -1201, -1202, -1203, -1204
CHANNEL_BOT = 136817688  # in whose name Telegram shows what channels write in groups


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(shared, tmp_path_factory):
    async with opened(shared, tmp_path_factory.mktemp("senders")) as home:
        rig = home.telegram.rig
        rig.add_user(CHANNEL_BOT, "Channel", "Channel_Bot")
        members = {ANN: "administrator", BOB: "member", DEE: "restricted"}
        for chat in (GROUP, OTHER):
            rig.add_chat(chat, "supergroup", "Traders", members=members)
        for chat, name in ((LINKED, "Our news"), (FOREIGN, "Their news")):
            rig.add_chat(chat, "channel", name, members={CAT: "creator"}, bot_status="left")
        rig.chats[GROUP]["head"]["linked_chat_id"] = LINKED
        yield home
        assert rig.violations == []
        assert home.discord.rig.violations == []
        assert home.discord.rig.timings()["pending"] == []


def written_as(home, chat):
    return {"sender_chat": dict(home.telegram.rig.chats[chat]["head"])}


@pytest.mark.parametrize(
    ("chat", "user", "sender", "may"),
    [
        pytest.param(GROUP, ANONYMOUS, GROUP, True, id="an anonymous admin"),
        pytest.param(GROUP, CHANNEL_BOT, LINKED, True, id="the linked channel"),
        pytest.param(GROUP, CHANNEL_BOT, FOREIGN, False, id="somebody's own channel"),
        pytest.param(OTHER, CHANNEL_BOT, LINKED, False, id="a channel linked to another group"),
        pytest.param(OTHER, ANONYMOUS, GROUP, False, id="another group"),
        pytest.param(GROUP, ANONYMOUS, None, False, id="the anonymous bot as itself"),
        pytest.param(GROUP, ANN, None, True, id="an admin under her own name"),
        pytest.param(GROUP, BOB, None, False, id="a member"),
        pytest.param(GROUP, DEE, None, False, id="a member of whom the server says too little"),
    ],
)
async def test_who_may_change_a_group(home, chat, user, sender, may):
    extra = written_as(home, sender) if sender else None

    for line in ("/subscribe alerts", "/mute 1h", "/settings", "/alert add btc liqs > 500M 24h"):
        told = await home.telegram.ask(chat, user, line, extra=extra)
        if line.startswith("/alert"):
            continue  # what a chat lets everybody do
        assert ("Only admins" not in said(told)) is may

    where = Channel("telegram", str(chat))
    assert bool(await home.app.notebook.subscriptions(where)) is may
    assert bool((await home.app.notebook.preferences(where)).muted_until) is may
    await home.app.notebook.forget(where)


async def test_an_anonymous_admin_presses_under_the_own_name(home):
    """Telegram hides who writes; who presses a button it tells."""
    extra = written_as(home, GROUP)
    panel = await home.telegram.ask(GROUP, ANONYMOUS, "/settings", extra=extra)

    refused = await home.telegram.press(panel, "Quiet hours", BOB)
    opened_page = await home.telegram.press(panel, "Quiet hours", ANN)

    assert "Only admins" in refused["text"]
    assert "Quiet hours" in said(opened_page).split("\n")[0]


async def test_when_telegram_does_not_say_what_is_linked_the_channel_is_a_stranger(home):
    home.telegram.rig.add_chat(
        -1205, "supergroup", "New", members={ANN: "creator"}
    )["head"]["linked_chat_id"] = LINKED  # fmt: skip
    home.telegram.rig.add_fault("500", "getChat", chat_id=-1205)

    told = await home.telegram.ask(-1205, CHANNEL_BOT, "/mute 1h", extra=written_as(home, LINKED))

    assert "Only admins" in said(told)


async def test_a_post_that_telegram_copies_from_the_linked_channel_is_not_said_to_us(home):
    before = len(home.telegram.sent(GROUP))
    post = {"message_id": 5, "chat": written_as(home, LINKED)["sender_chat"]}
    origin = {"type": "channel", "date": 1, **post}
    copied = {**written_as(home, LINKED), "is_automatic_forward": True, "forward_origin": origin}
    home.telegram.write(GROUP, 777000, "/mute 1h", extra=copied)
    await home.telegram.ask(GROUP, BOB, "/start")
    await asyncio.sleep(0.05)

    assert len(home.telegram.sent(GROUP)) == before + 1
    chosen = await home.app.notebook.preferences(Channel("telegram", str(GROUP)))
    assert chosen.muted_until is None
