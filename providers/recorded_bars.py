"""Recorded prices: closed hours and days, and the running day built from closed hours."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from config.watchlist import Asset
from providers.candles import aggregate
from providers.errors import UnknownSymbol
from providers.recorded_files import Series, series
from providers.types import Candle, Interval, Reading, Ticker

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Now = Callable[[], datetime]


class RecordedBars:
    """Prices. Of several daily files the one that begins first is the history, the one that begins last the venue."""

    name = "recorded"

    def __init__(self, folder: Path, now: Now) -> None:
        self._folder = folder
        self._now = now
        self._hours: dict[str, tuple[Series, ...]] = {}
        self._days: dict[str, tuple[Series, ...]] = {}
        self._longer: dict[tuple[str, Interval, int], tuple[Candle, ...]] = {}

    async def ticker(self, asset: Asset) -> Reading[Ticker]:
        """The last close: of an hour, or of a day where there are no hours."""
        try:
            source, bars, length = *self._closed_hours(asset), HOUR
        except UnknownSymbol:
            source, bars, length = *self._closed_days(asset), DAY
        as_of = bars[-1].opened_at + length
        day = [bar for bar in bars[-24:] if bar.opened_at >= as_of - DAY]
        before = _close_by(bars, as_of - DAY, length)
        last = bars[-1].close
        ticker = Ticker(
            last,
            change_24h_pct=(last / before - 1) * 100 if before else None,
            high_24h=max(bar.high for bar in day),
            low_24h=min(bar.low for bar in day),
        )
        return Reading(ticker, source, as_of)

    async def candles(
        self, asset: Asset, interval: Interval, limit: int
    ) -> Reading[tuple[Candle, ...]]:
        match interval:
            case Interval.H1:
                source, bars = self._closed_hours(asset)
            case Interval.H4:
                source, hours = self._closed_hours(asset)
                bars = self._joined(asset, interval, hours)
            case Interval.D1:
                source, bars = self._days_and_running(asset)
            case Interval.W1:
                source, days = self._days_and_running(asset)
                bars = aggregate(days, Interval.W1)
            case _:
                raise UnknownSymbol(self.name, f"no {interval} bars are recorded")
        return Reading(bars[-limit:], source, self._as_of(asset))

    async def history(self, asset: Asset) -> Reading[tuple[Candle, ...]]:
        longest = self._daily(asset)[0]
        bars = longest.until(self._now())
        if not bars:
            raise UnknownSymbol(self.name, f"{asset.symbol} begins later")
        return Reading(bars, longest.source, bars[-1].opened_at + DAY)

    def _daily(self, asset: Asset) -> tuple[Series, ...]:
        key = asset.symbol
        if key not in self._days:
            pattern = f"{key.lower()}_daily*.csv"
            self._days[key] = series(self._folder, pattern, "date_utc", DAY)
        if not self._days[key]:
            raise UnknownSymbol(self.name, f"no file of {key}")
        return self._days[key]

    def _closed_days(self, asset: Asset) -> tuple[str, tuple[Candle, ...]]:
        """From the venue once it has begun, from the history before."""
        for one in reversed(self._daily(asset)):
            if bars := one.until(self._now()):
                return one.source, bars
        raise UnknownSymbol(self.name, f"{asset.symbol} begins later")

    def _closed_hours(self, asset: Asset) -> tuple[str, tuple[Candle, ...]]:
        """UnknownSymbol where none have closed, or where the days go on without them."""
        key = asset.symbol
        if key not in self._hours:
            pattern = f"{key.lower()}_hourly*.csv"
            self._hours[key] = series(self._folder, pattern, "time_utc", HOUR)
        _, days = self._closed_days(asset)
        for one in self._hours[key]:
            bars = one.until(self._now())
            if bars and bars[-1].opened_at + HOUR >= days[-1].opened_at + DAY:
                return one.source, bars
        raise UnknownSymbol(self.name, f"no hours of {key} at this time")

    def _days_and_running(self, asset: Asset) -> tuple[str, tuple[Candle, ...]]:
        source, days = self._closed_days(asset)
        try:
            _, hours = self._closed_hours(asset)
        except UnknownSymbol:
            return source, days
        midnight = days[-1].opened_at + DAY
        today = tuple(bar for bar in hours[-48:] if bar.opened_at >= midnight)
        joined = tuple(replace(bar, closed=False) for bar in aggregate(today, Interval.D1)[-1:])
        return source, days + joined

    def _joined(
        self, asset: Asset, interval: Interval, parts: tuple[Candle, ...]
    ) -> tuple[Candle, ...]:
        key = (asset.symbol, interval, len(parts))
        if key not in self._longer:
            self._longer = {key: aggregate(parts, interval)}
        return self._longer[key]

    def _as_of(self, asset: Asset) -> datetime:
        try:
            return self._closed_hours(asset)[1][-1].opened_at + HOUR
        except UnknownSymbol:
            return self._closed_days(asset)[1][-1].opened_at + DAY


def _close_by(bars: tuple[Candle, ...], at: datetime, length: timedelta) -> float | None:
    """The last close at or before then, within a day's worth of bars."""
    return next((b.close for b in reversed(bars[-26:]) if b.opened_at + length <= at), None)
