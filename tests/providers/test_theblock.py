"""The Block's chart files."""

import json
from datetime import date

import pytest

from providers.errors import BadPayload
from providers.theblock import READS, TheBlock
from providers.types import FlowStatus
from tests.fakes import Clock
from tests.providers.sources import Source, asset, upstream

NOON_4_MARCH = 1_898_856_000  # 2030-03-04 12:00 UTC
DAY = 86_400


def chart(**series: list[float | None]) -> str:
    return json.dumps(
        {
            "Series": {
                name.replace("_", " "): {
                    "Data": [
                        {"Timestamp": NOON_4_MARCH + n * DAY, "Result": figure}
                        for n, figure in enumerate(figures)
                    ]
                }
                for name, figures in series.items()
            }
        }
    )


async def test_days_are_sums_of_their_funds_on_the_new_york_date(clock: Clock) -> None:
    path = "/markets_structuredproducts_btcspotetfflows_daily_other.json"
    source = Source({path: chart(IBIT=[5e6, 1e6, 0], GBTC=[-2e6, None, 0])})

    days = (await TheBlock(upstream(source, clock), clock).flows(asset())).value

    assert [(d.trade_date, d.net_usd, d.status) for d in days] == [
        (date(2030, 3, 4), 3e6, FlowStatus.FINAL),
        (date(2030, 3, 5), 1e6, FlowStatus.PARTIAL),
        (date(2030, 3, 6), None, FlowStatus.NONE),
    ]


def test_a_chart_of_the_total_has_no_funds() -> None:
    days = READS["flow"]('{"chart": {"jsonFile": ' + chart(Total_Net_Flow=[5e6, 1e6]) + "}}")

    assert [(seen.item.net_usd, seen.item.by_fund) for seen in days] == [(5e6, ()), (1e6, ())]


@pytest.mark.parametrize("text", ["{}", "[]", "<html>", '{"Series": {"A": {}}}'])
def test_another_shape_is_refused(text: str) -> None:
    with pytest.raises(BadPayload):
        READS["flow"](text)
