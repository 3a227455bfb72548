"""
A market of our own making that moves like the first days of February 2026.

Prices run through published landmarks (round figures from the public record) and wander between
them by seeded noise, so every run tells the same story. Nothing here is a source of real figures.
"""

import bisect
import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from providers.types import Candle, Interval

FIRST = datetime(2026, 2, 3, 16, 59, 35, tzinfo=UTC)

# (when, dollars): tops, bottoms and round stops that anybody can look up, then the days of the story.
_LANDMARKS = """
2011-08-18 11 · 2011-11-18 2.2 · 2012-08-16 13 · 2013-04-09 220 · 2013-07-05 70 · 2013-11-29 1120 · 2014-04-11 390
2014-06-01 640 · 2015-01-14 178 · 2015-11-04 460 · 2016-06-16 760 · 2016-08-02 540 · 2017-03-03 1270 · 2017-06-11 2950
2017-07-16 1930 · 2017-09-01 4900 · 2017-12-17 19500 · 2018-02-06 6200 · 2018-05-05 9850 · 2018-06-28 5900
2018-11-13 6400 · 2018-12-15 3200 · 2019-06-26 12900 · 2019-12-17 6600 · 2020-02-13 10400 · 2020-03-13 4900
2020-08-17 12200 · 2020-12-16 20500 · 2021-01-08 41000 · 2021-04-14 64500 · 2021-07-20 29700 · 2021-09-07 52000
2021-09-29 41500 · 2021-11-10 68700 · 2022-01-24 33500 · 2022-03-28 48000 · 2022-06-18 17900 · 2022-08-15 25000
2022-11-21 15700 · 2023-02-16 25000 · 2023-03-10 19700 · 2023-07-13 31500 · 2023-09-11 25000 · 2024-01-11 48500
2024-01-23 38600 · 2024-03-14 73600 · 2024-05-01 57000 · 2024-06-07 71500 · 2024-08-05 50000 · 2024-11-05 68800
2024-12-17 108000 · 2025-01-20 108500 · 2025-03-10 77500 · 2025-04-07 74900 · 2025-05-22 111500 · 2025-06-22 99000
2025-07-14 122500 · 2025-08-14 123500 · 2025-09-01 107500 · 2025-10-06 126000 · 2025-10-10T21 106000
2025-10-27 115500 · 2025-11-21 81000 · 2025-12-09 94000 · 2025-12-18 85000 · 2026-01-14T18 97600 · 2026-01-20 88500
2026-01-25 86300 · 2026-01-28 89800 · 2026-01-29T18 82500 · 2026-01-31T12 81000 · 2026-01-31T19 76200
2026-02-01T12 78500 · 2026-02-02T03 75300 · 2026-02-02T15 78900 · 2026-02-03T03 79100 · 2026-02-03T12 77600
2026-02-03T16 75800 · 2026-02-03T16:58 75210 · 2026-02-03T16:59:35 75110 · 2026-02-03T16:59:44 75010
2026-02-03T16:59:56 74780 · 2026-02-03T17:02 74420 · 2026-02-03T19 73100 · 2026-02-03T22 73900 · 2026-02-04T05 76600
2026-02-04T12 75900 · 2026-02-04T17 72700 · 2026-02-04T21 72200 · 2026-02-05T03 71900 · 2026-02-05T11 69800
2026-02-05T16 66500 · 2026-02-06T00 60300 · 2026-02-06T06 65500 · 2026-02-06T20 70900 · 2026-02-08 70800
2026-02-10 68900 · 2026-02-12 66200 · 2026-02-15 69900 · 2026-02-19 66400 · 2026-02-24 64200 · 2026-03-04 73500
2026-03-08 66800 · 2026-03-17 74600 · 2026-03-29 66200 · 2026-04-14 75100 · 2026-05-10 81500 · 2026-06-30 70400
2026-09-30 83600 · 2026-12-31 79400
"""
_RATIOS = {
    "BTC": 1.0, "ETH": 0.0292, "SOL": 0.00128, "XRP": 2.05e-5, "BNB": 0.0098, "DOGE": 1.38e-6, "ADA": 3.8e-6,
    "LINK": 1.25e-4, "AVAX": 1.27e-4, "LTC": 7.7e-4, "BCH": 6.7e-3, "HYPE": 4.2e-4,
}  # fmt: skip
# Length in seconds, weight, seed.
_OCTAVES = tuple(
    (period, weight, f"BTC{period}")
    for period, weight in (
        (86_400.0, 1.0),
        (21_000.0, 0.55),
        (4_700.0, 0.3),
        (900.0, 0.14),
        (97.0, 0.05),
        (11.0, 0.015),
    )
)
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Landmark:
    at: float
    price: float


def _parse(text: str) -> tuple[Landmark, ...]:
    marks = []
    for item in text.replace("\n", " · ").split("·"):
        if item.strip():
            when, price = item.split()
            stamp = when if "T" not in when or ":" in when else f"{when}:00"
            at = datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()
            marks.append(Landmark(at, float(price)))
    return tuple(marks)


LANDMARKS = _parse(_LANDMARKS)
_TIMES = [mark.at for mark in LANDMARKS]


@lru_cache(maxsize=50_000)
def chance(*seed: object) -> float:
    """A number in [−1, 1) that is always the same for the same seed."""
    digest = hashlib.blake2b(repr(seed).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**63 - 1


def _wave(seed: str, x: float) -> float:
    """Smooth noise: chance at whole numbers, eased between them."""
    low = math.floor(x)
    part = x - low
    ease = part * part * (3 - 2 * part)
    return chance(seed, low) * (1 - ease) + chance(seed, low + 1) * ease


def price(symbol: str, at: datetime) -> float:
    """Dollars for one coin: Bitcoin's story, and a little of its own."""
    stamp = at.timestamp()
    own = (
        0.0
        if symbol == "BTC"
        else 0.03 * _wave(symbol, stamp / 260_000) + 0.004 * _wave(symbol, stamp / 3100)
    )
    return math.exp(_story(stamp) + own) * _RATIOS[symbol]


@lru_cache(maxsize=20_000)
def _story(stamp: float) -> float:
    """
    The logarithm of Bitcoin's price, which every coin follows: worked out once for all that ask about the same moment.
    Noise shrinks towards each landmark, so the story is told on time.
    """
    index = min(max(bisect.bisect_right(_TIMES, stamp), 1), len(LANDMARKS) - 1)
    before, after = LANDMARKS[index - 1], LANDMARKS[index]
    share = min(max((stamp - before.at) / (after.at - before.at), 0.0), 1.0)
    base = math.log(before.price) * (1 - share) + math.log(after.price) * share
    ahead = after.at - stamp if stamp <= _TIMES[-1] else math.inf  # after the story, noise alone
    room = max(0.0, min(stamp - before.at, ahead))
    size = 0.018 * min(math.sqrt(room / _DAY), 1.8)
    return base + size * sum(
        weight * _wave(seed, stamp / period) for period, weight, seed in _OCTAVES
    )


def _volume(symbol: str, at: datetime, length: timedelta, start: float, end: float) -> float:
    """Coins traded: busier when price moves from `start` to `end`."""
    hours = length.total_seconds() / 3600
    usual = 900 / math.pow(_RATIOS[symbol], 0.9) * hours
    return usual * (
        1
        + 0.4 * chance(symbol, "volume", at)
        + 12 * abs(math.log(end / start)) / math.sqrt(max(hours, 1))
    )


@lru_cache(maxsize=60_000)
def closed_candle(symbol: str, opened_at: datetime, length: timedelta) -> Candle:
    return _candle(symbol, opened_at, opened_at + length, length, closed=True)


def _candle(
    symbol: str, start: datetime, end: datetime, length: timedelta, *, closed: bool
) -> Candle:
    steps = 8 if length < timedelta(days=1) else 12
    path = [price(symbol, start + (end - start) * i / steps) for i in range(steps + 1)]
    wick = 0.0009 * math.sqrt(min(length.total_seconds() / 3600, 24)) if closed else 0.0
    return Candle(
        start,
        path[0],
        max(path) * (1 + wick * abs(chance(symbol, "high", start, length))),
        min(path) * (1 - wick * abs(chance(symbol, "low", start, length))),
        path[-1],
        _volume(symbol, start, max(end - start, timedelta(seconds=1)), path[0], path[-1]),
        closed,
    )


def candles(
    symbol: str, interval: Interval, until: datetime, limit: int, now: datetime
) -> list[Candle]:
    """The last `limit` bars opened before `until`, oldest first; the running one ends at `now`."""
    length = interval.length
    opened = open_of(min(until, now), interval)
    found: list[Candle] = []
    while len(found) < limit and opened.timestamp() >= _TIMES[0]:
        running = opened + length > now
        found.append(
            _candle(symbol, opened, now, length, closed=False)
            if running
            else closed_candle(symbol, opened, length)
        )
        opened -= length
    return found[::-1]


@dataclass(frozen=True, slots=True)
class Span:
    """The highest and lowest price of some time, and the coins traded in it."""

    high: float
    low: float
    volume: float


def last_day(symbol: str, now: datetime) -> Span:
    """The 23 hours that have ended and the running one."""
    hour = open_of(now, Interval.H1)
    ended = _ended(symbol, hour)
    runs = _candle(symbol, hour, now, Interval.H1.length, closed=False)
    return Span(max(ended.high, runs.high), min(ended.low, runs.low), ended.volume + runs.volume)


@lru_cache(maxsize=256)
def _ended(symbol: str, hour: datetime) -> Span:
    length = Interval.H1.length
    bars = [closed_candle(symbol, hour - n * length, length) for n in range(23, 0, -1)]
    return Span(max(b.high for b in bars), min(b.low for b in bars), sum(b.volume for b in bars))


def open_of(at: datetime, interval: Interval) -> datetime:
    """When the bar that holds `at` opened; weeks open on Monday."""
    shift = 4 * _DAY if interval is Interval.W1 else 0.0  # the epoch was a Thursday
    length = interval.length.total_seconds()
    return datetime.fromtimestamp((at.timestamp() - shift) // length * length + shift, UTC)


@lru_cache(maxsize=4096)
def stress(at: datetime) -> float:
    """How hard price is falling, 0 in a calm hour, about 1 in the worst: drives liquidations and fear."""
    fall = math.log(price("BTC", at) / price("BTC", at - timedelta(hours=3)))
    return max(0.0, min(1.0, -fall / 0.08))


FUNDS = ("IBIT", "FBTC", "BITB", "ARKB", "BTCO", "EZBC", "BRRR", "HODL", "BTCW", "GBTC", "BTC")
ETH_FUNDS = ("ETHA", "FETH", "ETHW", "TETH", "ETHV", "QETH", "EZET", "ETHE", "ETH")
_SHARES = (0.52, 0.17, 0.06, 0.08, 0.02, 0.02, 0.01, 0.03, 0.01, 0.05, 0.03)
# Net flows that the press reported, in millions of dollars.
_TOLD = {date(2026, 2, 2): 561.8, date(2026, 2, 3): -272.0, date(2026, 2, 4): -544.9}
REPORTS_FROM = timedelta(hours=22, minutes=30)  # after midnight UTC of the trade date
REPORTS_EVERY = timedelta(minutes=25)


def flow_day(symbol: str, day: date, now: datetime) -> dict[str, float | None]:
    """Dollars per fund for a trade date, as far as they have been reported by `now`."""
    funds = FUNDS if symbol == "BTC" else ETH_FUNDS
    total = _TOLD[day] if symbol == "BTC" and day in _TOLD else _flow_total(symbol, day)
    weights = [
        share * (1 + 0.9 * chance(symbol, day, fund))
        for fund, share in zip(funds, _SHARES, strict=False)
    ]
    parts = [round(total * weight / sum(weights), 1) for weight in weights]
    parts[0] = round(parts[0] + total - sum(parts), 1)
    first = datetime.combine(day, datetime.min.time(), UTC) + REPORTS_FROM
    order = sorted(range(len(funds)), key=lambda i: (i == 0, chance(symbol, day, "order", i)))
    reported = {index: first + place * REPORTS_EVERY for place, index in enumerate(order)}
    return {fund: parts[i] * 1e6 if reported[i] <= now else None for i, fund in enumerate(funds)}


def _flow_total(symbol: str, day: date) -> float:
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=20)
    move = math.log(price(symbol, noon) / price(symbol, noon - timedelta(days=2)))
    size = 1.0 if symbol == "BTC" else 0.3
    return round(size * (4200 * move + 210 * chance(symbol, day, "flow")), 1)


def fear(day: date) -> int:
    """An index of our own: low after falls."""
    noon = datetime.combine(day, datetime.min.time(), UTC)
    week = math.log(price("BTC", noon) / price("BTC", noon - timedelta(days=7)))
    month = math.log(price("BTC", noon) / price("BTC", noon - timedelta(days=30)))
    return round(min(95, max(6, 50 + 120 * week + 60 * month + 6 * chance("fear", day))))


def open_interest(symbol: str, at: datetime) -> float:
    """Coins, single-sided on one venue: built up in calm, flushed in stress."""
    flushed = sum(stress(at - timedelta(hours=h)) for h in (0, 2, 4, 8, 16)) / 5
    return (
        98_000
        / math.pow(_RATIOS[symbol], 0.95)
        * (1 - 0.18 * flushed + 0.03 * _wave("oi" + symbol, at.timestamp() / 40_000))
    )


def funding_rate(symbol: str, at: datetime) -> float:
    """A fraction per eight hours: positive in calm, below zero after a fall."""
    return 0.00008 * (
        1
        - 1.9 * stress(at - timedelta(hours=2))
        + 0.4 * chance(symbol, "funding", at.date(), at.hour // 8)
    )
