"""An alert that was pushed before a restart is still in hand after it: each of its buttons, by those who may."""

import asyncio
import re

import pytest

from bot.demo.world import World, serve
from handlers.command import Channel
from tests.conformance.home import ANN, BOB, GROUP, at_home, frozen, platforms, said, until

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]

HERE = Channel("telegram", str(GROUP))


async def pushed(home, chat):
    """The message that tells of the alert, with its buttons."""

    def found():
        messages = [m for m in home.telegram.sent(chat) if "Ack" in home.telegram.labels(m)]
        return messages and messages[-1]

    return await until(found, "the alert", 20)


async def state(home):
    (record,) = await home.app.notebook.rules(HERE)
    return record.state


async def test_every_button_of_a_pushed_alert_works_after_a_restart(shared, tmp_path):
    world = World(frozen)
    async with platforms(shared) as rigs, serve(world) as addresses:
        async with at_home(rigs, world, addresses, tmp_path) as home:
            await home.telegram.ask(GROUP, ANN, "/alert btc > 20000")
            alert = await pushed(home, GROUP)
            assert {"Ack", "Snooze 1h", "Mute", "Chart", "Edit"} <= set(home.telegram.labels(alert))
        async with at_home(rigs, world, addresses, tmp_path) as home:
            assert (await state(home)).fired == 1
            refused = await home.telegram.press(alert, "Mute", BOB)
            assert "Only admins" in refused["text"]
            assert not (await state(home)).muted
            seen = await home.telegram.press(alert, "Ack", ANN)
            assert "acknowledged by Ann" in said(seen) + seen.get("text", "")
            silent = await home.telegram.press(alert, "Snooze 1h", ANN)
            assert "is silent until" in said(silent) + silent.get("text", "")
            assert (await state(home)).snoozed_until is not None
            muted = await home.telegram.press(alert, "Mute", ANN)
            assert "#1" in said(muted) + muted.get("text", "")
            assert (await state(home)).muted
            chart = await home.telegram.press(alert, "Chart", BOB)
            assert chart["photo"]
            await until(lambda: "15m" in home.telegram.labels(home.telegram.sent(GROUP)[-1]))
            asked = await home.telegram.press(alert, "Edit", ANN)
            assert asked["_markup"]["force_reply"]
            await asyncio.sleep(0.05)
        async with at_home(rigs, world, addresses, tmp_path) as home:
            told = await home.telegram.ask(GROUP, ANN, "btc < 60000", reply_to=asked["message_id"])
            assert "below $60,000" in said(told)
            (record,) = await home.app.notebook.rules(HERE)
            assert record.rule.value == 60_000
            assert len([m for m in home.telegram.sent(GROUP) if is_alert(m)]) == 1
        telegram, discord = rigs
        assert telegram.violations == []
        assert discord.violations == []
        assert discord.timings()["pending"] == []


def is_alert(message) -> bool:
    return bool(re.search(r"BTC.* \$20,000", said(message).split("\n")[0]))
