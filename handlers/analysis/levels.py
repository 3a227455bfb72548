"""
Prices at which something may happen, each with its reasons.

A reason is a price that people watch: a turning point, a round number, a long average, a cost basis, max pain.
Reasons closer together than a fraction of a usual day are one zone, and a zone is worth what its reasons are worth.
There is no published standard for these thresholds: they are choices, in units of the market's own range, so that
they mean the same at any price and in any year.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import floor, isfinite, log10

from handlers.analysis.flips import flips
from handlers.analysis.swings import Swing, swings
from handlers.analysis.zones import Kind, State, clustered, story
from providers.types import Candle

ZONE_WIDTH = 0.55  # of an average daily range: nearer prices are the same place
NEAR = 2.0  # average daily ranges at which a zone matters half as much
FARTHEST, WIDEST = 0.6, 0.15  # of a price: a wild market's range is no measure of what is near
REACH = 8.0  # average daily ranges, up and down, beyond which nothing is near
DAY_SIZES = (2.0, 4.0, 8.0)  # reversals of daily turning points, in ranges of their time
HOUR_SIZES = (0.4, 0.8, 1.6)  # the same of hourly ones, in daily ranges
LOOKBACK = timedelta(days=3 * 365)
RECENT = timedelta(days=14)  # hourly turning points older than this have become noise
FRESH_DAYS = timedelta(days=90)  # the same for daily ones where there are no hours
HALF_LIFE = timedelta(days=365)
STRAY = 0.08  # of a zone's weight may lie outside each edge
ROUND_STEP = 0.3  # a round step is the largest 1, 5, 10, 50… below this share of the price


class ReasonKind(StrEnum):
    SWING_LOW = "swing_low"
    SWING_HIGH = "swing_high"
    ALL_TIME_HIGH = "all_time_high"
    ROUND = "round"
    EMA_200W = "ema_200w"
    SMA_200W = "sma_200w"
    SMA_200D = "sma_200d"
    COST_CREATIONS = "cost_creations"
    COST_RUNNING = "cost_running"
    MAX_PAIN = "max_pain"


@dataclass(frozen=True, slots=True)
class Reason:
    """`at` is when a turning point was made; `expiry` whose max pain it is; `weight` how much it is watched."""

    kind: ReasonKind
    price: float
    weight: float
    at: datetime | None = None
    expiry: date | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """
    A zone [low, high] and its `price`, the weighted middle of its reasons (weightiest first). `distance_pct` and
    `distance_atr` are from the present price to the zone's nearer edge, signed: below is negative, inside is 0.
    """

    low: float
    high: float
    price: float
    kind: Kind
    state: State
    touches: int
    broken_at: datetime | None
    reasons: tuple[Reason, ...]
    strength: float
    distance_pct: float
    distance_atr: float

    @property
    def rank(self) -> float:
        """Confluence, less the farther away: half at two usual days' ranges."""
        return self.strength / (1 + abs(self.distance_atr) / NEAR)


@dataclass(frozen=True, slots=True)
class Ground:
    """What levels are found in: closed daily bars, closed hourly bars of the last weeks (may be none), now."""

    days: Sequence[Candle]
    hours: Sequence[Candle]
    price: float
    atr: float
    now: datetime


def key_levels(ground: Ground, averages: Iterable[Reason] = ()) -> tuple[Level, ...]:
    """
    Zones within reach, best rank first; empty without a price or a range. `averages` are reasons that are not in the
    bars: averages, cost bases, max pain.
    """
    if not (isfinite(ground.price) and isfinite(ground.atr) and ground.price > 0 < ground.atr):
        return ()
    reach = min(REACH * ground.atr, FARTHEST * ground.price)
    low, high = max(ground.price - reach, ground.atr / 2), ground.price + reach
    days = [bar for bar in ground.days if bar.opened_at >= ground.now - LOOKBACK]
    span = min(ZONE_WIDTH * ground.atr, WIDEST * low)
    alone = [
        (r,) for r in (*round_numbers(low, high, ground.price), *averages) if isfinite(r.price)
    ]
    groups = [*_turning_points(days, ground, span), *alone]
    zones = clustered((g for g in groups if low <= g[0].price <= high), span)
    bars = _days_then_hours(days, ground.hours)
    levels = [_level(zone, bars, ground) for zone in zones]
    return tuple(sorted(levels, key=lambda level: -level.rank))


def round_numbers(low: float, high: float, price: float) -> tuple[Reason, ...]:
    """Multiples of the step that suits the price's magnitude, and of half of it at half the weight."""
    if not price > 0:
        return ()
    step = round_step(price)
    half = step / 2
    first, last = int(-(-low // half)), int(high // half)
    return tuple(
        Reason(ReasonKind.ROUND, float(f"{count * half:.12g}"), 0.75 if count % 2 else 1.5)
        for count in range(max(first, 1), last + 1)
    )


def round_step(price: float) -> float:
    """1, 5, 10, 50…: 10,000 for 72,000, 5,000 for 30,000, 10 for 90, 0.1 for 0.6."""
    limit = price * ROUND_STEP
    power: float = 10.0 ** floor(log10(limit))
    return 5 * power if 5 * power <= limit else power


def nearest(levels: Iterable[Level], kind: Kind) -> Level | None:
    """The level of that kind closest to price."""
    of_kind = (level for level in levels if level.kind is kind)
    return min(of_kind, key=lambda level: abs(level.distance_atr), default=None)


def best(levels: Sequence[Level], count: int) -> tuple[Level, ...]:
    """The nearest of each kind and then the highest ranked, dearest first: what fits a small screen."""
    must = [level for kind in Kind if (level := nearest(levels, kind)) is not None]
    rest = [level for level in levels if level not in must]
    chosen = (must + rest)[:count]
    return tuple(sorted(chosen, key=lambda level: -level.price))


def _turning_points(
    days: Sequence[Candle], ground: Ground, span: float
) -> list[tuple[Reason, ...]]:
    """Those of days and of recent hours; the recent ones of a zone that changed its role come as one group."""
    recent = [bar for bar in ground.hours if bar.opened_at >= ground.now - RECENT]
    daily, hourly = swings(days, DAY_SIZES), swings(recent, HOUR_SIZES, ground.atr)
    fresh = hourly or [s for s in daily if s.at >= ground.now - FRESH_DAYS]
    flipped = flips(fresh, recent or days, ground.price, span)
    groups = [
        (*group, *(s for s in (*daily, *hourly) if s not in group and _inside(s, group)))
        for group in flipped
    ]
    alone = [(s,) for s in _once((*daily, *hourly)) if not any(_inside(s, g) for g in groups)]
    return [_told(group, ground.now) for group in (*groups, *alone)]


def _inside(swing: Swing, group: Sequence[Swing]) -> bool:
    return min(s.price for s in group) <= swing.price <= max(s.price for s in group)


def _told(group: Sequence[Swing], now: datetime) -> tuple[Reason, ...]:
    return tuple(_turning_point(swing, now) for swing in _once(group))


def _once(swings: Iterable[Swing]) -> tuple[Swing, ...]:
    """An hour's turning point that is also its day's counts once, as the larger."""
    by_place: dict[tuple[float, bool], Swing] = {}
    for swing in sorted(swings, key=lambda s: s.size):
        by_place[swing.price, swing.high] = swing
    return tuple(by_place.values())


def _turning_point(swing: Swing, now: datetime) -> Reason:
    kind = ReasonKind.SWING_HIGH if swing.high else ReasonKind.SWING_LOW
    faded: float = 0.5 * swing.size**0.5 * 0.5 ** ((now - swing.at) / HALF_LIFE)
    return Reason(kind, swing.price, faded, at=swing.at)


def _days_then_hours(days: Sequence[Candle], hours: Sequence[Candle]) -> list[Candle]:
    """Daily closes until hourly ones begin: a break is the first close beyond that we can see."""
    if not hours:
        return list(days)
    day = timedelta(days=1)
    return [bar for bar in days if bar.opened_at + day <= hours[0].opened_at] + list(hours)


def _edges(zone: tuple[Reason, ...]) -> tuple[float, float]:
    """Where the weight is: a stray old turning point at an end does not widen the zone."""
    stray = STRAY * sum(reason.weight for reason in zone)
    return _edge(zone, stray), _edge(zone[::-1], stray)


def _edge(zone: tuple[Reason, ...], stray: float) -> float:
    passed = 0.0
    for reason in zone:
        passed += reason.weight
        if passed > stray:
            return reason.price
    return zone[-1].price


def _level(zone: tuple[Reason, ...], bars: Sequence[Candle], ground: Ground) -> Level:
    low, high = _edges(zone)
    formed = min((r.at for r in zone if r.at is not None), default=ground.now - LOOKBACK)
    told = story(low, high, [bar for bar in bars if bar.opened_at > formed], ground.price)
    weight = sum(reason.weight for reason in zone)
    middle = sum(reason.price * reason.weight for reason in zone) / weight
    away = min(max(ground.price, low), high) - ground.price
    return Level(
        low,
        high,
        min(max(middle, low), high),
        told.kind,
        told.state,
        told.touches,
        told.broken_at,
        tuple(sorted(zone, key=lambda reason: -reason.weight)),
        weight,
        away / ground.price * 100,
        away / ground.atr,
    )
