"""One call to Telegram over the wire: what it sends, and what python-telegram-bot is told when it fails."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.transports.telegram_request import AiohttpRequest, Lost, NotSent, NotSentInTime

# python-telegram-bot says so of its own RetryAfter, whenever one is made
pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")

TOKEN = "7000000001:" + "S3cret" * 5 + "-AbCd"
MESSAGE = (
    '{"ok":true,"result":{"message_id":5,"date":1,"chat":{"id":7,"type":"private"},"text":"x"}}'
)


class Server:
    """Answers every call the same way and keeps what it was sent."""

    def __init__(self, body=MESSAGE, status=200, *, delay=0.0, cut=False) -> None:
        self.body, self.status, self.delay, self.cut = body, status, delay, cut
        self.calls: list[tuple[str, str, object]] = []
        self.busy, self.most, self.url = 0, 0, ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.content_type == "multipart/form-data":
            body = {name: _field(value) for name, value in (await request.post()).items()}
        else:
            body = await request.json() if request.can_read_body else {}
        self.calls.append((request.path.rsplit("/", 1)[-1], request.content_type, body))
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            await asyncio.sleep(self.delay)
        finally:
            self.busy -= 1
        if self.cut:
            request.transport.close()
        return web.Response(text=self.body, status=self.status, content_type="application/json")


def _field(value):
    return (
        value if isinstance(value, str) else (value.filename, value.content_type, value.file.read())
    )


@asynccontextmanager
async def talking(server: Server, **options):
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        async with AiohttpRequest(**options) as request:
            yield Bot(TOKEN, f"{server.url}/bot", f"{server.url}/file/bot", request, request)
    finally:
        await runner.cleanup()


def silent_about_the_token(error: BaseException) -> None:
    """Neither the error nor what it came from spells the address, which holds the token."""
    while error is not None:
        shown = f"{error!r} {error} {vars(error)}"
        assert TOKEN not in shown
        assert "S3cret" not in shown
        assert "/bot" not in shown
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def refusal(code: int, description: str, **parameters) -> str:
    told = {"ok": False, "error_code": code, "description": description}
    return json.dumps(told | ({"parameters": parameters} if parameters else {}))


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (400, refusal(400, "Bad Request: chat not found"), BadRequest, "Chat not found"),
        (403, refusal(403, "Forbidden: bot was blocked by the user"), Forbidden, "blocked"),
        (401, refusal(401, "Unauthorized"), InvalidToken, "Unauthorized"),
        (404, refusal(404, "Not Found"), InvalidToken, "Not Found"),
        (409, refusal(409, "Conflict: terminated by other getUpdates"), Conflict, "terminated"),
        (429, refusal(429, "Too Many Requests", retry_after=7), RetryAfter, "7"),
        (400, refusal(400, "upgraded", migrate_to_chat_id=-1007), ChatMigrated, "-1007"),
        (502, "<html>Bad Gateway</html>", NetworkError, "Bad Gateway"),
        (500, refusal(500, "Internal Server Error"), NetworkError, "Internal Server Error"),
        (200, "<html>a page of a proxy</html>", TelegramError, "Invalid server response"),
        (200, "", TelegramError, "Invalid server response"),
    ],
)
async def test_a_refusal_is_what_python_telegram_bot_expects(status, body, kind, says):
    async with talking(Server(body, status)) as bot:
        with pytest.raises(kind) as failure:
            await bot.send_message(7, "x")

    assert says in str(failure.value)
    silent_about_the_token(failure.value)


async def test_how_long_to_wait_and_where_a_group_went_are_numbers():
    async with talking(Server(refusal(429, "Too Many Requests", retry_after=7), 429)) as bot:
        with pytest.raises(RetryAfter) as slow:
            await bot.send_message(7, "x")
    async with talking(Server(refusal(400, "moved", migrate_to_chat_id=-1007), 400)) as bot:
        with pytest.raises(ChatMigrated) as moved:
            await bot.send_message(7, "x")

    assert slow.value._retry_after.total_seconds() == 7
    assert moved.value.new_chat_id == -1007


async def test_an_answer_that_does_not_come_is_a_timeout_and_may_have_been_done():
    async with talking(Server(delay=5.0), read_timeout=0.02) as bot:
        with pytest.raises(TimedOut) as failure:
            await bot.send_message(7, "x")

    assert not isinstance(failure.value, NotSentInTime)
    silent_about_the_token(failure.value)


async def test_a_call_may_wait_longer_than_others():
    async with talking(Server(delay=0.1), read_timeout=0.02) as bot:
        assert (await bot.send_message(7, "x", read_timeout=5)).message_id == 5
        with pytest.raises(TimedOut):
            await bot.send_message(7, "x")


async def test_a_broken_connection_is_told_from_one_that_never_was():
    server = Server(cut=True)
    async with talking(server) as bot:
        with pytest.raises(Lost) as lost:
            await bot.send_message(7, "x")
    async with AiohttpRequest() as request:
        bot = Bot(TOKEN, f"{server.url}/bot", f"{server.url}/file/bot", request, request)
        with pytest.raises(NotSent) as not_sent:
            await bot.send_message(7, "x")

    for failure in (lost, not_sent):
        assert isinstance(failure.value, NetworkError)
        silent_about_the_token(failure.value)


async def test_a_proxy_that_sends_us_in_circles_does_not_make_us_spell_the_address():
    class Circle(Server):
        async def answer(self, request):
            raise web.HTTPTemporaryRedirect(request.rel_url)

    async with talking(Circle()) as bot:
        with pytest.raises(Lost, match="TooManyRedirects") as failure:
            await bot.send_message(7, "x")

    silent_about_the_token(failure.value)


async def test_no_free_connection_in_time_is_said_and_nothing_is_sent():
    server = Server(delay=0.2)
    async with talking(server, connection_pool_size=1, pool_timeout=0.02) as bot:
        first = asyncio.create_task(bot.send_message(7, "first"))
        await asyncio.sleep(0.01)
        with pytest.raises(NotSentInTime, match="not\\* sent") as failure:
            await bot.send_message(7, "second")
        await first

    assert [body["text"] for _, _, body in server.calls] == ["first"]
    silent_about_the_token(failure.value)


async def test_no_more_connections_than_allowed_are_used_and_each_is_given_back():
    server = Server(delay=0.01)
    async with talking(server, connection_pool_size=2, pool_timeout=5) as bot:
        await asyncio.gather(*(bot.send_message(7, "x") for _ in range(6)))

    assert len(server.calls) == 6
    assert server.most == 2


async def test_a_place_is_given_back_after_a_failure():
    server = Server("no json")
    async with talking(server, connection_pool_size=1, pool_timeout=0.05) as bot:
        for _ in range(3):
            with pytest.raises(TelegramError, match="Invalid server response"):
                await bot.send_message(7, "x")


async def test_words_go_as_json():
    server = Server()
    async with talking(server) as bot:
        await bot.send_message(7, "ü 😀 <b>", disable_notification=True)

    ((method, kind, body),) = server.calls
    assert (method, kind) == ("sendMessage", "application/json")
    assert body == {"chat_id": 7, "text": "ü 😀 <b>", "disable_notification": True}


async def test_a_file_goes_as_a_form_with_its_name_and_kind():
    server = Server()
    async with talking(server) as bot:
        file = InputFile(b"{}", filename='dätä "1".json')
        await bot.send_document(7, file, caption="ü", disable_notification=True)

    ((method, kind, body),) = server.calls
    assert (method, kind) == ("sendDocument", "multipart/form-data")
    assert (body["chat_id"], body["caption"], body["disable_notification"]) == ("7", "ü", "true")
    (name, mime, content) = next(value for value in body.values() if isinstance(value, tuple))
    assert (mime, content) == ("application/json", b"{}")
    assert name.startswith("dätä")


async def test_a_question_without_parameters_has_no_body():
    server = Server('{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"Rig","username":"rig_bot"}}')  # fmt: skip
    async with talking(server) as bot:
        assert (await bot.get_me()).username == "rig_bot"

    assert server.calls[0][2] == {}


async def test_what_is_closed_says_so_and_opens_again():
    server = Server()
    async with talking(server) as bot:
        await bot.request.shutdown()
        with pytest.raises(RuntimeError, match="not initialized"):
            await bot.request.do_request(server.url, "POST")
        await bot.request.initialize()
        await bot.request.initialize()
        assert (await bot.send_message(7, "x")).message_id == 5


def test_broken_text_of_the_server_is_read_as_well_as_it_can_be():
    assert AiohttpRequest.parse_json_payload(b'{"a":"\xff"}') == {"a": "\ufffd"}
    assert AiohttpRequest.parse_json_payload(b'{"a":"\\ud83d"}') == {"a": "\ud83d"}


@given(st.binary(max_size=60))
def test_no_answer_breaks_the_reading(payload):
    with suppress(TelegramError):
        AiohttpRequest.parse_json_payload(payload)
