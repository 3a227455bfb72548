"""Forced closes of the demo world, told the same way however often they are asked for."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.demo.scenario import chance, price, stress

SYMBOLS = ("BTC", "ETH", "SOL", "XRP", "DOGE")
_WEIGHTS = (0.5, 0.25, 0.12, 0.08, 0.05)
VENUES = {"binance": 1.0, "okx": 0.6, "bybit": 0.8}


@dataclass(frozen=True, slots=True)
class ForcedClose:
    venue: str
    symbol: str
    long: bool
    coins: float
    price: float
    at: datetime

    @property
    def usd(self) -> float:
        return self.coins * self.price


def between(venue: str, start: datetime, end: datetime) -> Iterator[ForcedClose]:
    """Those of whole seconds in (start, end], at most one per symbol and second, as the venues send them."""
    for second in range(math.floor(start.timestamp()) + 1, math.floor(end.timestamp()) + 1):
        yield from _of_second(venue, second)


def _of_second(venue: str, second: int) -> Iterator[ForcedClose]:
    at = datetime.fromtimestamp(second, UTC)
    pressure = stress(at)
    for symbol, weight in zip(SYMBOLS, _WEIGHTS, strict=True):
        often = VENUES[venue] * weight * (0.04 + 1.6 * pressure)
        if (chance(venue, symbol, second) + 1) / 2 > often:
            continue
        long = (chance(venue, symbol, second, "side") + 1) / 2 < 0.5 + 0.45 * math.tanh(
            6 * pressure
        )
        usd = 2500 * math.exp(
            2.2 * abs(chance(venue, symbol, second, "size")) * (1 + 1.4 * pressure)
        )
        paid = price(symbol, at)
        yield ForcedClose(venue, symbol, long, round(usd / paid, 3) or 0.001, round(paid, 4), at)


def hour_total(symbol: str | None, hour: datetime, venue: str | None = None) -> tuple[float, float]:
    """Dollars of longs and shorts closed in an hour, on one venue or on all; for all coins when symbol is None."""
    pressure = (stress(hour) + stress(hour + timedelta(minutes=59))) / 2
    coins = 3.1 if symbol is None else {"BTC": 1.0, "ETH": 0.7}.get(symbol, 0.15)
    share = (
        1.6
        if venue is None
        else {"binance": 0.6, "bybit": 0.5, "okx": 0.35}.get(venue.lower(), 0.1)
    )
    noise = 1 + 0.5 * chance("hour", symbol, hour.isoformat(), venue)
    size = 1.1e6 * coins * share * noise
    return size * (1 + 55 * pressure), size * (0.9 - 0.5 * pressure)


def window_total(
    symbol: str | None, now: datetime, window: timedelta, venue: str | None = None
) -> tuple[float, float]:
    hours = max(1, round(window.total_seconds() / 3600))
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)
    totals = [hour_total(symbol, first + timedelta(hours=i), venue) for i in range(hours)]
    return sum(t[0] for t in totals), sum(t[1] for t in totals)
