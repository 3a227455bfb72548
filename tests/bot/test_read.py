"""What `read` prints for answers that are odd, and for words that people use."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.read import LARGEST, answer, listing, main, read
from bot.sources import READS
from providers.errors import ProviderError

FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Anything</title><item>'
    "<title>One &amp; two</title><link>https://example.com/a</link>"
    "<pubDate>Wed, 06 Mar 2030 11:00:00 GMT</pubDate></item></channel></rss>"
)
FEAR = '{"data":[{"value":"40","value_classification":"Fear","timestamp":"1898985600"}]}'
FORCED = (
    '{"e":"forceOrder","E":1898985600500,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.3","p":"9.9",'
    '"ap":"0.1","X":"FILLED","l":"0.1","z":"0.3","T":1898985600000}}'
)
CHAIN = {
    "usOut": 1898985600000000,
    "result": [
        {"instrument_name": name, "open_interest": 2.0, "mark_price": 0.1,
         "creation_timestamp": 1898985600000}
        for name in ("BTC-29MAR30-90000-C", "BTC_USDC-29MAR30-80000-P")
    ],
}  # fmt: skip


def said(source: str, kind: str, body: str | bytes) -> tuple[Any, int]:
    text, status = answer(source, kind, body.encode() if isinstance(body, str) else body)
    return json.loads(text), status


def test_figures_are_printed_without_the_noise_of_floats() -> None:
    ((item,), _) = said("binance", "liquidation", FORCED)

    assert item == {
        "venue": "binance",
        "symbol": "BTCUSDT",
        "asset": "BTC",
        "side": "LONG",
        "quantity": 0.3,
        "price": 0.1,
        "price_kind": "average",
        "usd": 0.03,
        "at": "2030-03-06T00:00:00Z",
    }


def test_series_settled_in_other_coins_stay_apart_however_old_they_are() -> None:
    items, _ = said("deribit", "options", json.dumps(CHAIN))

    assert [(i["symbol"], i["expiry"], i["max_pain"]) for i in items] == [
        ("BTC", "2030-03-29", 90000),
        ("BTC_USDC", "2030-03-29", 80000),
    ]


@pytest.mark.parametrize("source", ["alternative", "alternative.me", "Alternative_Me", "fng"])
@pytest.mark.parametrize("kind", ["sentiment", "fear", "FNG", "fear-greed"])
def test_people_name_a_source_as_they_like(source: str, kind: str) -> None:
    assert said(source, kind, FEAR) == (
        [{"value": 40, "label": "Fear", "date": "2030-03-06"}],
        0,
    )


@pytest.mark.parametrize(("source", "name"), [("sec_rss", "SEC"), ("rss", "Anything")])
def test_a_feed_is_named_by_whoever_knows_it(source: str, name: str) -> None:
    assert said(source, "news", FEED)[0] == [
        {
            "title": "One & two",
            "summary": "",
            "link": "https://example.com/a",
            "source": name,
            "published_at": "2030-03-06T11:00:00Z",
        }
    ]


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter() -> None:
    body = b"\xef\xbb\xbf" + FEAR.replace(",", ",\r\n").encode()

    assert said("alternative", "sentiment", body)[1] == 0


@pytest.mark.parametrize("source", READS)
@pytest.mark.parametrize(
    "body",
    [b"", b" \r\n", b"<html><body>Just a moment</body></html>", b'{"data":[{"a":1', b"\xff\xfe\x00",
     b"[" * 100_000, b"x" * 100_000, b"null", b"5"],
    ids=["nothing", "space", "html", "half", "bytes", "deep", "long", "null", "five"],
)  # fmt: skip
def test_what_no_source_means_is_refused_calmly(source: str, body: bytes) -> None:
    for kind in READS[source]:
        refusal, status = said(source, kind, body)

        assert (status, refusal["error"]) == (1, "bad_payload")


@given(st.binary(max_size=200))
def test_no_bytes_break_it(body: bytes) -> None:
    for source, kinds in READS.items():
        for kind in kinds:
            assert said(source, kind, body)[1] in (0, 1)


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    body = io.BytesIO(b"x" * (LARGEST + 10))

    assert main("okx", "ticker", body) == 1
    assert body.tell() == LARGEST + 1


@pytest.mark.parametrize(
    ("source", "kind"), [("nasdaq", "ticker"), ("okx", "weather"), ("okx", "")]
)
def test_an_unknown_word_is_answered_with_those_that_are_known(source: str, kind: str) -> None:
    refusal, status = said(source, kind, "{}")

    assert status == 1
    assert "ticker" in refusal["detail"] or "okx" in refusal["detail"]


def test_a_refusal_is_raised_to_who_asks_in_code() -> None:
    with pytest.raises(ProviderError):
        read("okx", "ticker", '{"code":"51001","msg":"Instrument ID does not exist","data":[]}')


def test_the_list_names_what_can_be_read() -> None:
    assert {"binance liquidation", "fed event", "fed headline", "coinglass options"} <= set(
        listing()
    )


def test_what_can_be_read_is_named_where_the_sources_are_put_together() -> None:
    """A new source is one line there: `read` knows it by its name, whatever its spelling."""
    for source, kinds in READS.items():
        assert {f"{source} {kind}" for kind in kinds} <= set(listing())
        assert said(source.upper(), next(iter(kinds)), "")[0]["error"] == "bad_payload"
