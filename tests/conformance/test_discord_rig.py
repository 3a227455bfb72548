"""The Discord transport against a local Discord that checks every call by Discord's own OpenAPI document."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import discord
import fakeredis
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.buttons import Buttons
from bot.transport import DeliveryError
from bot.transports.discord import DiscordTransport
from bot.transports.discord_addresses import Addresses
from bot.transports.discord_answers import Counter
from handlers.command import (
    Channel,
    ChannelKind,
    Command,
    Option,
    OptionKind,
    Request,
    Right,
    Subcommand,
)
from handlers.reply import (
    Attachment,
    Button,
    CandleChart,
    Choice,
    Details,
    Prompt,
    Reply,
    Select,
    text,
)
from handlers.words import Words
from tests.fakes import Clock

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local server's own
]

GUILD, TEXT, NEWS, THREAD, FORUM, POST = 20000000000000001, 301, 302, 303, 304, 305
OWNER, PAT = 500, 501
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")
CHART = CandleChart("BTC", "BTC fell from 79k to 72k", "Binance")


async def _run(*_) -> Reply:
    raise AssertionError("the dispatcher of these tests answers itself")


COMMANDS = (
    Command("levels", "/levels", "Levels", _run, options=(
        Option("asset", "Which", OptionKind.ASSET),
        Option("interval", "Bars", OptionKind.INTERVAL, choices=("1h", "4h", "1d")),
        Option("window", "How far", OptionKind.WINDOW),
        Option("schedule", "When", OptionKind.SCHEDULE),
        Option("time", "Time", OptionKind.TIME),
        Option("note", "Words", OptionKind.TEXT),
        Option("kind", "Kind", OptionKind.CHOICE, choices=("a", "b")),
    )),
    Command("alert", "/alert", "Alerts", _run, subcommands=(
        Subcommand("add", "Add one", (Option("rule", "What", OptionKind.RULE, required=True),)),
        Subcommand("remove", "Remove one", (Option("id", "Which", OptionKind.RULE_ID),)),
    )),
    Command("settings", "/settings", "Settings", _run, right=Right.ADMIN, private=True),
    Command("chart", "/chart", "A chart", _run),
    Command("long", "/long", "Much", _run),
    Command("broken", "/broken", "Breaks", _run),
    Command("silent", "/silent", "Says nothing", _run),
    Command("secret", "/secret", "For one", _run),
    Command("mydata", "/mydata", "Yours", _run, private=True),
)  # fmt: skip


def panel(state: str) -> Reply:
    return Reply(
        f"Settings: {state}",
        controls=(
            (
                Button("On", "settings on"),
                Prompt("Zone", "Zone", "Zone", "settings zone {answer}"),
            ),
        ),
        selects=(
            Select(
                "Language",
                (
                    Choice("English", "settings lang en", True),
                    Choice("Deutsch", "settings lang de"),
                ),
            ),
        ),
        private=True,
    )


@dataclass
class Bot:
    """Real replies to a few words, and what was asked."""

    asked: list[Request] = field(default_factory=list)
    members: list[tuple[str, bool]] = field(default_factory=list)

    async def dispatch(self, request: Request) -> Reply | None:
        self.asked.append(request)
        match request.command:
            case "settings":
                return panel(request.text or "new") if request.admin else self.refusal()
            case "chart":
                return Reply("Chart", chart=CHART)
            case "long":
                return Reply("Long", tuple(text("x" * 3000) for _ in range(3)))
            case "broken":
                raise ValueError("a bug")
            case "silent":
                return None
            case "secret":
                return self.refusal()
            case "mydata":
                return Reply("Data", attachment=Attachment("my data.json", "{}"), private=True)
        return Reply(
            f"{request.command} {request.text}",
            (Details("More", (("folded away",),)),),
            controls=(
                (Button("4h", "levels btc 4h"), Button("New", "/chart btc", edits=False)),
                (Button("Twice", "levels btc 4h"), Button("Hush", "secret")),
            ),
        )

    def refusal(self) -> Reply:
        return Reply("Only admins", (text("@everyone <@&1>"),), private=True)

    async def words_for(self, channel: Channel, locale: str | None) -> Words:
        return Words()

    async def suggest(self, kind: OptionKind, typed: str, channel: Channel) -> tuple[str, ...]:
        return tuple(f"{kind.value} {typed} {n}" for n in range(40))

    async def manager_role(self, channel: Channel) -> str | None:
        return None

    async def membership(self, channel: Channel, gained: bool, by: str | None) -> None:
        self.members.append((channel.key, gained))

    async def draw(self, chart) -> bytes:
        return PNG


@dataclass
class World:
    rig: SimpleNamespace
    bot: Bot
    transport: DiscordTransport
    store: fakeredis.FakeAsyncRedis

    async def settled(self, record: dict) -> dict:
        await until(lambda: record["completed"])
        await until(lambda: not self.rig.pending())
        return self.rig.messages.get(record["original"] or "", {})

    async def slash(self, name: str, options=None, where=TEXT, user=OWNER, **more) -> dict:
        return await self.settled(self.rig.slash(name, options or {}, where, user, **more))

    def control(self, message: dict, name: str) -> str:
        for row in message["components"]:
            for part in row["components"]:
                if name in (part.get("label"), part.get("placeholder")):
                    return part["custom_id"]
        raise KeyError(name)

    async def press(self, message: dict, name: str, user=OWNER, **more) -> dict:
        return self.rig.press(message["id"], self.control(message, name), user, **more)

    def shown(self, where=TEXT) -> list[str]:
        return [m["embeds"][0].get("title", "") for m in self.rig.sent(where) if m["embeds"]]


async def until(is_so, seconds: float = 8.0):
    async with asyncio.timeout(seconds):
        while not (found := is_so()):  # noqa: ASYNC110 - the local server has nothing to wait on
            await asyncio.sleep(0.01)
    return found


def made(rig, bot: Bot, store, **more) -> DiscordTransport:
    counter = Counter(
        bot.dispatch, bot.words_for, bot.suggest, bot.manager_role, COMMANDS, frozenset()
    )
    return DiscordTransport(
        more.pop("token", rig.token),
        counter=counter,
        buttons=Buttons(store, lambda: 0.0),
        draw=bot.draw,
        on_membership=bot.membership,
        store=store,
        now=Clock(),
        addresses=Addresses(rig.api_base, rig.gateway_url, f"{rig.url}/_cdn"),
        **more,
    )


def with_rights_in_modals(dispatch):
    """The local server forgets the permissions of whoever fills in a modal; Discord sends them."""

    def send(event: str, data: dict) -> int:
        if event == "INTERACTION_CREATE" and data["type"] == 5 and "member" in data:
            owner = data["member"]["user"]["id"] == str(OWNER)
            data["member"]["permissions"] = str(discord.Permissions.all().value if owner else 0)
        return dispatch(event, data)

    return send


@pytest.fixture
async def rig(shared: Path):
    sys.path.insert(0, str(shared / "rigs"))
    kept = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE
    try:
        from discord_rig import DiscordRig

        rig = await DiscordRig().start()
        rig.add_guild(GUILD, "Traders", OWNER)
        rig.add_channel(TEXT, GUILD, "general")
        rig.add_channel(NEWS, GUILD, "news", 5)
        rig.add_channel(THREAD, GUILD, "btc", 11, parent_id=TEXT)
        rig.add_channel(FORUM, GUILD, "briefings", 15)
        rig.add_channel(POST, GUILD, "a post", 11, parent_id=FORUM)
        rig.add_member(GUILD, PAT)
        rig.dispatch = with_rights_in_modals(rig.dispatch)
        yield rig
        await rig.stop()
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE = kept
        sys.path.remove(str(shared / "rigs"))


@asynccontextmanager
async def listening(rig, transport: DiscordTransport):
    before = len(rig.sessions)
    task = asyncio.create_task(transport.run())
    try:
        await until(lambda: len(rig.sessions) > before and rig.commands)
        await asyncio.sleep(0.05)
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await transport.close()


@pytest.fixture
async def world(rig):
    bot, store = Bot(), fakeredis.FakeAsyncRedis()
    transport = made(rig, bot, store)
    async with listening(rig, transport):
        yield World(rig, bot, transport, store)
        await until(lambda: rig.pending() == [])
    await store.aclose()
    assert rig.violations == []
    assert rig.timings()["pending"] == []
    assert (
        rig.timings()["ack"].get("max_ms", 0) < 2000
    )  # a stumble of Discord itself costs a second


def here(number: int | str) -> Channel:
    return Channel("discord", str(number))


async def test_options_are_put_back_into_the_words_people_type(world: World):
    options = {
        "kind": "b",
        "note": "the 200 week",
        "asset": "ETH",
        "interval": "4h",
        "time": "08:00",
        "schedule": "daily",
        "window": "7d",
    }

    message = await world.slash("levels", options)

    assert world.bot.asked[0].text == "ETH 4h 7d daily 08:00 the 200 week b"
    assert message["embeds"][0]["title"] == "levels ETH 4h 7d daily 08:00 the 200 week b"


async def test_a_subcommand_is_the_first_word(world: World):
    await world.slash("alert add", {"rule": "btc < 70k"})

    asked = world.bot.asked[0]
    assert (asked.command, asked.args) == ("alert", ("add", "btc", "<", "70k"))
    assert asked.admin
    assert asked.kind is ChannelKind.GROUP
    assert asked.channel_name == "general"


@pytest.mark.parametrize(("name", "option"), [("levels", "asset"), ("alert remove", "id")])
async def test_suggestions_come_at_once_and_are_25_at_most(world: World, name: str, option: str):
    record = world.rig.slash(name, {option: "b"}, TEXT, PAT, autocomplete=option)

    await until(lambda: record["choices"])

    assert len(record["choices"]) == 25
    assert record["completed"] - record["created"] < 0.5


async def test_a_button_changes_its_message_and_anyone_may_press_it(world: World):
    message = await world.slash("levels", {"asset": "ETH"})

    await world.settled(await world.press(message, "4h", PAT))

    assert world.shown() == ["levels btc 4h"]
    assert world.bot.asked[-1].user == str(PAT)
    assert not world.bot.asked[-1].admin
    assert world.bot.asked[-1].message == message["id"]


async def test_a_button_may_ask_for_a_new_message_with_a_picture(world: World):
    message = await world.slash("levels")

    answer = await world.settled(await world.press(message, "New"))

    assert world.shown() == ["levels ", "Chart"] or world.shown() == ["levels", "Chart"]
    assert answer["embeds"][0]["image"]["url"].endswith("/chart.png")
    assert any("BTC fell from 79k" in json.dumps(call["body"]) for call in world.rig.calls)


async def test_what_is_for_one_person_never_replaces_what_all_see(world: World):
    message = await world.slash("levels")

    record = await world.press(message, "Hush", PAT)
    await until(lambda: record["followups"])

    said = world.rig.messages[record["followups"][0]]
    assert said["flags"] & 64
    assert "@everyone" not in said["embeds"][0]["description"]
    assert world.rig.messages[message["id"]]["embeds"] == message["embeds"]


async def test_details_are_unfolded_for_the_asker_alone(world: World):
    message = await world.slash("levels")

    answer = await world.settled(await world.press(message, "More", PAT))

    assert answer["flags"] & 64
    assert answer["embeds"][0]["description"] == "folded away"


async def test_the_panel_is_hidden_and_edited_in_place_by_button_choice_and_modal(world: World):
    message = await world.slash("settings")
    await world.settled(await world.press(message, "On"))
    stands = world.rig.messages[message["id"]]
    assert stands["flags"] & 64
    assert stands["embeds"][0]["title"] == "Settings: on"

    menu = stands["components"][0]["components"][0]
    german = menu["options"][1]["value"]
    await world.settled(await world.press(stands, "Language", values=[german]))
    assert world.rig.messages[message["id"]]["embeds"][0]["title"] == "Settings: lang de"

    record = await world.press(world.rig.messages[message["id"]], "Zone")
    await until(lambda: record["modal"])
    await world.settled(world.rig.submit(record["token"], {"answer": " Europe/Berlin\n"}, OWNER))
    await until(lambda: len(world.bot.asked) == 4)
    title = world.rig.messages[message["id"]]["embeds"][0]["title"]
    assert title == "Settings: zone Europe/Berlin"
    assert len(world.rig.sent(TEXT)) == 1


async def test_buttons_and_modals_survive_a_restart(rig):
    bot, store = Bot(), fakeredis.FakeAsyncRedis()
    async with listening(rig, made(rig, bot, store)) as _:
        old = World(rig, bot, SimpleNamespace(), store)
        message = await old.slash("settings")
        opened = await old.press(message, "Zone")
        await until(lambda: opened["modal"])
    async with listening(rig, made(rig, bot, store)):
        new = World(rig, bot, SimpleNamespace(), store)
        await new.settled(rig.submit(opened["token"], {"answer": "UTC"}, OWNER))
        await until(
            lambda: rig.messages[message["id"]]["embeds"][0]["title"] == "Settings: zone UTC"
        )
        await new.settled(await new.press(rig.messages[message["id"]], "On"))
        await until(lambda: rig.messages[message["id"]]["embeds"][0]["title"] == "Settings: on")
    registered = [c for c in rig.calls if c["operation"] == "bulk_set_application_commands"]
    assert len(registered) == 1
    assert rig.violations == []
    assert rig.timings()["pending"] == []


async def test_a_button_nobody_remembers_is_answered_kindly(world: World):
    message = await world.slash("levels")
    await world.store.flushall()

    record = await world.press(message, "4h")
    await until(lambda: record["followups"])

    said = world.rig.messages[record["followups"][0]]
    assert "too old" in said["embeds"][0]["description"]
    assert said["flags"] & 64


async def test_a_bug_leaves_nobody_waiting(world: World):
    record = world.rig.slash("broken", {}, TEXT, PAT)

    await until(lambda: record["followups"])

    said = world.rig.messages[record["followups"][-1]]
    assert "Something broke" in said["embeds"][0]["description"]
    assert said["flags"] & 64


async def test_silence_leaves_nothing_behind(world: World):
    record = world.rig.slash("silent", {}, TEXT, PAT)

    await until(lambda: record["completed"])

    assert world.rig.sent(TEXT) == []


async def test_a_long_answer_and_a_file_arrive_whole(world: World):
    record = world.rig.slash("long", {}, TEXT, PAT)
    await until(lambda: len(record["followups"]) == 2)
    data = await world.slash("mydata", user=PAT)

    assert len(world.rig.sent(TEXT)) == 4
    assert [a["filename"] for a in data["attachments"]] == ["my_data.json"]
    assert data["flags"] & 64


async def test_direct_messages_belong_to_their_person(world: World):
    await world.slash("settings", where=None, user=PAT)

    asked = world.bot.asked[0]
    assert asked.kind is ChannelKind.PRIVATE
    assert asked.admin


async def test_strangers_have_no_rights_and_places_are_told_apart(world: World):
    for where in (NEWS, THREAD, POST):
        await world.slash("levels", where=where, user=PAT)

    asked = world.bot.asked
    assert [a.kind for a in asked] == [ChannelKind.BROADCAST, ChannelKind.GROUP, ChannelKind.FORUM]
    assert [a.channel.chat for a in asked] == [str(NEWS), str(THREAD), str(FORUM)]
    assert not any(a.admin for a in asked)


async def test_where_the_bot_is_no_member_only_the_asker_sees_it(world: World):
    original = world.rig.dispatch

    def abroad(event, data):
        owners = {"authorizing_integration_owners": {"1": str(PAT)}}
        return original(event, {**data, **owners} if event == "INTERACTION_CREATE" else data)

    world.rig.dispatch = abroad
    message = await world.slash("levels", user=OWNER)

    assert message["flags"] & 64
    assert world.bot.asked[0].kind is ChannelKind.FOREIGN
    assert not world.bot.asked[0].admin


async def test_the_same_delivery_twice_is_one_message(world: World):
    reply = Reply("Briefing", (text("x" * 3000), text("y" * 3000)), chart=CHART)

    first = await world.transport.send(here(TEXT), reply, nonce="delivery-1")
    again = await world.transport.send(here(TEXT), reply, nonce="delivery-1")

    assert first == again
    assert len(world.rig.sent(TEXT)) == 2
    assert all(m["_allowed_mentions"] == {"parse": []} for m in world.rig.sent(TEXT))


async def test_pushes_reach_threads_news_direct_messages_and_can_be_edited(world: World):
    for place in (THREAD, NEWS, f"@{PAT}"):
        sent = await world.transport.send(
            here(place), Reply("Alert"), nonce=f"n{place}", silent=True
        )
        await world.transport.edit(here(place), sent.message, Reply("Recovered"))
        message = world.rig.messages[sent.message]
        assert message["embeds"][0]["title"] == "Recovered"
        assert message["flags"] & 1 << 12
    await world.transport.publish(here(NEWS), next(iter(m["id"] for m in world.rig.sent(NEWS))))
    assert world.rig.calls[-1]["operation"] == "crosspost_message"


async def test_a_forum_gets_one_dated_post_for_a_delivery(world: World):
    briefing = Reply("BTC $72,300", controls=((Button("4h", "levels btc 4h"),),), chart=CHART)
    first = await world.transport.send(here(FORUM), briefing, nonce="d1")
    again = await world.transport.send(here(FORUM), Reply("BTC $72,310"), nonce="d1")

    assert first == again
    made = [c for c in world.rig.calls if c["operation"] == "create_thread"]
    assert [c["body"]["name"] for c in made] == ["6 Mar 2030 · BTC $72,300"]


async def test_a_post_that_was_deleted_is_gone_and_the_forum_is_not(world: World):
    with pytest.raises(DeliveryError) as refused:
        await world.transport.edit(here(FORUM), "123/123", Reply("Recovered"))

    assert (refused.value.gone, refused.value.permanent) == (True, False)


async def test_a_press_in_a_forum_post_speaks_for_the_forum(world: World):
    message = await world.slash("levels", where=POST)

    await world.settled(await world.press(message, "4h", PAT))

    assert world.bot.asked[-1].channel == here(FORUM)


async def test_missing_rights_are_named(world: World):
    assert await world.transport.missing_rights(here(TEXT)) == ()
    assert await world.transport.missing_rights(here(THREAD)) == ()
    world.rig.deny(TEXT, "SEND_MESSAGES", "EMBED_LINKS")
    in_text = await world.transport.missing_rights(here(TEXT))
    in_thread = await world.transport.missing_rights(here(THREAD))
    world.rig.deny(TEXT, "VIEW_CHANNEL")

    assert [r.split(":")[0] for r in in_text] == ["Send Messages", "Embed Links"]
    assert [r.split(":")[0] for r in in_thread] == ["Embed Links"]
    (hidden,) = await world.transport.missing_rights(here(TEXT))
    assert hidden.startswith("View Channel")


@pytest.mark.parametrize("kind", ["missing_permissions", "missing_access", "unknown_channel"])
async def test_a_place_that_will_not_have_us_is_permanent(world: World, kind: str):
    world.rig.add_fault(kind, "create_message")

    with pytest.raises(DeliveryError) as caught:
        await world.transport.send(here(TEXT), Reply("x"), nonce="n")

    assert caught.value.permanent


async def test_closed_direct_messages_are_permanent(world: World):
    world.rig.closed_dms.add(str(PAT))

    with pytest.raises(DeliveryError) as caught:
        await world.transport.send(here(f"@{PAT}"), Reply("x"))

    assert caught.value.permanent


async def test_a_deleted_message_is_told_as_gone(world: World):
    with pytest.raises(DeliveryError) as caught:
        await world.transport.edit(here(TEXT), "123", Reply("x"))

    assert caught.value.gone
    assert not caught.value.permanent


async def test_a_lost_answer_is_asked_for_again_and_nothing_doubles(world: World):
    world.rig.add_fault("lost", "create_message")

    await world.transport.send(here(TEXT), Reply("once"), nonce="n")

    assert world.shown() == ["once"]


async def test_a_lost_answer_without_a_nonce_is_a_riddle(world: World):
    world.rig.add_fault("lost", "create_message")

    with pytest.raises(DeliveryError) as caught:
        await world.transport.send(here(TEXT), Reply("once"))

    assert caught.value.unknown


@pytest.mark.parametrize("kind", ["429_route", "429_global", "500", "502", "slow"])
async def test_what_passes_is_waited_for(world: World, kind: str):
    world.rig.add_fault(kind, "create_message", retry_after=0.2, delay=0.2)

    await world.transport.send(here(TEXT), Reply("at last"), nonce="n")

    assert world.shown() == ["at last"]


async def test_a_long_rate_limit_is_handed_back(world: World):
    world.rig.add_fault("429_route", "create_message", retry_after=90)

    with pytest.raises(DeliveryError) as caught:
        await world.transport.send(here(TEXT), Reply("x"), nonce="n")

    assert caught.value.retry_after == timedelta(seconds=90)


async def test_a_ban_by_the_shield_says_how_long(world: World):
    world.rig.add_fault("429_cloudflare", "create_message")

    with pytest.raises(DeliveryError) as caught:
        await world.transport.send(here(TEXT), Reply("x"), nonce="n")

    assert caught.value.global_limit
    assert caught.value.retry_after == timedelta(hours=1)


@pytest.mark.parametrize("kind", ["lost", "500", "slow"])
async def test_a_stumbling_acknowledgement_still_ends_in_an_answer(world: World, kind: str):
    world.rig.add_fault(kind, "create_interaction_response", delay=0.3)

    message = await world.slash("levels", {"asset": "BTC"})

    assert message["embeds"][0]["title"] == "levels BTC"


async def test_an_interaction_that_is_gone_is_left_alone(world: World):
    world.rig.add_fault("unknown_interaction", "create_interaction_response")
    world.rig.slash("levels", {}, TEXT, PAT)

    await until(lambda: world.rig.faults[0]["hits"])
    await world.slash("chart")

    assert [a.command for a in world.bot.asked] == ["chart"]


async def test_when_the_answers_way_is_closed_it_is_said_in_the_channel(world: World):
    world.rig.add_fault(
        "error", "update_original_webhook_message", status=401, code=50027, message="Invalid"
    )
    world.rig.slash("levels", {"asset": "BTC"}, TEXT, PAT)

    await until(lambda: "levels BTC" in world.shown())
    for record in world.rig.interactions.values():  # it ends by itself when the token does
        record["completed"] = record["acked"]


@pytest.mark.parametrize(
    ("action", "args"),
    [
        ("reconnect", {}),
        ("invalid", {"resumable": False}),
        ("drop", {}),
        ("close", {"code": 4000}),
        ("close", {"code": 4009}),
    ],
)
async def test_the_gateway_comes_back(world: World, action: str, args: dict):
    sockets = len(world.rig.gateway_log)
    await world.rig.gateway(action, **args)
    await until(lambda: len(world.rig.gateway_log) > sockets, 15)
    await until(lambda: any(s.conn and s.valid for s in world.rig.sessions.values()), 15)

    await world.slash("chart")

    assert world.bot.asked


async def test_being_kicked_and_a_deleted_channel_are_told(world: World):
    world.rig.delete_channel(NEWS)
    await until(lambda: (f"discord:{NEWS}", False) in world.bot.members)
    world.rig.kick(GUILD)

    lost = {f"discord:{place}" for place in (TEXT, THREAD, FORUM, POST)}
    await until(lambda: lost <= {key for key, gained in world.bot.members if not gained})

    with pytest.raises(DeliveryError) as caught:
        await world.transport.send(here(TEXT), Reply("x"), nonce="n")
    assert caught.value.permanent


async def test_being_invited_is_told(world: World):
    await asyncio.sleep(
        0.7
    )  # until discord.py takes a new guild for new and not for one of its first
    world.rig.add_channel(901, GUILD + 9, "hello")
    world.rig.add_guild(GUILD + 9, "New", announce=True)

    await until(lambda: ("discord:901", True) in world.bot.members)


async def test_a_wrong_token_ends_this_platform_alone(rig, caplog):
    transport = made(rig, Bot(), fakeredis.FakeAsyncRedis(), token="wrong.token.here")

    await asyncio.wait_for(transport.run(), 5)

    assert [r.getMessage() for r in caplog.records].count("discord_token_refused") == 1
    assert "wrong.token.here" not in caplog.text


async def test_it_stops_within_a_second(rig):
    transport = made(rig, Bot(), fakeredis.FakeAsyncRedis())
    async with listening(rig, transport) as task:
        await transport.send(here(TEXT), Reply("x"))
        started = asyncio.get_running_loop().time()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await transport.close()

        assert asyncio.get_running_loop().time() - started < 1


async def test_a_hundred_questions_at_once_are_each_acknowledged_within_a_second(world: World):
    records = [world.rig.slash("levels", {"asset": str(n)}, TEXT, PAT) for n in range(100)]

    await until(lambda: all(r["completed"] for r in records), 20)

    assert max(r["acked"] - r["created"] for r in records) < 1
