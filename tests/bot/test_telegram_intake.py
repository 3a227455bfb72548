"""Updates that are asked for: each once, in order, whatever one of them is like."""

import asyncio
import json

import pytest
from telegram.error import InvalidToken

from bot.transports.telegram_intake import WANTED, poll
from tests.bot.test_telegram_request import Server, talking

ANN = {"id": 7, "is_bot": False, "first_name": "Ann"}
HOME = {"id": 7, "type": "private", "first_name": "Ann"}


def message(number: int) -> dict:
    said = {"message_id": number, "date": 1, "chat": HOME, "from": ANN, "text": f"/price {number}"}
    return {"update_id": number, "message": said}


class Telegram(Server):
    """Hands out the answers to getUpdates one after the other, then nothing more; keeps what it was asked."""

    def __init__(self, *answers) -> None:
        super().__init__()
        self.answers, self.asked, self.done = list(answers), [], asyncio.Event()

    async def answer(self, request):
        if not request.path.endswith("getUpdates"):
            self.body = '{"ok":true,"result":true}'
        else:
            self.asked.append(dict(request.query))
            if not self.answers:
                self.done.set()
                await asyncio.sleep(0.005)
            self.body = json.dumps({"ok": True, "result": self.answers.pop(0) if self.answers else []})  # fmt: skip
        return await super().answer(request)


async def polled(server: Telegram) -> tuple[list[str], int]:
    """What was handled until nothing more came, and how many could not be read."""
    handled, unreadable = [], 0

    async def handle(update):
        handled.append(update.message.text)

    async def start(work):
        nonlocal unreadable
        try:
            await work
        except Exception:  # noqa: BLE001  # as a task of its own ends
            unreadable += 1

    async with talking(server) as bot:
        task = asyncio.create_task(poll(bot, handle, start))
        await asyncio.wait_for(server.done.wait(), 5)
        task.cancel()
        await asyncio.wait({task})
    return handled, unreadable


async def test_each_update_is_asked_for_once():
    server = Telegram([message(4), message(5)], [message(6)])

    assert await polled(server) == (["/price 4", "/price 5", "/price 6"], 0)
    assert [asked["offset"] for asked in server.asked[:3]] == ["0", "6", "7"]
    assert json.loads(server.asked[0]["allowed_updates"]) == list(WANTED)
    assert server.asked[-1] == server.asked[-1] | {"offset": "7", "limit": "1", "timeout": "0"}


@pytest.mark.parametrize(
    "broken",
    [
        {"my_chat_member": {"chat": HOME, "from": ANN, "date": 1, "old_chat_member": {"status": "restricted"}}},
        {"message": {"message_id": "?", "chat": None}},
        {"message": 5},
    ],
)  # fmt: skip
async def test_one_that_cannot_be_read_keeps_no_other_away_and_does_not_come_again(broken):
    server = Telegram([message(4), {"update_id": 5, **broken}, message(6)])

    assert await polled(server) == (["/price 4", "/price 6"], 1)
    assert server.asked[1]["offset"] == "7"


@pytest.mark.parametrize("nonsense", [True, [{"message": {}}]])
async def test_an_answer_that_is_no_list_of_updates_is_waited_out(nonsense, caplog):
    server = Telegram(nonsense, [message(4)])

    assert await polled(server) == (["/price 4"], 0)
    assert "telegram_unreachable" in caplog.messages


async def test_a_refused_token_ends_it():
    server = Server('{"ok":false,"error_code":401,"description":"Unauthorized"}', 401)
    async with talking(server) as bot:
        with pytest.raises(InvalidToken):
            await poll(bot, None, None)
