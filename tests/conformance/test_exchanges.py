"""Every recorded exchange answer and frame through the adapter that will meet its like."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from handlers.analysis.options import max_pain
from providers import bitstamp, coinbase, kraken_read
from providers.binance_read import READS as BINANCE
from providers.bybit_read import READS as BYBIT
from providers.candles import tidy, weekly
from providers.deribit import option_of
from providers.deribit_live import read as read_deribit
from providers.deribit_read import READS as DERIBIT
from providers.errors import GeoBlocked, ProviderError, RateLimited, Refused, UnknownSymbol
from providers.feed import Acknowledged, Answer
from providers.okx_read import READS as OKX
from providers.types import Candle, OptionKind

pytestmark = pytest.mark.conformance

READS = {
    "binance": BINANCE,
    "okx": OKX,
    "bybit": BYBIT,
    "coinbase": coinbase.READS,
    "kraken": kraken_read.READS,
    "bitstamp": bitstamp.READS,
    "deribit": DERIBIT,
}


def ms(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@dataclass(frozen=True)
class Case:
    """`shown` picks from the item at `index` what the index of the recordings states."""

    kind: str
    count: int
    index: int = 0
    expected: dict[str, Any] | None = None


def case(kind: str, count: int = 1, index: int = 0, /, **expected: Any) -> Case:
    return Case(kind, count, index, expected)


CASES: dict[str, Sequence[Case]] = {
    "binance_usdm_forceorder_combined_long_20261009.json": [
        case("liquidation", symbol="BTCUSDT", asset="BTC", side="LONG", quantity=0.19, price=82651.90,
             price_kind="average", usd=15703.861, at=ms(1791565602120)),
    ],
    "binance_usdm_forceorder_combined_short_20261004.json": [
        case("liquidation", symbol="XRPUSDT", side="SHORT", quantity=127.2, price=1.4912, usd=189.68064,
             at=ms(1791091174219)),
    ],
    "binance_usdm_forceorder_combined_long_20260808.json": [
        case("liquidation", symbol="STGUSDT", side="LONG", quantity=5.0, price=0.1355, usd=0.6775,
             at=ms(1786172556607)),
    ],
    "binance_usdm_forceorder_short_2020_tardis.json": [
        case("liquidation", symbol="BTCUSDT", side="SHORT", quantity=0.014, price=4706.04, usd=65.88456),
    ],
    "okx_ws_liquidation_btc_swap_long_20261009.json": [
        case("liquidation", symbol="BTC-USDT-SWAP", side="LONG", quantity=0.0855, price=82655.7,
             price_kind="bankruptcy", usd=7067.06235, at=ms(1791565600771)),
    ],
    "okx_ws_liquidation_celo_swap_short_20261009.json": [
        case("liquidation", symbol="CELO-USDT-SWAP", asset="CELO", side="SHORT", quantity=None, usd=None,
             price=0.09583),
    ],
    "okx_ws_liquidation_mina_swap_short_2026.json": [
        case("liquidation", symbol="MINA-USDT-SWAP", side="SHORT", quantity=None, usd=None, price=0.09859),
    ],
    "okx_ws_liquidation_btc_swap_long_20240807_demo.json": [
        case("liquidation", side="LONG", quantity=100.0, usd=5710290.0),
    ],
    "bybit_ws_all_liquidation_btc_long_x2_20261009.json": [
        case("liquidation", 2, 0, symbol="BTCUSDT", side="LONG", quantity=0.006, price=82396.90,
             price_kind="bankruptcy", usd=494.3814, at=ms(1791565600992)),
        case("liquidation", 2, 1, side="LONG", quantity=0.038, price=82394.30, usd=3130.9834,
             at=ms(1791565601058)),
    ],
    "bybit_ws_all_liquidation_marscoin_short_20260918.json": [
        case("liquidation", symbol="MARSCOINUSDT", side="SHORT", quantity=2380.0, price=0.12734,
             usd=303.0692),
    ],
    "deribit_ws_trade_liquidation_taker_2020_tardis.json": [
        case("liquidation", symbol="BTC-PERPETUAL", side="LONG", usd=1120.0, price=4469.5, price_kind="trade"),
    ],
    "binance_spot_klines_1m.json": [
        case("candle", 10, 0, opened_at=ms(1634943780000), open=60685.22, high=60729.84, low=60670.90,
             close=60719.27, volume=21.63272, closed=True, interval="1m"),
        case("candle", 10, -1, closed=False),
    ],
    "binance_usdm_klines_1d.json": [
        case("candle", 5, 0, opened_at=datetime(2020, 10, 14, tzinfo=UTC), closed=True, interval="1d"),
        case("candle", 5, -1, opened_at=datetime(2020, 10, 18, tzinfo=UTC), close=11375.0, closed=False),
    ],
    "binance_spot_ws_kline_1m_open.json": [case("candle", symbol="BTCUSDT", interval="1m", closed=False)],
    "binance_usdm_ws_kline_1M_open.json": [
        case("candle", interval="1M", closed=False, opened_at=ms(1651363200000)),
    ],
    "binance_usdm_ws_kline_1m_closed_20260808.json": [
        case("candle", closed=True, open=64970.80, close=64969.40, volume=9.09),
    ],
    "okx_candles_btc_usdt_swap_1m.json": [
        case("candle", 2, 0, opened_at=ms(1747093980000), volume=71.6404),
        case("candle", 2, 1, opened_at=ms(1747094040000), open=102806.1, close=102820.4, volume=10.4037,
             closed=True, interval="1m"),
    ],
    "okx_ws_candle1m_spot_7col.json": [case("candle", symbol="BTC-USDT", volume=0.0111536, closed=False)],
    "okx_ws_candle1m_linear_swap_7col.json": [case("candle", symbol="BTC-USDT-SWAP", volume=40.7)],
    "okx_ws_candle1m_inverse_swap_7col.json": [case("candle", symbol="BTC-USD-SWAP", volume=6.7561)],
    "bybit_kline_linear_1h_20260815.json": [
        case("candle", 2, 0, close=63027.8, volume=385.721, closed=True, symbol="BTCUSDT", interval="1h"),
        case("candle", 2, 1, close=63032.3, volume=4.591, closed=False),
    ],
    "bybit_kline_inverse_1h_docs.json": [case("candle", 3, 2, symbol="BTCUSD", volume=15.74462667)],
    "bybit_ws_kline_5m_docs.json": [case("candle", closed=False, interval="5m", volume=2.081)],
    "coinbase_candles_1m_2018.json": [
        case("candle", 10, 9, opened_at=ms(1517443740000), low=10106.0, high=10120.21, open=10106.01,
             close=10120.21, volume=2.85107455, closed=False),
        case("candle", 10, 8, volume=4.72752152, closed=True),
    ],
    "kraken_ohlc_xbtusdt_1m.json": [
        case("candle", 721, -2, opened_at=ms(1762820160000), closed=True, symbol="XBTUSDT", interval="1m"),
        case("candle", 721, -1, closed=False),
    ],
    "kraken_ohlc_xbtusd_1m_2023.json": [case("candle", 4, -1, closed=True, symbol="XXBTZUSD")],
    "kraken_ws_v2_ohlc_update_docform.json": [
        case("candle", opened_at=datetime(2023, 10, 4, 16, 25, tzinfo=UTC), symbol="BTC/USD", closed=False),
    ],
    "bitstamp_ohlc_1d_1000rows.json": [
        case("candle", 999, 0, opened_at=datetime(2017, 4, 7, tzinfo=UTC), interval="1d"),
        case("candle", 999, (datetime(2019, 1, 9, tzinfo=UTC) - datetime(2017, 4, 7, tzinfo=UTC)).days,
             opened_at=ms(1546992000000), close=4002.13, volume=7390.13399203),
    ],
    "bitstamp_ohlc_1m_10rows.json": [
        case("candle", 10, 0, opened_at=ms(1577836200000)),
        case("candle", 10, 9, opened_at=ms(1577836740000)),
    ],
    "deribit_tradingview_chart_data.json": [
        case("candle", 5, 0, open=87451.0, close=87456.5, opened_at=ms(1766483460000)),
    ],
    "binance_spot_ticker_24hr_btcusdt.json": [
        case("ticker", symbol="BTCUSDT", last=6705.82, change_24h_pct=-2.427, high_24h=6933.0, low_24h=6680.1),
    ],
    "binance_spot_ticker_24hr_two_symbols.json": [
        case("ticker", 2, 0, symbol="BTCUSDT", last=69624.0, change_24h_pct=-3.691),
        case("ticker", 2, 1, symbol="ETHUSDT"),
    ],
    "binance_spot_ticker_price.json": [case("ticker", last=6622.57, change_24h_pct=None, at_seen=None)],
    "binance_spot_ws_ticker.json": [
        case("ticker", symbol="ETHUSDT", last=1792.84, change_24h_pct=1.6, at_seen=ms(1653812650349)),
    ],
    "binance_usdm_ticker_24hr.json": [
        case("ticker", last=47028.59, change_24h_pct=-0.33, bid=None, ask=None),
    ],
    "okx_ws_tickers_spot.json": [case("ticker", symbol="BTC-USDT", change_24h_pct=-5.237)],
    "okx_ws_tickers_swap.json": [case("ticker", change_24h_pct=-5.148)],
    "okx_ws_tickers_inverse_swap.json": [case("ticker", change_24h_pct=-5.179)],
    "okx_ticker_docform.json": [case("ticker", symbol="BTC-USD-SWAP", last=9999.99)],
    "bybit_tickers_spot_docs.json": [case("ticker", change_24h_pct=0.68, bid=20517.96, ask=20527.77)],
    "bybit_tickers_inverse_docs.json": [case("ticker", change_24h_pct=14.2425)],
    "bybit_ws_ticker_linear_snapshot_2023_tardis.json": [
        case("ticker", last=28550.70, change_24h_pct=2.3333),
        case("open_interest", coins=26387.264),
        case("funding", rate=0.0001, next_at=ms(1680681600000)),
    ],
    "bybit_ws_ticker_delta_bid_20261004.json": [case("ticker", 0)],
    "coinbase_ticker_ccxt.json": [
        case("ticker", last=73367.8, bid=73360.34, ask=73369.19,
             at_seen=datetime(2024, 3, 13, 11, 10, 41, 270099, tzinfo=UTC)),
    ],
    "coinbase_ws_ticker_2021.json": [case("ticker", symbol="BAND-GBP", last=14.7775, change_24h_pct=0.769)],
    "kraken_ticker_xbtusdt.json": [
        case("ticker", last=105899.4, high_24h=106613.1, low_24h=104711.0, change_24h_pct=None, at_seen=None),
    ],
    "kraken_ws_v1_ticker_2021.json": [case("ticker", symbol="WAVES/EUR", last=13.2539)],
    "kraken_ws_v2_ticker_snapshot_docform.json": [case("ticker", last=105899.4, change_24h_pct=0.24)],
    "bitstamp_ticker_btcusdt_ccxt.json": [case("ticker", last=73285.0, change_24h_pct=1.58)],
    "bitstamp_ticker_btcusd.json": [case("ticker", last=2211.0, change_24h_pct=13.57)],
    "bitstamp_ws_trade.json": [
        case("ticker", last=3805.44),
        case("trade", symbol="ethusd", price=3805.44, quantity=0.0792, bought=True, at_seen=ms(1641343699596)),
    ],
    "deribit_ws_ticker_option.json": [
        case("open_interest", coins=1767.5), case("options", open_interest=1767.5), case("ticker", 0),
    ],
    "deribit_ws_ticker_perpetual_2025.json": [
        case("open_interest", usd=1132329370.0), case("ticker", last=92283.5),
    ],
    "binance_usdm_open_interest.json": [case("open_interest", coins=84617.188, usd=None)],
    "binance_coinm_open_interest.json": [case("open_interest", coins=None, usd=582789700.0)],
    "binance_usdm_open_interest_hist_1d.json": [
        case("open_interest", 10, 0, symbol="LTCUSDT", coins=286060.674, usd=13151177.54493),
    ],
    "binance_usdm_premium_index.json": [
        case("mark", mark=26780.82240476, index=26798.25197802),
        case("funding", rate=0.00001226, next_at=ms(1687248000000)),
    ],
    "binance_usdm_ws_markprice_20260808.json": [
        case("mark", mark=64991.37858696, index=65016.05673913),
        case("funding", rate=0.00003936, next_at=ms(1786176000000)),
    ],
    "binance_usdm_funding_rate.json": [
        case("funding", 100, -1, rate=0.0001, at=ms(1602979200000), interval_hours=8.0),
    ],
    "binance_usdm_funding_info.json": [case("funding_interval", 25, 1, symbol="LPTUSDT", value=4.0)],
    "binance_usdm_global_long_short_account_ratio.json": [
        case("ratio", 3, -1, ratio=1.3866, long=0.581, short=0.419, at_seen=ms(1602990000000)),
    ],
    "binance_usdm_top_long_short_position_ratio.json": [case("ratio", 3, -1, ratio=1.132)],
    "binance_usdm_taker_long_short_ratio_docform.json": [
        case("ratio", 2, -1, ratio=1.5586, at_seen=ms(1585614900000)),
    ],
    "okx_instruments_swap.json": [
        case("instruments", 3, 0, symbol="BTC-USD-SWAP", value=100.0, inverse=True),
        case("instruments", 3, 1, symbol="ETH-USDT-SWAP", value=0.1, inverse=False),
        case("instruments", 3, 2, symbol="BTC-USDT-SWAP", value=0.01, inverse=False),
    ],
    "okx_open_interest_swap.json": [
        case("open_interest", 2, 0, symbol="BTC-USD-SWAP", usd=409305800.0, coins=13842.2085),
        case("open_interest", 2, 1, symbol="ETH-USD-SWAP", usd=217979830.0, coins=123701.064),
    ],
    "okx_ws_funding_rate_linear.json": [
        case("funding", rate=0.0001534702159002, at=ms(1646323200000), interval_hours=None),
    ],
    "okx_funding_rate_swap_docform.json": [
        case("funding", interval_hours=8.0, next_at=ms(1703088000000)),
    ],
    "okx_funding_rate_history_inverse_docform.json": [
        case("funding", 2, 1, rate=0.0000746604960499, at=ms(1703059200000)),
    ],
    "okx_rubik_long_short_account_ratio_docform.json": [case("ratio", ratio=1.25)],
    "bybit_funding_history_linear_20260815.json": [
        case("funding", 2, 1, rate=0.00004403, at=ms(1786809600000), interval_hours=8.0),
        case("funding", 2, 0, rate=0.00004737, at=ms(1786780800000)),
    ],
    "bybit_open_interest_linear_1h_20260815.json": [case("open_interest", 2, 1, coins=32496.027)],
    "bybit_open_interest_docs.json": [case("open_interest", 5, -1, usd=31955346.0, coins=None)],
    "bybit_account_ratio_docform.json": [case("ratio", long=0.5777, short=0.4223, ratio=1.36798)],
    "deribit_book_summary_options_two_rows_with_nulls.json": [
        case("options", 2, 0, symbol="BTC", open_interest=1124.7, expiry=date(2022, 6, 24), strike=30000.0),
        case("options", 2, 1, open_interest=8.1, strike=90000.0),
    ],
    "deribit_book_summary_option_eth.json": [case("options", symbol="ETH", open_interest=15135.0)],
    "deribit_book_summary_perpetual.json": [
        case("open_interest", usd=560105870.0, coins=18858.44697), case("options", 0),
    ],
    "deribit_expirations_btc_option_2026.json": [case("expirations", 11, 5, value=date(2026, 6, 5))],
}  # fmt: skip

REFUSED: dict[str, tuple[str, type[ProviderError]]] = {
    "binance_error_418_ip_ban.json": ("ticker", RateLimited),
    "binance_spot_error_400_invalid_symbol.json": ("candle", UnknownSymbol),
    "binance_usdm_error_invalid_symbol.json": ("open_interest", UnknownSymbol),
    "okx_error_200_51001_unknown_instrument.json": ("ticker", UnknownSymbol),
    "okx_ws_error_60018_liquidation_by_instid.json": ("liquidation", Refused),
    "bybit_linear_unknown_symbol_200_10001.json": ("open_interest", UnknownSymbol),
    "bybit_error_403_cloudfront.txt": ("ticker", GeoBlocked),
    "bybit_ws_subscribe_failure_docform.json": ("liquidation", Refused),
    "coinbase_error_400_over_300_candles.json": ("candle", Refused),
    "kraken_error_200_unknown_pair.json": ("ticker", UnknownSymbol),
    "deribit_error_invalid_currency.json": ("options", UnknownSymbol),
    "deribit_error_10028_too_many_requests_docform.json": ("options", RateLimited),
}

SILENT = {
    "binance_ws_subscribe_ack.json": "liquidation",
    "okx_ws_subscribe_ack_2022.json": "ticker",
    "okx_ws_subscribe_ack_liquidation_2024.json": "liquidation",
    "bybit_ws_subscribe_ack_linear_docs.json": "liquidation",
    "bybit_ws_pong_linear_docs.json": "liquidation",
    "coinbase_ws_subscriptions_ack_2021.json": "ticker",
    "kraken_ws_v1_system_status_2021.json": "ticker",
    "kraken_ws_v2_pong_docform.json": "ticker",
    "kraken_ws_v2_subscribe_ack_docform.json": "ticker",
    "bitstamp_ws_subscription_succeeded.json": "trade",
    "deribit_ws_test_request.json": "ticker",
}

ELSEWHERE = {
    "INDEX.md": "the index itself",
    "okx_ws_subscribe_request.json": "what a client sends, not what it reads",
    "deribit_instruments_btc_2021.json": "counted in a test of its own",
    "deribit_options_chain_2026.csv": "max pain in a test of its own",
}


def read(shared: Path, name: str, kind: str) -> Sequence[Any]:
    text = (shared / "recorded" / "exchanges" / name).read_text()
    return READS[name.partition("_")[0]][kind](text)


def shown(found: Any, key: str) -> Any:
    if key == "at_seen":
        return found.at
    if key == "value" and not hasattr(getattr(found, "item", None), "value"):
        return found.item
    inner = getattr(found, "item", found)
    return getattr(inner, key) if hasattr(inner, key) else getattr(found, key)


@pytest.mark.parametrize(
    ("name", "case"),
    [(n, c) for n, cases in CASES.items() for c in cases],
    ids=lambda v: v if isinstance(v, str) else f"{v.kind}{v.index}",
)
def test_what_was_recorded_is_understood(shared: Path, name: str, case: Case):
    found = read(shared, name, case.kind)

    assert len(found) == case.count
    seen = {key: shown(found[case.index], key) for key in case.expected or {}}
    wanted = {
        key: pytest.approx(value, rel=1e-3 if key in {"change_24h_pct", "ratio"} else 1e-7)
        if isinstance(value, float)
        else value
        for key, value in (case.expected or {}).items()
    }
    assert seen == wanted


@pytest.mark.parametrize("name", REFUSED)
def test_what_was_refused_is_that_refusal(shared: Path, name: str):
    kind, error = REFUSED[name]

    with pytest.raises(ProviderError) as caught:
        read(shared, name, kind)
    assert type(caught.value) is error


@pytest.mark.parametrize("name", SILENT)
def test_a_control_frame_tells_nothing(shared: Path, name: str):
    assert list(read(shared, name, SILENT[name])) == []


def test_every_recording_has_a_case(shared: Path):
    recorded = {path.name for path in (shared / "recorded" / "exchanges").iterdir()}

    assert recorded - {*CASES, *REFUSED, *SILENT, *ELSEWHERE} == set()


def test_a_ban_names_its_end(shared: Path):
    with pytest.raises(RateLimited, match="banned until 2026-08-24 04:44:58 UTC"):
        read(shared, "binance_error_418_ip_ban.json", "ticker")


def test_a_test_request_is_answered_at_once(shared: Path):
    text = (shared / "recorded" / "exchanges" / "deribit_ws_test_request.json").read_text()

    (answer,) = read_deribit(text)

    assert isinstance(answer, Answer)
    assert "public/test" in answer.text
    assert not isinstance(answer, Acknowledged)


def test_minutes_without_trades_have_no_volume_and_keep_a_price(shared: Path):
    found = read(shared, "kraken_ohlc_xbtusdt_1m.json", "candle")

    assert sum(one.item.volume == 0 for one in found) == 216
    assert all(one.item.close > 0 for one in found)


def test_weeks_are_iso_weeks_and_their_average_is_the_known_one(shared: Path):
    found = read(shared, "bitstamp_ohlc_1d_1000rows.json", "candle")
    weeks = weekly(tidy(one.item for one in found))
    closes = [week.close for week in weeks if week.closed]

    assert weeks[0] == Candle(
        datetime(2017, 4, 10, tzinfo=UTC),
        1205.20,
        1229.0,
        1141.0,
        1162.31,
        pytest.approx(31206.27597950),
    )
    assert len(closes) == 142
    average = sum(closes[:50]) / 50
    for close in closes[50:]:
        average += (close - average) * 2 / 51
    assert average == pytest.approx(7881.5692807394)


def test_the_listed_instruments_are_counted(shared: Path):
    found = read(shared, "deribit_instruments_btc_2021.json", "instruments")
    options = [one.item for one in found if one.item.kind == "option"]

    assert len(found) == 398
    assert [sum(o.option == kind for o in options) for kind in ("call", "put")] == [195, 195]
    assert len({o.expires_at for o in options}) == 10
    assert {o.expires_at.hour for o in options} == {8}


def test_max_pain_of_a_recorded_chain(shared: Path):
    expiries = defaultdict(list)
    path = shared / "recorded" / "exchanges" / "deribit_options_chain_2026.csv"
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            named = option_of(row["instrument_name"], float(row["open_interest"]))
            assert named is not None
            assert (named[1].kind is OptionKind.CALL) == (row["option_type"] == "C")
            expiries[named[1].expiry].append(named[1])

    assert {day: max_pain(tuple(chain)) for day, chain in expiries.items()} == {
        date(2026, 4, 29): 77000,
        date(2026, 4, 30): 77500,
        date(2026, 5, 1): 76000,
        date(2026, 5, 2): 76500,
        date(2026, 5, 8): 77000,
        date(2026, 5, 15): 79000,
        date(2026, 5, 29): 75000,
    }
