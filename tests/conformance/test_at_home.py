"""Every command, button, panel and prompt of the real bot on both platforms, by everybody who may come along."""

import asyncio
import re

import pytest
import pytest_asyncio

from bot.demo.world import World, serve
from handlers.command import Channel, OptionKind
from tests.conformance.home import (
    ANN,
    ANNOUNCE,
    ANONYMOUS,
    AWAY,
    BOARD,
    BOB,
    CAT,
    FORUM,
    GROUP,
    GUILD,
    MANAGER,
    NEWS,
    OTHER_GUILD,
    POST,
    READER,
    ROLE,
    TEXT,
    THREAD,
    TOPIC,
    at_home,
    frozen,
    opened,
    platforms,
    said,
    until,
)  # fmt: skip

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]

VALUES = {OptionKind.ASSET: "eth", OptionKind.RULE: "btc 12345", OptionKind.SCHEDULE: "08:00"}
READING = (
    "brief", "why", "price", "levels", "chart", "flows", "liqs", "leverage", "funding", "maxpain", "fear", "holdings",
    "news", "calendar", "start", "privacy", "help",
)  # fmt: skip
ADDRESS = re.compile(r"\(https?://[^)]*\)")
CHANGING = ("alert", "subscribe", "settings")
MOMENT = re.compile(r"<t:\d+:\w>|\d{2}:\d{2}( UTC)?")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(shared, tmp_path_factory):
    async with opened(shared, tmp_path_factory.mktemp("home")) as home:
        yield home
        assert home.telegram.rig.violations == []
        assert home.discord.rig.violations == []
        timings = home.discord.rig.timings()
        assert timings["pending"] == []
        assert timings["ack"]["max_ms"] < 1000


def spoken(message) -> list[str]:
    """The words alone: figures of time read differently on purpose, and Discord folds details away."""
    text = MOMENT.sub(" ", ADDRESS.sub("", said(message)).replace("\u200b", ""))
    return re.findall(r"[^\W\d_]{3,}", re.sub(r"[`*_|~]", "", text))


@pytest.mark.parametrize("command", READING)
async def test_the_same_words_on_both_platforms(home, command):
    on_telegram = await home.telegram.ask(ANN, ANN, f"/{command}")
    on_discord = await home.discord.slash(command, where=None)

    missing = set(spoken(on_discord)) - set(spoken(on_telegram))
    assert missing - {"…"} == set()
    assert said(on_telegram).split("\n")[0] == said(on_discord).split("\n")[0].replace("\u200b", "")


async def test_every_command_answers_in_every_place(home):
    names = [c.name for c in home.app.dispatch.commands if c.name not in ("forget", "mydata")]
    places = ((ANN, None), (GROUP, None), (FORUM, TOPIC))

    async def asked_in(chat, thread):
        for name in names:
            answer = await home.telegram.ask(chat, ANN, f"/{name}", thread=thread)
            assert answer.get("message_thread_id") == thread

    await asyncio.gather(*(asked_in(*place) for place in places))
    for name in names:
        calls = [
            home.discord.slash(full, options, where)
            for full, options in slashes(home, name)
            for where in (
                (TEXT, None) if name in CHANGING else (TEXT, ANNOUNCE, THREAD, POST, None)
            )
        ]
        assert all(await asyncio.gather(*calls))


def slashes(home, name):
    """A command as Discord offers it, or each of its subcommands, with what it must be given."""
    command = next(c for c in home.app.dispatch.commands if c.name == name)
    for sub in command.subcommands or (None,):
        options = sub.options if sub else command.options
        full = f"{name} {sub.name}" if sub else name
        yield full, {o.name: VALUES.get(o.kind, "1") for o in options if o.required}


async def test_every_button_of_every_answer_does_something(home):
    """Those that ask for words are pressed elsewhere."""
    for command in (*READING, "subscribe", "settings", "status"):
        message = await home.telegram.ask(ANN, ANN, f"/{command}")
        for label in home.telegram.labels(message):
            stands = home.telegram.rig.chats[ANN]["messages"][message["message_id"]]
            if label not in home.telegram.labels(stands):
                stands = await home.telegram.ask(ANN, ANN, f"/{command}")
            if label in home.telegram.labels(stands):
                await home.telegram.touch(stands, label, ANN)
                message = stands
    for command in ("levels", "price", "liqs", "chart", "privacy", "settings show"):
        message = await home.discord.slash(command, where=None)
        for label in home.discord.labels(message):
            record = home.discord.begin(message, label)
            await until(lambda r=record: r["acked"], label)
            message = await home.discord.slash(command, where=None)


@pytest.mark.parametrize(
    "page", ["quiet", "rings", "zone", "language", "assets", "charts", "publish", "role"]
)
async def test_every_page_of_the_panel_is_reached_by_command_and_leads_back(home, page):
    on_telegram = await home.telegram.ask(GROUP, ANN, f"/settings {page}")
    on_discord = await home.discord.slash(f"settings {page}")

    assert said(on_telegram).split("\n")[0] == said(on_discord).split("\n")[0]
    back = await home.telegram.press(on_telegram, "‹ Back", ANN)
    assert said(back).startswith("Settings of this chat")
    back = await home.discord.press(on_discord, "‹ Back")
    assert said(back).startswith("Settings of this chat")


async def test_a_panel_is_for_admins_and_asks_again_at_each_press(home):
    rig, group = home.telegram.rig, -1005
    rig.add_chat(group, "supergroup", "Others", members={ANN: "administrator", BOB: "member"})
    refused = await home.telegram.ask(group, BOB, "/settings")
    assert "Only admins" in said(refused)
    panel = await home.telegram.ask(group, ANN, "/settings")
    rig.chats[group]["members"][ANN] = "member"

    notice = await home.telegram.press(panel, "Zone", ANN)

    assert notice["show_alert"]
    assert "Only admins" in notice["text"]
    assert said(rig.chats[group]["messages"][panel["message_id"]]).startswith("Settings")
    page = await home.discord.slash("settings show")
    refused = await home.discord.press(page, "Zone", member_permissions=0)
    assert "Only admins" in said(refused)


async def test_a_stranger_never_overwrites_what_all_see(home):
    await home.telegram.ask(GROUP, ANN, "/alert add btc 71k")
    listed = await home.telegram.ask(GROUP, BOB, "/alert")
    assert "#" in said(listed)
    sub = await home.telegram.ask(GROUP, ANN, "/subscribe brief 09:15")

    notice = await home.telegram.press(sub, "Stop it", BOB)

    assert "Only admins" in notice["text"]
    assert "Subscribed" in said(home.telegram.rig.chats[GROUP]["messages"][sub["message_id"]])
    stopped = await home.telegram.press(sub, "Stop it", ANN)
    assert said(stopped).startswith("Stopped:")


async def test_an_anonymous_admin_and_a_channel_choose_for_their_chat(home):
    group = home.telegram.rig.chats[GROUP]["head"]
    extra = {"sender_chat": group}
    reply = await home.telegram.ask(GROUP, ANONYMOUS, "/mute 1h", extra=extra)
    assert "Muted" in said(reply)
    await home.telegram.ask(GROUP, ANN, "/unmute")

    home.telegram.write(NEWS, ANN, "/subscribe brief 07:45 Europe/Berlin")
    posted = await until(
        lambda: next((m for m in home.telegram.sent(NEWS) if "Subscribed" in said(m)), None)
    )
    assert "To stop it: /unsubscribe" in said(posted)
    stranger = await home.telegram.press(posted, "Stop it", CAT)
    assert "Only admins" in stranger["text"]
    assert "Stopped" in said(await home.telegram.press(posted, "Stop it", ANN))


async def test_subscribing_binds_to_the_topic_or_thread_it_is_said_in(home):
    told = await home.telegram.ask(FORUM, ANN, "/subscribe alerts", thread=TOPIC)
    kept = await home.app.notebook.subscriptions(Channel("telegram", str(FORUM), str(TOPIC)))
    assert "To stop it" in said(told)
    assert [s.channel for s in kept] == [f"telegram:{FORUM}/{TOPIC}"]
    tested = await home.telegram.press(told, "Send a test", ANN)
    assert "arrived" in (tested.get("text") or "")
    arrived = [m for m in home.telegram.sent(FORUM) if "Test: this arrived" in said(m)]
    assert arrived[-1]["message_thread_id"] == TOPIC

    for where, key in ((TEXT, TEXT), (ANNOUNCE, ANNOUNCE), (THREAD, THREAD), (POST, BOARD)):
        told = await home.discord.slash("subscribe brief", {"when": "08:30 Berlin"}, where)
        assert "Europe/Berlin" in said(told)
        assert await home.app.notebook.subscriptions(Channel("discord", str(key)))
        tested = await home.discord.press(told, "Send a test")
        assert "arrived" in said(tested)
        stopped = await home.discord.press(told, "Stop it")
        assert said(stopped).startswith("Stopped")


async def test_missing_rights_are_named_when_subscribing(home):
    home.discord.rig.deny(TEXT, "EMBED_LINKS")
    told = await home.discord.slash("subscribe brief", {"when": "10:10"})
    home.discord.rig.deny(TEXT)

    assert "Embed Links" in said(told)
    assert "allow it" in said(told)
    await home.discord.press(told, "Stop it")


async def test_a_guest_is_refused_kindly(home):
    rig = home.discord.rig
    if str(OTHER_GUILD) not in rig.guilds:
        rig.add_guild(OTHER_GUILD, "Elsewhere", 900)
        rig.add_channel(AWAY, OTHER_GUILD, "chat")
    for name, options in (
        ("subscribe alerts", {}), ("subscribe list", {}), ("alert add", {"rule": "btc 70k"}), ("alert list", {}),
    ):  # fmt: skip
        told = await home.discord.slash(name, options, AWAY, READER)
        assert "guest here" in said(told)
        assert told["flags"] & 64
    assert "BTC" in said(await home.discord.slash("price", {}, AWAY, READER))


async def test_a_role_may_manage_once_an_admin_has_said_so(home):
    refused = await home.discord.slash("subscribe brief", {"when": "11:11"}, user=MANAGER)
    assert "Only admins" in said(refused)
    await home.discord.slash("settings role", {"value": str(ROLE)})

    told = await home.discord.slash("subscribe brief", {"when": "11:11"}, user=MANAGER)

    assert said(told).startswith("Subscribed")
    notice = await home.discord.press(told, "Stop it", READER)
    assert "Only admins" in said(notice)
    await home.discord.press(told, "Stop it", MANAGER)
    await home.discord.slash("settings role", {"value": "off"})


async def test_prompts_and_modals_take_the_answer(home):
    page = await home.telegram.ask(ANN, ANN, "/settings zone")
    asked = await home.telegram.press(page, "Another zone", ANN)
    await asyncio.sleep(0.05)
    answer = await home.telegram.ask(ANN, ANN, "Tokyo", reply_to=asked["message_id"])
    assert "Zone: Asia/Tokyo" in said(answer)
    await home.telegram.ask(ANN, ANN, "/settings zone UTC")

    page = await home.discord.slash("settings zone", where=None)
    answer = await home.discord.fill(page, "Another zone", "New York")
    assert "Zone: America/New_York" in said(answer)
    page = await home.discord.slash("settings zone", where=None)
    choice = home.discord.control(page, "Choose a zone")["options"][0]["value"]
    assert "Zone: UTC" in said(await home.discord.press(page, "Choose a zone", values=[choice]))


async def test_an_alert_is_found_silenced_and_removed_without_help(home):
    empty = await home.telegram.ask(CAT, CAT, "/start")
    empty = await home.telegram.press(empty, "Alerts", CAT)
    asked = await home.telegram.press(empty, "Add an alert", CAT)
    await asyncio.sleep(0.05)
    told = await home.telegram.ask(CAT, CAT, "btc 70k", reply_to=asked["message_id"])
    assert "below $70,000" in said(told)
    listed = await home.telegram.press(told, "All alerts", CAT)
    one = next(label for label in home.telegram.labels(listed) if label.startswith("#1"))
    card = await home.telegram.press(listed, one, CAT)
    snoozed = await home.telegram.press(card, "Snooze 1h", CAT)
    assert "is silent until" in said(snoozed)
    removed = await home.telegram.press(snoozed, "Remove", CAT)
    assert "Removed alert #1" in said(removed)


async def test_start_leads_to_a_briefing_and_out_again_in_one_press_each(home):
    hello = await home.telegram.ask(CAT, CAT, "/start")
    offers = await home.telegram.press(hello, "Subscribe", CAT)
    told = await home.telegram.press(offers, "Briefing at 08:00 UTC", CAT)
    assert "Next:" in said(told)
    stopped = await home.telegram.press(told, "Stop it", CAT)
    assert "0 subscriptions are left" in said(stopped)


async def test_suggestions_are_ranked_and_quick(home):
    told = await home.discord.slash("alert add", {"rule": "btc 60k"}, None)
    number = re.search(r"#(\d+)", said(told))[1]
    asked = (
        ("price", "asset", "et", "ETH"), ("chart", "interval", "4", "4h"), ("liqs", "window", "2", "24h"),
        ("alert add", "rule", "eth", "eth"), ("alert remove", "id", "60", number), ("mute", "until", "1", "1h"),
        ("subscribe brief", "when", "08:00 Berl", "08:00 Europe/Berlin"), ("unsubscribe", "what", "", None),
    )  # fmt: skip
    for name, option, typed, first in asked:
        options = {o["name"] for o in _options(home, name)}
        if option not in options:
            continue
        found = await home.discord.choices(name, option, typed, None)
        if first is not None:
            assert any(value.startswith(first) for value in found), (name, found)
    await home.discord.slash("alert remove", {"id": number}, None)
    times = [
        r["completed"] - r["created"]
        for r in home.discord.rig.interactions.values()
        if r["type"] == 4
    ]
    assert sorted(times)[len(times) // 2] < 0.1


def _options(home, name):
    first, _, sub = name.partition(" ")
    options = home.discord.rig._find_command(first, str(GUILD)).get("options") or []
    if sub:
        options = next(o for o in options if o["name"] == sub).get("options") or []
    return options


async def test_inline_questions_and_links(home):
    assert [r["title"][:3] for r in await home.telegram.inline(BOB, "eth")] == ["ETH"] * 3
    assert await home.telegram.inline(BOB, "good morning everybody") == []
    linked = await home.telegram.ask(BOB, BOB, "/start subscribe")
    assert "not subscribed" in said(linked)


async def test_others_are_left_alone(home):
    before = len(home.telegram.sent(GROUP))
    for text in ("/ban Bob", "/price@other_bot btc", "price btc", "hello", "/unknown@rig_bot"):
        home.telegram.write(GROUP, BOB, text)
    await home.telegram.ask(GROUP, BOB, "/fear@rig_bot")

    assert len(home.telegram.sent(GROUP)) == before + 1


@pytest.mark.parametrize(
    "text",
    [
        "/price ''", "/price 🚀", "/price \u202e\u200fbtc\u202c", "/alert btc -5", "/price " + "x" * 3900,
        "/alert add", "/mute tomorrowish", "/subscribe brief", "/chart btc 7x", "/compare btc", "/nonsense",
        '/alert word "<b>@everyone</b>', "/flows btc 99999999999999999999",
    ],
)  # fmt: skip
async def test_a_bad_question_gets_a_short_kind_answer_with_an_example(home, text):
    on_telegram = said(await home.telegram.ask(ANN, ANN, text))

    assert len(on_telegram) < 600
    assert "/" in on_telegram or "Which one?" in on_telegram


async def test_a_word_that_may_mean_two_assets_is_asked_back(home):
    asked = await home.telegram.ask(BOB, BOB, "/price bitco")
    assert said(asked).startswith("Which one?")
    assert home.telegram.labels(asked) == ["BTC · Bitcoin", "BCH · Bitcoin Cash"]
    assert said(await home.telegram.press(asked, "BCH · Bitcoin Cash", BOB)).startswith("BCH $")

    asked = await home.discord.slash("price", {"asset": "bitco"})
    assert said(await home.discord.press(asked, "BTC · Bitcoin")).startswith("BTC $")


def seen_in(message) -> str:
    """Without the marks that no one sees and that keep a word from ringing anybody."""
    return re.sub("[\u2060\u200b]", "", said(message))


async def test_hostile_names_and_words_arrive_unharmed(home):
    evil = "<b>@everyone \u202e\u200b" + "🎉" * 200
    rig = home.telegram.rig
    rig.add_user(66, evil, started=True)
    rig.add_chat(-1009, "supergroup", evil, members={66: "creator"})
    told = await home.telegram.ask(-1009, 66, '/alert add word "<b>@everyone"')
    assert "<b>@everyone" in seen_in(told)
    number = re.search(r"#(\d+)", said(told))[1]
    seen = await home.telegram.ask(-1009, 66, f"/alert ack {number}")
    assert "acknowledged by <b>@everyone" in seen_in(seen)
    page = await home.telegram.ask(-1009, 66, "/settings zone")
    question = await home.telegram.press(page, "Another zone", 66)
    assert "<b>@everyone" in seen_in(question)

    told = await home.discord.slash("alert add", {"rule": 'word "<b>@everyone"'})
    assert told["_allowed_mentions"] == {"parse": []}
    assert "@everyone" not in said(told)


async def test_your_data_as_a_file_and_gone_when_you_say_so(home):
    await home.telegram.ask(CAT, CAT, "/alert add btc 61k")
    before = len(home.telegram.rig.calls)
    await home.telegram.ask(CAT, CAT, "/mydata")
    await until(
        lambda: any(c["method"] == "sendDocument" for c in home.telegram.rig.calls[before:])
    )
    sure = await home.telegram.ask(CAT, CAT, "/forget")
    gone = await home.telegram.press(sure, "Delete everything", CAT)
    assert said(gone).startswith("Forgotten")
    assert await home.app.notebook.rules(Channel("telegram", str(CAT))) == ()

    file = await home.discord.slash("mydata", where=None)
    assert file["attachments"][0]["filename"] == "levelhead.json"
    sure = await home.discord.slash("forget", where=None)
    assert said(await home.discord.press(sure, "Delete everything")).startswith("Forgotten")


async def test_sixty_at_once_are_acknowledged_within_a_second(home):
    records = [
        home.discord.rig.slash(("price", "levels", "brief")[n % 3], {}, TEXT, 1000 + n)
        for n in range(60)
    ]
    await until(lambda: all(r["completed"] for r in records), "sixty answers", 20)

    assert max(r["acked"] - r["created"] for r in records) < 1


async def test_help_is_one_message_for_everybody(home):
    for user, sees in ((ANN, True), (BOB, False)):
        told = await home.telegram.ask(GROUP, user, "/help")
        await asyncio.sleep(0.05)
        assert len(said(told)) < 4096
        assert ("/settings" in said(told)) is sees


async def test_a_restart_leaves_every_button_prompt_and_panel_working(shared, tmp_path):
    world = World(frozen)
    async with platforms(shared) as rigs, serve(world) as addresses:
        async with at_home(rigs, world, addresses, tmp_path) as home:
            panel = await home.telegram.ask(GROUP, ANN, "/settings")
            page = await home.telegram.ask(ANN, ANN, "/settings zone")
            asked = await home.telegram.press(page, "Another zone", ANN)
            alert = await home.telegram.ask(ANN, ANN, "/alert add btc 70k")
            shown = await home.discord.slash("settings show")
            zones = await home.discord.slash("settings zone")
            modal = home.discord.begin(zones, "Another zone")
            await until(lambda: modal["modal"], "a modal")
        async with at_home(rigs, world, addresses, tmp_path) as home:
            assert "Quiet" in said(await home.telegram.press(panel, "Quiet hours", ANN))
            answer = await home.telegram.ask(ANN, ANN, "Tokyo", reply_to=asked["message_id"])
            assert "Asia/Tokyo" in said(answer)
            assert "Removed" in said(await home.telegram.press(alert, "Remove", ANN))
            assert "Quiet" in said(await home.discord.press(shown, "Quiet hours"))
            assert "Asia/Tokyo" in said(await home.discord.submit(modal, "Tokyo"))
        telegram, discord = rigs
        assert telegram.violations == []
        assert discord.violations == []
        assert discord.timings()["pending"] == []
