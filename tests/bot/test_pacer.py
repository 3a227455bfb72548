import asyncio
import random
import selectors
from collections import deque

import pytest

from bot.pacer import DISCORD, TELEGRAM, TELEGRAM_PAID, Lane, Limits, Pacer

TRIP = 0.04


class Skipping(selectors.DefaultSelector):
    """Never waits: the loop's clock jumps to what comes next."""

    time = 1000.0

    def select(self, timeout=None):
        if timeout:
            self.time += timeout
        return super().select(0)


def simulate(work):
    """Run it on a loop whose seconds cost nothing."""
    selector = Skipping()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.time
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


class Platform:
    """Counts as the platforms do: sliding windows, at the moment a message arrives."""

    def __init__(self, limits: Limits, jitter: float = 0.0, slow=lambda _: 0.0) -> None:
        self.limits = limits
        self.jitter = jitter
        self.slow = slow
        self.refused = 0
        self.all: deque[float] = deque()
        self.chats: dict[str, list[float]] = {}

    async def send(self, chat: str) -> float:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(TRIP / 2 + random.random() * self.jitter + self.slow(loop.time()))
        now = loop.time()
        while self.all and self.all[0] <= now - 1:
            self.all.popleft()
        mine = self.chats.setdefault(chat, [])
        full = len(self.all) >= self.limits.per_second or any(
            sum(t > now - seconds for t in mine) >= messages
            for messages, seconds in self.limits.windows(chat)
        )
        self.refused += full
        self.all.append(now)
        mine.append(now)
        await asyncio.sleep(TRIP / 2 + random.random() * self.jitter)
        return now


async def broadcast(pacer: Pacer, platform: Platform, chats: list[str]) -> float:
    async def one(chat: str) -> None:
        async with pacer.slot(chat):
            await platform.send(chat)

    start = asyncio.get_running_loop().time()
    await asyncio.gather(*(one(chat) for chat in chats))
    return asyncio.get_running_loop().time() - start


def chats(n: int) -> list[str]:
    return [str(i) for i in range(n)]


@pytest.mark.parametrize(
    ("limits", "messages"),
    [(TELEGRAM, 3000), (TELEGRAM_PAID, 3000), (DISCORD, 3000)],
    ids=["telegram", "telegram paid", "discord"],
)
def test_a_broadcast_takes_the_least_time_the_limit_allows(limits, messages):
    platform = Platform(limits)

    took = simulate(broadcast(Pacer(limits), platform, chats(messages)))

    assert platform.refused == 0
    assert took / (messages / limits.per_second) <= 1.03


@pytest.mark.parametrize("seed", range(5))
def test_an_unsteady_line_causes_no_refusal(seed):
    random.seed(seed)
    platform = Platform(TELEGRAM, jitter=0.1)

    simulate(broadcast(Pacer(TELEGRAM), platform, chats(300)))

    assert platform.refused == 0


def test_a_way_that_was_slow_for_a_while_and_is_quick_again_causes_no_refusal():
    platform = Platform(TELEGRAM, slow=lambda now: 0.4 if 1005 < now < 1012 else 0.0)

    simulate(broadcast(Pacer(TELEGRAM), platform, chats(600)))

    assert platform.refused == 0


def test_what_goes_to_no_chat_counts_too():
    async def run() -> int:
        pacer, platform = Pacer(DISCORD), Platform(DISCORD)
        busy = asyncio.ensure_future(broadcast(pacer, platform, chats(200)))
        for number in range(20):
            async with pacer.request():
                await platform.send(f"other {number}")
        await busy
        return platform.refused

    assert simulate(run()) == 0


def test_a_slot_covers_one_request_and_the_next_one_inside_it_is_counted_without_waiting():
    async def run() -> list[int]:
        pacer, busy = Pacer(Limits(1)), []
        async with pacer.slot("1"):
            for _ in range(2):
                async with pacer.request():
                    busy.append(pacer.busy)
        await asyncio.sleep(0.5)
        busy.append(pacer.busy)
        await asyncio.sleep(1)
        return [*busy, pacer.busy]

    assert simulate(run()) == [1, 2, 2, 0]


def test_only_the_request_itself_tells_when_the_platform_counted():
    """However long our own store takes before and after it, and however that changes."""
    platform = Platform(TELEGRAM)

    async def run() -> None:
        pacer = Pacer(TELEGRAM)

        async def one(number: int) -> None:
            async with pacer.slot(str(number)):
                await asyncio.sleep(0.2 if number < 200 else 0.0)
                with pacer.timed():
                    await platform.send(str(number))
                await asyncio.sleep(0.0 if number < 200 else 0.2)

        await asyncio.gather(*(one(number) for number in range(400)))

    simulate(run())

    assert platform.refused == 0


def test_one_chat_gets_one_message_a_second():
    platform = Platform(TELEGRAM)

    took = simulate(broadcast(Pacer(TELEGRAM), platform, ["7"] * 5))

    assert platform.refused == 0
    assert 4 <= took < 4.3


def test_a_group_gets_twenty_messages_a_minute():
    platform = Platform(TELEGRAM)

    took = simulate(broadcast(Pacer(TELEGRAM), platform, ["-100"] * 21))

    assert platform.refused == 0
    assert 60 <= took < 60.3


def test_an_answer_does_not_wait_for_a_broadcast():
    async def run() -> tuple[float, int]:
        loop = asyncio.get_running_loop()
        pacer, platform = Pacer(TELEGRAM), Platform(TELEGRAM)
        busy = asyncio.ensure_future(broadcast(pacer, platform, chats(300)))
        await asyncio.sleep(2)
        asked = loop.time()
        async with pacer.slot("asker", Lane.ANSWER):
            waited = loop.time() - asked
            await platform.send("asker")
        await busy
        return waited, platform.refused

    waited, refused = simulate(run())

    assert refused == 0
    assert waited < 0.1


def test_a_chat_that_asked_for_time_blocks_no_other():
    async def run() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        pacer, start = Pacer(TELEGRAM), asyncio.get_running_loop().time()
        pacer.hold("1", 5)
        times = {}

        async def one(chat: str) -> None:
            async with pacer.slot(chat):
                times[chat] = loop.time() - start

        await asyncio.gather(one("1"), one("2"))
        return times["1"], times["2"]

    held, other = simulate(run())

    assert held >= 5
    assert other < 0.1


def test_a_pause_stops_everything():
    async def run() -> float:
        pacer, start = Pacer(DISCORD), asyncio.get_running_loop().time()
        pacer.pause(3)
        async with pacer.slot("1", Lane.ANSWER):
            return asyncio.get_running_loop().time() - start

    assert simulate(run()) >= 3


def test_two_shares_together_keep_the_limit():
    async def run() -> tuple[float, int]:
        platform = Platform(TELEGRAM)
        pacers = [Pacer(TELEGRAM, 20), Pacer(TELEGRAM, 10)]
        parts = (chats(300)[:200], chats(300)[200:])
        took = await asyncio.gather(
            *(broadcast(p, platform, part) for p, part in zip(pacers, parts, strict=True))
        )
        return max(took), platform.refused

    took, refused = simulate(run())

    assert refused == 0
    assert took < 10.6


def test_who_stops_waiting_takes_no_slot():
    async def run() -> int:
        pacer = Pacer(Limits(1))
        async with pacer.slot("1"):
            waiting = asyncio.ensure_future(broadcast(pacer, Platform(Limits(1)), ["2"]))
            await asyncio.sleep(0.1)
            waiting.cancel()
            await asyncio.wait([waiting])
        await asyncio.sleep(1.1)
        return pacer.busy

    assert simulate(run()) == 0
