"""
The index of the recordings, row by row: each entry is read by `read` and compared with figures, or is left out here
with the reason. What the index names and nobody handed us is read in our own words, in the shape that it documents.
"""

import json
import random
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bot.read import answer
from tests.conformance.test_read import EXCHANGES, MARKET, REFUSED, SILENT, printed

pytestmark = pytest.mark.conformance

# Compared, but not as an item of one answer.
LEFT_OUT = {
    "exchanges/okx_ws_subscribe_request.json": "what a client sends; its words are those of okx_live.feed",
    "exchanges/deribit_options_chain_2026.csv": "its seven max pains: test_read.py, test_exchanges.py",
    "market/binance_leverage_tiers_btc_eth.json": "no answer of a source: our table equals it, test_market_sources.py",
}
# Named by the index and absent from the recordings: source, kind, an answer of that shape, what is printed of it.
ABSENT: dict[str, tuple[str, str, str, object]] = {
    "bybit_ws_ticker_delta_ask_20261004": (
        "bybit", "ticker",
        '{"topic":"tickers.BTCUSDT","type":"delta","cs":1,"ts":1898985600000,'
        '"data":{"symbol":"BTCUSDT","ask1Price":"9.5","ask1Size":"17.4"}}',
        [],  # tells no last price: absent, not zero
    ),
    "bybit_spot_unknown_symbol_200_empty": (
        "bybit", "ticker",
        '{"retCode":0,"retMsg":"OK","result":{"category":"spot","list":[]},"retExtInfo":{},"time":1898985600000}',
        "unknown_symbol",
    ),
    "coinbase_error_404_notfound": ("coinbase", "ticker", '{"message":"NotFound"}', "unknown_symbol"),
    "kraken_error_200_invalid_interval": (
        "kraken", "candle", '{"error":["EGeneral:Invalid arguments"]}', "refused"),
    "deribit_error_503_maintenance": (
        "deribit", "options", '{"error":{"message":"system_maintenance","code":11051}}', "unavailable"),
    "deribit_options_chain_2020.csv": (
        "deribit", "options",
        ",instrument_name,timestamp,open_interest,greeks.delta\n0,BTC-28JUN30-90000-C,1898985600000,10.5,0.5\n"
        "1,BTC-28JUN30-80000-P,1898985600000,4,\n",
        [{"expiry": "2030-06-28", "max_pain": 80000, "calls_oi": 10.5, "puts_oi": 4, "put_call": 0.38095238095238}],
    ),
}  # fmt: skip

NAME = re.compile(r"[a-z0-9]\w*[\w.-]*(?:\{[\w,]+\}[\w.-]*)?|_\w+")
WORDS = {"File", "file"}


def rows(index: Path) -> Iterator[str]:
    """The first column of each table."""
    for line in index.read_text("utf-8").splitlines():
        if line.startswith("| ") and line.split("|")[1].strip() not in WORDS:
            yield line.split("|")[1].strip()


def names(cell: str, files: set[str]) -> Iterator[str]:
    """The files that a cell names; of one that is not there, the name as the cell means it."""
    before = ""
    for part in re.split(r",\s+|\s+/\s+|\s+·\s+", cell):
        braces = re.search(r"\{([\w,]+)\}", part)
        ends = braces[1].split(",") if braces else [""]
        for end in ends:
            whole = part.replace(braces[0], end) if braces else part
            before = found(whole, before, files)
            yield before


def found(part: str, before: str, files: set[str]) -> str:
    """A part that begins with "_" stands for the name before it with another end."""
    if not part.startswith("_"):
        return next(
            (name for name in files if name.partition(".")[0] == part or name == part), part
        )
    shared = [b for b in range(len(before), 0, -1) if before[b - 1 : b] == "_"]
    for length in shared:
        guess = before[: length - 1] + part
        if file := next((name for name in files if name.partition(".")[0] == guess), None):
            return file
    known = next(name for name in ABSENT if name.endswith(part))
    assert before.startswith(known.partition("_")[0])
    return known


def indexed(shared: Path) -> set[str]:
    listed: set[str] = set()
    for folder in ("exchanges", "market"):
        place = shared / "recorded" / folder
        files = {path.name for path in place.iterdir() if path.is_file()}
        for cell in rows(place / "INDEX.md"):
            listed |= {f"{folder}/{name}" for name in names(cell, files)}
    return listed


COMPARED = {f"exchanges/{case[0]}" for case in EXCHANGES if case[5]} | {
    f"market/{case[0]}" for case in MARKET if case[5]
}
HERE = {f"exchanges/{name}" for name in ABSENT}


def test_every_entry_is_read_and_compared_with_figures_or_left_out_with_a_reason(
    shared: Path,
) -> None:
    quiet = {f"exchanges/{name}" for name in SILENT}
    counted = {"exchanges/deribit_instruments_btc_2021.json"} | {
        f"market/{name}" for name in COUNTED
    }
    checked = COMPARED | counted | quiet | REFUSED.keys() | HERE | LEFT_OUT.keys()

    assert indexed(shared) - checked == set()
    assert len(indexed(shared)) > 125


def test_nothing_that_is_here_is_missing_from_the_index(shared: Path) -> None:
    there = {
        f"{folder}/{path.name}"
        for folder in ("exchanges", "market")
        for path in (shared / "recorded" / folder).iterdir()
        if path.is_file() and path.name != "INDEX.md"
    }

    assert there - indexed(shared) == set()
    assert indexed(shared) - there == HERE


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_named_and_absent_is_understood_in_its_documented_shape(name: str) -> None:
    source, kind, body, wanted = ABSENT[name]
    text, status = answer(source, kind, body.encode())
    said = json.loads(text)

    assert (said["error"] if isinstance(said, dict) else said, status) == (
        wanted,
        int(isinstance(wanted, str)),
    )


# Figures of whole answers: how many items hold this.
COUNTED: dict[str, tuple[str, str, list[tuple[int, dict[str, Any]]]]] = {
    "federalreserve_calendar_2026-05-10.json": ("fed", "event", [
        (1, {"name": "FOMC Meeting", "importance": "high", "at": f"2026-{day}"})
        for day in ("01-28T19:00:00Z", "03-18T18:00:00Z", "04-29T18:00:00Z", "06-17T18:00:00Z", "07-29T18:00:00Z",
                    "09-16T18:00:00Z", "10-28T18:00:00Z", "12-09T19:00:00Z")
    ]),
    "forexfactory_ff_calendar_thisweek.json": ("forexfactory", "event", [
        (100, {}), (8, {"importance": "high"}),
        (1, {"name": "FOMC Meeting Minutes", "importance": "high", "at": "2026-08-19T18:00:00Z"}),
    ]),
    "coingecko_governments_public_treasury_bitcoin.json": ("coingecko", "holding", [
        (13, {}), (1, {"name": "United States", "coins": 329693.0}),
    ]),
    "sosovalue_v1_etf_list_btc.json": ("sosovalue", "fund", [
        (13, {}), (1, {"value": "IBIT"}), (1, {"value": "MSBT"}), (1, {"value": "DEFI"}),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTED)
def test_whole_answers_hold_what_the_index_counts(shared: Path, name: str) -> None:
    source, kind, wanted = COUNTED[name]
    items, status = printed(shared / "recorded" / "market" / name, source, kind)

    assert status == 0
    for count, holds in wanted:
        assert sum(all(item[k] == v for k, v in holds.items()) for item in items) == count, holds


def test_sums_of_the_flow_history_are_those_of_the_index(shared: Path) -> None:
    path = shared / "recorded" / "market" / "sosovalue_v1_etf_summary_history_btc.json"
    nets = [day["net_usd"] for day in printed(path, "sosovalue", "flow")[0]]

    assert sum(nets[-5:]) == pytest.approx(-61_531_860.95, abs=0.01)
    assert sum(nets[-12:]) == pytest.approx(183_703_790.83, abs=0.01)


def test_the_treasuries_of_all_governments_add_up_to_the_index(shared: Path) -> None:
    path = shared / "recorded" / "market" / "coingecko_governments_public_treasury_bitcoin.json"
    held = printed(path, "coingecko", "holding")[0]

    assert round(sum(one["coins"] for one in held), 2) == 619_463.88


# Others of the same kinds will differ in all that may differ.

CASES = sorted(
    {(f"exchanges/{c[0]}", c[1], c[2]) for c in EXCHANGES}
    | {(f"market/{c[0]}", c[1], c[2]) for c in MARKET}
)
JSON = [case for case in CASES if case[0].endswith(".json")]
# Their keys are names of pairs, coins and dates: one more key is one more fact, and must have its value's shape.
TABLES = {"kraken_ohlc", "kraken_ticker", "coingecko_global", "deribit_expirations"}
VALUES: tuple[object, ...] = (None, "", "abc", -1, {}, [], True, "1e999", "NaN", 10**25, 0, [{}])


def loaded(shared: Path, name: str) -> Any:
    return json.loads((shared / "recorded" / name).read_bytes().decode("utf-8-sig"))


def said(source: str, kind: str, body: object) -> tuple[Any, int]:
    text, status = answer(source, kind, json.dumps(body).encode())
    return json.loads(text), status


@pytest.mark.parametrize(
    "case", [case for case in JSON if not any(table in case[0] for table in TABLES)], ids="-".join
)
def test_keys_that_nobody_knows_yet_change_nothing(shared: Path, case: tuple[str, ...]) -> None:
    name, source, kind = case
    body = loaded(shared, name)

    assert said(source, kind, with_more(body)) == said(source, kind, body)


@pytest.mark.parametrize("case", JSON, ids="-".join)
def test_whatever_is_wrong_in_an_answer_it_is_printed_or_refused(
    shared: Path, case: tuple[str, ...]
) -> None:
    name, source, kind = case
    body = loaded(shared, name)
    chance = random.Random(name)
    places = list(paths(body))
    for _ in range(40 if len(places) < 500 else 6):
        changed = deepcopy(body)
        broken = replaced(changed, chance.choice(places), chance.choice(VALUES))
        found, status = said(source, kind, broken)
        if status:
            assert found.keys() == {"error", "retry_after", "detail"}
        else:
            assert isinstance(found, list)


def test_one_row_is_as_good_as_many(shared: Path) -> None:
    tried = 0
    for name, source, kind in JSON:
        body = loaded(shared, name)
        listed = next((p for p in paths(body) if is_rows(at(body, p))), None)
        if listed is not None:
            tried += 1
            one = replaced(deepcopy(body), listed, at(body, listed)[:1])
            assert said(source, kind, one)[1] == 0, name

    assert tried > 50


@pytest.mark.parametrize(
    ("name", "source", "symbol", "other", "asset"),
    [
        ("binance_usdm_forceorder_combined_long_20261009", "binance", "BTCUSDT", "1000PEPEUSDT", "1000PEPE"),
        ("okx_ws_liquidation_btc_swap_long_20261009", "okx", "BTC-USDT-SWAP", "WIF-USDT-SWAP", "WIF"),
        ("bybit_ws_all_liquidation_btc_long_x2_20261009", "bybit", "BTCUSDT", "WIFUSDT", "WIF"),
    ],
)  # fmt: skip
def test_any_other_contract_is_read_as_well(
    shared: Path, name: str, source: str, symbol: str, other: str, asset: str
) -> None:
    path = shared / "recorded" / "exchanges" / f"{name}.json"
    text, status = answer(source, "liquidation", path.read_bytes().replace(*pair(symbol, other)))
    first = json.loads(text)[0]

    assert (status, first["symbol"], first["asset"]) == (0, other, asset)
    assert (first["usd"] is None) == (source == "okx")  # what its contract is worth is not known


def pair(one: str, other: str) -> tuple[bytes, bytes]:
    return one.encode(), other.encode()


def with_more(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: with_more(part) for key, part in value.items()} | {"new_key": {"a": [1]}}
    return [with_more(part) for part in value] if isinstance(value, list) else value


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield before
    parts = value.items() if isinstance(value, dict) else ()
    parts = enumerate(value) if isinstance(value, list) else parts
    for key, part in parts:
        yield from paths(part, (*before, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def is_rows(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and isinstance(value[0], dict | list)


def replaced(value: Any, path: tuple[Any, ...], new: object) -> Any:
    if not path:
        return new
    at(value, path[:-1])[path[-1]] = new
    return value
