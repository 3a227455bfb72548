"""The first days of February 2026, told hour by hour from recorded facts alone."""

from datetime import UTC, datetime

import pytest

from bot.replay import Push, Replay, ToldClock, default_rules, rules_from
from providers.recorded import recorded_sources

pytestmark = pytest.mark.conformance

SINCE = datetime(2026, 2, 1, tzinfo=UTC)
UNTIL = datetime(2026, 2, 6, 12, tzinfo=UTC)


async def replayed(shared, rules, since=SINCE, until=UNTIL) -> list[Push]:
    clock = ToldClock(since)
    replay = Replay(recorded_sources(shared / "data", clock), clock, rules)
    return [push async for push in replay.run(since, until)]


@pytest.fixture
async def pushes(shared):
    return await replayed(shared, default_rules(SINCE))


def hours(pushes, kind, words):
    return [f"{p.at:%m-%d %H}" for p in pushes if p.kind == kind and words in p.title]


@pytest.mark.parametrize(
    ("kind", "words", "hour"),
    [
        ("touch", "$75,000", "02-02 03"),
        ("break", "$75,000", "02-03 17"),
        ("confirmed", "$75,000", "02-04 23"),
        ("touch", "$70,000", "02-05 11"),
        ("break", "$70,000", "02-05 12"),
        ("alert", "Nov 2024", "02-03 18"),
        ("alert", "RSI", "02-01 01"),
    ],
)
async def test_each_break_is_told_once_in_its_hour(pushes, kind, words, hour):
    assert hours(pushes, kind, words) == [hour]


async def test_a_flow_day_is_told_when_it_was_seen_complete_and_not_before(pushes):
    (flow,) = [push for push in pushes if "ETF flow" in push.title]

    assert flow.at == datetime(2026, 2, 5, 7, 30, 30, tzinfo=UTC)
    assert "−$544.9 M" in flow.title


async def test_no_message_is_told_twice(pushes):
    titles = [(push.kind, push.title.split(" — ")[0]) for push in pushes if push.kind != "alert"]

    assert len(titles) == len(set(titles))
    assert [push.at for push in pushes] == sorted(push.at for push in pushes)


async def test_rules_of_ones_own_are_replayed_as_they_are_typed(shared):
    rules = rules_from(["# my lines", "btc < 73000 close 1h", "", "fear < 13", "btc 72k"], SINCE)

    pushes = await replayed(shared, rules)

    assert [rule.id for rule in rules] == ["1", "2", "3", "4"]
    assert {push.rule for push in pushes} >= {"1", "2", "3"}


async def test_the_way_back_over_what_a_day_confirmed_is_told(shared):
    since, until = datetime(2026, 2, 5, tzinfo=UTC), datetime(2026, 2, 8, tzinfo=UTC)

    pushes = await replayed(shared, default_rules(since), since, until)

    assert hours(pushes, "confirmed", "below $65,000") == ["02-05 23"]
    (back,) = [p for p in pushes if p.kind == "back" and "$65,000" in p.title]
    assert back.title.startswith("BTC is back above $65,000 ↑")
    assert back.at.day == 6


async def test_an_asset_of_which_only_days_are_known_is_replayed_too(shared):
    since, until = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 2, 6, tzinfo=UTC)

    first = (await replayed(shared, rules_from(["eth < 2900"], since), since, until))[0]

    assert first.title.startswith("ETH broke $2,900 ↓")
    assert f"{first.at:%m-%d %H:%M:%S}" in ("01-20 23:59:59", "01-21 23:59:59")
