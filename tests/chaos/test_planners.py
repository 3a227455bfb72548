"""Two processes that both believe they plan alone: each briefing is owed once all the same."""

import asyncio
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest

from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.store import SHARDS, own_store
from handlers.command import Channel
from handlers.subscription import Schedule, Subscription, SubscriptionKind
from tests.bot.owing import AT
from tests.chaos.test_chaos import ROOT

PLACES = [Channel("discord", str(n)) for n in range(48)]


def half_hourly(number: int) -> Subscription:
    at = AT + timedelta(minutes=30 * number + 10)
    return Subscription(
        "1", PLACES[number].key, SubscriptionKind.BRIEFING, "discord:9", AT,
        schedule=Schedule(f"{at:%H:%M}", "UTC"),
    )  # fmt: skip


async def planner(*arguments: object) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.planner", *map(str, arguments),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.slow
async def test_two_planners_that_do_not_know_of_each_other_owe_each_briefing_once(tmp_path):
    async with own_store(tmp_path) as store:
        for number in range(len(PLACES)):
            await StoreNotebook(store).subscribe(half_hourly(number))
        begin = time.time() + 1.5
        planners = [await planner(tmp_path, begin) for _ in range(2)]
        said = [(await p.communicate())[0] for p in planners]
        entries = await Outbox(store).read(dict.fromkeys(range(SHARDS), "0-0"))
    owed = Counter((e.owed.channel, e.owed.briefing.occurrence) for e in entries)

    assert [int(out) for out in said] == [
        48 + 4,
        48 + 4,
    ]  # each did all of the work: a day and two hours
    assert {channel for channel, _ in owed} == {place.key for place in PLACES}
    assert len(owed) == 48 + 4
    assert set(owed.values()) == {1}
