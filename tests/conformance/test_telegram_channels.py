"""The real bot comes into groups and channels on the local Telegram; channels are set up from the private chat."""

import asyncio

import pytest
import pytest_asyncio

from handlers.command import Channel
from tests.conformance.home import ANN, BOB, CAT, opened, said, until

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]

NEW, DAN, EVE = 21, 22, 23
CHANNEL, QUIET, GROUP, OWN = -1101, -1102, -1103, -1104


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(shared, tmp_path_factory):
    async with opened(shared, tmp_path_factory.mktemp("channels")) as home:
        rig = home.telegram.rig
        rig.add_user(DAN, "Dan", language_code="de")
        rig.add_user(EVE, "Eve", started=False)
        for chat, name in ((CHANNEL, "dailynews"), (QUIET, None)):
            members = {ANN: "creator", DAN: "administrator", EVE: "administrator", BOB: "member"}
            rig.add_chat(chat, "channel", "Daily <News>", name, members=members, bot_status="left")
        yield home
        assert rig.violations == []
        assert home.discord.rig.violations == []
        assert home.discord.rig.timings()["pending"] == []


async def let_in(home, chat, user, status="administrator"):
    """What the person who did it reads in private then."""
    before = {m["message_id"] for m in home.telegram.sent(user)}
    home.telegram.rig.my_chat_member(chat, user, "left", status)
    return await home.telegram.next(user, before, "being let in")


async def noted(home, chat, fact):
    """What the bot remembers of the chat, once that is so."""
    async with asyncio.timeout(10):
        while True:
            chosen = await home.app.notebook.preferences(Channel("telegram", str(chat)))
            if fact(chosen):
                return chosen
            await asyncio.sleep(0.02)


def is_paused(chosen):
    return chosen.paused_because is not None


async def settled(home):
    """Whatever was pushed before has been handled."""
    await home.telegram.ask(CAT, CAT, "/unmute")
    await asyncio.sleep(0.1)


async def kept(home, chat):
    return await home.app.notebook.subscriptions(Channel("telegram", str(chat)))


async def test_a_channel_is_set_up_in_private_by_whoever_let_us_in(home):
    told = await let_in(home, CHANNEL, ANN)

    assert said(told).startswith("I am in the channel Daily <News> now")
    assert "rights" not in said(told)
    assert home.telegram.sent(CHANNEL) == []
    done = await home.telegram.press(told, "Briefing at 08:00 UTC", ANN)
    assert said(done).startswith("Daily <News> › Subscribed: briefing at 08:00")
    assert [s.channel for s in await kept(home, CHANNEL)] == [f"telegram:{CHANNEL}"]
    assert await kept(home, ANN) == ()

    notice = await home.telegram.press(done, "Send a test", ANN)
    assert "arrived" in notice["text"]
    assert [said(m).split("\n")[0] for m in home.telegram.sent(CHANNEL)] == ["Test: this arrived"]
    stopped = await home.telegram.press(done, "Stop it", ANN)
    assert "Stopped" in said(stopped)
    assert await kept(home, CHANNEL) == ()


async def test_the_channel_is_named_in_commands_and_chosen_by_buttons(home):
    told = await home.telegram.ask(ANN, ANN, "/subscribe @DailyNews brief 07:15 Berlin")
    assert "/unsubscribe @\u2060DailyNews" in said(told)
    assert "Europe/Berlin" in said(told)
    listed = await home.telegram.ask(ANN, ANN, "/subscribe")
    chosen = await home.telegram.press(listed, "Daily <News> ›", ANN)
    assert said(chosen).startswith("Daily <News> › This chat is sent")
    asked = await home.telegram.press(chosen, "Briefing at another time", ANN)
    await asyncio.sleep(0.05)
    more = await home.telegram.ask(ANN, ANN, "09:30 Tokyo", reply_to=asked["message_id"])
    assert said(more).startswith("Daily <News> › Subscribed")
    assert {s.schedule.at for s in await kept(home, CHANNEL)} == {"07:15", "09:30"}
    panel = await home.telegram.ask(ANN, ANN, "/settings @dailynews")
    assert said(panel).startswith("Daily <News> › Settings of this chat")
    quiet = await home.telegram.press(panel, "Quiet hours", ANN)
    assert said(quiet).startswith("Daily <News> › ")
    gone = await home.telegram.ask(ANN, ANN, "/unsubscribe @\u2060dailynews all")
    assert "0 subscriptions are left" in said(gone)


async def test_rights_are_asked_at_each_step_and_denied_by_default(home):
    panel = await home.telegram.ask(ANN, ANN, f"/subscribe @{CHANNEL}")
    members = home.telegram.rig.chats[CHANNEL]["members"]
    members[ANN] = "member"

    refused = await home.telegram.press(panel, "Briefing at 08:00 UTC", ANN)

    members[ANN] = "creator"
    assert "I know no chat" in said(refused) + refused.get("text", "")
    for user, line in (
        (BOB, "/subscribe @dailynews alerts"),  # a subscriber
        (CAT, f"/unsubscribe @{CHANNEL} all"),  # a stranger
        (CAT, f"/settings @{ANN}"),  # somebody's private chat
        (ANN, "/subscribe @nosuchchannel alerts"),
        (ANN, f"/subscribe @-{ANN} alerts"),
        (ANN, "/subscribe @<b> alerts"),
    ):
        assert "I know no chat" in said(await home.telegram.ask(user, user, line))
    assert await kept(home, CHANNEL) == ()


async def test_a_missing_right_is_named_with_how_to_grant_it(home):
    rig = home.telegram.rig
    me = next(iter(rig.bots.values()))["user"]
    told = await let_in(home, QUIET, DAN)
    assert said(told).startswith("Ich bin jetzt im Kanal Daily <News>")
    remembered = (await home.app.notebook.preferences(Channel("telegram", str(DAN)))).channels
    assert [m.name for m in remembered] == ["Daily <News>"]

    whole = rig._member(rig.chats[QUIET], me["id"], {"user": me})
    rig.chats[QUIET]["bot_status"] = {**whole, "can_post_messages": False}
    subscribed = await home.telegram.ask(ANN, ANN, f"/subscribe @{QUIET} brief 08:00")
    rig.chats[QUIET]["bot_status"] = "administrator"

    assert "Post messages" in said(subscribed)
    assert "Administrators" in said(subscribed)
    await home.telegram.ask(ANN, ANN, f"/unsubscribe @{QUIET} all")


async def test_who_never_wrote_to_us_finds_the_channel_when_they_do(home):
    rig = home.telegram.rig
    rig.my_chat_member(QUIET, EVE, "administrator", "left")
    rig.my_chat_member(QUIET, EVE, "left", "administrator")
    await noted(home, EVE, lambda chosen: chosen.channels)
    await settled(home)
    assert home.telegram.sent(EVE) == []

    listed = await home.telegram.ask(EVE, EVE, "/start subscribe")

    assert "Daily <News> ›" in home.telegram.labels(listed)


async def test_put_out_of_a_channel_we_pause_and_offer_it_no_more(home):
    rig = home.telegram.rig
    await home.telegram.ask(EVE, EVE, f"/subscribe @{QUIET} alerts")
    rig.my_chat_member(QUIET, EVE, "administrator", "kicked")
    chosen = await noted(home, QUIET, is_paused)
    await noted(home, EVE, lambda chosen: not chosen.channels)

    assert "Daily <News> ›" not in home.telegram.labels(
        await home.telegram.ask(EVE, EVE, "/subscribe")
    )
    assert chosen.paused_because == "removed from this chat"
    assert len(await kept(home, QUIET)) == 1


async def test_a_group_is_greeted_once_in_the_language_of_who_let_us_in(home):
    rig = home.telegram.rig
    for chat, user, hello in ((GROUP, ANN, "Hello, I am Levelhead"), (OWN, DAN, "Hallo, ich bin")):
        rig.add_chat(chat, "supergroup", "Traders", members={user: "creator"}, bot_status="left")
        rig.my_chat_member(chat, user, "left", "member")
        greeting = await until(lambda chat=chat: home.telegram.sent(chat))
        rig.my_chat_member(chat, user, "member", "administrator")
        rig.my_chat_member(chat, user, "administrator", "member")
        await settled(home)

        assert [said(m) for m in home.telegram.sent(chat)] == [said(greeting[0])]
        assert said(greeting[0]).startswith(hello)
        assert greeting[0]["_disable_notification"]
        assert "/brief" in said(greeting[0])
        assert "/subscribe" in said(greeting[0])
        assert len(said(greeting[0])) < 250
        assert not any("mention" in e["type"] for e in greeting[0].get("entities", ()))


async def test_a_group_that_puts_us_out_is_paused_and_goes_on_when_we_return(home):
    rig = home.telegram.rig
    rig.my_chat_member(GROUP, ANN, "member", "kicked")
    await noted(home, GROUP, is_paused)

    rig.my_chat_member(GROUP, ANN, "kicked", "member")
    chosen = await noted(home, GROUP, lambda chosen: not is_paused(chosen))

    assert chosen.bound_by == f"telegram:{ANN}"
