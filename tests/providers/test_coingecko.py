"""CoinGecko: who holds how much."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from providers.coingecko import READS, CoinGecko, refusal
from providers.errors import BadPayload, PlanNeeded, RateLimited, Refused, UnknownSymbol
from tests.fakes import Clock
from tests.providers.sources import Source, asset, upstream

GOVERNMENTS = {
    "governments": [
        {
            "name": "Texas",
            "symbol": "",
            "country": "US",
            "total_holdings": 10.0,
            "total_entry_value_usd": 0.0,
            "total_current_value_usd": 0.0,
        },
        {
            "name": "United States",
            "symbol": None,
            "country": "US",
            "total_holdings": 300.5,
            "total_entry_value_usd": 0.0,
            "total_current_value_usd": 9e6,
        },
    ]
}


async def test_holders_are_told_by_name_largest_first(clock: Clock) -> None:
    source = Source({"/governments/public_treasury/bitcoin": GOVERNMENTS})

    held = (await CoinGecko(upstream(source, clock)).holdings(asset(), "governments")).value

    assert [(h.name, h.coins, h.usd, h.country) for h in held] == [
        ("United States", 300.5, 9e6, "US"),
        ("Texas", 10.0, None, "US"),
    ]


async def test_only_governments_and_companies_are_known(clock: Clock) -> None:
    with pytest.raises(UnknownSymbol):
        await CoinGecko(upstream(Source({}), clock)).holdings(asset(), "miners")


async def test_the_whole_market_has_its_own_time(clock: Clock) -> None:
    data = {
        "total_market_cap": {"usd": 2e12},
        "market_cap_percentage": {"btc": 58.5},
        "updated_at": 1898856000,
    }
    source = Source({"/global": {"data": data}})

    told = await CoinGecko(upstream(source, clock)).whole_market()

    assert (told.value.cap_usd, dict(told.value.dominance)) == (2e12, {"BTC": 58.5})
    assert told.as_of == datetime(2030, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(429, 429, RateLimited), (401, 10005, PlanNeeded), (401, 10010, Refused)],
)
def test_its_errors_are_told_apart(status: int, code: int, kind: type[Exception]) -> None:
    text = json.dumps({"status": {"error_code": code, "error_message": "words"}})

    assert type(refusal(status, {"retry-after": "7"}, text)) is kind
    with pytest.raises(kind):
        READS["holding"](text)


async def test_an_unknown_coin_is_about_the_question(clock: Clock) -> None:
    assert isinstance(refusal(404, {}, '{"error": "coin not found"}'), UnknownSymbol)


def test_a_limit_says_for_how_long() -> None:
    text = '{"status": {"error_code": 429, "error_message": "slow"}}'

    assert refusal(429, {"retry-after": "7"}, text).retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("text", ["[]", "{}", '{"governments": 3}', "<html>"])
def test_another_shape_is_refused(text: str) -> None:
    with pytest.raises(BadPayload):
        READS["holding"](text)


def test_a_chart_is_told_newest_first_without_the_points_not_yet_filled_in() -> None:
    day = 86_400_000
    start = 1_898_640_000_000
    chart = {
        "holdings": [
            [start, 5.0],
            [start + day, 0.0],
            [start + 2 * day, 7.5],
            [start + 3 * day, 0],
        ],
        "holding_value_in_usd": [[start, 400.0], [start + 2 * day, 600.0]],
    }

    held = READS["holding"](json.dumps(chart))

    assert [(h.coins, h.usd, h.as_of.isoformat()) for h in held] == [
        (7.5, 600.0, "2030-03-04"),
        (0.0, None, "2030-03-03"),
        (5.0, 400.0, "2030-03-02"),
    ]


def test_a_holder_without_a_figure_costs_only_itself() -> None:
    unknown = {"name": "Atlantis", "country": "AT", "total_holdings": None}

    held = READS["holding"](json.dumps({"governments": [*GOVERNMENTS["governments"], unknown]}))

    assert [h.name for h in held] == ["United States", "Texas"]


async def test_a_dead_source_is_told_by_its_last_answer(clock: Clock) -> None:
    path = "/governments/public_treasury/bitcoin"
    source = Source({path: GOVERNMENTS})
    one = CoinGecko(upstream(source, clock))
    before = await one.holdings(asset(), "governments")
    source.answers[path] = httpx.Response(404)
    clock.advance(days=2)

    after = await one.holdings(asset(), "governments")

    assert (after.value, after.as_of) == (before.value, before.as_of)
