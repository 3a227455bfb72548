"""An hour of the whole bot, on both platforms, sixty times as fast, with questions and charts: memory stays flat."""

import asyncio
import subprocess
import sys

from benchmarks.house import environment
from benchmarks.market import faster, market
from benchmarks.measure import resident, told
from benchmarks.platforms import platforms
from benchmarks.start import as_deployed
from bot.app import open_app
from config.settings import Settings
from handlers.command import Channel, ChannelKind, Request
from handlers.words import Words
from providers.types import utc_now

SPEED = 60.0
EVERY = 5  # seconds between rounds of questions: five minutes there
QUESTIONS = (
    "price btc", "levels btc", "levels eth", "flows btc", "liqs btc", "brief", "chart btc 4h",
    "leverage btc", "why btc", "status",
)  # fmt: skip


async def lived(seconds: int) -> None:
    """In the process that is measured: prints megabytes after every round of questions."""
    began = utc_now().timestamp()
    now = faster(began, SPEED)
    served = market(began, SPEED)
    async with platforms() as api, environment(served, api.root, discord=True) as found:
        settings = Settings.from_env({**found, "LOG_LEVEL": "ERROR"})
        async with open_app(settings, now=now) as app:
            running = asyncio.create_task(app.run())
            for round_ in range(seconds // EVERY):
                await asyncio.sleep(EVERY)
                for question in QUESTIONS:
                    reply = await app.dispatch(_request(question, f"telegram:{round_}"))
                    if reply is not None and reply.chart is not None:
                        await app.charts.draw(reply.chart)
                print(resident(), flush=True)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _request(question: str, person: str) -> Request:
    name, *args = question.split()
    channel = Channel.parse(person)
    return Request(
        name, tuple(args), " ".join(args), channel, ChannelKind.PRIVATE, person, "A", Words()
    )


def main(short: bool = False) -> None:
    script = f"import asyncio; from benchmarks.hour import lived; asyncio.run(lived({30 if short else 60}))"
    done = subprocess.run(
        [sys.executable, "-c", script], env=as_deployed(), capture_output=True, text=True, check=True
    )  # fmt: skip
    seen = [float(line) for line in done.stdout.split()]
    print(f" every {EVERY} minutes: " + ", ".join(f"{one:.0f}" for one in seen) + " MB")
    told("resident after the hour", seen[-1], 130, "MB")
    told("the end beside the middle", seen[-1] / seen[len(seen) // 2], 1.02)


if __name__ == "__main__":
    main()
