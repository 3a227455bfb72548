"""The days on which New York trades, when they close, and when a day's fund flows are all filed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays

NEW_YORK = ZoneInfo("America/New_York")
CLOSE = time(16)
EARLY_CLOSE = time(13)
ONE_DAY = timedelta(days=1)

# Issuers file in the evening and through the night; the last figures appear between 01:00 and 08:00 UTC.
SETTLED_AT = time(12, tzinfo=UTC)


def is_trading_day(day: date) -> bool:
    """Whether the New York exchanges, and with them the funds, trade on this date."""
    return day.weekday() < 5 and day not in _closed(day.year)


def closes_at(day: date) -> datetime:
    """The closing bell: 16:00 in New York, 13:00 on a shortened day."""
    bell = EARLY_CLOSE if day in _shortened(day.year) else CLOSE
    return datetime.combine(day, bell, NEW_YORK).astimezone(UTC)


def trading_days(since: date, until: date) -> Iterator[date]:
    """Every trading day from `since` to `until`, both included."""
    day = since
    while day <= until:
        if is_trading_day(day):
            yield day
        day += ONE_DAY


def previous_trading_day(day: date) -> date:
    """The last trading day before this date."""
    day -= ONE_DAY
    while not is_trading_day(day):
        day -= ONE_DAY
    return day


def last_closed(now: datetime) -> date:
    """The newest trade date whose closing bell has rung; the only newest day that can have a flow."""
    today = now.astimezone(NEW_YORK).date()
    if is_trading_day(today) and closes_at(today) <= now:
        return today
    return previous_trading_day(today)


def settles_at(day: date) -> datetime:
    """From when a figure for this trade date counts as complete without a list of who has filed."""
    return datetime.combine(day + ONE_DAY, SETTLED_AT)


@lru_cache(maxsize=32)
def _closed(year: int) -> frozenset[date]:
    return frozenset(_exchange()(years=year))


@lru_cache(maxsize=32)
def _shortened(year: int) -> frozenset[date]:
    return frozenset(_exchange()(years=year, categories=("half_day",)))


@cache
def _exchange() -> Any:
    """
    The library's calendar of the exchange, loaded from its own file: asked for by its name, the library loads those of
    every country first, 300 modules and 9 MB.
    """
    path = Path(holidays.__file__).parent / "financial" / "ny_stock_exchange.py"
    spec = spec_from_file_location("ny_stock_exchange", path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.NewYorkStockExchange
