"""Facts about the market. Money is USD, times are aware UTC, unknown is None and never 0."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from providers.errors import ProviderError

T = TypeVar("T")
U = TypeVar("U")


# An as-of that comes after any time of asking, and so gives way to it.
NEVER = datetime.max.replace(tzinfo=UTC)


def utc_now() -> datetime:
    """The only place that reads the clock; everything else is told the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """
    A value, who said it, and when it was true. `failed` is why its source does not answer now: then this is what it
    said before, and another source may know better. `answered_at` is when it said so, where that is known.
    """

    value: T
    source: str
    as_of: datetime
    failed: "ProviderError | None" = field(default=None, compare=False, repr=False)
    answered_at: datetime | None = field(default=None, compare=False, repr=False)

    def age(self, now: datetime) -> timedelta:
        """Never below zero: clocks differ a little, and nothing was true in the future."""
        return max(now - self.as_of, timedelta(0))

    def map(self, change: Callable[[T], U]) -> "Reading[U]":
        """The same source and time for something computed from the value."""
        value = change(self.value)
        return Reading(value, self.source, self.as_of, self.failed, self.answered_at)


class Interval(StrEnum):
    """Candle lengths that every source is asked for; weeks are ISO weeks, Monday 00:00 UTC."""

    M1 = "1m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"
    W1 = "1w"

    @property
    def length(self) -> timedelta:
        return _LENGTHS[self.value]


_LENGTHS = {
    "1m": timedelta(minutes=1),
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "1w": timedelta(weeks=1),
}


@dataclass(frozen=True, slots=True)
class Candle:
    """One bar. `volume` in base coin. An unclosed bar never feeds an indicator as if it had closed."""

    opened_at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Ticker:
    """
    `change_24h_pct` is in percent: −3.7 means down 3.7 %. Where nobody bids or asks, venues say zero: here it is None,
    and so are a highest and a lowest price of zero.
    """

    last: float
    bid: float | None = None
    ask: float | None = None
    change_24h_pct: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None

    def __post_init__(self) -> None:
        for price in ("bid", "ask", "high_24h", "low_24h"):
            if getattr(self, price) == 0:
                object.__setattr__(self, price, None)


class FlowStatus(StrEnum):
    NONE = "none"  # no fund has reported: the day has no figure, not even zero
    PARTIAL = "partial"  # at least one has reported and at least one has not
    FINAL = "final"
    REVISED = "revised"  # final, and different from what was final before


@dataclass(frozen=True, slots=True)
class FlowDay:
    """Net creations of all funds on one New York trade date. `by_fund` None: that fund has not reported."""

    trade_date: date
    net_usd: float | None
    by_fund: tuple[tuple[str, float | None], ...]
    status: FlowStatus

    @property
    def final(self) -> bool:
        return self.status in (FlowStatus.FINAL, FlowStatus.REVISED)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(fund for fund, usd in self.by_fund if usd is None)


class Side(StrEnum):
    """The position that was closed by force, never the side of the closing order."""

    LONG = "LONG"
    SHORT = "SHORT"


class PriceKind(StrEnum):
    AVERAGE = "average"
    BANKRUPTCY = "bankruptcy"
    TRADE = "trade"


class Liquidation(Struct, frozen=True, gc=False):  # words and figures: nothing to collect
    """
    One forced close. Quantity in base coin; None where the contract's value is not known. `at_ms` are milliseconds
    since 1970, as every venue says it: of the thousands heard in a bad second few are ever asked for their `at`.
    """

    venue: str
    symbol: str
    asset: str
    side: Side
    quantity: float | None
    price: float
    price_kind: PriceKind
    usd: float | None
    at_ms: int

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)


@dataclass(frozen=True, slots=True)
class LiquidationBucket:
    """Forced closes within [opened_at, opened_at + width)."""

    opened_at: datetime
    width: timedelta
    venue: str
    long_usd: float
    short_usd: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """When a venue's feed was heard: since when we count, and the holes [from, to] within."""

    venue: str
    since: datetime
    gaps: tuple[tuple[datetime, datetime], ...] = ()
    complete: bool = False  # the venue publishes every liquidation (Bybit), not a sample


@dataclass(frozen=True, slots=True)
class LiquidationBook:
    """Our own count: buckets oldest first, what was covered, the largest single one of the last day."""

    asset: str
    buckets: tuple[LiquidationBucket, ...]
    coverage: tuple[Coverage, ...]
    largest: Liquidation | None = None
    uncounted: int = 0  # heard, but of unknown value: in no bucket
    unheard: tuple[str, ...] = ()  # venues that should have been heard and never were


@dataclass(frozen=True, slots=True)
class LiquidationTotal:
    """Somebody else's total. `asset` None: all coins; `venue` None: all venues."""

    asset: str | None
    venue: str | None
    window: timedelta | None
    opened_at: datetime | None
    long_usd: float
    short_usd: float


@dataclass(frozen=True, slots=True)
class OpenInterest:
    """Single-sided. Either unit may be unknown."""

    venue: str
    symbol: str
    coins: float | None
    usd: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Funding:
    """`rate` is a fraction per interval: 0.0001 is 0.01 %."""

    venue: str
    symbol: str
    rate: float
    interval_hours: float | None
    at: datetime
    next_at: datetime | None = None


class OptionKind(StrEnum):
    CALL = "call"
    PUT = "put"


@dataclass(frozen=True, slots=True)
class OptionInterest:
    """Open interest of one option, in base coin."""

    expiry: date
    strike: float
    kind: OptionKind
    open_interest: float


@dataclass(frozen=True, slots=True)
class MaxPain:
    """One expiry as somebody else reckoned it. Open interest in coins; `put_call` is puts ÷ calls."""

    expiry: date
    max_pain: float
    calls_oi: float | None
    puts_oi: float | None
    put_call: float | None


@dataclass(frozen=True, slots=True)
class LeverageTier:
    """Maintenance margin rate for positions up to `cap_usd`; `deduction` is the venue's `cum`."""

    cap_usd: float
    maintenance_rate: float
    deduction: float


@dataclass(frozen=True, slots=True)
class Sentiment:
    """Fear & Greed, 0 to 100, of a UTC date."""

    value: int
    label: str
    date: date


@dataclass(frozen=True, slots=True)
class Holding:
    """Coins held by a government or a company."""

    name: str
    coins: float
    usd: float | None = None
    as_of: date | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """Words from outside: plain text without tags, to be escaped wherever they are shown."""

    title: str
    summary: str
    link: str
    source: str
    published_at: datetime


class Importance(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Event:
    """Something on the macro calendar."""

    name: str
    importance: Importance
    at: datetime
    source: str = ""


@dataclass(frozen=True, slots=True)
class SourceState:
    """
    How a source is doing, for /status: of when its newest fact is, and when it last said anything, which may be much
    later. One that is not `enabled` waits for a key, or else was switched off.
    """

    name: str
    kind: str
    last_good_at: datetime | None
    error: str | None = None
    error_at: datetime | None = None
    enabled: bool = True
    answered_at: datetime | None = None
    needs_key: bool = True
