"""One Protocol per kind of fact. An adapter implements those its source can answer; `name` is its source."""

from datetime import date, datetime, timedelta
from typing import Protocol

from config.watchlist import Asset
from providers.types import (
    Candle,
    Event,
    FlowDay,
    Funding,
    Headline,
    Holding,
    Interval,
    LeverageTier,
    LiquidationBook,
    LiquidationTotal,
    MaxPain,
    OpenInterest,
    OptionInterest,
    Reading,
    Sentiment,
    Ticker,
)


class Prices(Protocol):
    """A venue that quotes a price. Raises UnknownSymbol for an asset it does not list."""

    name: str

    async def ticker(self, asset: Asset) -> Reading[Ticker]: ...


class Candles(Protocol):
    name: str

    async def candles(
        self, asset: Asset, interval: Interval, limit: int
    ) -> Reading[tuple[Candle, ...]]:
        """The newest `limit` bars or fewer, oldest first, the running one last with closed=False."""
        ...


class History(Protocol):
    name: str

    async def history(self, asset: Asset) -> Reading[tuple[Candle, ...]]:
        """Closed daily bars from the asset's first year to yesterday, oldest first."""
        ...


class Flows(Protocol):
    name: str

    async def flows(self, asset: Asset) -> Reading[tuple[FlowDay, ...]]:
        """
        Every trading day the source knows, oldest first. A day has its trade date; no source says when it filled that
        day in, so `as_of` is when it was fetched.
        """
        ...


class Liquidations(Protocol):
    """Our own count from the live feeds."""

    name: str

    async def book(self, asset: Asset, since: datetime) -> Reading[LiquidationBook]: ...


class LiquidationTotals(Protocol):
    """Somebody else's count, shown beside ours and never added to it."""

    name: str

    async def totals(
        self, asset: Asset | None, window: timedelta
    ) -> Reading[tuple[LiquidationTotal, ...]]: ...


class OpenInterests(Protocol):
    name: str

    async def open_interest(self, asset: Asset) -> Reading[OpenInterest]: ...

    async def open_interest_history(
        self, asset: Asset, since: datetime
    ) -> Reading[tuple[OpenInterest, ...]]:
        """Oldest first, hourly."""
        ...


class Fundings(Protocol):
    name: str

    async def funding(self, asset: Asset) -> Reading[Funding]:
        """The rate of the running interval."""
        ...


class FundingHistories(Protocol):
    name: str

    async def funding_history(self, asset: Asset, since: datetime) -> Reading[tuple[Funding, ...]]:
        """The rates that were paid since then, oldest first, as far back as one answer tells."""
        ...


class Options(Protocol):
    name: str

    async def options(self, asset: Asset) -> Reading[tuple[OptionInterest, ...]]: ...


class MaxPains(Protocol):
    """Somebody else's reckoning, for when no chain can be had."""

    name: str

    async def max_pain(self, asset: Asset) -> Reading[tuple[MaxPain, ...]]:
        """Soonest expiry first."""
        ...


class LeverageTiers(Protocol):
    """`as_of` is when the table was published."""

    name: str
    as_of: datetime

    def tiers(self, asset: Asset) -> tuple[LeverageTier, ...]:
        """Smallest position first; empty for a contract whose table is not known."""
        ...


class Sentiments(Protocol):
    name: str

    async def sentiment(self) -> Reading[tuple[Sentiment, ...]]:
        """Newest last."""
        ...


class Holdings(Protocol):
    name: str

    async def holdings(self, asset: Asset, who: str) -> Reading[tuple[Holding, ...]]:
        """`who` is "governments" or "companies"; largest first."""
        ...


class Headlines(Protocol):
    name: str

    async def headlines(self) -> Reading[tuple[Headline, ...]]:
        """Newest first."""
        ...


class Events(Protocol):
    name: str

    async def events(self, since: date, until: date) -> Reading[tuple[Event, ...]]:
        """Soonest first."""
        ...
