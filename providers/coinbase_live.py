"""
Coinbase Exchange's live feed: spot prices, and a heartbeat each second as proof of life. Keyless.

docs.cdp.coinbase.com/exchange, "WebSocket Channels"; a socket that does not subscribe within 5 s is closed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct, field

from config.watchlist import Asset
from providers.errors import BadPayload, RateLimited, Refused
from providers.feed import NOT_LISTED, Acknowledged, Alive, Declined, Event, Feed, Tick
from providers.payload import number
from providers.quote import Price, Quote, Told, by_name, percent, spoken
from providers.types import Ticker

VENUE = "Coinbase"


class Frame(Struct):
    type: str
    product: str = field(name="product_id", default="")
    price: Price | None = None
    time: datetime | None = None
    open: Told = field(name="open_24h", default=None)
    high: Told = field(name="high_24h", default=None)
    low: Told = field(name="low_24h", default=None)
    bid: Told = field(name="best_bid", default=None)
    ask: Told = field(name="best_ask", default=None)
    message: str = ""  # of an error
    reason: str = ""

    def quote(self) -> Quote | None:
        """None for a frame that is not a ticker. The change is from the price 24 hours ago."""
        if self.type != "ticker" or self.price is None or self.time is None:
            return None
        change = percent(self.price, number(self.open))
        bid, ask, high, low = map(number, (self.bid, self.ask, self.high, self.low))
        return Quote(Ticker(self.price, bid, ask, change, high, low), self.product, self.time)


FRAMES = msgspec.json.Decoder(Frame, strict=False)


def feed(url: str, assets: Sequence[Asset]) -> Feed:
    names = by_name(assets, "coinbase")
    channels = ["ticker", "heartbeat"]
    return Feed(
        name="coinbase",
        venue=VENUE,
        url=url,
        subscribe=tuple(
            spoken({"type": "subscribe", "product_ids": [name], "channels": channels})
            for name in names
        ),
        read=lambda frame: read(frame, names),
        acknowledgements=len(names),
    )


def read(frame: str | bytes, names: Mapping[str, str]) -> tuple[Event, ...]:
    """`names`: the asset of each product."""
    try:
        content = FRAMES.decode(frame)
        quote = content.quote()
    except (msgspec.MsgspecError, ValueError):
        raise BadPayload(VENUE, "a frame in a shape we do not know") from None
    if quote is not None and content.time is not None:
        asset = names.get(content.product) or content.product.partition("-")[0]
        return (Tick(VENUE, asset, quote.ticker.last, content.time),)
    if content.type == "heartbeat":
        return (Alive(content.time),)
    return control(content, names)


def control(content: Frame, names: Mapping[str, str]) -> tuple[Event, ...]:
    """An answer to a subscription, or nothing of interest."""
    if content.type == "error":
        return (_declined(content, names),)
    return (Acknowledged(),) if content.type == "subscriptions" else ()


def _declined(content: Frame, names: Mapping[str, str]) -> Declined:
    """A product that is not listed costs only itself; raises for every other error."""
    words = f"{content.message} {content.reason}"
    if "rate limit" in words.lower() or "too many" in words.lower():
        raise RateLimited(VENUE, "too many requests")
    named = next((name for name in names if name in words.split()), None)
    if named is None:
        raise Refused(VENUE, "the subscription was refused")
    return Declined(named, NOT_LISTED)
