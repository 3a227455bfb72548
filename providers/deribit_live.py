"""
Deribit's live frames: forced closes among trades. Keyless.

docs.deribit.com, "Subscriptions" and "public/get_last_trades_by_instrument". A socket whose test requests are not
answered is cut.
"""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from providers.deribit import VENUE, option_of
from providers.errors import BadPayload, Refused
from providers.feed import Acknowledged, Alive, Answer, Event
from providers.payload import UNREADABLE, each, milliseconds, moment_ms, table
from providers.quote import Amount, Milliseconds, Price, spoken
from providers.types import Liquidation, PriceKind, Side

PROOF_OF_LIFE = spoken({"jsonrpc": "2.0", "id": 0, "method": "public/test", "params": {}})


class _Trade(Struct):
    """`liquidation`: the taker ("T"), the maker ("M") or both were closed by force."""

    instrument_name: str
    price: Price
    amount: Amount
    direction: Literal["buy", "sell"]  # of the taker
    timestamp: Milliseconds
    liquidation: Literal["T", "M", "MT"] | None = None


def read(frame: str | bytes) -> tuple[Event, ...]:
    """Forced closes among trades; the venue's test requests are answered or it hangs up."""
    try:
        content = table(msgspec.json.decode(frame))
        return _events(content)
    except UNREADABLE:
        raise BadPayload(VENUE, "a frame in a shape we do not know") from None


def _events(content: dict[str, Any]) -> tuple[Event, ...]:
    method = content.get("method")
    if method == "heartbeat":
        asked = content["params"]["type"] == "test_request"
        return (Answer(PROOF_OF_LIFE),) if asked else ()
    if method == "subscription":
        params = content["params"]
        if not params["channel"].startswith("trades."):
            return (Alive(moment_ms(params["data"]["timestamp"])),)
        return forced_among(params["data"])
    if "error" in content or content.get("result") == []:
        raise Refused(VENUE, "the subscription was refused")
    return (Acknowledged(),) if isinstance(content["result"], list) else ()


def forced_among(trades: list[object]) -> tuple[Liquidation, ...]:
    """Of trades over REST or live. One that cannot be read costs itself alone."""
    found = each(trades, lambda trade: msgspec.convert(trade, _Trade))
    return tuple(one for trade in found for one in liquidations(trade))


def liquidations(trade: _Trade) -> tuple[Liquidation, ...]:
    """Two where both parties to the trade were liquidated; none in an ordinary trade."""
    taker, maker = (Side.LONG, Side.SHORT) if trade.direction == "sell" else (Side.SHORT, Side.LONG)
    sides = {"T": (taker,), "M": (maker,), "MT": (taker, maker), None: ()}[trade.liquidation]
    return tuple(_liquidation(trade, side) for side in sides)


def _liquidation(trade: _Trade, side: Side) -> Liquidation:
    """Futures settled in coins are counted in dollars, those in stablecoins in coins."""
    name = trade.instrument_name
    usd: float | None = trade.amount
    quantity = trade.amount / trade.price
    if option_of(name, 0) is not None:
        quantity, usd = trade.amount, None  # its price is in coins
    elif "_" in name:
        quantity, usd = trade.amount, trade.amount * trade.price
    return Liquidation(
        VENUE,
        name,
        name.partition("-")[0].partition("_")[0],
        side,
        quantity,
        trade.price,
        PriceKind.TRADE,
        usd,
        milliseconds(trade.timestamp),
    )
