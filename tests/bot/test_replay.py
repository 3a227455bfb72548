"""Rules from a file are read as they are typed to /alert."""

import pytest

from bot.replay import default_rules, rules_from
from handlers.command import UserError
from handlers.rule import Direction, Metric
from tests.fakes import START


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
