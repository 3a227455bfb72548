"""Where the bot may be on Discord: let in, asked from a message's menu, sent to forums, threads and followed news."""

import asyncio
import re

import pytest
import pytest_asyncio

from bot.owed import Briefing, Owed, OwedKind
from handlers.command import Channel
from handlers.preferences import Severity
from tests.conformance.home import (
    ANNOUNCE,
    AWAY,
    BOARD,
    GUILD,
    OTHER_GUILD,
    POST,
    READER,
    TEXT,
    THREAD,
    opened,
    said,
    until,
)

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]
MESSAGE = 3  # the kind of a message's menu
FORUM = Channel("discord", str(BOARD))
HOST = 700  # who owns the servers that let us in here


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(shared, tmp_path_factory):
    async with opened(shared, tmp_path_factory.mktemp("home")) as home:
        await asyncio.sleep(
            0.7
        )  # until discord.py takes a new guild for new, not for one of its first
        yield home
        assert home.discord.rig.violations == []
        assert home.discord.rig.timings()["pending"] == []


def let_in(rig, guild: int, *, notices: int | None = None, locale: str = "en-US", deny=()):
    """The server's owner adds the bot."""
    if str(guild) not in rig.guilds:
        made = rig.add_guild(guild, "New", HOST, locale=locale)
        for channel in (notices, guild + 50):
            if channel is not None:
                rig.add_channel(channel, guild, "general")
        made["system_channel_id"] = notices and str(notices)
        if deny:
            rig.deny(notices, *deny)
    if rig.app_id not in rig.guilds[str(guild)]["_members"]:
        rig.add_member(guild, rig.app_id, roles=[str(guild + 1)])
    event = rig._guild_create(rig.guilds[str(guild)])
    event.pop("unavailable")
    rig.dispatch("GUILD_CREATE", event)


async def test_a_server_is_greeted_once_where_its_notices_stand_and_nobody_is_pinged(home):
    rig = home.discord.rig
    let_in(rig, GUILD + 1000, notices=1101)
    (hello,) = await until(lambda: rig.sent(1101), "a greeting")

    assert said(hello).startswith("Hello, I am Levelhead")
    assert "/subscribe" in said(hello)
    assert len(said(hello)) < 300
    assert hello["_allowed_mentions"] == {"parse": []}
    assert hello["flags"] & 1 << 12
    rig.kick(GUILD + 1000)
    await asyncio.sleep(0.1)
    let_in(rig, GUILD + 1000, notices=1101)
    await asyncio.sleep(0.3)
    assert [said(m) for m in rig.messages.values() if said(m) == said(hello)] == [said(hello)]


@pytest.mark.parametrize(("offset", "notices"), [(2000, None), (3000, 1301)])
async def test_where_it_may_not_write_the_owner_hears_it_alone(home, offset, notices):
    rig = home.discord.rig
    direct = rig.dm(HOST)["id"]
    before = len(rig.sent(direct))
    let_in(
        rig,
        GUILD + offset,
        notices=notices,
        locale="de",
        deny=("SEND_MESSAGES",) if notices else (),
    )

    await until(lambda: len(rig.sent(direct)) > before, "a greeting")

    assert said(rig.sent(direct)[-1]).startswith("Hallo")
    assert notices is None or rig.sent(notices) == []
    assert rig.sent(GUILD + offset + 50) == []


async def test_closed_direct_messages_are_taken_calmly(home):
    home.discord.rig.closed_dms.add(str(HOST))
    let_in(home.discord.rig, GUILD + 4000)
    await asyncio.sleep(0.3)
    home.discord.rig.closed_dms.discard(str(HOST))

    assert "BTC" in said(await home.discord.slash("price"))


async def ask_menu(home, menu: str, content: str, where: int | None = TEXT, user: int = READER):
    rig = home.discord.rig
    channel = where if where is not None else rig.dm(user)["id"]
    message = rig.message(channel, user, content)
    return await home.discord.slash(menu, {}, where, user, kind=MESSAGE, target_id=message["id"])


@pytest.mark.parametrize("where", [TEXT, THREAD, POST, None])
async def test_a_message_is_asked_about_its_coin_for_the_asker_alone(home, where):
    answer = await ask_menu(home, "Levels for this", "I think ETH holds here", where)

    assert said(answer).startswith("ETH")
    assert answer["flags"] & 64


async def test_of_several_coins_the_asker_chooses(home):
    answer = await ask_menu(home, "Price of this", "$sol or bitcoin?")
    assert home.discord.labels(answer) == ["SOL", "BTC"]

    assert said(await home.discord.press(answer, "BTC", READER)).startswith("BTC $")


@pytest.mark.parametrize(
    "content", ["good morning", "@everyone <@&1> /settings role off", "🎉" * 500, "\u202e\u200b<b>"]
)
async def test_a_message_without_a_coin_gets_a_kind_word_and_is_not_obeyed(home, content):
    answer = await ask_menu(home, "Levels for this", content)

    assert said(answer).startswith("No coin I follow")
    assert "everyone" not in said(answer)
    assert answer["flags"] & 64


async def test_the_menu_works_where_only_its_user_brought_the_bot(home):
    rig = home.discord.rig
    if str(OTHER_GUILD) not in rig.guilds:
        rig.add_guild(OTHER_GUILD, "Elsewhere", 900)
        rig.add_channel(AWAY, OTHER_GUILD, "chat")

    answer = await ask_menu(home, "Levels for this", "BTC?", AWAY)

    assert said(answer).startswith("BTC")
    assert answer["flags"] & 64


async def send_briefing(home, chat: int, name: str):
    now = home.app.now()
    told = Briefing("morning", "BTC", "1", f"2030-03-06T{name}")
    owed = Owed(name, f"discord:{chat}", OwedKind.BRIEFING, Severity.INFO, now, briefing=told)
    await home.app.outbox.owe(None, [owed])


async def test_each_briefing_to_a_forum_is_one_dated_post(home):
    rig = home.discord.rig
    await home.discord.slash("subscribe brief", {"when": "06:10"}, POST)

    def posts():
        return [c["body"] for c in rig.calls if c["operation"] == "create_thread"]

    for number, name in enumerate(("08:00", "09:00"), 1):
        await send_briefing(home, BOARD, name)
        await until(lambda n=number: len(posts()) == n, "a post")

    day = home.app.languages.words(await home.app.notebook.preferences(FORUM)).long_date(
        home.app.now().date()
    )
    assert all(post["name"].startswith(f"{day} · BTC $") for post in posts())
    assert all(post["message"]["flags"] & 1 << 12 for post in posts())
    await home.discord.slash("unsubscribe", {"what": "all"}, POST)


async def test_a_briefing_is_published_to_followers_only_where_that_was_chosen(home):
    rig = home.discord.rig

    def published():
        return [c["path"] for c in rig.calls if c["operation"] == "crosspost_message"]

    await send_briefing(home, ANNOUNCE, "10:00")
    await until(lambda: rig.sent(ANNOUNCE), "a briefing")
    async with asyncio.timeout(10):
        while (await home.app.office.status()).queue:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)  # what follows a briefing that was paid
    assert published() == []
    await home.discord.slash("settings publish", {"value": "on"}, ANNOUNCE)
    before = {m["id"] for m in rig.sent(ANNOUNCE)}
    await send_briefing(home, ANNOUNCE, "11:00")
    await until(published, "publishing")

    (news,) = {m["id"] for m in rig.sent(ANNOUNCE) if not m["flags"] & 64} - before
    assert [re.findall(r"\d+", path)[-1] for path in published()] == [news]
    await home.discord.slash("settings publish", {"value": "off"}, ANNOUNCE)


async def test_a_thread_gets_what_was_subscribed_in_it_and_its_channel_does_not(home):
    rig = home.discord.rig
    told = await home.discord.slash("subscribe brief", {"when": "06:20"}, THREAD)
    before, channel = len(rig.sent(THREAD)), len(rig.sent(TEXT))

    await home.discord.press(told, "Send a test")
    await send_briefing(home, THREAD, "12:00")
    await until(lambda: len([m for m in rig.sent(THREAD) if not m["flags"] & 64]) > before, "it")

    assert len(rig.sent(TEXT)) == channel
    await home.discord.slash("unsubscribe", {"what": "all"}, THREAD)
