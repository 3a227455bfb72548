"""What the venues' forms have in common: which coin a symbol means, numbers as strings, the last 24 hours."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.demo.scenario import last_day, price
from config.watchlist import Watchlist

DAY = timedelta(days=1)
PER_DOLLAR = {"EUR": 0.9, "GBP": 0.8}
_FEE = {
    "binance": 0.0,
    "okx": 1.5e-5,
    "bybit": -2.2e-5,
    "coinbase": 4e-5,
    "kraken": -4e-5,
    "bitstamp": 6e-5,
}


def listed(source: str) -> dict[str, str]:
    """The source's own symbol for each coin it lists, and which coin that is."""
    return {name: a.symbol for a in Watchlist.load().assets if (name := a.at(source))}


def listed_abroad(source: str) -> dict[str, tuple[str, float]]:
    """Its pairs against other currencies: the coin, and what a dollar costs there in the demo world."""
    return {
        name: (a.symbol, rate)
        for currency, rate in PER_DOLLAR.items()
        for a in Watchlist.load().assets
        if (name := a.traded_for(currency).at(source))
    }


def text(value: float) -> str:
    """Digits as the venues print them."""
    size = abs(value)
    return f"{value:.{1 if size >= 1000 else 3 if size >= 1 else 6}f}"


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def at_ms(value: str | int) -> datetime:
    return datetime.fromtimestamp(int(value) / 1000, UTC)


def venue_price(venue: str, symbol: str, at: datetime) -> float:
    """Venues differ by a few hundredths of a percent."""
    return price(symbol, at) * (1 + _FEE[venue])


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours of a coin on one venue."""

    last: float
    open: float
    high: float
    low: float
    volume: float

    @property
    def change_pct(self) -> float:
        return (self.last / self.open - 1) * 100


def day(venue: str, symbol: str, now: datetime, rate: float = 1.0) -> Day:
    """`rate`: what a dollar costs in the currency of the pair."""
    hours = last_day(symbol, now)
    last = venue_price(venue, symbol, now)
    return Day(
        last * rate,
        price(symbol, now - DAY) * rate,
        max(last, hours.high) * rate,
        min(last, hours.low) * rate,
        hours.volume,
    )
