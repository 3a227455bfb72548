"""
One price level that thousands of chats watch is crossed: how fast everybody reads it, with the platforms' limits
enforced.

RATE_FULL=1 takes the real limits: 3,000 chats at 30 a second and 1,000 channels at 50, about 105 seconds.
"""

import asyncio
import os
import time
from datetime import timedelta

import pytest

from bot.demo.scenario import price
from bot.notebook import StoreNotebook
from bot.store import Store, own_store
from handlers.command import Channel
from handlers.preferences import Severity
from handlers.rule import Direction, Metric, Rule
from providers.types import utc_now
from tests.conformance.processes import DISCORD_OWNER, GUILD, OWNER, Town, town, until

FULL = bool(os.environ.get("RATE_FULL"))
CHATS, CHANNELS = (3000, 1000) if FULL else (240, 400)
SPAN, ANSWER_SECONDS = 1.05, 1.0
RAMP = (
    0.0 if FULL else 0.5
)  # seconds: eight seconds are too few to make up for how thousands of lines begin
PER_SECOND = {"telegram": 30, "discord": 50}
LEAST = {"telegram": CHATS / 30, "discord": CHANNELS / 50}
PATIENCE = 180.0

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]


def places(place: Town) -> list[Channel]:
    found = []
    for number in range(10_000, 10_000 + CHATS):
        place.telegram.add_user(number, f"P{number}")
        found.append(Channel("telegram", str(number)))
    for number in range(50_000, 50_000 + CHANNELS):
        place.discord.add_channel(number, GUILD, f"c{number}")
        found.append(Channel("discord", str(number)))
    return found


def ahead(seconds: int) -> tuple[Direction, float]:
    """A line that the price of this world does not reach for so long, and then within two minutes."""
    at = utc_now()
    before = [price("BTC", at + timedelta(seconds=n / 5)) for n in range(seconds * 5)]
    after = [price("BTC", at + timedelta(seconds=seconds + n)) for n in range(120)]
    if max(after) > max(before) * 1.0001:
        return Direction.ABOVE, max(before) * 1.00005
    return Direction.BELOW, min(before) * 0.99995


async def watching(store: Store, channels: list[Channel]) -> None:
    """Each of these chats has the same alert, which fires a while after the last of them was made."""
    notebook = StoreNotebook(store)
    direction, line = ahead(25 if FULL else 12)
    rules = [
        Rule(
            "1", channel.key, f"discord:{DISCORD_OWNER}", utc_now(), Metric.PRICE,
            direction, line, "BTC", severity=Severity.WARNING,
        )
        for channel in channels
    ]  # fmt: skip
    for start in range(0, len(rules), 100):
        await asyncio.gather(*(notebook.add_rule(r) for r in rules[start : start + 100]))


def sends(place: Town, platform: str) -> list[float]:
    """When alerts were posted, in order."""
    if platform == "telegram":
        calls = [
            c for c in place.telegram.calls
            if c["method"] == "sendMessage" and c.get("values", {}).get("chat_id", 0) >= 10_000
        ]  # fmt: skip
    else:
        calls = [c for c in place.discord.calls if c["operation"] == "create_message"]
    return sorted(c["start"] for c in calls)


def refused(place: Town) -> list[str]:
    calls = [*place.telegram.calls, *place.discord.calls]
    return [
        f"{c['method']} {c.get('path') or c.get('params')}" for c in calls if c["status"] == 429
    ]


async def test_one_alert_to_thousands_of_chats_takes_the_least_time(shared, tmp_path):
    async with town(shared, tmp_path) as place:
        place.telegram.config["flood"] = "enforce"
        channels = places(place)
        async with place.bots(), own_store(place.store) as store:
            for _ in range(2):
                await place.ask(OWNER, "/price", "BTC $")  # it has seen its sources before
                await asyncio.sleep(1.1)
            await watching(store, channels)
            await until(
                lambda: len(sends(place, "telegram")) > 100, "a broadcast", PATIENCE, every=0.5
            )
            answered = []
            for _ in range(3):
                at = time.monotonic()
                await place.ask(OWNER, "/price", "BTC $")
                answered.append(time.monotonic() - at)
                await asyncio.sleep(1.1)
            await until(
                lambda: len(sends(place, "telegram")) >= CHATS, "Telegram", PATIENCE, every=0.5
            )
            await until(
                lambda: len(sends(place, "discord")) >= CHANNELS, "Discord", PATIENCE, every=0.5
            )
        span = {p: sends(place, p)[-1] - sends(place, p)[0] for p in PER_SECOND}
    for platform, seconds in span.items():
        ratio = seconds / LEAST[platform]
        print(f"{platform}: {seconds:.2f} s, {ratio:.3f} of the least")  # noqa: T201
    print(f"answered meanwhile in {max(answered) * 1000:.0f} ms at most")  # noqa: T201

    assert place.telegram.violations == []
    assert len(sends(place, "telegram")) >= CHATS
    assert len(sends(place, "discord")) >= CHANNELS
    assert refused(place) == []
    assert all(span[p] <= LEAST[p] * SPAN + RAMP for p in span)
    assert max(answered) < ANSWER_SECONDS
