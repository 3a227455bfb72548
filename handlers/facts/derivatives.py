"""Positions: who was closed by force, how much is open, what holding costs, and whether that makes a squeeze."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from config.watchlist import Asset
from handlers.analysis import liquidations as counts
from handlers.analysis.options import ExpiryPain, expiries
from handlers.analysis.price import change_pct
from handlers.analysis.squeeze import Squeeze, SqueezeInput, coins_change_pct, long_squeeze
from handlers.analysis.unusual import unusual
from handlers.facts.shapes import LiquidationFacts, PositioningFacts, PriceFacts, TrendFacts
from providers.errors import ProviderError, UnknownSymbol
from providers.market import Market
from providers.types import (
    Funding,
    LiquidationBook,
    LiquidationTotal,
    MaxPain,
    OpenInterest,
    OptionInterest,
    Reading,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KEPT = timedelta(days=21)
ENOUGH = 0.3  # of three weeks heard before an hour can be called usual
SETTLES = timedelta(hours=8)  # Deribit options settle at 08:00 UTC of their day
FUNDING_INTERVAL = 8.0
STRETCHES = 60


def liquidation_facts(book: LiquidationBook, now: datetime) -> LiquidationFacts:
    end = counts.closed_end(book.buckets, now)

    def over(window: timedelta) -> counts.LiquidationSum | None:
        return counts.liquidation_sum(book.buckets, book.coverage, end, window)

    hours = [h for h in counts.hours(book.buckets) if h.opened_at + HOUR <= end]
    three_weeks = over(KEPT)
    whole = three_weeks if three_weeks and three_weeks.covered >= ENOUGH else None
    return LiquidationFacts(
        venues=tuple(venue.venue for venue in book.coverage),
        sum_1h=over(HOUR),
        sum_4h=over(4 * HOUR),
        sum_24h=over(DAY),
        sum_7d=over(7 * DAY),
        sum_21d=three_weeks,
        largest_hour_24h=counts.largest_hour(book.buckets, end - DAY),
        z_score=_z_score(hours, end) if whole else None,
        usual_long_24h_usd=whole.long_usd / whole.covered * (DAY / KEPT) if whole else None,
        sum_48h=over(2 * DAY),
        unusual_24h=liquidations_unusual(book, end, DAY) if whole else None,
    )


def told_facts(total: LiquidationTotal, at: datetime) -> LiquidationFacts:
    """Another's total of the last day, of which nothing else is known."""
    day = counts.LiquidationSum(DAY, at - DAY, at, total.long_usd, total.short_usd, covered=1.0)
    return LiquidationFacts((), None, None, day, None, None, None, None, None)


def liquidations_unusual(book: LiquidationBook, end: datetime, span: timedelta) -> float | None:
    """How far what was closed in the last `span` is from the stretches before it, of those that were heard."""
    heard = [
        counts.liquidation_sum(book.buckets, book.coverage, end - back * span, span)
        for back in range(min(KEPT // span, STRETCHES))
    ]
    totals = [one.total_usd for one in heard if one is not None]
    return unusual(totals[0], totals[1:]) if totals and heard[0] is not None else None


def option_facts(chain: Sequence[OptionInterest], now: datetime) -> tuple[ExpiryPain, ...]:
    """Expiries not yet settled."""
    return expiries(chain, (now - SETTLES + DAY).date())


async def expiries_ahead(
    market: Market, asset: Asset, now: datetime
) -> Reading[tuple[ExpiryPain, ...]]:
    """
    Expiries not yet settled, reckoned from the chain; while no chain can be had, as another reckoned them, under its
    own name.
    """
    try:
        return (await market.options(asset)).map(lambda chain: option_facts(chain, now))
    except UnknownSymbol:
        raise
    except ProviderError:
        with suppress(ProviderError):
            told = await market.max_pain(asset)
            return told.map(lambda known: tuple(_expiries_told(known, now)))
        raise


def _expiries_told(known: Sequence[MaxPain], now: datetime) -> Iterator[ExpiryPain]:
    for one in known:
        settled = one.expiry < (now - SETTLES + DAY).date()
        if not settled and one.calls_oi is not None and one.puts_oi is not None:
            yield ExpiryPain(one.expiry, one.max_pain, one.calls_oi, one.puts_oi, one.put_call)


def open_interest_change(
    history: Sequence[OpenInterest], span: timedelta, *, coins: bool = False
) -> float | None:
    """Percent over the last `span`, in dollars or coins; None when the history does not reach back so far."""
    both = ((one.at, one.coins if coins else one.usd) for one in history)
    known = [(at, value) for at, value in both if value is not None]
    if not known:
        return None
    last, now = known[-1]
    start = last - span
    before = next(((at, value) for at, value in reversed(known) if at <= start), None)
    if before is None or start - before[0] > 3 * HOUR:
        return None
    return change_pct(now, before[1])


def squeeze_facts(
    price: PriceFacts,
    trend: TrendFacts,
    liquidations: LiquidationFacts | None,
    positioning: PositioningFacts | None,
) -> Squeeze:
    """Over the last day."""
    heard = liquidations.sum_24h if liquidations else None
    day = heard if heard is not None and heard.whole else None
    change = price.change_24h_pct
    return long_squeeze(
        SqueezeInput(
            price_pct=change,
            average_range_pct=trend.atr14d / price.last * 100 if trend.atr14d else None,
            long_usd=day.long_usd if day else None,
            short_usd=day.short_usd if day else None,
            usual_usd=liquidations.usual_long_24h_usd if liquidations else None,
            open_interest_pct=_coins_change(positioning, change),
            funding_8h=funding_8h(positioning) if positioning else None,
        )
    )


def _coins_change(positioning: PositioningFacts | None, price_pct: float | None) -> float | None:
    """As counted by the venue, else what is left of the dollars without the price."""
    if positioning is None:
        return None
    counted = positioning.open_interest_24h_coins_pct
    if counted is not None:
        return counted
    return coins_change_pct(positioning.open_interest_24h_pct, price_pct)


def funding_8h(positioning: PositioningFacts) -> float | None:
    """The middle one of the venues' rates, each brought to eight hours; a fraction."""
    rates = sorted(
        reading.value.rate * FUNDING_INTERVAL / reading.value.interval_hours
        for reading in positioning.funding
        if reading.value.interval_hours
    )
    return rates[len(rates) // 2] if rates else None


def positioning_facts(
    open_interest: tuple[Reading[OpenInterest], ...],
    history: Sequence[OpenInterest],
    funding: tuple[Reading[Funding], ...],
) -> PositioningFacts:
    return PositioningFacts(
        open_interest,
        open_interest_change(history, DAY),
        funding,
        open_interest_change(history, DAY, coins=True),
    )


def _z_score(hours: Sequence[counts.Hour], end: datetime) -> float | None:
    """The last closed hour against the hours before it; an hour nobody told of counts as quiet only when heard."""
    last = [hour.total_usd for hour in hours if hour.opened_at == end - HOUR]
    if not last:
        return None
    return counts.z_score(last[0], [h.total_usd for h in hours if h.opened_at < end - HOUR])
