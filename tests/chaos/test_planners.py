"""Two processes that both believe they plan alone: each briefing is owed once all the same."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.store import own_store
from handlers.command import Channel
from handlers.subscription import Schedule, Subscription, SubscriptionKind
from tests.bot.owing import AT, lying
from tests.chaos.test_chaos import ROOT

PLACES = [Channel("discord", str(n)) for n in range(48)]


def half_hourly(number: int) -> Subscription:
    at = AT + timedelta(minutes=30 * number + 10)
    return Subscription(
        "1", PLACES[number].key, SubscriptionKind.BRIEFING, "discord:9", AT,
        schedule=Schedule(f"{at:%H:%M}", "UTC"),
    )  # fmt: skip


async def planner(folder: Path) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.planner", str(folder),
        cwd=ROOT, stdin=PIPE, stdout=PIPE,
    )  # fmt: skip
    assert await process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.slow
async def test_two_planners_that_do_not_know_of_each_other_owe_each_briefing_once(tmp_path):
    async with own_store(tmp_path) as store:
        for number in range(len(PLACES)):
            await StoreNotebook(store).subscribe(half_hourly(number))
        planners = [await planner(tmp_path) for _ in range(2)]
        begin = f"{time.time() + 0.3}\n".encode()
        said = await asyncio.gather(*(p.communicate(begin) for p in planners))
        entries = await lying(Outbox(store))
    owed = Counter((e.owed.channel, e.owed.briefing.occurrence) for e in entries)

    assert min(int(out) for out, _ in said) > 48  # each did all of the work: a day and two hours
    assert {channel for channel, _ in owed} == {place.key for place in PLACES}
    assert len(owed) == 48 + 4
    assert set(owed.values()) == {1}
