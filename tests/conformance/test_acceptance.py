"""The true figures of a famous week, from recorded data alone, and sanity in every other year."""

import asyncio
import json
from datetime import datetime
from math import isfinite

import pytest

from bot.facts_json import facts_json
from config.watchlist import Watchlist
from handlers.facts import facts
from providers.market import Market
from providers.recorded import recorded_sources

pytestmark = pytest.mark.conformance

EVENING = "2026-02-04T18:00Z"
NIGHT = "2026-02-05T02:30Z"
NOON = "2026-02-05T12:00Z"


@pytest.fixture(scope="session")
def picture(shared):
    """Facts as JSON at a time; each time is computed once."""
    if not (shared / "data").is_dir():
        pytest.skip(f"NOT CHECKED against real market data: {shared / 'data'} is absent")
    clock = [datetime.fromisoformat(EVENING)]
    market = Market(recorded_sources(shared / "data", lambda: clock[0]), lambda: clock[0])
    known = {}

    def at(time, symbol="BTC"):
        if (time, symbol) not in known:
            clock[0] = datetime.fromisoformat(time)
            asset = Watchlist.load().get(symbol)
            known[time, symbol] = facts_json(asyncio.run(facts(market, asset, clock[0])))
        return known[time, symbol]

    return at


def value(told, path):
    for key in path.split("."):
        told = told[key]
    return told


ABOUT = [
    (EVENING, "price.last", 72_576, 72.6),
    (EVENING, "price.low_48h", 72_169, 72.2),
    (EVENING, "price.high_48h", 79_187, 79.2),
    (EVENING, "price.change_48h_pct", -8.1, 0.1),
    (EVENING, "price.fall_48h_pct", -8.9, 0.1),
    (EVENING, "price.ath", 126_199.63, 0.1),
    (EVENING, "price.from_ath_pct", -42.8, 0.1),
    (EVENING, "price.from_high_30d_pct", -26.3, 0.1),
    (EVENING, "flows.net_usd", -272.0e6, 0.1e6),
    (EVENING, "flows.sum_12d_usd", -2_916.7e6, 0.1e6),
    (EVENING, "flows.cost_basis.creations", 83_725, 83_725 * 0.005),
    (EVENING, "flows.cost_basis.running", 89_909, 89_909 * 0.005),
    (EVENING, "flows.gap_pct.creations", -13.3, 0.5),
    (EVENING, "flows.gap_pct.running", -19.3, 0.5),
    (EVENING, "liquidations.long_24h_usd", 140.2e6, 1.402e6),
    (EVENING, "liquidations.short_24h_usd", 27.3e6, 0.273e6),
    (EVENING, "liquidations.long_21d_usd", 1_262.7e6, 12.6e6),
    (EVENING, "momentum.rsi14_1d", 22.4, 0.3),
    (EVENING, "momentum.rsi14_4h", 25.7, 0.3),
    (EVENING, "momentum.rsi14_1w_live", 30.1, 0.3),
    (EVENING, "momentum.rsi14_1w_closed", 32.4, 0.3),
    (EVENING, "trend.ema200w", 68_360, 68_360 * 0.003),
    (EVENING, "trend.sma200w", 58_096, 58_096 * 0.003),
    (EVENING, "trend.sma200d", 103_309, 103_309 * 0.005),
    (EVENING, "trend.ema200d", 97_116, 97_116 * 0.005),
    (EVENING, "leverage.from_high_21d.high", 97_924, 1),
    (EVENING, "leverage.from_high_21d.fall_pct", -26.3, 0.1),
    (EVENING, "leverage.from_high_21d.leverage", 3.75, 0.02),
    (EVENING, "leverage.from_high_7d.leverage", 4.91, 0.05),
    (EVENING, "leverage.from_high_48h.leverage", 10.73, 0.05),
    (NOON, "price.last", 70_318, 70.3),
    (NOON, "price.low_48h", 69_922, 69.9),
    (NOON, "price.change_48h_pct", -9.9, 0.1),
    (NOON, "flows.net_usd", -544.9e6, 0.1e6),
    (NOON, "flows.sum_12d_usd", -3_066.9e6, 0.1e6),
    (NOON, "momentum.rsi14_1d", 20.4, 0.3),
    (NOON, "momentum.rsi14_4h", 20.8, 0.3),
]

EXACT = [
    (EVENING, "price.lowest_since", "2024-11-06"),
    (EVENING, "price.ath_date", "2025-10-06"),
    (EVENING, "flows.trade_date", "2026-02-03"),
    (EVENING, "flows.status", "final"),
    (EVENING, "flows.partial", None),
    (EVENING, "flows.days_out", 10),
    (EVENING, "flows.days_in", 2),
    (EVENING, "flows.streak", -1),
    (EVENING, "flows.longest_outflow_90d", 7),
    (EVENING, "liquidations.label", "at least"),
    (EVENING, "liquidations.venues", ["Binance", "Bybit", "OKX"]),
    (EVENING, "sentiment.fear_greed", 14),
    (EVENING, "holdings.us_government_btc", 316_760),
    (EVENING, "holdings.as_of", "2025-10-16"),
    (NIGHT, "flows.trade_date", "2026-02-03"),
    (NIGHT, "flows.partial.trade_date", "2026-02-04"),
    (NIGHT, "flows.partial.net_usd", -171.5e6),
    (NOON, "flows.trade_date", "2026-02-04"),
    (NOON, "flows.status", "final"),
    (NOON, "flows.partial", None),
    (NOON, "sentiment.fear_greed", 12),
]


@pytest.mark.parametrize(("at", "key", "expected", "tolerance"), ABOUT)
def test_a_figure_is_the_true_one(picture, at, key, expected, tolerance):
    assert value(picture(at), key) == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(("at", "key", "expected"), EXACT)
def test_a_fact_is_exactly_the_true_one(picture, at, key, expected):
    assert value(picture(at), key) == expected


def test_the_funds_that_have_not_reported_are_named(picture):
    assert set(picture(NIGHT)["flows"]["partial"]["missing"]) == {"IBIT", "BTCO"}


def test_a_day_is_final_from_when_its_last_fund_was_seen(picture):
    assert picture("2026-02-05T07:30Z")["flows"]["trade_date"] == "2026-02-03"
    assert picture("2026-02-05T08:00Z")["flows"]["trade_date"] == "2026-02-04"


def test_a_page_of_zeros_during_the_session_is_no_figure(picture):
    flows = picture("2026-02-03T16:00Z")["flows"]

    assert (flows["trade_date"], flows["partial"]) == ("2026-02-02", None)


def test_max_pain_is_told_per_expiry(picture):
    pains = {one["expiry"]: one["strike"] for one in picture(EVENING)["options"]["max_pain"]}

    expected = {"6FEB26": 91_000, "27FEB26": 90_000, "27MAR26": 95_000, "26JUN26": 95_000}
    assert expected.items() <= pains.items()
    assert 50_000 not in pains.values()


def level_at(told, price):
    return next(one for one in told["levels"] if one["low"] <= price <= one["high"])


def test_the_broken_floor_that_capped_the_rebounds_is_resistance(picture):
    zone = level_at(picture(EVENING), 76_500)

    assert zone["kind"] == "resistance"
    assert 76_000 <= zone["price"] <= 77_000
    assert zone["low"] >= 75_600
    assert zone["high"] <= 77_000
    assert zone["state"] in ("broken", "flipped", "retested")
    said = " ".join(zone["reasons"])
    for words in ("broken support", "$75,7", "$76,960", "$76,972"):
        assert words in said


def test_the_long_average_and_the_round_number_are_one_support(picture):
    zone = level_at(picture(EVENING), 69_000)

    assert zone["kind"] == "support"
    assert 68_000 <= zone["low"] <= zone["high"] <= 70_000
    said = " ".join(zone["reasons"])
    assert "200-week EMA $68,360" in said
    assert "round number $70,000" in said


def test_the_low_of_april_is_broken(picture):
    zone = level_at(picture(EVENING), 74_508)

    assert zone["state"] == "broken"
    assert "swing low $74,508 of 7 Apr 2025" in zone["reasons"]


def test_sixty_thousand_is_among_the_supports(picture):
    zone = level_at(picture(EVENING), 60_000)

    assert zone["kind"] == "support"
    said = " ".join(zone["reasons"])
    for words in ("round number $60,000", "swing low $59,600", "swing low $60,775"):
        assert words in said


OTHER_TIMES = [
    "2009-01-01T00:00Z",
    "2010-07-18T12:00Z",
    "2013-11-20T00:00Z",
    "2015-01-14T12:00Z",
    "2017-08-18T01:00Z",
    "2018-02-06T05:00Z",
    "2018-04-15T12:00Z",
    "2020-03-13T00:00Z",
    "2022-06-18T23:00Z",
    "2024-01-13T12:00Z",
    "2025-08-01T00:30Z",
    "2025-10-11T03:00Z",
    "2025-12-25T12:00Z",
    "2026-02-07T12:00Z",
    "2026-02-08T12:00Z",
    "2026-03-08T12:00Z",
]


@pytest.mark.parametrize("symbol", ["BTC", "ETH", "SOL", "XRP"])
@pytest.mark.parametrize("at", OTHER_TIMES)
def test_any_other_time_reads_sensibly(picture, at, symbol):
    told = picture(at, symbol)

    json.dumps(told, allow_nan=False)
    price, last = told["price"], told["price"]["last"]
    if last is not None:
        assert price["low_48h"] <= last <= price["high_48h"] <= price["ath"]
        assert price["fall_48h_pct"] <= 0 >= price["from_ath_pct"]
    for level in told["levels"]:
        assert level["reasons"]
        assert level["low"] <= level["price"] <= level["high"]
        assert isfinite(level["distance_atr"])
        assert (level["low"] >= last) <= (level["distance_pct"] >= 0)
    for name, source in told["sources"].items():
        assert source["as_of"] <= datetime.fromisoformat(at).isoformat(), name


@pytest.mark.parametrize("at", OTHER_TIMES)
def test_rsi_stays_on_its_scale(picture, at):
    for strength in picture(at)["momentum"].values():
        assert strength is None or 0 <= strength <= 100


def test_days_alone_stand_for_hours_where_there_are_none(picture):
    told = picture("2018-02-06T05:00Z")

    assert told["price"]["bars"] == "daily"
    assert told["momentum"]["rsi14_4h"] is None
    assert told["flows"]["net_usd"] is None


def test_a_market_that_stopped_is_missing_and_not_the_present(picture):
    told = picture("2026-03-08T12:00Z")

    assert told["price"]["last"] is None
    assert told["missing"]["price"]["reason"] == "unavailable"
