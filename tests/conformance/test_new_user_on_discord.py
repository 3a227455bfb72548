"""Somebody who never saw the bot finds everything on Discord by what it shows."""

import asyncio
import re

import pytest
import pytest_asyncio

from tests.conformance.home import GUILD, OWNER, READER, TEXT, opened, said, until

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]
NEW, HALL = GUILD + 7000, 1701  # a server that has just added the bot, and its only channel


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(shared, tmp_path_factory):
    async with opened(shared, tmp_path_factory.mktemp("home")) as home:
        await asyncio.sleep(
            0.7
        )  # until discord.py takes a new guild for new, not for one of its first
        yield home
        assert home.discord.rig.violations == []
        assert home.discord.rig.timings()["pending"] == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hello(home):
    """What the bot says when it is added."""
    rig = home.discord.rig
    made = rig.add_guild(NEW, "New", OWNER)
    rig.add_channel(HALL, NEW, "general")
    made["system_channel_id"] = str(HALL)
    event = rig._guild_create(made)
    event.pop("unavailable")
    rig.dispatch("GUILD_CREATE", event)
    (greeting,) = await until(lambda: rig.sent(HALL), "a greeting")
    return greeting


def find(home, message, start: str) -> str:
    return next(label for label in home.discord.labels(message) if label.startswith(start))


async def test_the_greeting_leads_to_a_briefing_and_to_subscribing_and_out(home, hello):
    see = home.discord
    assert said(await see.press(hello, "Brief me")).startswith("BTC $")

    offers = await see.press(hello, "Subscribe")
    told = await see.press(offers, find(home, offers, "Briefing at 08:00"))
    assert "every day at 08:00 UTC" in said(told)
    assert "arrived" in said(await see.press(told, "Send a test"))

    stopped = await see.press(told, "Stop it")
    assert "0 subscriptions are left" in said(stopped)
    assert "not subscribed to anything" in said(await see.press(stopped, "What is sent here"))


async def test_another_time_and_zone_are_asked_for_in_a_modal(home, hello):
    see = home.discord
    offers = await see.press(hello, "Subscribe")

    wrong = await see.fill(offers, "Briefing at another time", "in the morning")
    assert "08:00" in said(wrong)
    told = await see.fill(offers, "Briefing at another time", "7:30 berlin")
    assert "07:30 Europe/Berlin" in said(told)
    await see.press(told, "Stop it")


async def test_an_alert_is_added_snoozed_woken_and_removed_without_a_command(home):
    see = home.discord
    start = await see.slash("start")
    empty = await see.press(start, "Alerts")
    told = await see.fill(empty, "Add an alert", "btc 70k")
    assert "BTC below $70,000" in said(told)

    listed = await see.press(told, "All alerts")
    menu = find(home, listed, "Open an alert")
    choice = see.control(listed, menu)["options"][0]["value"]
    card = await see.press(listed, menu, values=[choice])
    silent = await see.press(card, "Snooze 1h")
    assert "is silent until" in said(silent)
    awake = await see.press(silent, "Wake it up")
    listed = await see.press(awake, "‹ All alerts")
    card = await see.press(listed, menu, values=[choice])
    assert "Removed alert" in said(await see.press(card, "Remove"))


async def test_who_may_not_is_told_where_to_go(home, hello):
    offers = await home.discord.press(hello, "Subscribe", READER)
    assert "Only admins of this chat choose what it is sent" in said(offers)
    assert "In our private chat you can" in said(offers)
    assert home.discord.labels(offers) == []

    alone = await home.discord.slash("start", where=None, user=READER)
    offers = await home.discord.press(alone, "Subscribe", READER)
    told = await home.discord.press(offers, find(home, offers, "Briefing at 08:00"), READER)
    assert said(told).startswith("Subscribed")
    await home.discord.press(told, "Stop it", READER)


async def test_what_is_for_one_person_is_never_begun_before_all(home):
    start = await home.discord.slash("start", {}, TEXT)
    record = home.discord.begin(start, "Settings")
    await until(lambda: record["completed"], "the panel")

    assert record["ephemeral"]
    assert home.discord.rig.messages[record["original"]]["flags"] & 64


async def test_every_command_that_start_shows_is_offered_by_discord(home):
    start = said(await home.discord.slash("start"))
    shown = re.findall(r"`/(\w+)", start)

    assert {"brief", "subscribe", "alert", "unsubscribe"} <= set(shown)
    assert all(home.discord.rig._find_command(name, str(GUILD)) for name in shown)
