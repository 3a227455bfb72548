"""
Bybit's live feed: every forced close of the perpetuals we follow. Keyless.

Here `S` is the side of the position ("Buy": a long was closed), the opposite of what other venues mean.
Fields: bybit-exchange.github.io/docs/v5/websocket/public/all-liquidation and .../ticker. Prices are
bankruptcy prices; there is no topic for all symbols. A socket without {"op":"ping"} is cut.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import partial

import msgspec
from msgspec import Raw, Struct, field

from config.watchlist import Asset
from providers.errors import BadPayload, RateLimited, Refused
from providers.feed import NOT_LISTED, Acknowledged, Alive, Declined, Event, Feed
from providers.payload import each
from providers.quote import Amount, Milliseconds, Price, by_name, instant, spoken
from providers.types import Liquidation, PriceKind, Side

VENUE = "Bybit"
LIQUIDATIONS = "allLiquidation."
UNLISTED = ("not found", "invalid symbol", "not exist")
QUOTES = ("USDT", "USDC", "PERP", "USD")
DELIVERED = re.compile(
    r"USD[FGHJKMNQUVXZ]\d\d"
)  # a future that ends: the month's letter and the year


class Position(StrEnum):
    BUY = "Buy"
    SELL = "Sell"


# Looked up once: before Python 3.12 finding a member costs as much as making the whole event.
BUY, LONG, SHORT, BANKRUPTCY = Position.BUY, Side.LONG, Side.SHORT, PriceKind.BANKRUPTCY


class Forced(Struct, gc=False):
    symbol: str = field(name="s")
    position: Position = field(name="S")
    size: Amount = field(name="v")
    price: Price = field(name="p")
    at_ms: Milliseconds = field(name="T")


class Other(Struct):
    """Whatever is no list of forced closes: skipped unread."""


class Heard(Struct):
    """A frame of the topics we subscribe to, read in one go."""

    topic: str = ""
    ts: Milliseconds = 0
    data: list[Forced] | Other | None = None
    success: bool | None = None
    op: str = ""


class Rows(Struct):
    """Forced closes, each unread."""

    topic: str
    data: list[Raw]


class Frame(Struct):
    """A frame of any topic."""

    topic: str = ""
    ts: Milliseconds = 0
    data: Raw = Raw()
    success: bool | None = None
    op: str = ""
    ret_msg: str = ""
    req_id: str = ""  # ours, said back


FRAMES = msgspec.json.Decoder(Frame, strict=False)
HEARD = msgspec.json.Decoder(Heard, strict=False)
ROWS = msgspec.json.Decoder(Rows)


def feed(url: str, assets: Sequence[Asset]) -> Feed:
    """
    `url` is the linear one. Tickers prove the socket alive; their price is a perpetual's, not the coin's,
    and is not passed on.
    """
    names = by_name(assets, "bybit")
    topics = {name: [f"{kind}{name}" for kind in ("tickers.", LIQUIDATIONS)] for name in names}
    return Feed(
        name="bybit",
        venue=VENUE,
        url=url,
        subscribe=tuple(
            spoken({"req_id": name, "op": "subscribe", "args": args})
            for name, args in topics.items()
        ),
        read=partial(read, names=names),
        acknowledgements=len(topics),
        ping=spoken({"op": "ping"}),
        ping_every=timedelta(seconds=20),
        carries_liquidations=True,
        complete=True,
    )


def read(frame: str | bytes, names: Mapping[str, str]) -> tuple[Event, ...]:
    """`names`: the asset of each symbol."""
    try:
        content = _content(frame)
        if type(content.data) is list:
            events: list[Event] = []
            for one in content.data:  # a plain loop: every call between here and the event is felt
                events.append(liquidation(one, names))  # noqa: PERF401
            return tuple(events)
        if content.topic:
            return (Alive(instant(content.ts)),)
        return _control(FRAMES.decode(frame), names)
    except (msgspec.MsgspecError, ValueError):
        raise BadPayload(VENUE, "a frame in a shape we do not know") from None


def _content(frame: str | bytes) -> Heard:
    """Of several forced closes those that can be read: one without a price costs itself alone."""
    try:
        return HEARD.decode(frame)
    except msgspec.ValidationError:
        rows = ROWS.decode(frame)
        closes = each(rows.data, lambda raw: msgspec.json.decode(raw, type=Forced, strict=False))
        return Heard(rows.topic, data=closes)


def liquidation(forced: Forced, names: Mapping[str, str]) -> Liquidation:
    """Linear sizes are coins, inverse ones (BTCUSD, BTCUSDU26) dollars."""
    symbol, size, price = forced.symbol, forced.size, forced.price
    inverse = not symbol.endswith("USDT") and is_inverse(symbol)  # nearly all are told at once
    return Liquidation(
        VENUE,
        symbol,
        names.get(symbol) or asset_of(symbol),
        LONG if forced.position is BUY else SHORT,
        size / price if inverse else size,
        price,
        BANKRUPTCY,
        size if inverse else size * price,
        forced.at_ms,
    )


def _control(content: Frame, names: Mapping[str, str]) -> tuple[Event, ...]:
    if content.success is False:
        return (_declined(content, names),)
    if content.op == "subscribe":
        return (Acknowledged(content.req_id),)
    if content.success is None and not content.op:
        raise BadPayload(VENUE, "a frame without data")
    return ()


def is_inverse(symbol: str) -> bool:
    """Whether a contract is worth dollars and settled in coins: BTCUSD, and BTCUSDU26 that ends."""
    return symbol.endswith("USD") or DELIVERED.fullmatch(symbol[-6:]) is not None


def _declined(content: Frame, names: Mapping[str, str]) -> Declined:
    """A symbol that is not listed costs only itself; raises for every other error."""
    words = content.ret_msg.lower()
    if "too many" in words or "too frequent" in words:
        raise RateLimited(VENUE, "too many requests")
    if content.op != "subscribe" or content.req_id not in names:
        raise Refused(VENUE, "the subscription was refused")
    unlisted = any(said in words for said in UNLISTED)
    return Declined(content.req_id, NOT_LISTED if unlisted else "the subscription was refused")


def asset_of(symbol: str) -> str:
    """ "BTC" of BTCUSDT, BTCPERP, BTCUSD, BTCUSDU26 and BTC-26MAR27; 1000PEPEUSDT is an asset of its own."""
    pair = symbol.partition("-")[0]
    if DELIVERED.fullmatch(pair[-6:]):
        pair = pair[:-3]
    return next((pair.removesuffix(q) for q in QUOTES if pair.endswith(q) and pair != q), pair)
