"""Farside's page."""

from datetime import date

import httpx
import pytest

from providers.errors import BadPayload, Unavailable
from providers.farside import READS, Farside, refusal
from providers.types import FlowStatus
from tests.fakes import Clock
from tests.providers.sources import Source, asset, payload, upstream

CHALLENGE = "<html><head><title>Just a moment...</title></head><body></body></html>"


async def test_rows_are_settled_partial_or_empty(clock: Clock) -> None:
    source = Source({"/btc/": payload("farside/evening.html")})

    days = (await Farside(upstream(source, clock), clock).flows(asset())).value

    assert [(d.trade_date, d.net_usd, d.status, d.missing) for d in days] == [
        (date(2030, 3, 1), pytest.approx(6.2e6), FlowStatus.FINAL, ()),
        (date(2030, 3, 4), pytest.approx(-47.5e6), FlowStatus.PARTIAL, ("FBTC",)),
        (date(2030, 3, 5), None, FlowStatus.NONE, ("IBIT", "FBTC", "GBTC")),
    ]
    assert dict(days[0].by_fund) == {"IBIT": 1_119.9e6, "FBTC": 0.0, "GBTC": -1_113.7e6}


def test_the_coin_is_told_by_its_funds() -> None:
    assert {seen.symbol for seen in READS["flow"](payload("farside/evening.html"))} == {"BTC"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("FBTC ", "", id="a fund without a name"),
        pytest.param('class="etf"', 'class="eft"', id="another table"),
        pytest.param("</td></tr>", "</td><td>1</td></tr>", id="a column more"),
    ],
)
def test_a_page_that_changed_is_refused(before: str, after: str) -> None:
    with pytest.raises(BadPayload):
        READS["flow"](payload("farside/evening.html").replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("<td>6.2</td>", "<td>60.2</td>", id="funds miss the total"),
        pytest.param("<td>0.0</td><td><span", "<td><span", id="a cell is gone"),
        pytest.param("1,119.9", "n/a", id="words for a figure"),
    ],
)
def test_a_row_that_does_not_add_up_costs_that_row(before: str, after: str) -> None:
    seen = READS["flow"](payload("farside/evening.html").replace(before, after))

    assert [one.item.trade_date for one in seen] == [date(2030, 3, 4), date(2030, 3, 5)]


def test_a_table_whose_rows_do_not_add_up_has_other_columns() -> None:
    text = payload("farside/evening.html").replace("(47.5)", "(4.5)")

    with pytest.raises(BadPayload):
        READS["flow"](text.replace("<td>6.2</td>", "<td>60.2</td>"))


def test_a_total_of_nothing_beside_a_fund_that_filed_is_not_added_up_yet() -> None:
    seen = READS["flow"](payload("farside/evening.html").replace("(47.5)", "0.0"))

    assert [(one.item.net_usd, one.item.status) for one in seen[:2]] == [
        (pytest.approx(6.2e6), FlowStatus.FINAL),
        (pytest.approx(-47.5e6), FlowStatus.PARTIAL),
    ]


async def test_the_challenge_page_is_no_answer(clock: Clock) -> None:
    source = Source({"/btc/": httpx.Response(200, text=CHALLENGE)})

    with pytest.raises(Unavailable, match="browser"):
        await Farside(upstream(source, clock), clock).flows(asset())
    assert isinstance(refusal(403, {}, CHALLENGE), Unavailable)
