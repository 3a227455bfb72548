"""The Telegram half against a local Bot API server that checks every call by the official definition."""

import asyncio
import contextlib
import io
import sys
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from fakeredis import FakeAsyncRedis
from hypothesis import HealthCheck, given, settings
from PIL import Image
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.buttons import Buttons
from bot.transport import DeliveryError
from bot.transports.telegram import Door, TelegramTransport
from bot.transports.telegram_intake import SECRET_HEADER
from bot.transports.telegram_request import AiohttpRequest
from handlers.command import Channel, ChannelKind, Command, Right
from handlers.reply import (
    Attachment,
    Button,
    ButtonStyle,
    CandleChart,
    Choice,
    Code,
    Details,
    Link,
    Moment,
    Prompt,
    Reply,
    Select,
    Strong,
    Table,
    text,
)
from handlers.words import Words
from tests.bot.test_render_telegram import HOSTILE, replies

pytestmark = [
    pytest.mark.conformance,
    # python-telegram-bot says so of its own RetryAfter, whenever one is made
    pytest.mark.filterwarnings("ignore:Deprecated since version v22.2"),
]

ANN, BOB, GROUP, FORUM, NEWS, BASIC = 11, 12, -1001000000001, -1001000000002, -1001000000003, -4242
NOON = datetime(2030, 3, 6, 12, 0, tzinfo=UTC)
CHART = CandleChart("BTC 4h", "BTC fell from 72k to 70k", "Binance")
KEYS = (
    (
        Button("4h", "chart btc 4h"),
        Button("Again", "echo again", edits=False, style=ButtonStyle.DANGER),
        Prompt("Add", "New alert", "What should I watch?", "echo got {answer}", "btc 70k"),
    ),
)
PRICE = Reply(
    "BTC $70,412 ↓ −3.1 %",
    (
        text("Up & away <b>", ("since ", Moment(NOON, "12:00 UTC"), " ", Strong("now"))),
        Table((("IBIT", "−120"), ("比特币", "7")), head=("Fund", "$M"), align="<>"),
        Details("Why", (("see ", Link("docs", "https://example.org/?a=1&b=2")),)),
    ),
    footer=(("Binance · now · ", Code("/price btc")),),
    controls=KEYS,
)
LONG = Reply("Long", tuple(text(*(f"{n} <row> @all " + "x" * 60,) * 5) for n in range(30)))


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 200), "navy").save(file, "PNG")
    return file.getvalue()


async def draw(chart):
    return png()


async def words_for(channel, language):
    return Words()


def command(name: str, right: Right = Right.ANYONE) -> Command:
    return Command(name, f"/{name}", f"What {name} does", run=None, right=right)


COMMANDS = (
    *map(command, ("price", "levels", "brief", "chart", "long", "echo", "start", "whoami", "slow")),
    command("settings", Right.ADMIN),
    command("owner", Right.OWNER),
)


class Desk:
    """Answers a few commands and remembers what was asked."""

    def __init__(self) -> None:
        self.asked = []
        self.gate = asyncio.Event()

    async def __call__(self, request):  # noqa: C901
        self.asked.append(request)
        match request.command:
            case "price" | "brief" | "levels":
                return PRICE
            case "chart":
                return Reply(f"BTC {' '.join(request.args)}", chart=CHART, controls=KEYS)
            case "long":
                return LONG
            case "export":
                return Reply("Your data", attachment=Attachment("mydata.json", '{"a": 1}'))
            case "settings":
                zones = (Choice("UTC", "settings utc", chosen=True), Choice("CET", "settings cet"))
                return Reply(f"Settings {request.text}", selects=(Select("Zone", zones),))
            case "slow":
                await self.gate.wait()
                return Reply("Slow")
            case "whoami":
                return Reply("admin" if request.admin else "stranger")
            case "echo" | "start":
                return Reply(request.text or "nothing")
        return None if request.kind is not ChannelKind.PRIVATE else Reply("Unknown")


async def until(fact, patience=5.0):
    async with asyncio.timeout(patience):
        while not (found := fact()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        return found


@pytest.fixture
async def rig(shared):
    sys.path.insert(0, str(shared / "rigs"))
    try:
        from telegram_rig import TelegramRig
    finally:
        sys.path.remove(str(shared / "rigs"))
    rig = await TelegramRig().start()
    rig.config["flood"] = "off"
    rig.add_user(ANN, "Ann", "ann")
    rig.add_user(BOB, "Bob <b>", "bob_b", language_code="de")
    rig.add_chat(GROUP, "supergroup", "Traders", "traders", members={ANN: "creator", BOB: "member"})
    rig.add_chat(
        FORUM,
        "supergroup",
        "Forum",
        is_forum=True,
        members={ANN: "administrator"},
        topics={7: "btc"},
    )
    rig.add_chat(NEWS, "channel", "News", members={ANN: "creator"}, bot_status="administrator")
    rig.add_chat(BASIC, "group", "Small", members={ANN: "creator"})
    yield rig
    await rig.stop()


class World:
    def __init__(self, rig, redis, **options):
        from telegram_rig import DEFAULT_TOKEN

        self.rig, self.redis, self.desk = rig, redis, Desk()
        self.members, self.moves = [], []
        self.transport = TelegramTransport(
            options.pop("token", DEFAULT_TOKEN),
            api_url=rig.base_url,
            file_url=rig.base_file_url,
            dispatch=self.desk,
            words_for=words_for,
            commands=COMMANDS,
            languages=(Words(), Words("de", translate=lambda s: s + " (de)")),
            buttons=Buttons(redis, asyncio.get_running_loop().time),
            redis=redis,
            draw=draw,
            on_membership=self.member,
            on_moved=self.moved,
            timer=asyncio.get_running_loop().time,
            owners=frozenset({f"telegram:{ANN}"}),
            **options,
        )

    async def member(self, channel, gained, by_user, broadcast):
        self.members.append((channel.key, gained, by_user))

    async def moved(self, old, new):
        self.moves.append((old.key, new.key))

    async def answered(self, chat, count=1):
        found = await until(lambda: len(self.rig.sent(chat)) >= count and self.rig.sent(chat))
        return found[count - 1]

    async def called(self, method, count=1):
        def calls():
            found = [c for c in self.rig.calls if c["method"] == method]
            return len(found) >= count and found

        return await until(calls)


@pytest.fixture
async def redis():
    async with FakeAsyncRedis() as client:
        yield client


@contextlib.asynccontextmanager
async def listening(rig, redis, **options):
    world = World(rig, redis, **options)
    async with world.transport:
        task = asyncio.create_task(world.transport.run())
        try:
            yield world
        finally:
            task.cancel()
            await asyncio.wait({task}, timeout=2)
            assert task.cancelled()


@contextlib.asynccontextmanager
async def sender(rig, redis, **options):
    world = World(rig, redis, **options)
    async with world.transport:
        yield world.transport


def channel(chat: int, thread: int | None = None) -> Channel:
    return Channel("telegram", str(chat), str(thread) if thread else None)


async def test_a_question_in_private_is_answered_with_everything(rig, redis):
    async with listening(rig, redis) as world:
        rig.message(ANN, ANN, "/price btc")
        message = await world.answered(ANN)

    kinds = {entity["type"] for entity in message["entities"]}
    assert message["text"].startswith("BTC $70,412 ↓ −3.1 %\n\nUp & away <b>\nsince 12:00 UTC now")
    assert {"bold", "pre", "expandable_blockquote", "text_link", "italic", "code"} <= kinds
    assert message["link_preview_options"] == {"is_disabled": True}
    assert world.desk.asked[0].admin
    assert world.desk.asked[0].owner
    assert rig.violations == []


async def test_a_word_without_a_slash_and_a_link_are_questions_in_private(rig, redis):
    async with listening(rig, redis) as world:
        rig.message(ANN, ANN, "price eth")
        await world.answered(ANN)
        rig.message(ANN, ANN, "/start levels-ETH")
        await world.answered(ANN, 2)
        rig.message(ANN, ANN, "/start settings-utc")
        await world.answered(ANN, 3)
        rig.message(ANN, ANN, "good morning")
        await world.answered(ANN, 4)
        rig.message(ANN, ANN, "/price last", edited=True)
        rig.message(ANN, ANN, "/levels done")
        await world.answered(ANN, 5)

    asked = [(r.command, r.args) for r in world.desk.asked]
    assert asked == [
        ("price", ("eth",)),
        ("levels", ("ETH",)),
        ("start", ("settings-utc",)),
        ("good", ("morning",)),
        ("levels", ("done",)),
    ]
    assert rig.violations == []


async def test_a_group_hears_only_what_it_asked_us(rig, redis):
    async with listening(rig, redis) as world:
        rig.privacy = False
        rig.bots[next(iter(rig.bots))]["privacy"] = False
        rig.message(GROUP, BOB, "price btc")
        rig.message(GROUP, BOB, "/price@other_bot btc")
        rig.message(GROUP, BOB, "/unknown")
        rig.message(GROUP, BOB, "/price x", extra={"via_bot": rig._bot(None)["user"]})
        rig.message(GROUP, BOB, "/PRICE@Rig_Bot btc")
        message = await world.answered(GROUP)

    assert [r.command for r in world.desk.asked] == ["unknown", "price"]
    assert message["reply_to_message"]["text"] == "/PRICE@Rig_Bot btc"
    assert rig.violations == []


@pytest.mark.parametrize(
    ("user", "extra", "said"),
    [
        pytest.param(ANN, {}, "admin", id="creator"),
        pytest.param(BOB, {}, "stranger", id="member"),
        pytest.param(
            1087968824,
            {"sender_chat": {"id": GROUP, "type": "supergroup", "title": "Traders"}},
            "admin",
            id="anonymous admin",
        ),
        pytest.param(
            136817688,
            {"sender_chat": {"id": -100555, "type": "channel", "title": "Own"}},
            "stranger",
            id="somebody's own channel",
        ),
    ],
)
async def test_who_may_change_a_group(rig, redis, user, extra, said):
    async with listening(rig, redis) as world:
        rig.message(GROUP, user, "/whoami", extra=extra)

        assert (await world.answered(GROUP))["text"] == said
    assert rig.violations == []


async def test_an_admin_is_asked_about_once_a_minute_but_at_every_press(rig, redis):
    async with listening(rig, redis) as world:
        rig.message(GROUP, ANN, "/settings a")
        panel = await world.answered(GROUP)
        rig.message(GROUP, ANN, "/whoami")
        await world.answered(GROUP, 2)
        assert len(await world.called("getChatMember")) == 1
        rig.chats[GROUP]["members"][ANN] = "member"
        rig.press(GROUP, panel["message_id"], ANN, row=0, col=1)
        await world.called("editMessageText")

    assert not world.desk.asked[-1].admin
    assert rig.violations == []


async def test_a_topic_and_a_channel_are_answered_where_they_asked(rig, redis):
    async with listening(rig, redis) as world:
        rig.message(FORUM, ANN, "/price", thread_id=7)
        assert (await world.answered(FORUM))["message_thread_id"] == 7
        rig.message(FORUM, ANN, "/price")
        assert "message_thread_id" not in await world.answered(FORUM, 2)
        rig.message(NEWS, ANN, "/price btc")
        await world.answered(NEWS, 2)

    assert [r.channel.key for r in world.desk.asked] == [
        f"telegram:{FORUM}/7",
        f"telegram:{FORUM}",
        f"telegram:{NEWS}",
    ]
    assert world.desk.asked[-1].kind is ChannelKind.BROADCAST
    assert world.desk.asked[-1].admin
    assert rig.violations == []


async def test_buttons_edit_answer_anew_and_ask(rig, redis):
    async with listening(rig, redis) as world:
        rig.message(GROUP, ANN, "/settings a")
        panel = await world.answered(GROUP)
        labels = [b["text"] for b in panel["reply_markup"]["inline_keyboard"][0]]
        assert labels == ["✓ UTC", "CET"]
        rig.press(GROUP, panel["message_id"], ANN, row=0, col=1)
        await until(lambda: rig.sent(GROUP)[0]["text"] == "Settings cet")
        rig.press(GROUP, panel["message_id"], ANN, row=0, col=1)  # unchanged: nothing to see
        rig.message(GROUP, BOB, "/price")
        price = await world.answered(GROUP, 2)
        rig.press(GROUP, price["message_id"], BOB, row=0, col=1)
        assert (await world.answered(GROUP, 3))["text"] == "again"
        rig.press(GROUP, price["message_id"], BOB, row=0, col=2)
        question = await world.answered(GROUP, 4)
        assert question["text"] == "Bob <b>, New alert\nWhat should I watch?"
        await asyncio.sleep(0.02)
        rig.message(GROUP, BOB, "eth  3k", reply_to=question["message_id"])
        assert (await world.answered(GROUP, 5))["text"] == "got eth 3k"
        await until(lambda: all(c["answered"] for c in rig.callbacks.values()))

    assert rig.violations == []


async def test_buttons_survive_a_restart_and_old_ones_say_so(rig, redis):
    async with listening(rig, redis) as world:
        rig.message(ANN, ANN, "/chart btc")
        picture = await world.answered(ANN)
    async with listening(rig, redis) as world:
        rig.press(ANN, picture["message_id"], ANN, row=0, col=0)
        await until(lambda: rig.sent(ANN)[0].get("caption", "").startswith("BTC btc 4h"))
        await redis.flushall()
        event = rig.press(ANN, picture["message_id"], ANN, row=0, col=1)
        answer = await until(lambda: rig.callbacks[event["callback_query_id"]]["answer"])

    assert answer == {
        "text": "This button is too old. Please send the command again.",
        "show_alert": True,
    }
    assert rig.violations == []


async def test_a_prompt_in_a_channel_shows_what_to_post(rig, redis):
    async with listening(rig, redis) as world:
        rig.message(NEWS, ANN, "/price")
        message = await world.answered(NEWS, 2)
        event = rig.press(NEWS, message["message_id"], ANN, row=0, col=2)
        answer = await until(lambda: rig.callbacks[event["callback_query_id"]]["answer"])

    assert answer["text"] == "Post this here: /echo got btc 70k"
    assert rig.violations == []


async def test_a_chart_is_a_photo_uploaded_once(rig, redis):
    async with listening(rig, redis) as world:
        rig.message(ANN, ANN, "/chart btc 1d")
        first = await world.answered(ANN)
        rig.message(ANN, ANN, "/chart btc 1w")
        await world.answered(ANN, 2)

    assert first["photo"][-1]["width"] == 320
    assert first["caption"] == "BTC btc 1d\n\nBTC fell from 72k to 70k"
    sent = [c for c in rig.calls if c["method"] == "sendPhoto"]
    assert [bool(c["uploads"]) for c in sent] == [True, False]
    assert rig.violations == []


async def test_words_too_long_for_a_caption_follow_the_picture(rig, redis):
    async with sender(rig, redis) as transport:
        where = channel(ANN)
        body = text(*["word " * 20] * 30)
        sent = await transport.send(where, Reply("Title", (body,), chart=CHART, controls=KEYS))
        await transport.edit(where, sent.message, Reply("Now text", controls=KEYS))
        photo = await transport.send(where, Reply("Small", (text("a"),), chart=CHART))
        await transport.edit(where, photo.message, Reply("Recovered", (text("b"),)))

    picture, words, small = rig.sent(ANN)
    assert picture["caption"] == "Title"
    assert words["text"] == "Now text"
    assert small["caption"] == "Recovered\n\nb"
    assert rig.violations == []


async def test_a_text_becomes_a_picture_in_place(rig, redis):
    async with sender(rig, redis) as transport:
        sent = await transport.send(channel(ANN), Reply("Text"))
        await transport.edit(channel(ANN), sent.message, Reply("Seen", (text("a"),), chart=CHART))

    (message,) = rig.sent(ANN)
    assert message["caption"] == "Seen\n\na"
    assert rig.violations == []


async def test_long_answers_files_and_silence(rig, redis):
    async with sender(rig, redis) as transport:
        await transport.send(channel(ANN), LONG, silent=True)
        await transport.send(
            channel(FORUM, 7), Reply("Your data", attachment=Attachment("a.json", "{}"), quiet=True)
        )

    parts, forum = rig.sent(ANN), rig.sent(FORUM)
    assert len(parts) > 1
    assert sum(part["text"].count("<row>") for part in parts) == 150
    assert not any(e["type"] == "mention" for part in parts for e in part.get("entities", ()))
    assert all(part["_disable_notification"] for part in parts + forum)
    assert forum[1]["document"]["file_name"] == "a.json"
    assert rig.violations == []


async def test_hostile_words_arrive_whole_and_ring_nobody(rig, redis):
    async with sender(rig, redis) as transport:
        for words in HOSTILE:
            reply = Reply(words, (text(words, (Strong(words), Code(words))),), ((words,),))
            await transport.send(channel(ANN), reply)
    shown = [entity["type"] for m in rig.sent(ANN) for entity in m.get("entities", ())]
    assert "mention" not in shown
    assert "text_mention" not in shown
    assert rig.violations == []


async def test_whatever_is_said_telegram_takes_it(rig, redis):
    async with sender(rig, redis) as transport:
        loop = asyncio.get_running_loop()
        made = []

        @settings(
            max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(replies)
        def collect(reply):
            made.append(reply)

        await loop.run_in_executor(None, collect)
        for reply in made:
            await transport.send(channel(ANN), reply)

    assert rig.violations == []


async def test_menus_are_set_once_per_scope_and_language(rig, redis):
    for _ in range(2):
        async with listening(rig, redis) as world:
            await world.called("setMyShortDescription", 2)
            await asyncio.sleep(0.02)

    calls = [c for c in rig.calls if c["method"] == "setMyCommands"]
    assert len(calls) == 8
    bot = next(iter(rig.bots.values()))
    menus = {str(key): [c["command"] for c in value] for key, value in bot["commands"].items()}
    assert len(menus) == 8
    assert not any("owner" in names for names in menus.values())
    assert sum("settings" in names for names in menus.values()) == 4
    assert rig.violations == []


async def test_membership_and_migration_are_told(rig, redis):
    async with listening(rig, redis) as world:
        rig.my_chat_member(GROUP, ANN, "left", "member")
        rig.my_chat_member(GROUP, ANN, "member", "administrator")
        rig.my_chat_member(GROUP, ANN, "administrator", "kicked")
        rig.block(BOB)
        rig.migrate(BASIC, -1009999, ANN)
        await until(lambda: len(world.members) == 3 and world.moves)

    assert world.members == [
        (f"telegram:{GROUP}", True, "11"),
        (f"telegram:{GROUP}", False, "11"),
        (f"telegram:{BOB}", False, "12"),
    ]
    assert world.moves == [(f"telegram:{BASIC}", "telegram:-1009999")]
    assert rig.violations == []


async def test_an_update_that_nobody_can_read_keeps_no_other_away(rig, redis, caplog):
    async with listening(rig, redis) as world:
        rig.push("my_chat_member", {"chat": {"id": GROUP}, "from": {}, "date": "no date"})
        rig.message(ANN, ANN, "/price")
        await world.answered(ANN)
        rig.message(ANN, ANN, "/levels")
        await world.answered(ANN, 2)

    assert caplog.messages.count("update_failed") == 1
    assert [r.command for r in world.desk.asked] == ["price", "levels"]
    assert rig.violations == []


async def test_inline_questions_get_articles(rig, redis):
    async with listening(rig, redis) as world:
        rig.push("inline_query", {"id": "9", "from": rig.users[BOB], "query": "eth", "offset": ""})
        call = (await world.called("answerInlineQuery"))[0]

    assert [(r.command, r.args, r.admin) for r in world.desk.asked] == [
        ("price", ("eth",), False),
        ("levels", ("eth",), False),
        ("brief", ("eth",), False),
    ]
    assert "BTC $70,412" in str(call)
    assert rig.violations == []


async def test_slow_work_shows_that_we_type(rig, redis):
    async with listening(rig, redis) as world:
        rig.message(ANN, ANN, "/slow")
        await world.called("sendChatAction")
        world.desk.gate.set()
        await world.answered(ANN)

    assert rig.violations == []


async def test_stopping_takes_no_second_and_confirms_what_was_taken(rig, redis):
    world = World(rig, redis)
    async with world.transport:
        task = asyncio.create_task(world.transport.run())
        rig.message(ANN, ANN, "/price")
        await world.answered(ANN)
        begun = asyncio.get_running_loop().time()
        task.cancel()
        await asyncio.wait({task})

    assert asyncio.get_running_loop().time() - begun < 1
    assert not next(iter(rig.bots.values()))["updates"]


async def test_a_refused_token_ends_only_the_listening(rig, redis, caplog):
    token = "7000000099:" + "A" * 35
    async with listening(rig, redis, token=token) as world:
        await until(lambda: "telegram_token_refused" in caplog.messages)
        with pytest.raises(DeliveryError) as failure:
            await world.transport.send(channel(ANN), PRICE)

    assert failure.value.global_limit
    assert not failure.value.permanent
    assert token not in caplog.text
    assert caplog.messages.count("telegram_token_refused") == 1


@pytest.mark.parametrize("kind", ["502", "reset", "not_json", "429"])
async def test_listening_survives(rig, redis, kind):
    rig.add_fault(kind, "getUpdates", retry_after=1)
    async with listening(rig, redis) as world:
        rig.message(ANN, ANN, "/price")
        await world.answered(ANN)

    # The server counts any call of the bot as impatient; a real one limits getUpdates alone.
    menus = ("setMyCommands", "setMyDescription", "setMyShortDescription")
    assert [v for v in rig.violations if v["method"] not in menus] == []


FAULTS = [
    ("429", {"retry_after": 7}, {"retry_after": timedelta(seconds=7)}),
    ("blocked", {}, {"permanent": True}),
    ("deactivated", {}, {"permanent": True}),
    ("kicked", {}, {"permanent": True}),
    ("chat_not_found", {}, {"permanent": True}),
    ("error", {"code": 400, "description": "Bad Request: TOPIC_CLOSED"}, {"permanent": True}),
    ("error", {"code": 400, "description": "Bad Request: our own mistake"}, {}),
    ("migrated", {"migrate_to_chat_id": -100777}, {"moved_to": Channel("telegram", "-100777")}),
    ("502", {}, {}),
    ("500", {}, {}),
    ("slow", {"delay": 1.0}, {"unknown": True}),
    ("reset", {}, {"unknown": True}),
    ("lost", {}, {"unknown": True}),
    ("not_json", {}, {"unknown": True}),
]


@pytest.mark.parametrize(("kind", "options", "says"), FAULTS)
async def test_what_a_refusal_means(rig, redis, kind, options, says):
    nothing = {
        "permanent": False,
        "retry_after": None,
        "moved_to": None,
        "unknown": False,
        "global_limit": False,
        "gone": False,
    }
    rig.add_fault(kind, "sendMessage", **options)
    async with sender(rig, redis, read_timeout=0.3) as transport:
        with pytest.raises(DeliveryError) as failure:
            await transport.send(channel(GROUP), Reply("Hello"))

    assert {name: getattr(failure.value, name) for name in nothing} == nothing | says
    assert rig.violations == []


async def test_no_connection_is_certainly_not_sent(rig, redis):
    async with sender(rig, redis) as transport:
        await rig.stop()
        with pytest.raises(DeliveryError) as failure:
            await transport.send(channel(ANN), Reply("Hello"))

    assert not failure.value.unknown
    assert not failure.value.permanent


async def test_a_chat_that_asked_us_to_wait_is_left_alone_and_others_are_not(rig, redis):
    rig.add_fault("429", "sendMessage", chat_id=ANN, retry_after=7)
    async with sender(rig, redis) as transport:
        for _ in range(2):
            with pytest.raises(DeliveryError) as failure:
                await transport.send(channel(ANN), Reply("Hello"))
        await transport.send(channel(GROUP), Reply("Hello"))

    assert failure.value.retry_after > timedelta(seconds=5)
    assert len([c for c in rig.calls if c["params"].get("chat_id") == ANN]) == 1
    assert rig.violations == []


async def test_an_answer_waits_out_a_short_pause(rig, redis):
    rig.add_fault("429", "sendMessage", chat_id=ANN, retry_after=1)
    async with listening(rig, redis) as world:
        rig.message(ANN, ANN, "/price")
        await world.answered(ANN)

    assert rig.violations == []


async def test_refused_markup_is_sent_as_plain_words(rig, redis):
    rig.add_fault(
        "error", "sendMessage", code=400, description="Bad Request: can't parse entities: no"
    )
    async with sender(rig, redis) as transport:
        await transport.send(channel(ANN), Reply("A & B"))

    assert rig.sent(ANN)[0]["text"] == "A & B"


async def test_a_deleted_message_is_gone_but_its_chat_is_not(rig, redis):
    async with sender(rig, redis) as transport:
        with pytest.raises(DeliveryError) as failure:
            await transport.edit(channel(ANN), "4711", Reply("Hello"))

    assert failure.value.gone
    assert not failure.value.permanent


@pytest.mark.parametrize(
    ("chat", "status", "said"),
    [
        (GROUP, "member", ()),
        (GROUP, "left", ("Add the bot to the chat",)),
        (NEWS, "member", ("“Post messages” (channel settings › Administrators › this bot)",)),
        (NEWS, "administrator", ()),
        (ANN, "member", ()),
    ],
)
async def test_missing_rights_are_named(rig, redis, chat, status, said):
    rig.chats[chat]["bot_status"] = status
    async with sender(rig, redis) as transport:
        found = await transport.missing_rights(channel(chat))

    assert found == said or status == "left"


async def test_a_webhook_keeps_before_it_confirms_and_handles_once(rig, redis):
    door = web.Application()
    runner = web.AppRunner(door, shutdown_timeout=0.1)
    from aiohttp import ClientSession

    world = World(rig, redis, door=Door("http://127.0.0.1:1/hook", "s3cret_A-1"))
    door.add_routes(world.transport.webhook_routes())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    world.transport._webhook._url = f"http://127.0.0.1:{port}/hook"
    update = {
        "update_id": 5,
        "message": {
            "message_id": 3,
            "date": 1,
            "chat": {"id": ANN, "type": "private", "first_name": "Ann"},
            "from": rig.users[ANN],
            "text": "/price",
        },
    }
    async with world.transport, ClientSession() as http:

        async def post(secret):
            headers = {SECRET_HEADER: secret}
            url = f"http://127.0.0.1:{port}/hook"
            async with http.post(url, json=update, headers=headers) as response:
                return response.status

        assert [await post(s) for s in ("", "wrong", "s3cret_A-1", "s3cret_A-1")] == [
            403,
            403,
            200,
            200,
        ]
        task = asyncio.create_task(world.transport.run())
        await world.answered(ANN)
        rig.message(ANN, ANN, "/levels")
        await world.answered(ANN, 2)
        assert await post("s3cret_A-1") == 200
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait({task}, timeout=2)
    await runner.cleanup()

    assert [r.command for r in world.desk.asked] == ["price", "levels"]
    assert await redis.xlen("lh:{tg}:updates") == 0
    assert rig.violations == []


def _httpx(**options):
    return HTTPXRequest(**options)


@pytest.mark.parametrize(
    ("kind", "options"),
    [(kind, options) for kind, options, _ in FAULTS] + [("unauthorized", {})],
)
async def test_both_requests_raise_alike(rig, kind, options):
    from telegram_rig import DEFAULT_TOKEN

    token = "7000000099:" + "A" * 35 if kind == "unauthorized" else DEFAULT_TOKEN
    raised = []
    for make in (_httpx, AiohttpRequest):
        if kind != "unauthorized":
            rig.add_fault(kind, "sendMessage", **options)
        request = make(read_timeout=0.3)
        async with request:
            bot = Bot(token, rig.base_url, rig.base_file_url, request, request)
            with pytest.raises(TelegramError) as failure:
                await bot.send_message(ANN, "x")
        raised.append(failure.value)
        rig.violations.clear()

    theirs, ours = raised
    assert isinstance(ours, type(theirs))
    if "httpx" not in theirs.message:
        assert ours.message == theirs.message


async def test_both_requests_send_the_same(rig):
    from telegram_rig import DEFAULT_TOKEN

    for make in (_httpx, AiohttpRequest):
        async with make() as request:
            bot = Bot(DEFAULT_TOKEN, rig.base_url, rig.base_file_url, request, request)
            await bot.send_message(ANN, "ü 😀", disable_notification=True)
            sent = await bot.send_photo(ANN, png(), caption="ü <b>x</b>", parse_mode="HTML")
            await bot.send_document(ANN, b"{}", filename='dätä "1".json')
            file = await bot.get_file(sent.photo[-1].file_id)
            assert bytes(await file.download_as_bytearray()) == png()

    calls = [
        {name: str(value).lower() for name, value in c["params"].items()}
        for c in rig.calls
        if c["method"].startswith("send")
    ]
    assert calls[:3] == calls[3:]
    names = [m["document"]["file_name"] for m in rig.sent(ANN) if "document" in m]
    assert len(names) == 2
    assert rig.violations == []


async def test_a_full_pool_is_said_and_nothing_is_sent(rig):
    from telegram_rig import DEFAULT_TOKEN

    rig.add_fault("slow", "getMe", delay=0.5)
    async with AiohttpRequest(connection_pool_size=1, pool_timeout=0.05) as request:
        bot = Bot(DEFAULT_TOKEN, rig.base_url, rig.base_file_url, request, request)
        first = asyncio.create_task(bot.get_me())
        await asyncio.sleep(0.02)
        with pytest.raises(TelegramError, match="not\\* sent"):
            await bot.send_message(ANN, "x")
        await first

    assert rig.sent(ANN) == []
