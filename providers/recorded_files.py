"""
Market data kept as CSV files, one kind per file, told apart by the beginning of the name and by the columns.

`btc_daily*` and `btc_hourly*` (date_utc or time_utc, open, high, low, close), `etf_btc*vintages`, `etf_btc*farside`,
`liquidations_btc_1h*`, `derivatives_btc_1h*`, `btc_funding*`, `options_*_btc_*`, `fear_greed*`, `us_gov_btc*`; other
assets with their own symbol. All times UTC and bars by their opening; an empty cell is unknown.
"""

import csv
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from providers.types import Candle

Row = dict[str, str]
_VENUES = (
    "Binance",
    "Bybit",
    "OKX",
    "Coinbase",
    "Kraken",
    "Bitstamp",
    "Coinglass",
    "Farside",
    "Deribit",
)


@dataclass(frozen=True, slots=True)
class Series:
    """Bars of one length, oldest first, with their closing times for bisecting."""

    source: str
    bars: tuple[Candle, ...]
    closed_at: tuple[datetime, ...]

    def until(self, now: datetime) -> tuple[Candle, ...]:
        """The bars that had closed by then."""
        return self.bars[: bisect_right(self.closed_at, now)]


def rows(folder: Path, pattern: str) -> Iterator[Row]:
    """Every row of every file of that name pattern, files by name."""
    for path in sorted(folder.glob(pattern)):
        with path.open(newline="", encoding="utf-8-sig") as file:
            yield from csv.DictReader(file)


def series(folder: Path, pattern: str, column: str, length: timedelta) -> tuple[Series, ...]:
    """One per file that has the column, the longest history first."""
    found = [
        one
        for path in sorted(folder.glob(pattern))
        if (one := _series(folder, path, column, length)) is not None
    ]
    return tuple(sorted(found, key=lambda one: one.closed_at[0]))


def moment(text: str) -> datetime:
    """An ISO time or date; one without a zone is UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def number(row: Row, column: str) -> float | None:
    text = (row.get(column) or "").strip()
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0 else None  # neither infinite nor not a number


def source_of(path: Path) -> str:
    """The venue or publisher in the file's name, else the name itself."""
    words = path.stem.split("_")
    return next((venue for venue in _VENUES if venue.lower() in words), path.stem)


def _series(folder: Path, path: Path, column: str, length: timedelta) -> Series | None:
    bars = {
        bar.opened_at: bar
        for row in rows(folder, path.name)
        if row.get(column) and (bar := _candle(row, column)) is not None
    }
    if not bars:
        return None
    ordered = tuple(bars[at] for at in sorted(bars))
    return Series(source_of(path), ordered, tuple(bar.opened_at + length for bar in ordered))


def _candle(row: Row, column: str) -> Candle | None:
    open_, high, low, close = (number(row, name) for name in ("open", "high", "low", "close"))
    if open_ is None or high is None or low is None or close is None:
        return None
    volume = next((v for name in row if name.startswith("volume") if (v := number(row, name))), 0.0)
    return Candle(moment(row[column]), open_, high, low, close, volume)
