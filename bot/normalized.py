"""Facts of every kind as plain JSON objects: money in USD, times ISO 8601 UTC, unknown is null."""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

from handlers.analysis.options import expiries
from providers.coinglass_answers import VenueFunding, VenueInterest
from providers.okx_contracts import Contract
from providers.quote import Instrument, Mark, Ratio, Trade, Untraded
from providers.seen import Seen
from providers.sosovalue_reports import Company, Release
from providers.types import (
    Candle,
    Event,
    FlowDay,
    Funding,
    Headline,
    Holding,
    Liquidation,
    LiquidationTotal,
    MaxPain,
    OpenInterest,
    OptionInterest,
    Sentiment,
    Ticker,
)

Item = dict[str, Any]
DIGITS = 14  # what a double holds for sure after a multiplication or two: 0.0855, not 0.08550000000000001


def normalized(source: str, found: Iterable[object]) -> list[Item]:
    """What `source` said, one object per fact; an option chain as one object per series and expiry."""
    seen = [one if isinstance(one, Seen) else Seen(one, source, None) for one in found]
    chain = bool(seen) and isinstance(seen[0].item, OptionInterest)
    return [plain(_venue_named(i)) for i in (_expiries(seen) if chain else map(_item, seen))]


def plain(value: Any) -> Any:
    """JSON's own types."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
        case timedelta():
            return _length(value)
        case float():
            return float(f"{value:.{DIGITS}g}")
        case Mapping():
            return {str(key): plain(part) for key, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
    return value


def _venue_named(item: Item) -> Item:
    """Venues under the names by which they are read."""
    return item | {"venue": item["venue"].lower()} if item.get("venue") else item


def _item(seen: Seen) -> Item:
    shape = _SHAPES.get(type(seen.item))
    if shape is not None:
        return shape(seen, seen.item)
    if dataclasses.is_dataclass(seen.item) and not isinstance(seen.item, type):
        return dataclasses.asdict(seen.item)
    return {"venue": seen.venue, "symbol": seen.symbol, "value": seen.item}


def _candle(seen: Seen, candle: Candle | Untraded) -> Item:
    keys = ("opened_at", "open", "high", "low", "close", "volume", "closed")
    named = {"venue": seen.venue, "symbol": seen.symbol, "interval": seen.interval}
    return named | {key: getattr(candle, key, None) for key in keys}


def _ticker(seen: Seen, ticker: Ticker) -> Item:
    return {
        "venue": seen.venue,
        "symbol": seen.symbol,
        "last": ticker.last,
        "bid": ticker.bid,
        "ask": ticker.ask,
        "change_24h_pct": ticker.change_24h_pct,
        "as_of": seen.at,
    }


def _flow(seen: Seen, day: FlowDay) -> Item:
    return {
        "source": seen.venue,
        "asset": seen.symbol,
        "trade_date": day.trade_date,
        "net_usd": day.net_usd,
        "by_fund": dict(day.by_fund),
        "status": day.status,
    }


def _total(seen: Seen, total: LiquidationTotal) -> Item:
    """A bar has its opening time, any other total its window, where the answer tells it."""
    bar = total.opened_at is not None
    return {
        "source": seen.venue,
        "asset": total.asset,
        "venue": total.venue,
        **({"opened_at": total.opened_at} if bar else {"window": total.window}),
        "long_usd": total.long_usd,
        "short_usd": total.short_usd,
    }


def _interest(_: Seen, item: OpenInterest | VenueInterest) -> Item:
    """An answer that does not name its symbol leaves it empty."""
    return {
        "venue": item.venue,
        "symbol": item.symbol or None,
        "coins": item.coins,
        "usd": item.usd,
        "at": item.at,
    }


def _funding(_: Seen, item: Funding | VenueFunding) -> Item:
    """An answer that names neither venue nor symbol leaves them empty."""
    return {
        "venue": item.venue or None,
        "symbol": item.symbol or None,
        "rate": item.rate,
        "interval_hours": item.interval_hours,
        "at": item.at,
    }


def _holding(_: Seen, item: Holding) -> Item:
    return {"name": item.name or None, "coins": item.coins, "usd": item.usd}


def _company(_: Seen, item: Company) -> Item:
    return {"name": item.name, "coins": None, "usd": None}


def _release(_: Seen, item: Release) -> Item:
    """The day stands for the time, which the source does not tell."""
    return {
        "name": item.name,
        "importance": item.importance,
        "at": item.date,
        "actual": item.actual,
        "forecast": item.forecast,
        "previous": item.previous,
    }


def _sentiment(_: Seen, item: Sentiment) -> Item:
    return {"value": item.value, "label": item.label or None, "date": item.date}


def _of(*keys: str) -> Callable[[Seen, Any], Item]:
    return lambda _, item: {key: getattr(item, key) for key in keys}


def _placed(seen: Seen, item: Any) -> Item:
    """For what the table of kinds does not list: the fact's own fields after what it is about."""
    return {
        "venue": seen.venue,
        "symbol": seen.symbol,
        **dataclasses.asdict(item),
        **({"at": seen.at} if seen.at else {}),
    }


_SHAPES: Mapping[type, Callable[[Seen, Any], Item]] = {
    Liquidation: _of(
        "venue", "symbol", "asset", "side", "quantity", "price", "price_kind", "usd", "at"
    ),
    Candle: _candle,
    Untraded: _candle,
    Ticker: _ticker,
    FlowDay: _flow,
    LiquidationTotal: _total,
    OpenInterest: _interest,
    VenueInterest: _interest,
    Funding: _funding,
    VenueFunding: _funding,
    MaxPain: _of("expiry", "max_pain", "calls_oi", "puts_oi", "put_call"),
    Sentiment: _sentiment,
    Holding: _holding,
    Company: _company,
    Headline: _of("title", "summary", "link", "source", "published_at"),
    Event: _of("name", "importance", "at"),
    Release: _release,
    Mark: _placed,
    Ratio: _placed,
    Trade: _placed,
    Contract: _placed,
    Instrument: _placed,
}


def _expiries(seen: Sequence[Seen]) -> list[Item]:
    """Series settled in different coins are never added; they are named where an answer holds several."""
    series: dict[str | None, list[OptionInterest]] = defaultdict(list)
    for one in seen:
        if isinstance(one.item, OptionInterest):
            series[one.symbol].append(one.item)
    return [
        {**dataclasses.asdict(pain), **({"symbol": name} if len(series) > 1 else {})}
        for name, chain in series.items()
        for pain in expiries(chain, date.min)
    ]


def _instant(at: datetime) -> str:
    utc = at.astimezone(UTC).replace(tzinfo=None)
    if not utc.microsecond:
        return f"{utc.isoformat(timespec='seconds')}Z"
    exact = "microseconds" if utc.microsecond % 1000 else "milliseconds"
    return f"{utc.isoformat(timespec=exact)}Z"


def _length(window: timedelta) -> str:
    hours, rest = divmod(window, timedelta(hours=1))
    return f"{hours}h" if not rest else f"{window // timedelta(minutes=1)}m"
