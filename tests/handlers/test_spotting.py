"""Coins are found in what people write, and words that merely look like one are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.watchlist import Watchlist
from handlers.spotting import MOST, spotted

KNOWN = Watchlist.load()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BTC looks weak, ETH too", ["BTC", "ETH"]),
        ("$eth and $BTC.", ["ETH", "BTC"]),
        ("Is bitcoin done? Solana is not", ["BTC", "SOL"]),
        ("BTC btc BTC/USDT bitcoin", ["BTC"]),
        ("here is the link, dot it and make ada near", []),
        ("#BTC **ETH** (SOL)", ["BTC", "ETH", "SOL"]),
        ("/settings role off @everyone", []),
        ("", []),
    ],
)
def test_what_is_named_is_found_in_its_order(text, found):
    assert [a.symbol for a in spotted(text, KNOWN)] == found


@given(st.text())
def test_any_text_is_looked_at_calmly(text):
    found = spotted(text, KNOWN)

    assert len(found) == len(set(found)) <= MOST
    assert all(asset in KNOWN.assets for asset in found)
