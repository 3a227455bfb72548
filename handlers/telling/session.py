"""The last New York session that has ended, and what is known of its ETF day."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.watchlist import Asset
from handlers.analysis.price import change_pct, window
from handlers.facts.shapes import Facts, Missing
from handlers.flow_words import partial_line
from handlers.reply import Line, Strong
from handlers.words import Words
from providers.errors import ProviderError
from providers.market import Market
from providers.trading_days import is_trading_day
from providers.types import Candle, Interval

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = time(10), time(16)  # the full hours of a session of 9:30 to 16:00
HOUR = timedelta(hours=1)
BARS = 8 * 24  # reaches behind any long weekend


def last_session(now: datetime) -> tuple[datetime, datetime]:
    """From and to, of the newest trading day whose 16:00 has passed."""
    day = now.astimezone(NEW_YORK).date()
    while not is_trading_day(day) or _at(day, LAST) > now:
        day -= timedelta(days=1)
    return _at(day, FIRST), _at(day, LAST)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, NEW_YORK)


async def session(words: Words, market: Market, asset: Asset, now: datetime) -> tuple[Line, ...]:
    """Nothing where hours cannot be had: the 24 h stand above it."""
    try:
        bars = (await market.candles(asset, Interval.H1, BARS)).value
    except ProviderError:
        return ()
    start, end = last_session(now)
    inside = [bar for bar in bars if start <= bar.opened_at and bar.opened_at + HOUR <= end]
    return session_line(words, inside, start.date())


def session_line(words: Words, bars: Sequence[Candle], day: date) -> tuple[Line, ...]:
    seen = window(bars)
    change = change_pct(bars[-1].close, bars[0].open) if bars else None
    if seen is None or change is None:
        return ()
    said = words(
        "{day}, 10:00 to 16:00: {arrow} {change}, {low} to {high}",
        day=words.day(day),
        arrow=words.arrow(change),
        change=words.percent(change),
        low=words.price(seen.low),
        high=words.price(seen.high),
    )
    return ((Strong(words("New York")), f" {said}"),)


def etf_day(words: Words, facts: Facts) -> tuple[Line, ...]:
    """The session's flow: still open, in parts, or nothing to add to the result above."""
    if isinstance(facts.flows, Missing):
        return ()
    if facts.flows.value.partial is not None:
        return (partial_line(words, facts.flows.value.partial),)
    day = last_session(facts.at)[0].date()
    if facts.flows.value.last.trade_date >= day:
        return ()
    return (
        (
            Strong(words("{day}, ETF flow:", day=words.day(day))),
            " " + words("no fund has reported yet"),
        ),
    )
