"""Answers to people wait for their turn in the platform's pace; pushes have waited before they come."""

import asyncio
import itertools
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer
from fakeredis import FakeAsyncRedis

from bot.buttons import Buttons
from bot.pacer import Lane, Limits, Pacer
from bot.transports.telegram import TelegramTransport
from handlers.command import Channel, Command
from handlers.reply import Reply
from handlers.words import Words

ME = {"id": 7, "is_bot": True, "first_name": "Levelhead", "username": "lh_bot"}


class Telegram:
    """A Bot API that hands out one question and notes what is sent."""

    def __init__(self, log):
        self.log = log
        self.waiting = [{"update_id": 1, "message": self.message(5, "/echo hi")}]
        self.answered = asyncio.Event()
        self._ids = itertools.count(1)

    def message(self, chat, text):
        person = {"id": chat, "type": "private", "first_name": "Ann"}
        sender = {"id": chat, "is_bot": False, "first_name": "Ann"}
        return {"message_id": 1, "date": 1, "chat": person, "from": sender, "text": text}

    async def serve(self, request: web.Request) -> web.Response:
        result: object = True
        match request.match_info["method"]:
            case "getMe":
                result = ME
            case "getUpdates":
                result, self.waiting = self.waiting, []
                if not result:
                    await asyncio.sleep(0.01)
            case "sendMessage":
                content = await request.json()
                self.log.append(("sent", str(content["chat_id"])))
                result = self.message(content["chat_id"], "x") | {"message_id": next(self._ids)}
                if content["chat_id"] == 5:
                    self.answered.set()
        return web.json_response({"ok": True, "result": result})


@asynccontextmanager
async def telegram(log, pace):
    api, redis = Telegram(log), FakeAsyncRedis()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", api.serve)

    async def dispatch(request):
        return Reply(request.text)

    async def words_for(channel, language):
        return Words()

    async def nothing(*_):
        return None

    async with TestServer(app) as server:
        transport = TelegramTransport(
            "7:token",
            api_url=str(server.make_url("/bot")),
            file_url=str(server.make_url("/file")),
            dispatch=dispatch,
            words_for=words_for,
            commands=(Command("echo", "/echo", "Says it", run=None),),
            languages=(),
            buttons=Buttons(redis, asyncio.get_running_loop().time),
            redis=redis,
            draw=nothing,
            on_membership=nothing,
            on_moved=nothing,
            timer=asyncio.get_running_loop().time,
            pace=pace,
        )
        async with transport:
            yield api, transport
    await redis.aclose()


async def listen_until(transport, fact):
    listening = asyncio.create_task(transport.run())
    async with asyncio.timeout(5):
        await fact.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_an_answer_is_sent_in_its_turn_and_a_push_is_not_counted_twice():
    log = []

    @asynccontextmanager
    async def pace(chat):
        log.append(("turn", chat))
        yield
        log.append(("done", chat))

    async with telegram(log, pace) as (api, transport):
        await listen_until(transport, api.answered)
        assert log == [("turn", "5"), ("sent", "5"), ("done", "5")]

        await transport.send(Channel("telegram", "6"), Reply("Alert"))
        assert log[3:] == [("sent", "6")]


async def test_an_answer_goes_ahead_of_a_broadcast_and_takes_one_of_its_slots():
    log, pacer = [], Pacer(Limits(20))
    slots = lambda chat: pacer.slot(chat, Lane.ANSWER)  # noqa: E731
    async with telegram(log, slots) as (api, transport):

        async def push(chat):
            async with pacer.slot(chat):
                await transport.send(Channel("telegram", chat), Reply("Alert"))

        pushes = [asyncio.create_task(push(str(100 + n))) for n in range(40)]
        await listen_until(transport, api.answered)
        ahead = log.index(("sent", "5"))
        for task in pushes:
            task.cancel()
        await asyncio.gather(*pushes, return_exceptions=True)

        assert ahead < 10  # forty were waiting before it
        assert pacer.busy >= ahead
