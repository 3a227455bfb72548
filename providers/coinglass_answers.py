"""What Coinglass v4 answers on flows, positioning, options and sentiment; and what `read` understands of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from providers import coinglass_liquidations as liquidations
from providers.coinglass_envelope import NAME, data_of, venue_of
from providers.errors import Unavailable
from providers.flow_days import asset_of, by_fund_days
from providers.payload import (
    figure,
    moment,
    moment_ms,
    most,
    number,
    rows,
    understood,
)
from providers.seen import Seen
from providers.types import (
    FlowDay,
    Funding,
    MaxPain,
    Sentiment,
)


@dataclass(frozen=True, slots=True)
class VenueInterest:
    """Open interest as listed, without a time of its own. `venue` None: all venues."""

    venue: str | None
    symbol: str | None
    coins: float | None
    usd: float | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VenueFunding:
    """Funding as listed, without a time of its own. `rate` is a fraction per interval."""

    venue: str
    symbol: str
    rate: float
    interval_hours: float | None
    next_at: datetime | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NetAssets:
    """What all funds hold at the end of a trade date, and the net flow that changed it."""

    trade_date: date
    net_assets_usd: float
    change_usd: float | None


@dataclass(frozen=True, slots=True)
class LongShort:
    """Accounts by side, in percent of all; `ratio` is long over short."""

    long_pct: float
    short_pct: float
    ratio: float | None
    at: datetime


def parse_flows(text: str) -> tuple[FlowDay, ...]:
    """flow-history: a fund without `flow_usd` has no data for that day. Oldest first."""
    listed = []
    for row in rows(data_of(text)):
        funds = {
            str(fund["etf_ticker"]): number(fund.get("flow_usd"))
            for fund in rows(row.get("etf_flows") or [])
        }
        # 00:00 UTC of the trade date, which in New York is still the evening before.
        listed.append((moment_ms(row["timestamp"]).date(), funds, number(row.get("flow_usd"))))
    return by_fund_days(listed)


def parse_net_assets(text: str) -> tuple[NetAssets, ...]:
    """net-assets/history, oldest first."""
    found = [
        NetAssets(
            moment_ms(row["timestamp"]).date(),
            figure(row["net_assets_usd"]),
            number(row.get("change_usd")),
        )
        for row in rows(data_of(text))
    ]
    return tuple(sorted(found, key=lambda day: day.trade_date))


def parse_open_interest(text: str) -> tuple[VenueInterest, ...]:
    return tuple(most(rows(data_of(text)), _venue_interest))


def _venue_interest(row: Mapping[str, Any]) -> VenueInterest:
    return VenueInterest(
        venue_of(row["exchange"]),
        str(row["symbol"]) if row.get("symbol") else None,
        number(row.get("open_interest_quantity")),
        number(row["open_interest_usd"]),
    )


def parse_open_interest_history(text: str) -> tuple[tuple[datetime, float], ...]:
    """(time, USD at the close of the bar), oldest first."""
    return tuple(
        sorted((moment_ms(row["time"]), figure(row["close"])) for row in rows(data_of(text)))
    )


def parse_funding(text: str) -> tuple[VenueFunding, ...]:
    """
    exchange-list, of each coin first what is margined in stablecoins, then, as "BTC-USD", what is margined in the coin.
    The rate is told in percent; ours is a fraction. A venue without a rate is left out.
    """
    found: list[VenueFunding] = []
    for coin in rows(data_of(text)):
        name = str(coin["symbol"])
        for key, symbol in (("stablecoin_margin_list", name), ("token_margin_list", f"{name}-USD")):
            known = [r for r in rows(coin.get(key) or []) if r.get("funding_rate") is not None]
            found += most(known, partial(_venue_funding, symbol))
    return tuple(found)


def _venue_funding(symbol: str, row: Mapping[str, Any]) -> VenueFunding:
    next_at = row.get("next_funding_time")
    return VenueFunding(
        str(row["exchange"]).lower(),
        symbol,
        figure(row["funding_rate"]) / 100,
        number(row.get("funding_rate_interval")),
        moment_ms(next_at) if next_at else None,
    )


def parse_funding_history(text: str) -> tuple[Funding, ...]:
    """history: one bar per interval, in percent, oldest first; the answer names neither venue nor pair."""
    points = sorted((moment_ms(row["time"]), figure(row["close"])) for row in rows(data_of(text)))
    return tuple(Funding("", "", rate / 100, None, at) for at, rate in points)


def parse_long_short(text: str) -> tuple[LongShort, ...]:
    found = [
        LongShort(
            figure(row["global_account_long_percent"]),
            figure(row["global_account_short_percent"]),
            number(row.get("global_account_long_short_ratio")),
            moment_ms(row["time"]),
        )
        for row in rows(data_of(text))
    ]
    return tuple(sorted(found, key=lambda point: point.at))


def parse_max_pain(text: str) -> tuple[MaxPain, ...]:
    """Soonest first; an expiry without a figure is left out."""
    listed = rows(data_of(text))
    return tuple(sorted(most(listed, _expiry), key=lambda expiry: expiry.expiry))


def _expiry(row: Mapping[str, Any]) -> MaxPain:
    calls, puts = number(row.get("call_open_interest")), number(row.get("put_open_interest"))
    ratio = puts / calls if calls and puts is not None else None
    return MaxPain(_yymmdd(row["date"]), figure(row["max_pain_price"]), calls, puts, ratio)


def parse_sentiment(text: str) -> tuple[Sentiment, ...]:
    """
    fear-greed-history: parallel lists in one object, or a list of such objects or of points. The source gives no
    label. Newest last.
    """
    data = data_of(text)
    points: list[tuple[object, object]] = []
    for part in [data] if isinstance(data, dict) else rows(data):
        if "data_list" in part:
            points += zip(part["time_list"], part["data_list"], strict=True)
        else:
            points.append((part.get("timestamp", part.get("time")), part.get("value")))
    days = {}
    for stamp, value in points:
        known = number(value)
        if known is not None:
            at = _seconds_or_ms(stamp).date()
            days[at] = Sentiment(round(known), "", at)
    if not days:
        raise Unavailable(NAME, "an empty list")
    return tuple(days[at] for at in sorted(days))


def _yymmdd(word: object) -> date:
    digits = str(word)
    return date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))


def _seconds_or_ms(stamp: object) -> datetime:
    """This one answer has been seen with both."""
    return moment_ms(stamp) if figure(stamp) > 1e11 else moment(stamp)


def _read_flows(text: str) -> tuple[Seen, ...]:
    days = parse_flows(text)
    asset = asset_of(fund for d in days for fund, _ in d.by_fund)
    return tuple(Seen(d, NAME, asset) for d in days)


def _read_funding(text: str) -> Sequence[object]:
    data = rows(data_of(text))
    return parse_funding_history(text) if data and "close" in data[0] else parse_funding(text)


def _read_open_interest(text: str) -> Sequence[object]:
    data = rows(data_of(text))
    if data and "close" in data[0]:
        return tuple(
            VenueInterest(None, None, None, usd, at)
            for at, usd in parse_open_interest_history(text)
        )
    return parse_open_interest(text)


READS: dict[str, Callable[[str], Sequence[object]]] = {
    "flow": understood(NAME, _read_flows),
    "liquidation_total": understood(NAME, liquidations.parse_totals),
    "liquidation": understood(NAME, liquidations.parse_orders),
    "open_interest": understood(NAME, _read_open_interest),
    "funding": understood(NAME, _read_funding),
    "options": understood(NAME, parse_max_pain),
    "sentiment": understood(NAME, parse_sentiment),
    "long_short": understood(NAME, parse_long_short),
    "net_assets": understood(NAME, parse_net_assets),
}
