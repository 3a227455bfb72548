"""
OKX's live feed: spot prices and forced closes of every perpetual. Keyless.

At most one forced order of each contract in each second is sent, "not the total": a lower bound.
Fields: okx.com/docs-v5, "Liquidation orders channel" and "Tickers channel". Sizes are contracts,
prices are bankruptcy prices. The venue closes a socket after 30 s of silence unless it gets the text "ping".
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import partial

import msgspec
from msgspec import Raw, Struct, field

from config.watchlist import Asset
from providers.errors import BadPayload, ProviderError, RateLimited, Refused
from providers.feed import NOT_LISTED, Acknowledged, Declined, Event, Feed, Reconnect, Tick
from providers.okx_contracts import Contracts
from providers.payload import each, moment_ms
from providers.quote import Amount, Milliseconds, Price, by_name, spoken
from providers.types import Liquidation, PriceKind, Side

VENUE = "OKX"
CLOSING = "64008"
UNLISTED = "60018"  # "Wrong URL or channel:tickers,instId:… doesn't exist."
INSTRUMENT = re.compile(r"instId:\s*([A-Z0-9]+(?:-[A-Z0-9]+)+)")
TOO_OFTEN = frozenset({"50011", "60014"})
DOLLARS = frozenset({"USD", "USDT", "USDC"})


class Order(StrEnum):
    """The side of the order that closed the position: selling closes a long."""

    SELL = "sell"
    BUY = "buy"


# Looked up once: before Python 3.12 finding a member costs as much as making the whole event.
SELL, LONG, SHORT, BANKRUPTCY = Order.SELL, Side.LONG, Side.SHORT, PriceKind.BANKRUPTCY


class Detail(Struct, gc=False):
    order: Order = field(name="side")
    price: Price = field(name="bkPx")
    size: Amount = field(name="sz")
    at_ms: Milliseconds = field(name="ts")
    position: str = field(name="posSide", default="net")

    @property
    def side(self) -> Side:
        """In net mode, and on margin, only the order's side tells."""
        named = self.position == "long" or self.position == "short"
        closed_long = self.position == "long" if named else self.order is SELL
        return LONG if closed_long else SHORT


class Item(Struct):
    """A ticker, or the forced orders of one instrument."""

    symbol: str = field(name="instId")
    details: list[Detail] = []
    last: str = ""
    ts: str = ""


class Argument(Struct):
    channel: str
    instId: str | None = None  # noqa: N815 - the venue's word


class Frame(Struct):
    data: list[Item] | None = None
    arg: Argument | None = None
    event: str | None = None
    code: str = "0"
    msg: str = ""


class Orders(Struct):
    """The forced orders of one instrument, each unread."""

    symbol: str = field(name="instId")
    details: list[Raw]


class Forced(Struct):
    data: list[Orders]


FRAMES = msgspec.json.Decoder(Frame, strict=False)
ROWS = msgspec.json.Decoder(Forced)


def feed(url: str, assets: Sequence[Asset], contracts: Contracts) -> Feed:
    """Spot prices of these assets, which also prove the socket alive, and all forced closes."""
    names = by_name(assets, "okx")
    wanted = [{"channel": "tickers", "instId": name} for name in names]
    # Asked with an instrument, the channel is refused (60018); it always carries the whole market.
    wanted.append({"channel": "liquidation-orders", "instType": "SWAP"})
    return Feed(
        name="okx",
        venue=VENUE,
        url=url,
        # One by one: of a list in one message, an instrument that is not listed would cost all.
        subscribe=tuple(spoken({"op": "subscribe", "args": [one]}) for one in wanted),
        read=partial(read, names=names, contracts=contracts),
        acknowledgements=len(wanted),
        ping="ping",
        ping_every=timedelta(seconds=20),
        carries_liquidations=True,
    )


def read(frame: str | bytes, names: Mapping[str, str], contracts: Contracts) -> tuple[Event, ...]:
    """`names`: the asset of each spot pair."""
    try:
        content = _content(frame)
        if content.data is None:
            return _control(content)
        events: list[Event] = []
        for item in content.data:  # a plain loop: every call between here and the event is felt
            for detail in item.details:
                events.append(liquidation(item.symbol, detail, contracts))  # noqa: PERF401
            if item.last:
                events.append(_tick(item, names))
        return tuple(events)
    except (msgspec.MsgspecError, ValueError):
        if frame in ("pong", b"pong"):
            return ()
        raise BadPayload(VENUE, "a frame in a shape we do not know") from None


def _content(frame: str | bytes) -> Frame:
    """Of several orders or tickers, those that can be read: one without a price costs itself alone."""
    try:
        return FRAMES.decode(frame)
    except msgspec.ValidationError:
        rows = ROWS.decode(frame).data
        orders = [(item, order) for item in rows for order in item.details]
        found = each(
            orders,
            lambda one: (one[0].symbol, msgspec.json.decode(one[1], type=Detail, strict=False)),
        )
        return Frame(data=[Item(symbol, [detail]) for symbol, detail in found])


def _tick(item: Item, names: Mapping[str, str]) -> Tick:
    asset = names.get(item.symbol) or asset_of(item.symbol)
    return Tick(VENUE, asset, float(item.last), moment_ms(item.ts))


def liquidation(symbol: str, detail: Detail, contracts: Contracts) -> Liquidation:
    """Quantity and dollars stay unknown until the contract's value is; on margin there are no contracts but coins."""
    on_margin = symbol.count("-") == 1
    sized = coins_of if on_margin else contracts.sized
    quantity, usd = sized(symbol, detail.size, detail.price)
    return Liquidation(
        VENUE,
        symbol,
        asset_of(symbol),
        detail.side,
        quantity,
        detail.price,
        BANKRUPTCY,
        usd,
        detail.at_ms,
    )


def coins_of(symbol: str, size: float, price: float) -> tuple[float | None, float | None]:
    """A size that is in coins, and dollars where the pair is priced in them."""
    return size, size * price if symbol.partition("-")[2] in DOLLARS else None


def _control(content: Frame) -> tuple[Event, ...]:
    if content.event == "error":
        return (_declined(content),)
    if content.code == CLOSING:
        return (Reconnect("the venue is about to close this socket"),)
    if content.event == "subscribe":
        return (Acknowledged(content.arg.channel if content.arg else ""),)
    if content.event is None:
        raise BadPayload(VENUE, "a frame without data")
    return ()


def _declined(content: Frame) -> Declined:
    """An instrument that is not listed costs only itself; raises for every other error."""
    named = INSTRUMENT.search(content.msg) if content.code == UNLISTED else None
    if named is None:
        raise refused(content.code)
    return Declined(named[1], NOT_LISTED)


def refused(code: str) -> ProviderError:
    if code in TOO_OFTEN:
        return RateLimited(VENUE, "too many requests")
    return Refused(VENUE, f"the subscription was refused with code {code}")


def asset_of(symbol: str) -> str:
    """ "BTC" of BTC-USDT-SWAP."""
    return symbol.partition("-")[0]
