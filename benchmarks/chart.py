"""
One picture, beside matplotlib: python -m benchmarks.chart. Processor, bytes, and what the event loop feels of it.

matplotlib is installed for this alone, into an environment of its own in the temporary folder; without it (no package
index at hand) our own figures are printed and the comparison is said to be missing.
"""

import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from bot.charts import Charts
from bot.render.chart import draw
from handlers.reply import (
    Bar,
    CandleChart,
    FlowBar,
    FlowChart,
    LiquidationBar,
    LiquidationChart,
    ZoneMark,
)

ROUNDS = 9
PEER = Path(__file__).with_name("peers") / "matplotlib_candles.py"
HOME = Path(tempfile.gettempdir()) / "levelhead-peer-matplotlib"
START = datetime(2030, 1, 7, tzinfo=UTC)
PICTURES = 60  # drawn while the loop is watched


def candles(seed: int = 1) -> CandleChart:
    rng, price, bars = random.Random(seed), 80_000.0, []
    for n in range(120):
        open_ = price
        price += rng.gauss(-60, 420)
        high, low = max(open_, price) + rng.random() * 400, min(open_, price) - rng.random() * 400
        bars.append(Bar(START + n * timedelta(hours=1), open_, high, low, price))
    zones = tuple(
        ZoneMark(price + away, price + away + 400, f"${price + away:,.0f} swing low", away > 0)
        for away in (-4200.0, -2100.0, -900.0, 700.0, 2500.0, 5000.0)
    )
    title, footer = f"BTC ${price:,.0f} · 1h · 5 d", "Venue · Mon 12 Jan 00:00 UTC"
    return CandleChart(title, "alt", footer, bars=tuple(bars), zones=zones, interval="1h")


def flows() -> FlowChart:
    rng, day = random.Random(2), date(2030, 1, 7)
    bars = tuple(FlowBar(day + n * timedelta(days=1), rng.gauss(-8e7, 3e8)) for n in range(30))
    names = ("net per trade date", "running sum")
    return FlowChart("BTC ETFs −$2.4 bn", "alt", "Source", legend=names, bars=bars)


def liquidations() -> LiquidationChart:
    rng, hours = random.Random(3), [START + n * timedelta(hours=1) for n in range(48)]
    bars = tuple(LiquidationBar(h, rng.expovariate(5e-8), rng.expovariate(2e-7)) for h in hours)
    price = tuple((hour, 80_000.0 + rng.gauss(0, 900)) for hour in hours)
    return LiquidationChart("BTC liquidations", "alt", "Source", bars=bars, price=price)


def cpu(chart) -> float:
    began = time.process_time()
    draw(chart)
    return time.process_time() - began


@contextmanager
def peer():
    """A process that draws with matplotlib when asked; None, with the reason told, when it cannot be had."""
    python = HOME / "bin" / "python"
    try:
        if not python.exists():
            venv.create(HOME, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "matplotlib"]
        subprocess.run(pip, check=True, capture_output=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"NOT COMPARED: matplotlib could not be installed ({type(error).__name__})")
        yield None
        return
    with subprocess.Popen(
        [python, PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.stdin.close()


def figures(chart: CandleChart) -> str:
    return json.dumps(
        {
            "bars": [(b.open, b.high, b.low, b.close) for b in chart.bars],
            "zones": [(z.low, z.high, z.label) for z in chart.zones],
            "days": [f"{b.at:%-d %b}" for b in chart.bars[::24]],
            "title": chart.title,
            "footer": chart.footer,
        }
    )


def ask(process, line: str) -> tuple[float, int]:
    process.stdin.write(line + "\n")
    process.stdin.flush()
    took, size = json.loads(process.stdout.readline())
    return took, size


def spread(values: list[float]) -> str:
    low, high = min(values) * 1e3, max(values) * 1e3
    return f"{statistics.median(values) * 1e3:6.1f} ms ({low:.1f}–{high:.1f})"


def beside(process) -> None:
    chart = candles()
    process.stdin.write(figures(chart) + "\n")
    ours, theirs, ratios, size = [], [], [], 0
    for _ in range(ROUNDS):
        ours.append(cpu(chart))
        took, size = ask(process, "draw")
        theirs.append(took)
        ratios.append(took / ours[-1])
    print(f"matplotlib, tuned     {spread(theirs)} of processor, {size:,} bytes")
    print(f"candles, alternating  {spread(ours)} of processor, {len(draw(chart)):,} bytes")
    low, high = min(ratios), max(ratios)
    print(
        f"ratio                 {statistics.median(ratios):.1f}x (from {low:.1f}x to {high:.1f}x)"
    )


async def felt(work) -> list[float]:
    """How late a task that wants to run every millisecond was, while `work` went on."""
    late, loop = [], asyncio.get_running_loop()
    going = asyncio.ensure_future(work())
    while not going.done():
        due = loop.time() + 0.001
        await asyncio.sleep(0.001)
        late.append(max(0.0, loop.time() - due))
    await going
    return late


async def stalls() -> None:
    same = candles()
    different = [msgspec.structs.replace(same, title=f"{n}") for n in range(PICTURES)]

    async def on_the_loop():
        for chart in different:
            draw(chart)
            await asyncio.sleep(0)

    async with Charts() as charts:

        async def by_charts():
            await asyncio.gather(*(charts.draw(chart) for chart in different))

        rows = (
            ("idle", partial(asyncio.sleep, 1.0)),
            ("drawn by Charts", by_charts),
            ("drawn on the loop", on_the_loop),
        )
        for name, work in rows:
            late = sorted(await felt(work))
            p99 = late[int(len(late) * 0.99)]
            print(
                f"loop late, {name:<18} median {statistics.median(late) * 1e3:5.2f} ms, "
                f"99 % {p99 * 1e3:5.2f} ms, most {late[-1] * 1e3:5.2f} ms"
            )
        began = time.perf_counter()
        for _ in range(1000):
            await charts.draw(same)
        print(f"a picture known already {(time.perf_counter() - began) * 1e3:.0f} µs")


def main(short: bool = False) -> None:  # noqa: ARG001  # it is short
    print(f"Python {sys.version.split()[0]}, medians of {ROUNDS}, lowest to highest in brackets")
    for name, chart in (("candles", candles()), ("flows", flows()), ("liqs", liquidations())):
        draw(chart)
        took = [cpu(chart) for _ in range(ROUNDS)]
        print(f"{name:<21} {spread(took)} of processor, {len(draw(chart)):,} bytes")
    with peer() as process:
        if process is not None:
            beside(process)
    asyncio.run(stalls())


if __name__ == "__main__":
    main()
