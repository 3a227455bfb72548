"""Coinglass: its plans, its errors inside HTTP 200, and its two meanings of side 2."""

import json
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.coinglass import READS, Coinglass, refusal
from providers.coinglass_envelope import Plan
from providers.errors import (
    BadPayload,
    PlanNeeded,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.types import FlowStatus, Side
from tests.fakes import START, Clock
from tests.providers.sources import Source, asset, upstream

MS = int(START.timestamp() * 1000)
HOUR_MS = 3_600_000
LIQUIDATION = "/api/futures/liquidation"


def good(data: object) -> dict[str, object]:
    return {"code": "0", "data": data}


def coinglass(clock: Clock, **answers: object) -> Coinglass:
    source = Source({path: good(data) for path, data in answers.items()})
    return Coinglass(upstream(source, clock), clock)


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        ("401", "Upgrade plan", PlanNeeded),
        ("401", "Unauthorized", Refused),
        ("400", "API key missing.", Refused),
        ("400", "Required String parameter 'exchange_list' is not present", Refused),
        ("429", "", RateLimited),
        ("500", "Server Error", Unavailable),
    ],
)
def test_an_error_inside_http_200_is_an_error(
    code: str, words: str, kind: type[ProviderError]
) -> None:
    text = f'{{"code": "{code}", "msg": "{words}"}}'

    with pytest.raises(kind) as caught:
        READS["flow"](text)
    assert type(caught.value) is type(refusal(200, {}, text)) is kind


async def test_a_plan_that_does_not_include_one_answer_still_gives_the_others(
    clock: Clock,
) -> None:
    source = Source(
        {
            "/api/etf/bitcoin/flow-history": {"code": "401", "msg": "Upgrade plan"},
            "/api/index/fear-greed-history": good({"data_list": [7], "time_list": [MS // 1000]}),
        }
    )
    one = Coinglass(upstream(source, clock), clock)

    with pytest.raises(PlanNeeded):
        await one.flows(asset())
    assert (await one.sentiment()).value[-1].value == 7


async def test_the_row_all_is_the_total_and_both_spellings_are_read(clock: Clock) -> None:
    rows = [
        {"exchange": "All", "long_liquidation_usd": 5.0, "short_liquidation_usd": "2.5"},
        {"exchange": "OKX", "longLiquidation_usd": 4.0, "shortLiquidation_usd": 2.0},
    ]
    one = coinglass(clock, **{f"{LIQUIDATION}/exchange-list": rows})

    whole, okx = (await one.totals(asset(), timedelta(days=1))).value

    assert (whole.venue, whole.asset, whole.long_usd, whole.short_usd) == (None, "BTC", 5.0, 2.5)
    assert (okx.venue, okx.window, okx.long_usd) == ("okx", timedelta(days=1), 4.0)


async def test_without_an_asset_all_coins_are_asked_for(clock: Clock) -> None:
    row = {"exchange": "All", "long_liquidation_usd": 5.0, "short_liquidation_usd": 2.5}
    source = Source({f"{LIQUIDATION}/exchange-list": good([row])})

    told = await Coinglass(upstream(source, clock), clock).totals(None, timedelta(hours=4))

    assert dict(source.asked[0].url.params) == {"range": "4h"}
    assert told.value[0].asset is None


async def test_three_weeks_are_summed_over_named_venues(clock: Clock) -> None:
    def bar(hours_ago: int, usd: float) -> dict[str, object]:
        return {
            "time": MS - hours_ago * HOUR_MS,
            "aggregated_long_liquidation_usd": usd,
            "aggregated_short_liquidation_usd": "1",
        }

    bars = [bar(22 * 24, 100.0), bar(20 * 24, 10.0), bar(4, 5.0)]
    one = coinglass(clock, **{f"{LIQUIDATION}/aggregated-history": bars})

    (whole,) = (await one.totals(asset(), timedelta(days=21))).value

    assert (whole.venue, whole.long_usd, whole.short_usd) == ("Binance, OKX, Bybit", 15.0, 2.0)
    assert whole.opened_at == START - timedelta(days=20)


async def test_all_coins_over_weeks_is_a_question_it_cannot_answer(clock: Clock) -> None:
    with pytest.raises(UnknownSymbol):
        await coinglass(clock).totals(None, timedelta(days=21))


def test_side_2_is_a_long_in_orders_and_a_short_on_the_stream() -> None:
    order = (
        '{"code":"0","data":[{"exchange_name":"BINANCE","symbol":"BTCUSDT","base_asset":"BTC",'
        '"price":50000,"usd_value":1000,"side":2,"time":1898856000000}]}'
    )
    streamed = (
        '{"channel":"liquidationOrders","data":[{"baseAsset":"BTC","exName":"OKX","price":50000,'
        '"side":2,"symbol":"BTC-USDT-SWAP","time":1898856000000,"volUsd":1000}]}'
    )

    assert [i.side for i in READS["liquidation"](order)] == [Side.LONG]
    assert [i.side for i in READS["liquidation"](streamed)] == [Side.SHORT]
    assert READS["liquidation"](streamed)[0].quantity == pytest.approx(0.02)


@pytest.mark.parametrize(
    "frame",
    ["pong", "ping", '{"event":"subscribe"}', '{"code":"0","msg":"success","event":"subscribe"}'],
)
def test_control_frames_are_no_liquidations(frame: str) -> None:
    assert READS["liquidation"](frame) == ()


def test_a_subscription_that_is_not_in_the_plan_is_a_refusal() -> None:
    with pytest.raises(PlanNeeded):
        READS["liquidation"]('{"code":"401","msg":"Upgrade plan","event":"subscribe"}')


async def test_a_fund_without_flow_usd_has_not_reported(clock: Clock) -> None:
    row = {
        "timestamp": int(datetime(2030, 3, 5, tzinfo=UTC).timestamp() * 1000),
        "flow_usd": 5.0,
        "etf_flows": [{"etf_ticker": "IBIT", "flow_usd": 5.0}, {"etf_ticker": "GBTC"}],
    }
    one = coinglass(clock, **{"/api/etf/bitcoin/flow-history": [row]})

    (day,) = (await one.flows(asset())).value

    assert (day.trade_date, day.status, day.missing) == (
        date(2030, 3, 5),
        FlowStatus.PARTIAL,
        ("GBTC",),
    )


@pytest.mark.parametrize(
    ("row", "net", "status"),
    [
        pytest.param(
            {"flow_usd": 0, "etf_flows": [{"etf_ticker": "IBIT", "flow_usd": 5e7}]},
            5e7,
            FlowStatus.FINAL,
            id="a total not added up yet",
        ),
        pytest.param({"flow_usd": 100}, 100.0, FlowStatus.FINAL, id="no list of funds"),
        pytest.param({"flow_usd": 0}, None, FlowStatus.NONE, id="neither"),
    ],
)
def test_a_total_of_zero_is_no_total_and_one_without_funds_stands(
    row: dict[str, object], net: float | None, status: FlowStatus
) -> None:
    at = int(datetime(2030, 3, 5, tzinfo=UTC).timestamp() * 1000)

    (seen,) = READS["flow"](json.dumps(good([{"timestamp": at, **row}])))

    assert (seen.item.net_usd, seen.item.status) == (net, status)


def test_funding_is_a_fraction_and_has_no_time_of_its_own() -> None:
    row = {"exchange": "Binance", "funding_rate_interval": 8, "funding_rate": 0.01}
    odd = {"exchange": "OKX", "funding_rate_interval": None, "funding_rate": "-0.02"}
    coin = {
        "symbol": "BTC",
        "stablecoin_margin_list": [
            {**row, "next_funding_time": MS},
            {**odd, "next_funding_time": MS},
            {"exchange": "Nowhere", "funding_rate": None},
        ],
        "token_margin_list": [row],
    }

    told = READS["funding"](json.dumps(good([coin])))

    assert [(f.venue, f.symbol, f.rate, f.interval_hours, f.at, f.next_at) for f in told] == [
        ("binance", "BTC", pytest.approx(0.0001), 8, None, START),
        ("okx", "BTC", pytest.approx(-0.0002), None, None, START),
        ("binance", "BTC-USD", pytest.approx(0.0001), 8, None, None),
    ]


def test_open_interest_over_all_venues_has_no_venue() -> None:
    row = {"symbol": "BTC", "open_interest_usd": 9.0, "open_interest_quantity": 3.0}
    listed = [{"exchange": "CME", **row, "open_interest_usd": 4.0}, {"exchange": "All", **row}]

    cme, whole = READS["open_interest"](json.dumps(good(listed)))

    assert (cme.venue, cme.usd) == ("cme", 4.0)
    assert (whole.venue, whole.usd, whole.coins, whole.at) == (None, 9.0, 3.0, None)


def test_a_null_costs_its_own_row() -> None:
    pain = {"date": "300329", "max_pain_price": "84000"}
    coin = {"symbol": "BTC", "long_liquidation_usd_1h": 5.0, "short_liquidation_usd_1h": 1.0}
    venue = {"exchange": "OKX", "long_liquidation_usd": 5.0, "short_liquidation_usd": 1.0}

    pains = READS["options"](json.dumps(good([{**pain, "max_pain_price": None}, pain])))
    coins = READS["liquidation_total"](
        json.dumps(good([{**coin, "short_liquidation_usd_1h": None}, coin]))
    )
    venues = READS["liquidation_total"](
        json.dumps(good([{**venue, "long_liquidation_usd": None}, venue]))
    )

    assert [one.max_pain for one in pains] == [84_000]
    assert [one.window for one in coins] == [timedelta(hours=1)]
    assert [one.venue for one in venues] == ["okx"]


@pytest.mark.parametrize(
    "data",
    [
        {"data_list": [9, 8], "time_list": [1898942400, 1898856000]},
        [{"data_list": [9, 8], "time_list": [1898942400000, 1898856000000]}],
        [{"value": "8", "time": 1898856000}, {"value": 9, "time": 1898942400}],
    ],
)
async def test_every_shape_of_fear_and_greed_is_read(data: object, clock: Clock) -> None:
    told = await coinglass(clock, **{"/api/index/fear-greed-history": data}).sentiment()

    assert [(s.date, s.value) for s in told.value] == [(date(2030, 3, 4), 8), (date(2030, 3, 5), 9)]


async def test_max_pain_and_accounts_are_read(clock: Clock) -> None:
    pain = {
        "date": "300329",
        "max_pain_price": "84000",
        "call_open_interest": 4.0,
        "put_open_interest": 1.0,
    }
    account = {
        "time": MS,
        "global_account_long_percent": 60.0,
        "global_account_short_percent": 40.0,
        "global_account_long_short_ratio": 1.5,
    }

    told = await coinglass(clock, **{"/api/option/max-pain": [pain]}).max_pain(asset())
    (accounts,) = READS["long_short"](json.dumps(good([account])))

    (expiry,) = told.value
    assert (expiry.expiry, expiry.max_pain, expiry.put_call) == (date(2030, 3, 29), 84_000, 0.25)
    assert told.as_of == START
    assert (accounts.long_pct, accounts.ratio, accounts.at) == (60.0, 1.5, START)


async def test_a_second_question_within_a_minute_is_not_asked(clock: Clock) -> None:
    source = Source({f"{LIQUIDATION}/exchange-list": httpx.Response(200, json=good([]))})
    one = Coinglass(upstream(source, clock), clock)

    for _ in range(3):
        await one.totals(asset(), timedelta(hours=1))

    assert len(source.asked) == 1


def test_only_what_is_sold_is_a_plan() -> None:
    with pytest.raises(ValueError, match="platinum"):
        Plan("platinum")


@given(st.sampled_from(sorted(READS)), st.text() | st.sampled_from(["[]", '{"code":"0","data":3}']))
def test_nonsense_is_refused_in_our_own_words(kind: str, text: str) -> None:
    if text.strip().strip('"') in ("ping", "pong"):
        return
    with pytest.raises(BadPayload):
        READS[kind](text)


async def test_a_history_that_hangs_is_as_old_as_its_newest_bar(clock: Clock) -> None:
    """Bars of a source that stopped five hours ago do not look new because the answer is."""
    stopped = MS - 9 * HOUR_MS
    bar = {
        "time": stopped,
        "aggregated_long_liquidation_usd": 5,
        "aggregated_short_liquidation_usd": 1,
    }
    one = coinglass(
        clock,
        **{
            f"{LIQUIDATION}/aggregated-history": [bar],
            "/api/index/fear-greed-history": {"data_list": [7], "time_list": [MS]},
        },
    )

    told = {
        "bars": await one.totals(asset(), timedelta(days=21)),
        "mood": await one.sentiment(),
    }

    assert {name: (START - reading.as_of) for name, reading in told.items()} == {
        "bars": timedelta(hours=5),
        "mood": timedelta(hours=12),
    }


async def test_a_running_bar_is_as_new_as_the_question(clock: Clock) -> None:
    bar = {
        "time": MS - HOUR_MS,
        "aggregated_long_liquidation_usd": 5,
        "aggregated_short_liquidation_usd": 1,
    }
    one = coinglass(clock, **{f"{LIQUIDATION}/aggregated-history": [bar]})

    assert (await one.totals(asset(), timedelta(days=21))).as_of == START
