"""Somebody who never saw the bot: only what it shows is pressed, and only what it says is typed."""

import re

import pytest
import pytest_asyncio

from handlers.command import Channel
from tests.conformance.home import opened, rows, said

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]

NIA, MAX = 31, 32


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(shared, tmp_path_factory):
    async with opened(shared, tmp_path_factory.mktemp("new")) as home:
        home.telegram.rig.add_user(NIA, "Nia")
        home.telegram.rig.add_user(MAX, "Max", language_code="de")
        yield home
        assert home.telegram.rig.violations == []
        assert home.discord.rig.violations == []
        assert home.discord.rig.timings()["pending"] == []


async def put(home, message, label, user):
    """Press what asks for words, and wait until the answer is expected."""
    asked = await home.telegram.press(message, label, user)
    key = "lh:{btn}:ask:" + Channel("telegram", str(user)).key + ":next"
    for _ in range(200):
        if await home.app.store.cmd.exists(key):
            break
    return asked


async def test_a_briefing_on_the_own_clock_is_found_and_stopped_again(home):
    start = await home.telegram.ask(NIA, NIA, "/start")
    offers = await home.telegram.press(start, "Subscribe", NIA)
    asked = await put(home, offers, "Times are in UTC: name your city", NIA)
    assert "like Berlin or New York" in said(asked)
    offers = await home.telegram.ask(NIA, NIA, "New York")  # typed, not as a reply
    told = await home.telegram.press(offers, "Briefing at 08:00 America/New_York", NIA)
    assert "Next: Wed 4 Feb 08:00 EST (13:00 UTC)" in said(told)

    command = re.search(r"To stop it: (/\S+ \d+)", said(told))[1]
    stopped = await home.telegram.ask(NIA, NIA, command)
    assert said(stopped).startswith("Stopped: Morning briefing")
    listed = await home.telegram.press(stopped, "What is sent here", NIA)
    assert said(listed).startswith("This chat is not subscribed to anything")


async def test_an_answer_in_plain_words_may_be_wrong_once(home):
    offers = await home.telegram.ask(NIA, NIA, "/subscribe")
    await put(home, offers, "Briefing at another time", NIA)
    wrong = await home.telegram.ask(NIA, NIA, "in the morning")
    assert "Name a time like 08:00" in said(wrong)
    key = "lh:{btn}:ask:telegram:31:next"
    assert await home.app.store.cmd.exists(key)
    told = await home.telegram.ask(NIA, NIA, "7 new york")
    assert "at 07:00 America/New_York" in said(told)
    assert not await home.app.store.cmd.exists(key)
    assert "Stopped" in said(await home.telegram.press(told, "Stop it", NIA))


async def test_after_two_wrong_answers_words_are_words_again(home):
    offers = await home.telegram.ask(NIA, NIA, "/subscribe")
    await put(home, offers, "Briefing at another time", NIA)
    for answer in ("whenever", "you choose"):
        assert "Name a time" in said(await home.telegram.ask(NIA, NIA, answer))
    assert "I do not know “never”" in said(await home.telegram.ask(NIA, NIA, "never mind"))


async def test_an_alert_is_set_snoozed_and_stopped_by_its_buttons(home):
    start = await home.telegram.ask(NIA, NIA, "/start")
    await put(home, await home.telegram.press(start, "Alerts", NIA), "Add an alert", NIA)
    told = await home.telegram.ask(NIA, NIA, "btc 70k")
    assert "BTC below $70,000" in said(told)
    left = await home.telegram.ask(NIA, NIA, "/stop")
    assert "Alerts set one by one: 1" in said(left)
    listed = await home.telegram.ask(NIA, NIA, re.search(r"stop them: (/\w+ \w+)", said(left))[1])
    one = next(label for label in home.telegram.labels(listed) if label.startswith("#"))
    card = await home.telegram.press(listed, one, NIA)
    assert "is silent until" in said(await home.telegram.press(card, "Snooze 1h", NIA))
    card = home.telegram.rig.chats[NIA]["messages"][card["message_id"]]
    assert "Removed alert" in said(await home.telegram.press(card, "Remove", NIA))


async def test_plain_words_are_understood_or_answered_kindly(home):
    assert said(await home.telegram.ask(NIA, NIA, "btc")).startswith("BTC $")
    assert said(await home.telegram.ask(NIA, NIA, "Price eth")).startswith("ETH $")
    assert "/help" in said(await home.telegram.ask(NIA, NIA, "good morning"))
    assert "/alert btc 70k" in said(await home.telegram.ask(NIA, NIA, "btc 70k"))


async def test_links_lead_into_groups_and_channels(home):
    start = await home.telegram.ask(NIA, NIA, "/start")
    links = {b["text"]: b["url"] for row in rows(start) for b in row if "url" in b}
    assert links == {
        "Add me to a group": "https://t.me/rig_bot?startgroup",
        "Add me to a channel": "https://t.me/rig_bot?startchannel&admin=post_messages",
    }


async def test_a_german_reads_german_from_the_first_word(home):
    start = await home.telegram.ask(MAX, MAX, "/start")
    assert "Markt" in said(start)
    offers = await home.telegram.press(start, "Abonnieren", MAX)
    asked = await put(home, offers, "Zeiten sind in UTC: Stadt nennen", MAX)
    assert "Deine Stadt" in said(asked)
    offers = await home.telegram.ask(MAX, MAX, "Zürich", reply_to=asked["message_id"])
    assert any("08:00 Europe/Zurich" in label for label in home.telegram.labels(offers))
