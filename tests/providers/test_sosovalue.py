"""SoSoValue, with a key and without."""

import json
from datetime import date

import fakeredis
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import (
    BadPayload,
    ProviderError,
    RateLimited,
    Refused,
    Unavailable,
    UnknownSymbol,
)
from providers.flow_history import FlowHistory
from providers.sosovalue import READS, SoSoValue, parse_metrics, refusal, with_funds
from providers.types import FlowDay, FlowStatus
from tests.fakes import Clock
from tests.providers.sources import Source, asset, payload, upstream

HISTORY = "/openapi/v2/etf/historicalInflowChart"
METRICS = "/openapi/v2/etf/currentEtfDataMetrics"


def keyless(**answers: object) -> Source:
    return Source(
        {
            HISTORY: payload("sosovalue/totals_with_placeholder.json"),
            METRICS: payload("sosovalue/metrics_filling_in.json"),
            **answers,
        }
    )


async def told(source: Source, clock: Clock) -> dict[date, FlowDay]:
    reading = await SoSoValue(upstream(source, clock), None, clock).flows(asset())
    return {day.trade_date: day for day in reading.value}


async def test_the_running_day_has_no_zero_and_the_weekend_no_day(clock: Clock) -> None:
    days = await told(keyless(), clock)

    assert sorted(days) == [date(2030, 3, 4), date(2030, 3, 5), date(2030, 3, 6)]
    assert (days[date(2030, 3, 6)].net_usd, days[date(2030, 3, 6)].status) == (
        None,
        FlowStatus.NONE,
    )


async def test_the_newest_day_is_told_by_fund_while_it_fills_in(clock: Clock) -> None:
    clock.advance(hours=-10)
    day = (await told(keyless(), clock))[date(2030, 3, 5)]

    assert (day.status, day.net_usd) == (FlowStatus.PARTIAL, -1_500_000.5)
    assert day.missing == ("GBTC", "ARKB")


def metrics(total: object, **funds: object) -> dict[str, object]:
    def on(value: object) -> dict[str, object]:
        return {"value": value, "lastUpdateDate": "2030-03-05", "status": "1"}

    listed = [{"ticker": name, "dailyNetInflow": on(usd)} for name, usd in funds.items()]
    return {"code": 0, "data": {"dailyNetInflow": on(total), "list": listed}}


async def test_a_placeholder_total_in_the_night_is_neither_told_nor_kept(clock: Clock) -> None:
    clock.advance(hours=-10)
    source = keyless(**{METRICS: metrics("0", IBIT=50e6, FBTC="-10000000")})
    redis = fakeredis.FakeAsyncRedis(decode_responses=True)
    history = FlowHistory((SoSoValue(upstream(source, clock), None, clock),), redis, clock)

    day = next(d for d in (await history.flows(asset())).value if d.trade_date.day == 5)
    kept = await redis.hget("lh:{flows}:BTC", "2030-03-05")

    assert (day.net_usd, day.status) == (40e6, FlowStatus.FINAL)
    assert '"net_usd":40000000.0' in kept


def test_a_placeholder_total_beside_a_late_fund_is_what_the_others_make() -> None:
    (seen,) = READS["flow"](json.dumps(metrics(0, IBIT=50e6, FBTC=None)))

    assert (seen.item.net_usd, seen.item.status) == (50e6, FlowStatus.PARTIAL)


async def test_the_settled_total_ends_waiting_for_a_late_fund(clock: Clock) -> None:
    day = (await told(keyless(), clock))[date(2030, 3, 5)]

    assert (day.status, day.net_usd) == (FlowStatus.FINAL, -1_400_000.5)


async def test_without_the_funds_the_totals_still_stand(clock: Clock) -> None:
    days = await told(keyless(**{METRICS: httpx.Response(500)}), clock)

    assert days[date(2030, 3, 4)].net_usd == 3_000_000


async def test_both_questions_are_posted_with_the_kind_of_fund(clock: Clock) -> None:
    source = keyless()
    await told(source, clock)

    assert {(r.method, r.content) for r in source.asked} == {("POST", b'{"type": "us-btc-spot"}')}


async def test_an_asset_without_funds_is_unknown(clock: Clock) -> None:
    with pytest.raises(UnknownSymbol):
        await SoSoValue(upstream(keyless(), clock), None, clock).flows(asset("DOGE"))


def by_key() -> Source:
    def listed(*rows: dict[str, object]) -> dict[str, object]:
        return {"code": 0, "message": "success", "data": list(rows)}

    return Source(
        {
            "/etfs/summary-history": listed(
                {"date": "2030-03-05", "total_net_inflow": 0},
                {"date": "2030-03-04", "total_net_inflow": 5.0},
            ),
            "/etfs": listed({"ticker": "IBIT"}, {"ticker": "GBTC"}),
            "/etfs/IBIT/history": listed(
                {"date": "2030-03-05", "net_inflow": 2.0}, {"date": "2030-03-04", "net_inflow": 4.0}
            ),
            "/etfs/GBTC/history": listed(
                {"date": "2030-03-05", "net_inflow": None},
                {"date": "2030-03-04", "net_inflow": 1.0},
            ),
        }
    )


async def test_with_a_key_every_day_names_its_funds(clock: Clock) -> None:
    reading = await SoSoValue(None, upstream(by_key(), clock), clock).flows(asset())

    assert [(d.status, d.net_usd, d.missing) for d in reading.value] == [
        (FlowStatus.FINAL, 5.0, ()),
        (FlowStatus.PARTIAL, 2.0, ("GBTC",)),
    ]


async def test_a_fund_that_cannot_be_asked_is_not_a_fund_that_is_late(clock: Clock) -> None:
    source = by_key()
    source.answers["/etfs/GBTC/history"] = httpx.Response(429)
    reading = await SoSoValue(None, upstream(source, clock), clock).flows(asset())

    assert [(d.status, d.by_fund) for d in reading.value] == [
        (FlowStatus.FINAL, ()),
        (FlowStatus.NONE, ()),
    ]


async def test_a_refused_key_falls_back_to_asking_without(clock: Clock) -> None:
    locked = Source({"/etfs/summary-history": {"code": 400101, "message": "API Key is invalid"}})
    source = SoSoValue(upstream(keyless(), clock), upstream(locked, clock), clock)

    assert (await source.flows(asset())).value[0].net_usd == 3_000_000


def test_errors_are_told_apart_by_their_code() -> None:
    limited = refusal(429, {}, '{"code": 402901, "message": "slow down"}')

    assert isinstance(limited, RateLimited)
    assert isinstance(refusal(401, {}, '{"code": 400101, "message": "no"}'), Refused)
    assert refusal(502, {}, "<html>bad gateway</html>") is None
    assert refusal(200, {}, '{"code": 0, "data": []}') is None


@pytest.mark.parametrize(
    ("code", "kind"), [(429, RateLimited), ("429", RateLimited), (500, Unavailable), (403, Refused)]
)
def test_the_old_envelopes_codes_are_those_of_http(code: object, kind: type) -> None:
    with pytest.raises(kind) as caught:
        READS["flow"](json.dumps({"code": code, "msg": "words", "data": None}))

    assert type(caught.value) is kind


def test_a_funds_saturday_is_no_day() -> None:
    rows = [{"date": day, "net_inflow": 0.0} for day in ("2030-03-02", "2030-03-01")]

    seen = READS["flow"](json.dumps({"code": 0, "data": rows}))

    assert [one.item.trade_date for one in seen] == [date(2030, 3, 1)]


def test_all_zeros_of_the_newest_day_are_placeholders() -> None:
    text = payload("sosovalue/metrics_filling_in.json")
    for figure in ('"-1500000.5"', '"-2000000.5"', "500000"):
        text = text.replace(figure, "0")

    (day,) = parse_metrics(text)

    assert (day.net_usd, day.status) == (None, FlowStatus.NONE)


def test_a_days_own_funds_are_believed_over_a_placeholder_total() -> None:
    day = date(2030, 3, 5)

    (told,) = with_funds(((day, 0.0),), {"IBIT": ((day, 3.0),)})

    assert (told.net_usd, told.status) == (3.0, FlowStatus.FINAL)


def test_a_pending_day_of_one_fund_is_a_row_of_nulls() -> None:
    text = """{"code": 0, "data": [{"date": "2030-03-05", "ticker": "IBIT", "net_inflow": null},
        {"date": "2030-03-04", "ticker": "IBIT", "net_inflow": 4.5}]}"""

    days = [seen.item for seen in READS["flow"](text)]

    assert [(d.net_usd, d.by_fund, d.status) for d in days] == [
        (4.5, (("IBIT", 4.5),), FlowStatus.FINAL),
        (None, (("IBIT", None),), FlowStatus.NONE),
    ]


@given(st.text() | st.sampled_from(["[]", "{}", '{"code":0}', '{"code":0,"data":{"list":[1]}}']))
def test_nonsense_is_refused_in_our_own_words(text: str) -> None:
    with pytest.raises(ProviderError) as caught:
        READS["flow"](text)

    assert isinstance(caught.value, BadPayload | Refused)
