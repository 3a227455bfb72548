"""Whoever has asked is answered before Telegram is asked for more."""

import asyncio

import pytest

from bot.transports.telegram_intake import poll


class Telegram:
    """A bot and its request in one: hands out one update, and keeps the order of what happens."""

    base_url, read_timeout = "", 5.0

    def __init__(self) -> None:
        self.request, self.seen = self, []

    async def delete_webhook(self) -> None:
        pass

    async def post(self, _, **__):
        self.seen.append("asked for more")
        if self.seen.count("asked for more") > 1:
            raise asyncio.CancelledError
        return [{"update_id": 7}]


async def test_an_answer_goes_before_the_next_questions():
    telegram, tasks = Telegram(), []

    async def handle(_) -> None:
        for _ in range(10):  # as many turns of the loop as an answer needs
            await asyncio.sleep(0)
        telegram.seen.append("answered")

    async def start(work) -> None:
        tasks.append(asyncio.create_task(work))

    with pytest.raises(asyncio.CancelledError):
        await poll(telegram, handle, start)
    assert telegram.seen[:3] == ["asked for more", "answered", "asked for more"]
