"""What venues say of a symbol, before it is known whose question it answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Annotated

import msgspec
from msgspec import Meta

from config.watchlist import Asset
from providers.errors import BadPayload, UnknownSymbol
from providers.seen import Seen
from providers.types import NEVER, Reading, Ticker
from providers.upstream import Params, Upstream

# Figures come as JSON numbers or as strings of digits; both end as float, and NaN or infinity nowhere.
Price = Annotated[float, Meta(gt=0, lt=1e15)]
Amount = Annotated[float, Meta(ge=0, lt=1e18)]
Figure = Annotated[float, Meta(gt=-1e18, lt=1e18)]
Told = (
    float | str | None
)  # a figure that venues also leave out, empty or null: for `payload.number`
Milliseconds = Annotated[int, Meta(ge=0, le=32503680000000)]  # to the year 3000
Seconds = Annotated[int, Meta(ge=0, le=32503680000)]


@dataclass(frozen=True, slots=True)
class Quote:
    """A ticker with the venue's own name for what it prices; `at` None: the venue gives no time."""

    ticker: Ticker
    symbol: str | None
    at: datetime | None

    def seen(self, venue: str) -> Seen:
        return Seen(self.ticker, venue, self.symbol, None, self.at)


@dataclass(frozen=True, slots=True)
class Mark:
    """The price a venue liquidates at, and the index of spot venues it follows."""

    mark: float
    index: float | None


@dataclass(frozen=True, slots=True)
class Untraded:
    """A bar of a price that nobody trades at, an index or a mark: it has no volume, not even zero."""

    opened_at: datetime
    open: float
    high: float
    low: float
    close: float
    closed: bool


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade; quantity in base coin."""

    price: float
    quantity: float
    bought: bool  # the taker bought


@dataclass(frozen=True, slots=True)
class Ratio:
    """Longs for every short (or bought for every sold); the shares are fractions of one."""

    ratio: float
    long: float | None = None
    short: float | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a venue lists: an option, a future or a perpetual."""

    kind: str
    strike: float | None = None
    option: str | None = None
    expires_at: datetime | None = None


def instant(milliseconds: int) -> datetime:
    """For `Milliseconds`, which no longer need checking: live frames are read thousands of times a second."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


async def quoted(
    upstream: Upstream,
    path: str,
    params: Params,
    parse: Callable[[str], Quote],
    *,
    fresh: timedelta = timedelta(seconds=5),
    cost: int = 1,
) -> Reading[Ticker]:
    """What a venue quotes, as of when it says so; where it does not say, as of when it was asked."""
    reading = await upstream.get(
        path,
        params,
        parse,
        fresh=fresh,
        keep=timedelta(minutes=5),
        as_of=lambda quote: quote.at or NEVER,
        cost=cost,
    )
    return reading.map(lambda quote: quote.ticker)


def percent(last: float, before: float | None) -> float | None:
    """The change from `before` to `last` in percent, None when `before` is not known."""
    return (last / before - 1) * 100 if before else None


def symbol_at(asset: Asset, source: str, venue: str) -> str:
    """What `source` in the watchlist calls this asset. Raises UnknownSymbol when it does not list it."""
    symbol = asset.at(source)
    if symbol is None:
        raise UnknownSymbol(venue, f"does not list {asset.symbol}")
    return symbol


def hours_between(paid: Sequence[tuple[str, int]]) -> list[float | None]:
    """
    The hours since the payment before, for each (symbol, milliseconds), of which each symbol's are oldest first. The
    first of a symbol takes those to its next; None where there is but one.
    """
    hours: list[float | None] = [None] * len(paid)
    before: dict[str, int] = {}
    for place, (symbol, at) in enumerate(paid):
        last = before.get(symbol)
        if last is not None and at > paid[last][1]:
            gap = (at - paid[last][1]) / 3_600_000
            hours[place] = gap
            hours[last] = gap if hours[last] is None else hours[last]
        before[symbol] = place
    return hours


def by_name(assets: Sequence[Asset], source: str) -> dict[str, str]:
    """The symbol of each asset by what `source` calls it."""
    return {name: asset.symbol for asset in assets if (name := asset.at(source)) is not None}


def spoken(value: Mapping[str, object]) -> str:
    """A message for the venue."""
    return msgspec.json.encode(value).decode()


async def priced(asked: Awaitable[Reading[Ticker]]) -> Reading[Ticker]:
    """The answer, whoever gave it; BadPayload where its price is none: zero, infinite or not a number."""
    told = await asked
    if not 0 < told.value.last < inf:
        raise BadPayload(told.source, "a price that is none")
    return told
