"""Briefings over the recorded market: they fit a screen and claim nothing that the data does not carry."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.render.text import plain
from handlers.alerts import compose
from handlers.briefings import BRIEFINGS, briefing_named
from handlers.reply import Details, Reply
from handlers.rule import Alert, Direction, Metric, Rule, RuleState, Transition
from handlers.words import Words
from providers.recorded import recorded_sources
from tests.fakes import Clock, desk_with

pytestmark = pytest.mark.conformance

TIMES = (
    "2024-03-15T12:00", "2025-04-07T15:00", "2026-01-15T06:00", "2026-02-03T18:00",
    "2026-02-04T18:00", "2026-02-05T02:30", "2026-02-05T12:00", "2026-02-07T09:00",
)  # fmt: skip
README = Path(__file__).parents[2] / "README.md"
SCREEN = 900
LONGEST = 1200  # a break is told with more, and read more closely
MESSAGE = 4096


def at(time: str) -> datetime:
    return datetime.fromisoformat(time).replace(tzinfo=UTC)


async def told(shared: Path, name: str, time: str, symbol: str = "BTC") -> Reply:
    clock = Clock(at(time))
    desk = desk_with(recorded_sources(shared / "data", clock), clock)
    return await briefing_named(name).compose(desk, desk.watchlist.get(symbol), Words())


def visible(reply: Reply) -> str:
    return plain(
        replace(reply, blocks=tuple(b for b in reply.blocks if not isinstance(b, Details)))
    )


def printed(beginning: str) -> list[str]:
    """The words of the README's example that begins so."""
    examples = README.read_text("utf-8").split("```\n")
    return next(one for one in examples if one.startswith(beginning)).split()


def screenful(reply: Reply) -> str:
    shown = tuple(block for block in reply.blocks if not isinstance(block, Details))
    return plain(replace(reply, blocks=shown, footer=()))


@pytest.mark.parametrize("time", TIMES)
async def test_each_briefing_fits_its_message(shared, time):
    for briefing in BRIEFINGS:
        reply = await told(shared, briefing.name, time)
        assert len(plain(reply)) <= MESSAGE
        assert len(screenful(reply)) <= (SCREEN if briefing.name == "morning" else LONGEST)


@pytest.mark.parametrize("symbol", ["ETH", "SOL"])
async def test_an_asset_with_less_data_says_what_is_missing(shared, symbol):
    text = plain(await told(shared, "morning", "2026-02-04T18:00", symbol))
    assert symbol in text.splitlines()[0]
    assert "Missing:" in text
    assert "(18 h old)" in text  # only whole days are recorded of it


async def test_the_readme_shows_the_briefing_as_it_is_produced(shared):
    reply = await told(shared, "morning", "2026-02-04T18:00")
    assert printed("BTC $72,576") == visible(reply).split()


async def test_the_morning_of_the_fall_tells_its_figures(shared):
    text = plain(await told(shared, "morning", "2026-02-04T18:00"))
    for part in (
        "$72,576",
        "−$272.0 M Tue 3 Feb (final)",
        "−$2.9 bn in 12 trading days",
        "longs $140.2 M, shorts $27.3 M at least",
        "day 22.4 (oversold)",
        "$72,169, the lowest since 6 Nov 2024",
        "200-week EMA $68,360",
        "200-week SMA $58,096",
        "316,760 BTC as of 16 Oct 2025",
        "(as of Sat 24 Jan)",
        "Missing: calendar; headlines",
    ):
        assert part in text


@pytest.mark.parametrize("name", [b.name for b in BRIEFINGS])
async def test_what_the_press_got_wrong_is_not_said(shared, name):
    text = plain(await told(shared, name, "2026-02-04T18:00"))
    assert "max pain $50,000" not in text
    assert "200-week EMA $58" not in text
    assert "Wed 4 Feb" not in text  # no fund had reported that day
    assert "marks of a long squeeze hold over" not in text
    assert "$740" not in text


async def test_a_partial_day_is_told_as_one_and_not_as_the_result(shared):
    text = plain(await told(shared, "close", "2026-02-05T02:30"))
    assert "−$272.0 M Tue 3 Feb (final)" in text
    partial = [line for line in text.splitlines() if "−$171.5 M" in line]
    assert partial
    assert all("not a result" in line and "IBIT" in line for line in partial)


async def test_the_day_is_a_result_once_every_fund_has_reported(shared):
    text = plain(await told(shared, "morning", "2026-02-05T12:00"))
    assert "−$544.9 M Wed 4 Feb (final)" in text
    assert "so far" not in text
    assert "low $69,922" in text or "to $69,922, the lowest since" in text


async def test_a_week_has_its_own_measures(shared):
    text = plain(await told(shared, "weekly", "2026-02-04T18:00"))
    assert "RSI week 30." in text
    assert "200-week EMA $68,360, price 6.2 % above it" in text
    assert "in 5 trading days" in text


async def test_a_break_is_told_with_what_happened_around_it(shared):
    clock = Clock(at("2026-02-03T18:00"))
    desk = desk_with(recorded_sources(shared / "data", clock), clock)
    rule = Rule(
        "7", "console:x", "me", clock.time, Metric.LEVEL, Direction.EITHER, 0.0, asset="BTC"
    )
    detail = {"line": 75_000.0, "stage": "break", "direction": "below"}
    alert = Alert("7", Transition.FIRED, 74_916.0, clock.time, "Binance", detail)
    reply = await compose(rule, RuleState(since=clock.time), alert, desk, Words())
    text = plain(reply)
    assert printed("BTC broke $75,000") == visible(reply).split()
    assert reply.title == "BTC broke $75,000 ↓ — hour closed at $74,916"
    assert "its low of $74,604 is the lowest since 7 Apr 2025" in text
    assert "in 24 h; longs $104.1 M, shorts $64.1 M in 48 h" in text
    assert "alert #7" in text
    assert len(text) <= MESSAGE


async def test_the_same_time_gives_the_same_words(shared):
    first, second = [plain(await told(shared, "flash", "2026-02-05T12:00")) for _ in range(2)]
    assert first == second
