"""The market as it was, strictly at the time that is told."""

from datetime import UTC, date, datetime

import pytest

from config.watchlist import Asset
from providers.errors import UnknownSymbol
from providers.market import Market
from providers.recorded import recorded_sources
from providers.types import FlowStatus, Interval
from tests.fakes import Clock

COIN = Asset("ABC", "A coin")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def write(folder, name, *lines):
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    write(
        tmp_path, "abc_daily_long_2029.csv", "date_utc,open,high,low,close,volume",
        "2029-12-30,1,2,0.5,1.5,9", "2029-12-31,1.5,3,1,2,9", "2030-01-01,2,4,2,3,9",
        "2030-01-02,3,5,3,4,9",
    )  # fmt: skip
    write(
        tmp_path, "abc_daily_binance_spot.csv", "date_utc,open,high,low,close,volume_abc,source",
        "2029-12-31,1.5,3.1,1,2.1,9,x", "2030-01-01,2.1,4.1,2,3.1,9,x", "2030-01-02,3,5,3,4,9,x",
    )  # fmt: skip
    hours = [f"2030-01-01T{h:02}:00:00Z,{h},{h + 2},{h},{h + 1},1" for h in range(24)]
    hours += [f"2030-01-02T{h:02}:00:00Z,{50 + h},{52 + h},{49 + h},{51 + h},1" for h in range(10)]
    write(
        tmp_path, "abc_hourly_binance_spot.csv", "time_utc,open,high,low,close,volume_abc", *hours
    )
    write(
        tmp_path, "etf_abc_us_spot_flows_farside.csv",
        "date_us,one_musd,two_musd,total_musd,is_trading_day",
        "2029-12-28,1.0,,1.0,True", "2029-12-31,2.0,3.0,5.0,True",
        "2030-01-01,0.0,0.0,0.0,False", "2030-01-02,1.0,1.0,2.0,True",
    )  # fmt: skip
    write(
        tmp_path, "etf_abc_flows_vintages.csv",
        "seen_at_utc,date_us,first_seen,ONE,TWO,NEW,Total",
        "2030-01-02T15:00:00Z,2030-01-02,True,0.0,0.0,,0.0",
        "2030-01-02T23:00:00Z,2030-01-02,False,,,,0.0",
        "2030-01-03T01:00:00Z,2030-01-02,False,1.0,,,1.0",
        "2030-01-03T05:00:00Z,2030-01-02,False,1.0,-4.0,,-3.0",
        "2030-01-03T09:00:00Z,2030-01-02,False,1.0,-5.0,,-4.0",
    )  # fmt: skip
    write(
        tmp_path, "liquidations_abc_1h_x.csv", "time_utc,long_usd,short_usd,total_usd,exchanges",
        "2030-01-02T00:00:00Z,10,1,11,One+Two", "2030-01-02T01:00:00Z,20,2,22,One+Two",
        "2030-01-02T04:00:00Z,40,4,44,One+Two", "2030-01-02T05:00:00Z,,,,One+Two",
    )  # fmt: skip
    write(
        tmp_path, "options_deribit_abc_oi.csv",
        "time_utc,instrument_name,expiry_date,strike,type,open_interest",
        "2030-01-01T00:00:00,ABC-4JAN30-10-C,2030-01-04,10,call,1",
        "2030-01-02T00:00:00,ABC-4JAN30-20-P,2030-01-04,20,put,2",
    )  # fmt: skip
    write(tmp_path, "fear_greed_daily.csv", "date_utc,fear_greed", "2030-01-01,20", "2030-01-02,60")
    write(
        tmp_path, "us_gov_abc_holdings.csv", "asof,abc,source", "2029-06-01,100,Somebody",
        "2030-01-02,,A minister",
    )  # fmt: skip
    write(
        tmp_path, "abc_funding_binance.csv", "time_utc,funding_interval_hours,last_funding_rate",
        "2030-01-02T00:00:00Z,8,0.0001", "2030-01-02T08:00:00Z,8,-0.0002",
    )  # fmt: skip
    write(
        tmp_path, "derivatives_abc_1h_x.csv", "time_utc,oi_close", "2030-01-02T00:00:00Z,100",
        "2030-01-02T01:00:00Z,110",
    )  # fmt: skip
    return tmp_path


@pytest.fixture
def clock():
    return Clock(at("2030-01-02T03:30"))


@pytest.fixture
def market(folder, clock):
    return Market(recorded_sources(folder, clock), clock)


async def test_the_price_is_the_close_of_the_last_closed_hour(market):
    told = await market.ticker(COIN)

    assert (told.value.last, told.source, told.as_of) == (53.0, "Binance", at("2030-01-02T03:00"))


async def test_the_running_day_is_built_from_closed_hours(market):
    *days, today = (await market.candles(COIN, Interval.D1, 10)).value

    assert [d.close for d in days] == [2.1, 3.1]
    assert (today.open, today.high, today.low, today.close) == (50, 54, 49, 53)
    assert not today.closed


async def test_an_hour_counts_once_it_has_closed(market, clock):
    clock.time = at("2030-01-02T04:00")

    hours = (await market.candles(COIN, Interval.H1, 2)).value
    assert [h.close for h in hours] == [53.0, 54.0]
    assert all(h.closed for h in hours)


async def test_four_hours_are_made_of_hours(market, clock):
    clock.time = at("2030-01-02T05:00")

    *_, whole, running = (await market.candles(COIN, Interval.H4, 10)).value
    assert (whole.close, whole.closed) == (54.0, True)
    assert (running.close, running.closed) == (55.0, False)


async def test_the_history_is_the_file_that_begins_first(market):
    told = await market.history(COIN)

    assert [b.close for b in told.value] == [1.5, 2.0, 3.0]
    assert told.as_of == at("2030-01-02T00:00")


async def test_before_the_hours_the_last_closed_day_is_the_present(market, clock):
    clock.time = at("2030-01-01T00:00")

    told = await market.ticker(COIN)
    assert (told.value.last, told.as_of) == (2.1, at("2030-01-01T00:00"))
    with pytest.raises(UnknownSymbol):
        await market.candles(COIN, Interval.H1, 10)


async def test_where_days_go_on_without_hours_the_hours_are_not_the_present(market, clock):
    clock.time = at("2030-01-03T02:00")

    assert (await market.ticker(COIN)).value.last == 4.0


async def test_before_the_first_bar_there_is_nothing(market, clock):
    clock.time = at("2020-01-01T00:00")

    for ask in (market.ticker, market.history, market.flows, market.options):
        with pytest.raises(UnknownSymbol):
            await ask(COIN)


async def test_an_asset_without_files_is_not_listed(market):
    with pytest.raises(UnknownSymbol):
        await market.ticker(Asset("ZZZ", "Nothing"))


async def days_at(market, clock, time):
    clock.time = at(time)
    return {d.trade_date: d for d in (await market.flows(COIN)).value}


async def test_a_day_nobody_watched_counts_from_the_next_noon(market, clock):
    assert date(2029, 12, 31) not in await days_at(market, clock, "2030-01-01T11:59")

    known = await days_at(market, clock, "2030-01-01T12:00")
    assert known[date(2029, 12, 31)].net_usd == 5e6
    assert known[date(2029, 12, 31)].status is FlowStatus.FINAL


async def test_a_holiday_is_no_trading_day(market, clock):
    assert date(2030, 1, 1) not in await days_at(market, clock, "2030-01-05T00:00")


async def test_zeros_before_the_session_ended_are_no_figure(market, clock):
    assert date(2030, 1, 2) not in await days_at(market, clock, "2030-01-02T16:00")


async def test_a_day_grows_from_nothing_to_partial_to_final_to_revised(market, clock):
    seen = [
        (await days_at(market, clock, f"2030-01-{time}"))[date(2030, 1, 2)]
        for time in ("02T23:30", "03T01:00", "03T05:00", "03T09:00")
    ]

    assert [d.status.value for d in seen] == ["none", "partial", "final", "revised"]
    assert [d.net_usd for d in seen] == [None, 1e6, -3e6, -4e6]
    assert seen[1].missing == ("TWO",)


async def test_liquidations_carry_their_venues_and_their_holes(market, clock):
    clock.time = at("2030-01-02T05:00")

    told = await market.liquidations(COIN, at("2030-01-02T01:00"))
    assert [b.long_usd for b in told.value.buckets] == [20, 40]
    assert [c.venue for c in told.value.coverage] == ["One", "Two"]
    assert told.value.coverage[0].gaps == ((at("2030-01-02T02:00"), at("2030-01-02T04:00")),)


async def test_a_count_that_stopped_has_a_hole_to_the_present(market, clock):
    clock.time = at("2030-01-04T00:00")

    told = await market.liquidations(COIN, at("2030-01-02T00:00"))
    assert told.value.coverage[0].gaps[-1] == (at("2030-01-02T05:00"), clock.time)


async def test_the_last_known_of_everything_else(market):
    [chain] = (await market.options(COIN)).value
    [holding] = (await market.holdings(COIN, "governments")).value
    [funding] = await market.funding(COIN)
    [interest] = await market.open_interest(COIN)

    assert (chain.strike, chain.open_interest) == (20, 2)
    assert (holding.coins, holding.as_of) == (100, date(2029, 6, 1))
    assert (funding.value.rate, funding.as_of) == (0.0001, at("2030-01-02T00:00"))
    assert (interest.value.usd, interest.as_of) == (110, at("2030-01-02T02:00"))
    assert [s.label for s in (await market.sentiment()).value] == ["Extreme Fear", "Greed"]


def test_a_folder_that_is_not_there_is_said(tmp_path, clock):
    with pytest.raises(NotADirectoryError):
        recorded_sources(tmp_path / "nowhere", clock)
