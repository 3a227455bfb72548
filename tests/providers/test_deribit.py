"""Deribit: names of options, series apart, maintenance."""

import json
from datetime import date

import pytest

from providers.deribit import Deribit, option_of, parse_options, refusal
from providers.deribit_live import read
from providers.errors import BadPayload, RateLimited, Unavailable
from providers.feed import Answer
from providers.types import OptionInterest, OptionKind, Side
from tests.providers.venues import COIN, Scripted


def chain(*names: str, testnet: bool = False) -> str:
    rows = [
        {"instrument_name": name, "open_interest": 2.5, "creation_timestamp": 1, "last": None}
        for name in names
    ]
    return json.dumps({"result": rows, "usOut": 1900000000000000, "testnet": testnet})


def test_a_name_tells_expiry_strike_and_kind():
    option = OptionInterest(date(2026, 6, 5), 90000.0, OptionKind.CALL, 1.0)
    assert option_of("BTC-5JUN26-90000-C", 1.0) == ("BTC", option)
    found = option_of("XRP_USDC-30JUN23-0d43-P", 1.0)
    assert found is not None
    assert (found[0], found[1].strike) == ("XRP_USDC", 0.43)
    assert option_of("BTC-PERPETUAL", 1.0) is None


async def test_series_are_never_added():
    body = chain("BTC-5JUN26-90000-C", "BTC_USDC-5JUN26-90000-C", "BTC-PERPETUAL")

    reading = await Deribit(Scripted(body)).options(COIN)

    assert len(reading.value) == 1
    assert reading.as_of.year == 2030


def test_the_test_network_is_no_market():
    with pytest.raises(BadPayload):
        parse_options(chain("BTC-5JUN26-90000-C", testnet=True))


def test_maintenance_passes_and_limits_are_limits():
    down = '{"error":{"message":"system_maintenance","code":11051}}'
    assert isinstance(refusal(503, {}, down), Unavailable)
    many = '{"error":{"message":"too_many_requests","code":10028}}'
    assert isinstance(refusal(400, {}, many), RateLimited)


@pytest.mark.parametrize(
    ("direction", "who", "sides"),
    [
        ("sell", "T", [Side.LONG]),
        ("buy", "T", [Side.SHORT]),
        ("buy", "M", [Side.LONG]),
        ("sell", "M", [Side.SHORT]),
        ("sell", "MT", [Side.LONG, Side.SHORT]),
        ("sell", None, []),
    ],
)
def test_the_party_that_was_liquidated_had_the_position(direction, who, sides):
    trade = {"instrument_name": "BTC-PERPETUAL", "price": 2.0, "amount": 10, "timestamp": 1}
    trade |= {"direction": direction} | ({"liquidation": who} if who else {})
    params = {"channel": "trades.BTC-PERPETUAL.100ms", "data": [trade]}

    events = read(json.dumps({"method": "subscription", "params": params}))

    assert [event.side for event in events] == sides


def test_a_test_request_is_answered():
    (event,) = read('{"method":"heartbeat","params":{"type":"test_request"}}')

    assert isinstance(event, Answer)
