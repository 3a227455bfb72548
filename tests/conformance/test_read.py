"""Every recorded answer and frame as `read` prints it, with the figures that the index of the recordings states."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.read import answer

pytestmark = pytest.mark.conformance

# (file, source, kind, how many items, place of the one looked at, what it must hold)
Case = tuple[str, str, str, int, int, Mapping[str, Any]]
EXCHANGES: tuple[Case, ...] = (
    ("binance_usdm_forceorder_combined_long_20261009.json", "binance_usdm", "liquidations", 1, 0,
     {"venue": "binance", "symbol": "BTCUSDT", "asset": "BTC", "side": "LONG", "quantity": 0.19,
      "price": 82651.9, "price_kind": "average", "usd": 15703.861, "at": "2026-10-09T17:06:42.120Z"}),
    ("binance_usdm_forceorder_combined_short_20261004.json", "binance", "liquidation", 1, 0,
     {"symbol": "XRPUSDT", "side": "SHORT", "quantity": 127.2, "price": 1.4912, "usd": 189.68064,
      "at": "2026-10-04T05:19:34.219Z"}),
    ("binance_usdm_forceorder_combined_long_20260808.json", "binance", "liquidation", 1, 0,
     {"symbol": "STGUSDT", "side": "LONG", "quantity": 5, "price": 0.1355, "usd": 0.6775,
      "at": "2026-08-08T07:02:36.607Z"}),
    ("binance_usdm_forceorder_short_2020_tardis.json", "binance", "liquidation", 1, 0,
     {"symbol": "BTCUSDT", "side": "SHORT", "quantity": 0.014, "price": 4706.04, "usd": 65.88456}),
    ("okx_ws_liquidation_btc_swap_long_20261009.json", "okx", "liquidation", 1, 0,
     {"symbol": "BTC-USDT-SWAP", "side": "LONG", "quantity": 0.0855, "price": 82655.7, "price_kind": "bankruptcy",
      "usd": 7067.06235, "at": "2026-10-09T17:06:40.771Z"}),
    ("okx_ws_liquidation_celo_swap_short_20261009.json", "okx", "liquidation", 1, 0,
     {"side": "SHORT", "quantity": None, "usd": None, "price": 0.09583}),
    ("okx_ws_liquidation_mina_swap_short_2026.json", "okx", "liquidation", 1, 0,
     {"side": "SHORT", "quantity": None, "usd": None, "price": 0.09859}),
    ("okx_ws_liquidation_btc_swap_long_20240807_demo.json", "okx", "liquidation", 1, 0,
     {"side": "LONG", "quantity": 100, "usd": 5710290}),
    ("bybit_ws_all_liquidation_btc_long_x2_20261009.json", "bybit", "liquidation", 2, 0,
     {"side": "LONG", "quantity": 0.006, "price": 82396.9, "price_kind": "bankruptcy",
      "usd": 494.3814, "at": "2026-10-09T17:06:40.992Z"}),
    ("bybit_ws_all_liquidation_btc_long_x2_20261009.json", "bybit", "liquidation", 2, 1,
     {"side": "LONG", "quantity": 0.038, "price": 82394.3, "usd": 3130.9834, "at": "2026-10-09T17:06:41.058Z"}),
    ("bybit_ws_all_liquidation_marscoin_short_20260918.json", "bybit", "liquidation", 1, 0,
     {"symbol": "MARSCOINUSDT", "side": "SHORT", "quantity": 2380, "price": 0.12734, "usd": 303.0692}),
    ("deribit_ws_trade_liquidation_taker_2020_tardis.json", "deribit", "liquidation", 1, 0,
     {"side": "LONG", "usd": 1120, "price": 4469.5, "price_kind": "trade"}),
    ("binance_spot_klines_1m.json", "binance-spot", "klines", 10, 0,
     {"interval": "1m", "opened_at": "2021-10-22T23:03:00Z", "open": 60685.22, "high": 60729.84,
      "low": 60670.9, "close": 60719.27, "volume": 21.63272,
      "closed": True}),
    ("binance_spot_klines_1m.json", "binance", "candle", 10, 9, {"closed": False}),
    ("binance_usdm_klines_1d.json", "binance", "candle", 5, 0, {"opened_at": "2020-10-14T00:00:00Z", "closed": True}),
    ("binance_usdm_klines_1d.json", "binance", "candle", 5, 4,
     {"opened_at": "2020-10-18T00:00:00Z", "close": 11375, "closed": False}),
    ("binance_spot_ws_kline_1m_open.json", "binance", "candle", 1, 0, {"closed": False}),
    ("binance_usdm_ws_kline_1M_open.json", "binance", "candle", 1, 0,
     {"interval": "1M", "opened_at": "2022-05-01T00:00:00Z", "closed": False}),
    ("binance_usdm_ws_kline_1m_closed_20260808.json", "binance", "candle", 1, 0,
     {"open": 64970.8, "close": 64969.4, "volume": 9.09, "closed": True}),
    ("okx_candles_btc_usdt_swap_1m.json", "okx", "candle", 2, 1,
     {"opened_at": "2025-05-12T23:54:00Z", "open": 102806.1, "close": 102820.4, "volume": 10.4037, "closed": True}),
    ("okx_ws_candle1m_spot_7col.json", "okx", "candle", 1, 0, {"symbol": "BTC-USDT"}),
    ("okx_ws_candle1m_linear_swap_7col.json", "okx", "candle", 1, 0, {"volume": 40.7}),
    ("okx_ws_candle1m_inverse_swap_7col.json", "okx", "candle", 1, 0, {"volume": 6.7561}),
    ("bybit_kline_linear_1h_20260815.json", "bybit", "candle", 2, 0,
     {"interval": "1h", "opened_at": "2026-08-15T18:00:00Z", "close": 63027.8, "volume": 385.721, "closed": True}),
    ("bybit_kline_linear_1h_20260815.json", "bybit", "candle", 2, 1, {"close": 63032.3, "closed": False}),
    ("bybit_kline_inverse_1h_docs.json", "bybit", "candle", 3, 2, {"volume": 15.74462667}),
    ("bybit_ws_kline_5m_docs.json", "bybit", "candle", 1, 0, {"interval": "5m", "closed": False}),
    ("coinbase_candles_1m_2018.json", "coinbase", "candle", 10, 9,
     {"opened_at": "2018-02-01T00:09:00Z", "low": 10106, "high": 10120.21, "open": 10106.01, "close": 10120.21,
      "volume": 2.85107455}),
    ("coinbase_candles_1m_2018.json", "coinbase", "candle", 10, 8, {"volume": 4.72752152}),
    ("kraken_ohlc_xbtusdt_1m.json", "kraken", "candle", 721, 720, {"closed": False}),
    ("kraken_ohlc_xbtusdt_1m.json", "kraken", "candle", 721, 719, {"closed": True}),
    ("kraken_ohlc_xbtusd_1m_2023.json", "kraken", "candle", 4, 3, {"closed": True}),
    ("kraken_ws_v2_ohlc_update_docform.json", "kraken", "candle", 1, 0, {"opened_at": "2023-10-04T16:25:00Z"}),
    ("bitstamp_ohlc_1d_1000rows.json", "bitstamp", "candle", 999, 0,
     {"opened_at": "2017-04-07T00:00:00Z", "interval": "1d"}),
    ("bitstamp_ohlc_1d_1000rows.json", "bitstamp", "candle", 999, 642,
     {"opened_at": "2019-01-09T00:00:00Z", "close": 4002.13, "volume": 7390.13399203}),
    ("bitstamp_ohlc_1m_10rows.json", "bitstamp", "candle", 10, 9, {"opened_at": "2019-12-31T23:59:00Z"}),
    ("deribit_tradingview_chart_data.json", "deribit", "candle", 5, 0, {"open": 87451, "close": 87456.5}),
    ("binance_spot_ticker_24hr_btcusdt.json", "binance", "ticker", 1, 0,
     {"last": 6705.82, "change_24h_pct": -2.427, "bid": 6705.88, "ask": 6706.21}),
    ("binance_spot_ticker_24hr_two_symbols.json", "binance", "ticker", 2, 0,
     {"symbol": "BTCUSDT", "last": 69624, "change_24h_pct": -3.691}),
    ("binance_spot_ticker_24hr_two_symbols.json", "binance", "ticker", 2, 1, {"symbol": "ETHUSDT"}),
    ("binance_spot_ticker_price.json", "binance", "price", 1, 0, {"last": 6622.57, "as_of": None}),
    ("binance_spot_ws_ticker.json", "binance", "ticker", 1, 0,
     {"symbol": "ETHUSDT", "last": 1792.84, "change_24h_pct": 1.6, "as_of": "2022-05-29T08:24:10.349Z"}),
    ("binance_usdm_ticker_24hr.json", "binance", "ticker", 1, 0,
     {"last": 47028.59, "change_24h_pct": -0.33, "bid": None, "ask": None}),
    ("okx_ws_tickers_spot.json", "okx", "ticker", 1, 0, {"change_24h_pct": pytest.approx(-5.237, abs=1e-3)}),
    ("okx_ws_tickers_swap.json", "okx", "ticker", 1, 0, {"change_24h_pct": pytest.approx(-5.148, abs=1e-3)}),
    ("okx_ws_tickers_inverse_swap.json", "okx", "ticker", 1, 0, {"change_24h_pct": pytest.approx(-5.179, abs=1e-3)}),
    ("okx_ticker_docform.json", "okx", "ticker", 1, 0, {"last": 9999.99}),
    ("bybit_tickers_spot_docs.json", "bybit", "ticker", 1, 0, {"change_24h_pct": 0.68, "bid": 20517.96}),
    ("bybit_tickers_inverse_docs.json", "bybit", "ticker", 1, 0, {"change_24h_pct": 14.2425}),
    ("bybit_ws_ticker_linear_snapshot_2023_tardis.json", "bybit", "ticker", 1, 0,
     {"last": 28550.7, "change_24h_pct": 2.3333}),
    ("bybit_ws_ticker_linear_snapshot_2023_tardis.json", "bybit", "oi", 1, 0, {"coins": 26387.264}),
    ("bybit_ws_ticker_linear_snapshot_2023_tardis.json", "bybit", "funding", 1, 0, {"rate": 0.0001}),
    ("coinbase_ticker_ccxt.json", "coinbase", "ticker", 1, 0, {"last": 73367.8, "bid": 73360.34, "ask": 73369.19,
      "as_of": "2024-03-13T11:10:41.270099Z"}),
    ("coinbase_ws_ticker_2021.json", "coinbase", "ticker", 1, 0,
     {"symbol": "BAND-GBP", "last": 14.7775, "change_24h_pct": pytest.approx(0.769, abs=1e-3)}),
    ("kraken_ticker_xbtusdt.json", "kraken", "ticker", 1, 0,
     {"last": 105899.4, "change_24h_pct": None, "as_of": None}),
    ("kraken_ws_v1_ticker_2021.json", "kraken", "ticker", 1, 0, {"last": 13.2539}),
    ("kraken_ws_v2_ticker_snapshot_docform.json", "kraken", "ticker", 1, 0, {"change_24h_pct": 0.24}),
    ("bitstamp_ticker_btcusdt_ccxt.json", "bitstamp", "ticker", 1, 0, {"last": 73285, "change_24h_pct": 1.58}),
    ("bitstamp_ticker_btcusd.json", "bitstamp", "ticker", 1, 0, {"change_24h_pct": 13.57}),
    ("bitstamp_ws_trade.json", "bitstamp", "trade", 1, 0,
     {"symbol": "ethusd", "price": 3805.44, "quantity": 0.0792, "bought": True, "at": "2022-01-05T00:48:19.596Z"}),
    ("deribit_ws_ticker_option.json", "deribit", "open_interest", 1, 0, {"coins": 1767.5, "usd": None}),
    ("deribit_ws_ticker_perpetual_2025.json", "deribit", "open_interest", 1, 0, {"usd": 1132329370}),
    ("deribit_ws_ticker_perpetual_2025.json", "deribit", "ticker", 1, 0, {"last": 92283.5}),
    ("binance_usdm_open_interest.json", "binance", "open_interest", 1, 0, {"coins": 84617.188, "usd": None}),
    ("binance_coinm_open_interest.json", "binance", "open_interest", 1, 0, {"coins": None, "usd": 582789700}),
    ("binance_usdm_open_interest_hist_1d.json", "binance", "open_interest", 10, 0,
     {"coins": 286060.674, "usd": pytest.approx(286060.674 * 45.9734, rel=1e-6)}),
    ("binance_usdm_premium_index.json", "binance", "funding", 1, 0, {"rate": 0.00001226}),
    ("binance_usdm_premium_index.json", "binance", "mark", 1, 0, {"mark": 26780.82240476, "index": 26798.25197802}),
    ("binance_usdm_ws_markprice_20260808.json", "binance", "funding", 1, 0, {"rate": 0.00003936}),
    ("binance_usdm_ws_markprice_20260808.json", "binance", "mark", 1, 0,
     {"mark": 64991.37858696, "index": 65016.05673913}),
    ("binance_usdm_funding_rate.json", "binance", "funding", 100, 99,
     {"rate": 0.0001, "interval_hours": 8, "at": "2020-10-18T00:00:00Z"}),
    ("binance_usdm_funding_info.json", "binance", "funding_interval", 25, 1, {"symbol": "LPTUSDT", "value": 4}),
    ("binance_usdm_global_long_short_account_ratio.json", "binance", "long_short", 3, 2,
     {"ratio": 1.3866, "long": 0.581, "short": 0.419}),
    ("binance_usdm_top_long_short_position_ratio.json", "binance", "ratio", 3, 2, {"ratio": 1.132}),
    ("binance_usdm_taker_long_short_ratio_docform.json", "binance", "ratio", 2, 1, {"ratio": 1.5586}),
    ("okx_instruments_swap.json", "okx", "instruments", 3, 0,
     {"symbol": "BTC-USD-SWAP", "value": 100, "inverse": True}),
    ("okx_instruments_swap.json", "okx", "instruments", 3, 1, {"symbol": "ETH-USDT-SWAP", "value": 0.1}),
    ("okx_instruments_swap.json", "okx", "instruments", 3, 2,
     {"symbol": "BTC-USDT-SWAP", "value": 0.01, "inverse": False}),
    ("okx_open_interest_swap.json", "okx", "open_interest", 2, 0,
     {"usd": 409305800, "coins": pytest.approx(13842.2085)}),
    ("okx_open_interest_swap.json", "okx", "open_interest", 2, 1,
     {"usd": 217979830, "coins": pytest.approx(123701.064)}),
    ("okx_ws_funding_rate_linear.json", "okx", "funding", 1, 0,
     {"rate": 0.0001534702159002, "interval_hours": None, "at": "2022-03-03T16:00:00Z"}),
    ("okx_funding_rate_swap_docform.json", "okx", "funding", 1, 0, {"interval_hours": 8}),
    ("okx_funding_rate_history_inverse_docform.json", "okx", "funding", 2, 1, {"rate": 0.0000746604960499}),
    ("okx_rubik_long_short_account_ratio_docform.json", "okx", "ratio", 1, 0, {"ratio": 1.25}),
    ("bybit_funding_history_linear_20260815.json", "bybit", "funding", 2, 0,
     {"rate": 0.00004737, "at": "2026-08-15T08:00:00Z"}),
    ("bybit_funding_history_linear_20260815.json", "bybit", "funding", 2, 1,
     {"rate": 0.00004403, "interval_hours": 8, "at": "2026-08-15T16:00:00Z"}),
    ("bybit_open_interest_linear_1h_20260815.json", "bybit", "open_interest", 2, 1, {"coins": 32496.027}),
    ("bybit_open_interest_docs.json", "bybit", "open_interest", 5, 4, {"usd": 31955346, "coins": None}),
    ("bybit_account_ratio_docform.json", "bybit", "ratio", 1, 0,
     {"long": 0.5777, "short": 0.4223, "ratio": pytest.approx(1.36798, abs=1e-5)}),
    ("deribit_book_summary_options_two_rows_with_nulls.json", "deribit", "options", 2, 1, {"puts_oi": 8.1}),
    ("deribit_book_summary_options_two_rows_with_nulls.json", "deribit", "options", 2, 0,
     {"expiry": "2022-06-24", "max_pain": 30000, "calls_oi": 1124.7}),
    ("deribit_book_summary_option_eth.json", "deribit", "options", 1, 0, {"puts_oi": 15135, "put_call": None}),
    ("deribit_book_summary_perpetual.json", "deribit", "open_interest", 1, 0,
     {"usd": 560105870, "coins": pytest.approx(18858.44697)}),
    ("deribit_instruments_btc_2021.json", "deribit", "instruments", 398, 0, {}),
    ("deribit_expirations_btc_option_2026.json", "deribit", "expirations", 11, 5, {"value": "2026-06-05"}),
)  # fmt: skip

MARKET: tuple[Case, ...] = (
    ("sosovalue_v1_etf_summary_history_btc.json", "sosovalue", "flows", 20, 19,
     {"source": "sosovalue", "trade_date": "2026-07-31", "net_usd": -265372778.16, "status": "final"}),
    ("sosovalue_v1_etf_list_btc.json", "sosovalue", "fund", 13, 0, {"value": "IBIT"}),
    ("doc_sosovalue_v2_historicalInflowChart.json", "sosovalue", "flow", 1, 0,
     {"trade_date": "2024-04-12", "net_usd": -55066297}),
    ("farside_btc_2026-07-23.html", "farside", "flow", 14, 13,
     {"trade_date": "2026-07-23", "net_usd": None, "status": "none"}),
    ("farside_btc_2026-07-23.html", "farside", "flow", 14, 5,
     {"asset": "BTC", "trade_date": "2026-07-13", "net_usd": -424700000, "status": "final"}),
    ("farside_btc_2026-07-23.html", "farside", "flow", 14, 12, {"trade_date": "2026-07-22", "net_usd": 69100000}),
    ("doc_coinglass_v4_etf_bitcoin_flow_history.json", "coinglass", "flow", 1, 0,
     {"asset": "BTC", "trade_date": "2024-01-11", "net_usd": 655300000,
      "by_fund": {"GBTC": -95100000, "IBIT": 111700000, "FBTC": 227000000}}),
    ("doc_coinglass_v4_etf_bitcoin_net_assets_history.json", "coinglass", "net_assets", 2, 0,
     {"change_usd": 655300000}),
    ("doc_coinglass_v4_etf_bitcoin_net_assets_history.json", "coinglass", "net_assets", 2, 1,
     {"change_usd": 203000000}),
    ("doc_coinglass_v4_liquidation_aggregated_history.json", "coinglass", "liquidation_total", 2, 0,
     {"opened_at": "2022-07-28T00:00:00Z", "long_usd": 5916885.14234, "short_usd": 12969583.87632}),
    ("doc_coinglass_v4_liquidation_pair_history_strings.json", "coinglass", "liquidation_total", 2, 0,
     {"long_usd": 2369935.19562}),
    ("doc_coinglass_v4_liquidation_exchange_list.json", "coinglass", "liquidation_total", 2, 0,
     {"venue": None, "long_usd": pytest.approx(451394.174046), "short_usd": pytest.approx(14222125.643345)}),
    ("doc_coinglass_v4_liquidation_coin_list.json", "coinglass", "liquidation_total", 4, 3,
     {"asset": "BTC", "window": "24h", "long_usd": pytest.approx(68437447.34, abs=0.01)}),
    ("doc_coinglass_v4_liquidation_order.json", "coinglass", "liquidation", 2, 0,
     {"venue": "binance", "side": "LONG", "usd": 205534.2932}),
    ("doc_coinglass_ws_liquidationOrders.json", "coinglass", "liquidation", 1, 0, {"side": "SHORT", "usd": 3858.184}),
    ("coinglass_v4_global_long_short_account_ratio.json", "coinglass", "long_short", 2, 1,
     {"long_pct": 61.87, "ratio": 1.62}),
    ("coinglass_v4_funding_rate_history.json", "coinglass", "funding", 3, 2, {"rate": 0.00002098}),
    ("doc_coinglass_v4_open_interest_exchange_list.json", "coinglass", "open_interest", 2, 0,
     {"venue": None, "usd": pytest.approx(57437891724.56, abs=0.01)}),
    ("doc_coinglass_v4_funding_rate_exchange_list.json", "coinglass", "funding", 3, 0,
     {"venue": "binance", "rate": 0.00007343, "interval_hours": 8}),
    ("doc_coinglass_v4_option_max_pain.json", "coinglass", "maxpain", 2, 0,
     {"expiry": "2025-04-22", "max_pain": 84000}),
    ("doc_coinglass_v4_option_max_pain.json", "coinglass", "maxpain", 2, 1,
     {"expiry": "2025-04-23", "max_pain": 85000}),
    ("deribit_get_book_summary_by_currency_btc_option.json", "deribit", "options", 3, 1,
     {"expiry": "2026-08-28", "max_pain": 62000, "put_call": pytest.approx(0.742, abs=5e-4)}),
    ("deribit_get_book_summary_by_currency_btc_option.json", "deribit", "options", 3, 0, {"max_pain": 64000}),
    ("deribit_get_book_summary_by_currency_btc_option.json", "deribit", "options", 3, 2, {"max_pain": 70000}),
    ("alternative_me_fng.json", "alternative.me", "fng", 2, 0, {"value": 71}),
    ("alternative_me_fng.json", "alternative.me", "fng", 2, 1, {"value": 69, "label": "Greed", "date": "2026-09-08"}),
    ("coingecko_governments_public_treasury_bitcoin.json", "coingecko", "holdings", 13, 0,
     {"name": "United States", "coins": 329693, "usd": pytest.approx(27940515547.90, abs=0.01)}),
    ("doc_coingecko_companies_public_treasury_bitcoin.json", "coingecko", "holding", 2, 0,
     {"name": "Strategy", "coins": 843738}),
    ("doc_coingecko_public_treasury_entity_strategy.json", "coingecko", "holding", 1, 0, {"coins": 843738}),
    ("doc_coingecko_public_treasury_transactions.json", "coingecko", "holding", 2, 0, {"coins": 843738}),
    ("coingecko_global_2026-05-24.json", "coingecko", "market", 1, 0,
     {"cap_usd": pytest.approx(2.623e12, rel=1e-3)}),
    ("sosovalue_v1_btc_treasuries_list.json", "sosovalue", "holding", 12, 0,
     {"name": "Strategy", "coins": None, "usd": None}),
    ("sosovalue_v1_btc_treasuries_history_mstr.json", "sosovalue", "holding", 12, 0,
     {"name": "MSTR", "coins": 840447}),
    ("sosovalue_v1_btc_treasuries_history_mstr.json", "sosovalue", "purchase", 12, 0,
     {"coins": 840447, "change_coins": -1690, "cost_usd": -108600000}),
    ("cointelegraph_rss_excerpt.xml", "cointelegraph", "news", 3, 0, {"source": "Cointelegraph"}),
    ("theblock_rss_2026-07-16.xml", "the_block", "rss", 20, 0, {"published_at": "2026-07-16T16:00:02Z"}),
    ("federalreserve_press_all_full_2026-04-27.xml", "fed_rss", "headline", 20, 0,
     {"published_at": "2026-04-24T20:00:00Z"}),
    ("federalreserve_press_all.xml", "headlines", "headline", 3, 0, {"published_at": "2026-09-24T18:30:00Z"}),
    ("sec_pressreleases_2026-06-18.rss", "sec", "headline", 25, 0, {"published_at": "2026-06-12T16:30:00Z"}),
    ("federalreserve_calendar_2026-05-10.json", "fed", "calendar", 800, 0, {}),
    ("fred_release_dates_10_cpi.json", "fred", "event", 15, 14, {"importance": "high", "at": "2026-12-10T13:30:00Z"}),
    ("fred_release_dates_50_nfp.json", "fred", "event", 15, 14, {"at": "2026-12-04T13:30:00Z"}),
    ("forexfactory_ff_calendar_thisweek.json", "forexfactory", "event", 100, 0, {}),
    ("sosovalue_v1_macro_events.json", "sosovalue", "event", 9, 1,
     {"name": "CPI (YoY)", "at": "2026-08-12", "actual": None}),
    ("sosovalue_v1_macro_history_cpi_yoy.json", "sosovalue", "event", 12, 11,
     {"at": "2026-08-12", "actual": None, "forecast": "3.4%"}),
    ("sosovalue_v1_macro_history_cpi_yoy.json", "sosovalue", "event", 12, 10,
     {"at": "2026-07-14", "actual": "3.5%", "forecast": "3.8%"}),
)  # fmt: skip

REFUSED = {
    "exchanges/binance_error_418_ip_ban.json": ("binance", "candle", "rate_limited"),
    "exchanges/binance_spot_error_400_invalid_symbol.json": ("binance", "ticker", "unknown_symbol"),
    "exchanges/binance_usdm_error_invalid_symbol.json": ("binance", "funding", "unknown_symbol"),
    "exchanges/okx_error_200_51001_unknown_instrument.json": ("okx", "ticker", "unknown_symbol"),
    "exchanges/okx_ws_error_60018_liquidation_by_instid.json": ("okx", "liquidation", "refused"),
    "exchanges/bybit_linear_unknown_symbol_200_10001.json": ("bybit", "ticker", "unknown_symbol"),
    "exchanges/bybit_error_403_cloudfront.txt": ("bybit", "candle", "geo_blocked"),
    "exchanges/bybit_ws_subscribe_failure_docform.json": ("bybit", "liquidation", "refused"),
    "exchanges/coinbase_error_400_over_300_candles.json": ("coinbase", "candle", "refused"),
    "exchanges/kraken_error_200_unknown_pair.json": ("kraken", "ticker", "unknown_symbol"),
    "exchanges/deribit_error_invalid_currency.json": ("deribit", "options", "unknown_symbol"),
    "exchanges/deribit_error_10028_too_many_requests_docform.json": ("deribit", "ticker", "rate_limited"),
    "market/sosovalue_v1_error_bad_key.json": ("sosovalue", "flow", "refused"),
    "market/sosovalue_v1_error_over_window.json": ("sosovalue", "flow", "plan"),
    "market/sosovalue_v1_error_bad_ticker.json": ("sosovalue", "flow", "unknown_symbol"),
    "market/sosovalue_v1_error_missing_param_legacy_envelope.json": ("sosovalue", "flow", "refused"),
    "market/doc_sosovalue_v1_rate_limit_429.json": ("sosovalue", "flow", "rate_limited"),
}  # fmt: skip

SILENT = {
    "binance_ws_subscribe_ack.json": ("binance", "liquidation"),
    "okx_ws_subscribe_ack_2022.json": ("okx", "ticker"),
    "okx_ws_subscribe_ack_liquidation_2024.json": ("okx", "liquidation"),
    "bybit_ws_subscribe_ack_linear_docs.json": ("bybit", "liquidation"),
    "bybit_ws_pong_linear_docs.json": ("bybit", "liquidation"),
    "bybit_ws_ticker_delta_bid_20261004.json": ("bybit", "ticker"),
    "coinbase_ws_subscriptions_ack_2021.json": ("coinbase", "ticker"),
    "kraken_ws_v1_system_status_2021.json": ("kraken", "ticker"),
    "kraken_ws_v2_pong_docform.json": ("kraken", "ticker"),
    "kraken_ws_v2_subscribe_ack_docform.json": ("kraken", "ticker"),
    "bitstamp_ws_subscription_succeeded.json": ("bitstamp", "trade"),
    "deribit_ws_test_request.json": ("deribit", "liquidation"),
}

ELSEWHERE = {
    "exchanges/INDEX.md": "the index itself",
    "exchanges/okx_ws_subscribe_request.json": "what a client sends, not what it reads",
    "exchanges/deribit_options_chain_2026.csv": "in a test of its own",
    "market/INDEX.md": "the index itself",
    "market/binance_leverage_tiers_btc_eth.json": "no answer of a source: compared with ours elsewhere",
}
MAX_PAIN_2026 = {
    "2026-04-29": 77000, "2026-04-30": 77500, "2026-05-01": 76000, "2026-05-02": 76500, "2026-05-08": 77000,
    "2026-05-15": 79000, "2026-05-29": 75000,
}  # fmt: skip


def printed(path: Path, source: str, kind: str) -> tuple[Any, int]:
    text, status = answer(source, kind, path.read_bytes())
    return json.loads(text), status


@pytest.mark.parametrize(
    ("folder", "case"),
    [*(("exchanges", case) for case in EXCHANGES), *(("market", case) for case in MARKET)],
    ids=lambda v: f"{v[0]}-{v[2]}-{v[4]}" if isinstance(v, tuple) else v,
)
def test_what_was_recorded_is_printed(shared: Path, folder: str, case: Case) -> None:
    name, source, kind, count, place, wanted = case
    items, status = printed(shared / "recorded" / folder / name, source, kind)

    assert (status, len(items)) == (0, count)
    assert {key: items[place][key] for key in wanted} == wanted


@pytest.mark.parametrize("name", REFUSED)
def test_what_was_refused_is_printed_as_that_refusal(shared: Path, name: str) -> None:
    source, kind, error = REFUSED[name]
    said, status = printed(shared / "recorded" / name, source, kind)

    assert (status, said["error"]) == (1, error)
    assert said.keys() == {"error", "retry_after", "detail"}


@pytest.mark.parametrize("name", SILENT)
def test_a_control_frame_prints_an_empty_list(shared: Path, name: str) -> None:
    assert printed(shared / "recorded" / "exchanges" / name, *SILENT[name]) == ([], 0)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_an_option_chain_as_a_table_has_the_same_max_pain(shared: Path, line_end: bytes) -> None:
    path = shared / "recorded" / "exchanges" / "deribit_options_chain_2026.csv"
    body = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", line_end)
    text, status = answer("deribit", "options", body)

    assert status == 0
    assert {item["expiry"]: item["max_pain"] for item in json.loads(text)} == MAX_PAIN_2026


def test_a_limit_says_how_long_to_wait(shared: Path) -> None:
    path = shared / "recorded" / "market" / "doc_sosovalue_v1_rate_limit_429.json"

    assert printed(path, "sosovalue", "flow")[0]["retry_after"] == 45


def test_every_indexed_recording_is_read(shared: Path) -> None:
    folder = shared / "recorded"
    found = {
        f"{part}/{path.name}"
        for part in ("exchanges", "market")
        for path in (folder / part).iterdir()
        if path.is_file()
    }
    read = {f"exchanges/{case[0]}" for case in EXCHANGES} | {f"market/{c[0]}" for c in MARKET}

    assert found == read | REFUSED.keys() | ELSEWHERE.keys() | {f"exchanges/{n}" for n in SILENT}
