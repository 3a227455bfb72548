"""Rules from a file are read as they are typed to /alert, and the past is told from what there is of it."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.replay import Replay, ToldClock, default_rules, rules_from
from handlers.command import UserError
from handlers.rule import Direction, Metric
from providers.errors import UnknownSymbol
from providers.market import Sources
from providers.types import Candle, Interval, Reading, Ticker
from tests.fakes import START

DAY = timedelta(days=1)
MIDNIGHT = START.replace(hour=0)


class Days:
    """Daily bars alone: 3,020 dollars, with a wick down to 2,866 on the first day."""

    name = "days"

    def __init__(self, clock):
        self.clock = clock

    async def ticker(self, asset):
        return Reading(Ticker(3_020.0), self.name, self.clock())

    async def candles(self, asset, interval, limit):
        if interval is not Interval.D1:
            raise UnknownSymbol(self.name, "no hours")
        bars, at = [], MIDNIGHT - 20 * DAY
        while at + DAY <= self.clock():
            low = 2_866.0 if at == MIDNIGHT else 3_010.0
            bars.append(Candle(at, 3_020.0, 3_030.0, low, 3_020.0, 1.0))
            at += DAY
        return Reading(tuple(bars[-limit:]), self.name, self.clock())


class Falling(Days):
    """From 3,020 dollars through two levels in a day, and back over one of them."""

    async def candles(self, asset, interval, limit):
        days = await Days.candles(self, asset, interval, limit)
        fall = Candle(MIDNIGHT, 3_020.0, 3_030.0, 2_490.0, 2_700.0, 1.0)
        bars = tuple(fall if bar.opened_at == MIDNIGHT else bar for bar in days.value)
        return Reading(bars, self.name, self.clock())


@pytest.mark.parametrize(
    ("line", "title"),
    [
        pytest.param("eth < 2900", "ETH broke $2,900 ↓ — $2,866", id="a trade within the day"),
        pytest.param("eth -4% 24h", "ETH −5.1 % ↓ — $2,866", id="a fall"),
        pytest.param("eth new low 10d", "ETH at $2,866 ↓ — lowest on record", id="a low"),
        pytest.param("eth level break", "ETH touched $3,000 ↓ — $2,866", id="a level"),
        pytest.param("eth < 2900 close 1d", None, id="its close is above"),
        pytest.param("eth -4% 1h", None, id="hours cannot be known"),
    ],
)
async def test_where_hours_are_missing_days_are_told_at_their_last_second(line, title):
    clock = ToldClock(START)
    source = Days(clock)
    replay = Replay(
        Sources(prices=(source,), candles=(source,)), clock, rules_from([line], MIDNIGHT)
    )

    pushes = [push async for push in replay.run(MIDNIGHT, MIDNIGHT + 2 * DAY)]

    assert [push.title for push in pushes] == ([title] if title else [])
    assert all(push.at == MIDNIGHT + DAY - timedelta(seconds=1) for push in pushes)


def test_a_bare_price_is_watched_both_ways_and_comments_do_not_count():
    rules = rules_from(["# mine", "", "btc 70k", "fear < 15"], START)

    assert [(r.id, r.direction) for r in rules] == [
        ("1", Direction.BELOW),
        ("2", Direction.ABOVE),
        ("3", Direction.BELOW),
    ]


def test_a_line_that_cannot_be_read_is_named():
    with pytest.raises(UserError, match=r"^2: "):
        rules_from(["btc 70k", "nonsense here"], START)


def test_an_unknown_asset_is_named():
    with pytest.raises(UserError, match="I do not know"):
        rules_from(["zzz 70k"], START)


def test_the_presets_cover_levels_falls_lows_bursts_strength_and_flows():
    metrics = [rule.metric for rule in default_rules(START, ("BTC", "SOL"))]

    assert metrics.count(Metric.FLOW) == 1
    assert metrics.count(Metric.LEVEL) == metrics.count(Metric.NEW_LOW) == 2
    assert {Metric.CHANGE, Metric.LIQUIDATIONS, Metric.RSI} <= set(metrics)


async def test_a_touch_that_becomes_a_break_within_its_bar_is_told_as_the_break():
    clock = ToldClock(START)
    source = Falling(clock)
    sources = Sources(prices=(source,), candles=(source,))
    replay = Replay(sources, clock, rules_from(["eth level break"], MIDNIGHT))

    pushes = [push async for push in replay.run(MIDNIGHT, MIDNIGHT + DAY)]

    assert [push.title for push in pushes] == [
        "ETH touched $2,500 ↓ — $2,490",
        "ETH confirmed below $2,750 ↓ — day closed at $2,700",
    ]
    assert "Also touched $2,750" in pushes[0].text


def test_a_replay_that_ends_before_it_begins_is_refused(tmp_path):
    times = ["--from", "2030-03-06", "--to", "2030-03-05"]

    result = CliRunner().invoke(main, ["replay", "--data", str(tmp_path), *times])

    assert result.exit_code == 2
    assert "--from 2030-03-06T00:00Z is later than --to 2030-03-05T00:00Z" in result.output
