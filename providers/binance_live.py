"""
Binance's live feeds: spot prices, and forced closes on futures. Keyless.

Binance sends the latest forced order of each symbol in each second, so these are a lower bound.
Fields: developers.binance.com, "Liquidation Order Streams", and binance-spot-api-docs, "WebSocket Streams".
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct, field

from config.watchlist import Asset
from providers.binance_contracts import asset_of, contract_usd, is_coin_margined
from providers.errors import BadPayload, RateLimited, Refused
from providers.feed import Acknowledged, Alive, Event, Feed, Reconnect, Tick
from providers.payload import UNREADABLE, each
from providers.quote import (
    Amount,
    Figure,
    Milliseconds,
    Price,
    Quote,
    by_name,
    instant,
    percent,
    spoken,
)
from providers.types import Candle, Liquidation, PriceKind, Side, Ticker

VENUE = "Binance"
COIN_MARGINED = 2  # the value of `st` for contracts whose size is a number of dollars


class Order(StrEnum):
    """The side of the order that closed the position: selling closes a long."""

    SELL = "SELL"
    BUY = "BUY"


# Looked up once: before Python 3.12 finding a member costs as much as making the whole event.
SELL, LONG, SHORT, AVERAGE = Order.SELL, Side.LONG, Side.SHORT, PriceKind.AVERAGE


class Forced(Struct, gc=False):
    symbol: str = field(name="s")
    order: Order = field(name="S")
    filled: Amount = field(name="z")  # all fills; `l` is the last one, `q` what was asked for
    average: Amount = field(name="ap")  # `p` is only the limit of the order
    traded_ms: Milliseconds = field(name="T")
    kind: int | None = field(name="st", default=None)


class ForceOrder(Struct, tag_field="e", tag="forceOrder", gc=False):
    order: Forced = field(name="o")


class MarkPrice(Struct, tag_field="e", tag="markPriceUpdate"):
    symbol: str = field(name="s")
    sent_ms: Milliseconds = field(name="E")
    mark: Price = field(name="p")
    index: Annotated[float, Meta(ge=0)] | None = field(name="i", default=None)
    rate: str = field(name="r", default="")
    next_ms: Milliseconds = field(name="T", default=0)


class MiniTicker(Struct, tag_field="e", tag="24hrMiniTicker"):
    symbol: str = field(name="s")
    sent_ms: Milliseconds = field(name="E")
    last: Price = field(name="c")
    open: Amount = field(name="o")
    high: Amount = field(name="h")
    low: Amount = field(name="l")

    def quote(self) -> Quote:
        change = percent(self.last, self.open)
        ticker = Ticker(self.last, None, None, change, self.high, self.low)
        return Quote(ticker, self.symbol, instant(self.sent_ms))


class DayTicker(Struct, tag_field="e", tag="24hrTicker"):
    symbol: str = field(name="s")
    sent_ms: Milliseconds = field(name="E")
    last: Price = field(name="c")
    change: Figure = field(name="P")  # in percent
    high: Amount = field(name="h")
    low: Amount = field(name="l")
    bid: Amount | None = field(name="b", default=None)
    ask: Amount | None = field(name="a", default=None)

    def quote(self) -> Quote:
        ticker = Ticker(self.last, self.bid, self.ask, self.change, self.high, self.low)
        return Quote(ticker, self.symbol, instant(self.sent_ms))


class Bar(Struct):
    opened_ms: Milliseconds = field(name="t")
    interval: str = field(name="i")
    open: Price = field(name="o")
    high: Price = field(name="h")
    low: Price = field(name="l")
    close: Price = field(name="c")
    volume: Amount = field(name="v")
    closed: bool = field(name="x")
    quoted: Amount | None = field(name="q", default=None)


class Kline(Struct, tag_field="e", tag="kline"):
    symbol: str = field(name="s")
    bar: Bar = field(name="k")

    def candle(self) -> Candle:
        """Of a coin-margined contract `v` is a number of contracts, and `q` the coins."""
        bar = self.bar
        volume = bar.quoted if is_coin_margined(self.symbol) else bar.volume
        if volume is None:
            raise ValueError("a volume is missing")
        at = instant(bar.opened_ms)
        return Candle(at, bar.open, bar.high, bar.low, bar.close, volume, bar.closed)


class Shutdown(Struct, tag_field="e", tag="serverShutdown"):
    """The server is about to close; binance-spot-api-docs, since May 2026."""


Data = ForceOrder | MarkPrice | MiniTicker | DayTicker | Kline | Shutdown


class Frame(Struct):
    """What a combined stream wraps, and what the venue answers to a subscription."""

    data: Data | list[Data] | None = None
    id: int | str | None = None
    code: int | None = None
    msg: str = ""
    error: dict[str, int | str] | None = None
    e: str | None = None


class Wrapped(Struct):
    data: list[Raw]


FRAMES = msgspec.json.Decoder(Frame, strict=False)
RAW = msgspec.json.Decoder(Data, strict=False)
RAW_LISTS = msgspec.json.Decoder(list[Data], strict=False)
ROWS = msgspec.json.Decoder(list[Raw] | Wrapped)


def spot_feed(url: str, assets: Sequence[Asset]) -> Feed:
    """Prices of the assets that Binance lists on spot, once a second each."""
    names = by_name(assets, "binance")
    streams = [f"{name.lower()}@miniTicker" for name in names]
    return _feed("binance spot", url, streams, names)


def futures_feed(url: str, assets: Sequence[Asset]) -> Feed:
    """
    Forced closes of every USD-margined contract. `url` must be the /market route: the old root
    acknowledges and then stays silent. The mark price proves the socket alive while nobody is liquidated.
    """
    streams = ["!forceOrder@arr", "btcusdt@markPrice@1s"]
    return _feed("binance futures", url, streams, by_name(assets, "binance_usdm"), forced=True)


def _feed(
    name: str, url: str, streams: list[str], names: Mapping[str, str], *, forced: bool = False
) -> Feed:
    return Feed(
        name=name,
        venue=VENUE,
        url=url,
        subscribe=(spoken({"method": "SUBSCRIBE", "params": streams, "id": 1}),),
        read=partial(read, names=names),
        acknowledgements=1,
        carries_liquidations=forced,
    )


def frame_data(frame: str | bytes) -> tuple[Data, ...]:
    """
    The data in a frame, wrapped by a combined stream or not; none in an acknowledgement.
    Raises Refused for a refused subscription, BadPayload for a frame of another kind.
    """
    data = _data(frame)
    return tuple(data) if isinstance(data, list) else (data,)


def _data(frame: str | bytes) -> Data | list[Data]:
    try:
        content = FRAMES.decode(frame)
        if content.data is not None:
            return content.data
        if content.e is not None:
            bare: Data = RAW.decode(frame)
            return bare
    except msgspec.MsgspecError:
        return _list_data(frame)
    code = content.code if content.code is not None else (content.error or {}).get("code")
    if code is not None:
        raise _refused(code)
    if content.id is None:
        raise BadPayload(VENUE, "a frame without data")
    return []


def _list_data(frame: str | bytes) -> list[Data]:
    try:
        return RAW_LISTS.decode(frame)
    except msgspec.MsgspecError:
        return _readable(frame)


def _readable(frame: str | bytes) -> list[Data]:
    """Of a list with something that cannot be read, such as a symbol without a price, the rest."""
    try:
        found = ROWS.decode(frame)
        return each(found.data if isinstance(found, Wrapped) else found, RAW.decode)
    except UNREADABLE:
        raise BadPayload(VENUE, "a frame in a shape we do not know") from None


def _refused(code: int | str) -> Refused | RateLimited:
    if code in (3, -1003, "-1003"):
        return RateLimited(VENUE, "too many messages")
    return Refused(VENUE, f"the subscription was refused with code {code}")


def read(frame: str | bytes, names: Mapping[str, str]) -> tuple[Event, ...]:
    """`names`: the asset of each symbol; of a symbol beyond them it is told from the symbol."""
    try:
        data = FRAMES.decode(frame).data
    except msgspec.MsgspecError:
        data = None
    if type(data) is ForceOrder:  # straight on: in a bad second there are thousands
        forced = liquidation(data.order, names)
        return () if forced is None else (forced,)
    data = _data(frame) if data is None else data
    if not isinstance(data, list):
        event = _event(data, names)
        return () if event is None else (event,)
    if not data:
        return (Acknowledged(),)
    return tuple(event for item in data if (event := _event(item, names)) is not None)


def _event(item: Data, names: Mapping[str, str]) -> Event | None:
    if type(item) is ForceOrder:
        return liquidation(item.order, names)
    if type(item) is MiniTicker or type(item) is DayTicker:
        asset = names.get(item.symbol) or asset_of(item.symbol)
        return Tick(VENUE, asset, item.last, instant(item.sent_ms))
    if type(item) is Shutdown:
        return Reconnect("the server shuts down")
    return Alive(instant(item.sent_ms)) if type(item) is MarkPrice else Alive()


def liquidation(order: Forced, names: Mapping[str, str]) -> Liquidation | None:
    """None while nothing of the order was filled."""
    symbol, quantity, price, kind = order.symbol, order.filled, order.average, order.kind
    if not quantity or not price:
        return None
    usd = quantity * price
    if kind == COIN_MARGINED or (kind is None and is_coin_margined(symbol)):
        usd = contract_usd(symbol) * quantity
        quantity = usd / price
    return Liquidation(
        VENUE,
        symbol,
        names.get(symbol) or asset_of(symbol),
        LONG if order.order is SELL else SHORT,
        quantity,
        price,
        AVERAGE,
        usd,
        order.traded_ms,
    )
