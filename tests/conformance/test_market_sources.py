"""Every recorded answer of the sources that are not exchanges, with the figures a correct reader must find."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.watchlist import Watchlist
from providers import (
    alternative,
    coingecko,
    coinglass,
    farside,
    fed,
    forexfactory,
    fred,
    headlines,
    sosovalue,
    theblock,
)
from providers.coinglass_answers import parse_net_assets
from providers.errors import PlanNeeded, ProviderError, RateLimited, Refused, UnknownSymbol
from providers.payload import decoded
from providers.tiers import BinanceTiers
from providers.types import FlowDay, FlowStatus, Importance, Side

pytestmark = pytest.mark.conformance

Read = Callable[[str], object]
CASES: dict[str, Callable[[str], None]] = {}

# What no port asks for, and why.
LEFT_OUT = {
    "INDEX.md": "describes the others",
    "shape_only/README.md": "describes the others",
    "deribit_get_book_summary_by_currency_btc_option.json": "an exchange; read with the exchanges",
    "shape_only/gdelt_doc_artlist.json": "not a source of ours: the feeds answer headlines",
}


def case(name: str) -> Callable[[Callable[[str], None]], Callable[[str], None]]:
    def keep(check: Callable[[str], None]) -> Callable[[str], None]:
        CASES[name] = check
        return check

    return keep


def flows(source: object, text: str) -> list[FlowDay]:
    return [seen.item for seen in source.READS["flow"](text)]


def about(figure: float) -> object:
    return pytest.approx(figure, abs=0.01)


def test_every_file_is_read_or_left_out_with_a_reason(shared: Path) -> None:
    folder = shared / "recorded" / "market"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    assert files == CASES.keys() | LEFT_OUT.keys()


@pytest.fixture(scope="session")
def recorded(shared: Path) -> Path:
    return shared / "recorded" / "market"


@case("sosovalue_v1_etf_summary_history_btc.json")
def summary_history(text: str) -> None:
    days = flows(sosovalue, text)
    nets = [day.net_usd for day in days]

    assert (len(days), days[0].trade_date) == (20, date(2026, 7, 6))
    assert days[-1].trade_date == date(2026, 7, 31)
    assert nets[-1] == about(-265_372_778.16)
    assert sum(nets[-5:]) == about(-61_531_860.95)
    assert sum(nets[-12:]) == about(183_703_790.83)
    assert days[-12].trade_date == date(2026, 7, 16)
    assert nets[-2] > 0
    assert {day.status for day in days} == {FlowStatus.FINAL}


@case("sosovalue_v1_etf_list_btc.json")
def fund_list(text: str) -> None:
    funds = sosovalue.parse_funds(text)

    assert (len(funds), funds[0]) == (13, "IBIT")
    assert {"MSBT", "DEFI"} <= set(funds)


def refused(text: str, kind: type[ProviderError], words: str) -> ProviderError:
    with pytest.raises(kind, match=words) as caught:
        sosovalue.READS["flow"](text)
    return caught.value


@case("sosovalue_v1_error_bad_key.json")
def bad_key(text: str) -> None:
    assert refused(text, Refused, "API Key is invalid").code == "refused"
    assert sosovalue.refusal(401, {}, text).code == "refused"


@case("sosovalue_v1_error_over_window.json")
def over_window(text: str) -> None:
    refused(text, PlanNeeded, "exceeds 30 day limit")


@case("sosovalue_v1_error_bad_ticker.json")
def bad_ticker(text: str) -> None:
    refused(text, UnknownSymbol, "NOTREAL")


@case("sosovalue_v1_error_missing_param_legacy_envelope.json")
def missing_parameter(text: str) -> None:
    assert refused(text, Refused, "缺少必须的").code == "refused"


@case("doc_sosovalue_v1_rate_limit_429.json")
def asked_too_often(text: str) -> None:
    assert refused(text, RateLimited, "exceeded").retry_after == timedelta(seconds=45)


@case("doc_sosovalue_v2_historicalInflowChart.json")
def nested_history(text: str) -> None:
    assert [(d.trade_date, d.net_usd) for d in flows(sosovalue, text)] == [
        (date(2024, 4, 12), -55_066_297.0)
    ]


@case("shape_only/sosovalue_v2_historicalInflowChart_live_shape.json")
def flat_history(text: str) -> None:
    assert [(d.trade_date, d.net_usd) for d in flows(sosovalue, text)] == [
        (date(2024, 1, 11), 628_735_069.54),
        (date(2024, 1, 12), 203_021_000.0),
    ]


@case("shape_only/sosovalue_v2_currentEtfDataMetrics_live_shape.json")
def newest_by_fund(text: str) -> None:
    (day,) = flows(sosovalue, text)

    assert (day.trade_date, day.net_usd) == (date(2026, 7, 31), -265_372_778.16)
    assert day.by_fund == (("IBIT", -122_656_640.0),)


@case("sosovalue_v1_btc_treasuries_history_mstr.json")
def treasury(text: str) -> None:
    newest, before = sosovalue.READS["holding"](text)[:2]

    assert (newest.name, newest.coins, newest.as_of) == ("MSTR", 840_447, date(2026, 8, 10))
    assert (
        newest.coins - before.coins == -1_691
    )  # their own change says −1,690: holdings are rounded


@case("sosovalue_v1_btc_treasuries_list.json")
def companies_with_coins(text: str) -> None:
    listed = sosovalue.READS["holding"](text)

    assert (len(listed), listed[0].name, listed[0].ticker) == (12, "Strategy", "MSTR")


@case("sosovalue_v1_macro_events.json")
def macro_calendar(text: str) -> None:
    dates = {release.name: release.date for release in sosovalue.READS["event"](text)}

    assert dates["CPI (YoY)"] == date(2026, 8, 12)


@case("sosovalue_v1_macro_history_cpi_yoy.json")
def macro_history(text: str) -> None:
    before, coming = sosovalue.READS["event"](text)[-2:]

    assert (coming.date, coming.actual, coming.forecast) == (date(2026, 8, 12), None, "3.4%")
    assert (before.date, before.actual, before.forecast) == (date(2026, 7, 14), "3.5%", "3.8%")


@case("farside_btc_2026-07-23.html")
def farside_page(text: str) -> None:
    days = {day.trade_date: day for day in flows(farside, text)}
    pending = days.pop(date(2026, 7, 23))
    last = days[date(2026, 7, 22)]

    assert (pending.status, pending.net_usd, len(pending.missing)) == (FlowStatus.NONE, None, 12)
    assert (len(days), min(days), max(days)) == (13, date(2026, 7, 6), date(2026, 7, 22))
    assert {day.status for day in days.values()} == {FlowStatus.FINAL}
    assert {len(day.by_fund) for day in days.values()} == {12}
    assert days[date(2026, 7, 13)].net_usd == about(-424.7e6)
    assert last.net_usd == about(69.1e6)
    assert dict(last.by_fund)["GBTC"] == about(-38.3e6)


@case("shape_only/theblock_api_total_net_flow.json")
def theblock_total(text: str) -> None:
    assert [(d.trade_date, d.net_usd) for d in flows(theblock, text)] == [
        (date(2024, 1, 11), 655_300_000),
        (date(2024, 1, 12), 203_000_000),
    ]


@case("shape_only/theblock_tbstat_btcspotetfflows.json")
def theblock_funds(text: str) -> None:
    first = flows(theblock, text)[0]

    assert first.trade_date == date(2024, 1, 11)
    assert dict(first.by_fund) == {"IBIT": 111_700_000, "GBTC": -95_100_000}


@case("doc_coinglass_v4_etf_bitcoin_flow_history.json")
def coinglass_flows(text: str) -> None:
    (day,) = flows(coinglass, text)

    assert (day.trade_date, day.net_usd) == (date(2024, 1, 11), 655_300_000)
    assert dict(day.by_fund) == {"GBTC": -95_100_000, "IBIT": 111_700_000, "FBTC": 227_000_000}


@case("doc_coinglass_v4_etf_bitcoin_net_assets_history.json")
def coinglass_net_assets(text: str) -> None:
    assert [day.change_usd for day in parse_net_assets(text)] == [655_300_000, 203_000_000]


@case("doc_coinglass_v4_liquidation_aggregated_history.json")
def coinglass_bars(text: str) -> None:
    first = coinglass.READS["liquidation_total"](text)[0]

    assert first.opened_at == datetime(2022, 7, 28, tzinfo=UTC)
    assert (first.long_usd, first.short_usd) == (about(5_916_885.14), about(12_969_583.88))


@case("doc_coinglass_v4_liquidation_pair_history_strings.json")
def coinglass_strings(text: str) -> None:
    assert coinglass.READS["liquidation_total"](text)[0].long_usd == 2_369_935.19562


@case("doc_coinglass_v4_liquidation_exchange_list.json")
def coinglass_venues(text: str) -> None:
    whole = [row for row in coinglass.READS["liquidation_total"](text) if row.venue is None]

    assert [row.long_usd + row.short_usd for row in whole] == [about(14_673_519.82)]


@case("doc_coinglass_v4_liquidation_coin_list.json")
def coinglass_coins(text: str) -> None:
    day = next(
        row
        for row in coinglass.READS["liquidation_total"](text)
        if row.asset == "BTC" and row.window == timedelta(days=1)
    )

    assert day.long_usd == about(68_437_447.34)
    assert day.long_usd + day.short_usd == about(82_280_481.50)


@case("doc_coinglass_v4_liquidation_order.json")
def coinglass_order(text: str) -> None:
    first = coinglass.READS["liquidation"](text)[0]

    assert (first.side, first.usd) == (Side.LONG, about(205_534.29))


@case("doc_coinglass_ws_liquidationOrders.json")
def coinglass_stream(text: str) -> None:
    (order,) = coinglass.READS["liquidation"](text)

    assert (order.side, order.usd) == (Side.SHORT, 3858.184)


@case("coinglass_v4_global_long_short_account_ratio.json")
def coinglass_accounts(text: str) -> None:
    last = coinglass.READS["long_short"](text)[-1]

    assert (last.long_pct, last.ratio) == (61.87, 1.62)


@case("coinglass_v4_funding_rate_history.json")
def coinglass_funding_history(text: str) -> None:
    assert coinglass.READS["funding"](text)[-1].rate == pytest.approx(0.002098 / 100)


@case("doc_coinglass_v4_funding_rate_exchange_list.json")
def coinglass_funding(text: str) -> None:
    first = coinglass.READS["funding"](text)[0]

    assert (first.venue, first.interval_hours) == ("binance", 8)
    assert first.rate == pytest.approx(0.007343 / 100)


@case("doc_coinglass_v4_open_interest_exchange_list.json")
def coinglass_interest(text: str) -> None:
    whole = [row for row in coinglass.READS["open_interest"](text) if row.venue is None]

    assert [row.usd for row in whole] == [about(57_437_891_724.56)]


@case("doc_coinglass_v4_option_max_pain.json")
def coinglass_max_pain(text: str) -> None:
    assert [(row.expiry, row.max_pain) for row in coinglass.READS["options"](text)] == [
        (date(2025, 4, 22), 84_000),
        (date(2025, 4, 23), 85_000),
    ]


@case("binance_leverage_tiers_btc_eth.json")
def leverage_tiers(text: str) -> None:
    watchlist = Watchlist.load()
    for asset, listed in decoded(text).items():
        ours = BinanceTiers().tiers(watchlist.get(asset.partition("/")[0]))

        assert [(t.cap_usd, t.maintenance_rate, t.deduction) for t in ours] == [
            (t["maxNotional"], t["maintenanceMarginRate"], float(t["info"]["cum"])) for t in listed
        ]
    bitcoin = BinanceTiers().tiers(watchlist.get("BTC"))
    assert (bitcoin[0].maintenance_rate, bitcoin[0].cap_usd) == (0.004, 300_000)
    assert (bitcoin[1].maintenance_rate, bitcoin[1].deduction) == (0.005, 300)


@case("alternative_me_fng.json")
def fear_and_greed(text: str) -> None:
    before, now = alternative.READS["sentiment"](text)

    assert (now.value, now.label, now.date) == (69, "Greed", date(2026, 9, 8))
    assert now.value - before.value == -2


@case("coingecko_governments_public_treasury_bitcoin.json")
def governments(text: str) -> None:
    held = coingecko.READS["holding"](text)
    states = {holding.name: holding for holding in held}

    assert (len(held), held[0].name) == (13, "United States")
    assert (held[0].coins, held[0].usd) == (329_693, about(27_940_515_547.90))
    assert sum(holding.coins for holding in held) == about(619_463.88)
    assert next(h for name, h in states.items() if "Texas" in name).coins < 10_000


@case("doc_coingecko_companies_public_treasury_bitcoin.json")
def companies(text: str) -> None:
    first = coingecko.READS["holding"](text)[0]

    assert (first.name, first.coins) == ("Strategy", 843_738)


@case("doc_coingecko_public_treasury_entity_strategy.json")
def entity(text: str) -> None:
    (held,) = coingecko.READS["holding"](text)

    assert (held.name, held.coins) == ("Strategy", 843_738)


@case("doc_coingecko_public_treasury_transactions.json")
def transactions(text: str) -> None:
    newest, before = coingecko.READS["holding"](text)

    assert (newest.coins, newest.as_of) == (843_738, date(2026, 5, 18))
    assert newest.coins - before.coins == 24_869


@case("coingecko_global_2026-05-24.json")
def whole_market(text: str) -> None:
    (market,) = coingecko.READS["market"](text)

    assert round(dict(market.dominance)["BTC"], 2) == 58.07
    assert round(market.cap_usd / 1e12, 3) == 2.623


@case("cointelegraph_rss_excerpt.xml")
def cointelegraph(text: str) -> None:
    items = headlines.READS["headline"](text)

    assert len(items) == 3
    assert not any("utm_" in item.link for item in items)
    assert items[0].summary.startswith("Petrobras developed two Cardano-based")
    assert not any("<" in item.summary for item in items)


@case("theblock_rss_2026-07-16.xml")
def theblock_feed(text: str) -> None:
    items = headlines.READS["headline"](text)

    assert (len(items), items[0].published_at) == (20, datetime(2026, 7, 16, 16, 0, 2, tzinfo=UTC))
    assert items[0].link.startswith("https://www.theblock.co/post/408670/multicoin-capital-")
    assert "utm_" not in items[0].link


@case("federalreserve_press_all_full_2026-04-27.xml")
def fed_press(text: str) -> None:
    items = headlines.READS["headline"](text)

    assert (len(items), items[0].published_at) == (20, datetime(2026, 4, 24, 20, tzinfo=UTC))
    assert any("Burke & Herbert" in item.title for item in items)


@case("federalreserve_press_all.xml")
def fed_press_short(text: str) -> None:
    items = headlines.READS["headline"](text)

    assert (len(items), items[0].published_at) == (3, datetime(2026, 9, 24, 18, 30, tzinfo=UTC))
    assert items[0].title.endswith("GENIUS Act")


@case("sec_pressreleases_2026-06-18.rss")
def sec_press(text: str) -> None:
    items = headlines.READS["headline"](text)

    assert (len(items), items[0].published_at) == (25, datetime(2026, 6, 12, 16, 30, tzinfo=UTC))
    assert items[0].title.startswith("SEC Appoints John Moses as Director")
    assert not any("nbsp" in item.title + item.summary for item in items)


@case("federalreserve_calendar_2026-05-10.json")
def fed_calendar(text: str) -> None:
    decisions = [
        event.at
        for event in fed.READS["event"](text)
        if event.importance is Importance.HIGH and event.at.year == 2026
    ]

    assert [at.strftime("%m-%d") for at in decisions] == [
        "01-28",
        "03-18",
        "04-29",
        "06-17",
        "07-29",
        "09-16",
        "10-28",
        "12-09",
    ]
    now = datetime(2026, 5, 10, tzinfo=UTC)
    assert next(at for at in decisions if at > now) == datetime(2026, 6, 17, 18, tzinfo=UTC)


@case("fred_release_dates_10_cpi.json")
def consumer_prices(text: str) -> None:
    coming = [e.at for e in fred.READS["event"](text) if e.at > datetime(2026, 8, 1, tzinfo=UTC)]

    assert [at.strftime("%m-%d %H:%M") for at in coming] == [
        "08-12 12:30",
        "09-11 12:30",
        "10-14 12:30",
        "11-10 13:30",
        "12-10 13:30",
    ]


@case("fred_release_dates_50_nfp.json")
def employment(text: str) -> None:
    assert fred.READS["event"](text)[-1].at == datetime(2026, 12, 4, 13, 30, tzinfo=UTC)


@case("forexfactory_ff_calendar_thisweek.json")
def week(text: str) -> None:
    releases = forexfactory.parse_week(text)
    high = [r for r in releases if r.event.importance is Importance.HIGH]
    (dollar,) = [r for r in high if r.currency == "USD"]

    assert (len(releases), len(high)) == (100, 8)
    assert dollar.event.name == "FOMC Meeting Minutes"
    assert dollar.event.at == datetime(2026, 8, 19, 18, tzinfo=UTC)
    assert (dollar.forecast, dollar.previous) == (None, None)


@pytest.mark.parametrize("name", sorted(CASES))
def test_recorded(name: str, recorded: Path) -> None:
    CASES[name]((recorded / name).read_text("utf-8"))
