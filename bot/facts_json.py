"""Facts as plain JSON values: ISO dates, dollars, percent; null for what is not known, with why under `missing`."""

from dataclasses import fields
from datetime import date
from typing import Any

from handlers.analysis.levels import Level
from handlers.analysis.options import ExpiryPain
from handlers.facts.shapes import (
    Facts,
    FlowFacts,
    HoldingFacts,
    LeverageFacts,
    LiquidationFacts,
    Missing,
    MomentumFacts,
    PositioningFacts,
    PriceFacts,
    TrendFacts,
    Wipeout,
)
from handlers.reasons import reason, state
from handlers.words import Words
from providers.types import FlowDay, Reading, Sentiment

Json = dict[str, Any]


def facts_json(facts: Facts) -> Json:
    """Every key is always there."""
    return {
        "asset": facts.asset.symbol,
        "at": facts.at.isoformat(),
        "price": _price(_value(facts.price)),
        "flows": _flows(_value(facts.flows)),
        "liquidations": _liquidations(_value(facts.liquidations)),
        "momentum": _momentum(_value(facts.momentum)),
        "trend": _trend(_value(facts.trend)),
        "leverage": _leverage(_value(facts.leverage)),
        "positioning": _positioning(_value(facts.positioning)),
        "sentiment": _sentiment(_value(facts.sentiment), facts.at.date()),
        "options": _options(facts.options),
        "holdings": _holdings(facts.holdings),
        "squeeze": _squeeze(facts),
        "levels": [_level(level) for level in _value(facts.levels) or ()],
        "sources": _sources(facts),
        "missing": _missing(facts),
    }


def _price(price: PriceFacts | None) -> Json:
    two_days = _at(price, "window_48h")
    ath = _at(price, "ath")
    return {
        "last": _at(price, "last"),
        "low_48h": _at(two_days, "low"),
        "high_48h": _at(two_days, "high"),
        "change_24h_pct": _at(price, "change_24h_pct"),
        "change_48h_pct": _at(price, "change_48h_pct"),
        "fall_48h_pct": _at(two_days, "fall_pct"),
        "lowest_since": _iso(_at(price, "lowest_since")),
        "highest_since": _iso(_at(price, "highest_since")),
        "ath": _at(ath, "price"),
        "ath_date": _iso(_at(ath, "date")),
        "from_ath_pct": _at(price, "from_ath_pct"),
        "from_high_30d_pct": _at(price, "from_high_30d_pct"),
        "bars": price and ("hourly" if price.hourly else "daily"),
    }


def _flows(flows: FlowFacts | None) -> Json:
    basis = _at(flows, "cost_basis")
    return {
        "trade_date": _iso(_at(flows, "last.trade_date")),
        "net_usd": _at(flows, "last.net_usd"),
        "status": _at(flows, "last.status.value"),
        "partial": _partial(_at(flows, "partial")),
        "sum_12d_usd": _at(flows, "sum_12d.net_usd"),
        "days_out": _at(flows, "sum_12d.days_out"),
        "days_in": _at(flows, "sum_12d.days_in"),
        "streak": _at(flows, "streak"),
        "longest_outflow_90d": _at(flows, "longest_outflow_90d"),
        "cost_basis": {
            "creations": _at(basis, "creations"),
            "running": _at(basis, "running"),
        },
        "gap_pct": {
            "creations": _at(flows, "gap_creations_pct"),
            "running": _at(flows, "gap_running_pct"),
        },
    }


def _partial(day: FlowDay | None) -> Json | None:
    if day is None:
        return None
    return {
        "trade_date": _iso(day.trade_date),
        "net_usd": day.net_usd,
        "missing": list(day.missing),
    }


def _liquidations(told: LiquidationFacts | None) -> Json:
    return {
        "label": "at least",
        "venues": list(told.venues) if told else [],
        "long_24h_usd": _at(told, "sum_24h.long_usd"),
        "short_24h_usd": _at(told, "sum_24h.short_usd"),
        "long_7d_usd": _at(told, "sum_7d.long_usd"),
        "long_21d_usd": _at(told, "sum_21d.long_usd"),
        "short_21d_usd": _at(told, "sum_21d.short_usd"),
        "covered_21d": _at(told, "sum_21d.covered"),
        "z_score": _at(told, "z_score"),
    }


def _momentum(momentum: MomentumFacts | None) -> Json:
    return {
        "rsi14_1d": _at(momentum, "rsi14_1d"),
        "rsi14_4h": _at(momentum, "rsi14_4h"),
        "rsi14_1w_live": _at(momentum, "rsi14_1w_live"),
        "rsi14_1w_closed": _at(momentum, "rsi14_1w_closed"),
    }


def _trend(trend: TrendFacts | None) -> Json:
    return {field.name: _at(trend, field.name) for field in fields(TrendFacts)}


def _leverage(leverage: LeverageFacts | None) -> Json:
    return {
        "from_high_48h": _wipeout(_at(leverage, "from_high_48h")),
        "from_high_7d": _wipeout(_at(leverage, "from_high_7d")),
        "from_high_21d": _wipeout(_at(leverage, "from_high_21d")),
        "next_5pct_longs_above": _at(leverage, "next_5pct_longs"),
        "next_5pct_shorts_above": _at(leverage, "next_5pct_shorts"),
    }


def _wipeout(wipeout: Wipeout | None) -> Json | None:
    if wipeout is None:
        return None
    return {
        "high": wipeout.high,
        "high_at": wipeout.high_at.isoformat(),
        "fall_pct": wipeout.fall_pct,
        "leverage": wipeout.longs_above,
    }


def _positioning(told: PositioningFacts | None) -> Json:
    return {
        "open_interest": [
            {"venue": r.value.venue, "usd": r.value.usd, "coins": r.value.coins}
            for r in (told.open_interest if told else ())
        ],
        "open_interest_24h_pct": _at(told, "open_interest_24h_pct"),
        "funding": [
            {"venue": r.value.venue, "rate": r.value.rate, "hours": r.value.interval_hours}
            for r in (told.funding if told else ())
        ],
    }


def _sentiment(told: Sentiment | None, today: date) -> Json:
    """The value of this very UTC date; an older one stands under its own date and is not passed off as today's."""
    return {
        "fear_greed": told.value if told is not None and told.date == today else None,
        "label": _at(told, "label"),
        "date": _iso(_at(told, "date")),
        "last_known": _at(told, "value"),
    }


def _options(told: Reading[tuple[ExpiryPain, ...]] | Missing) -> Json:
    return {
        "as_of": None if isinstance(told, Missing) else told.as_of.isoformat(),
        "max_pain": [_expiry(expiry) for expiry in _value(told) or ()],
    }


def _expiry(expiry: ExpiryPain) -> Json:
    return {
        "expiry": expiry_name(expiry.expiry),
        "expiry_date": _iso(expiry.expiry),
        "strike": expiry.max_pain,
        "max_pain": expiry.max_pain,
        "calls_oi": expiry.calls_oi,
        "puts_oi": expiry.puts_oi,
        "put_call": expiry.put_call,
    }


def expiry_name(expiry: date) -> str:
    """As Deribit writes it: 6FEB26."""
    months = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
    return f"{expiry.day}{months[expiry.month - 1]}{expiry.year % 100:02}"


def _holdings(told: Reading[HoldingFacts] | Missing) -> Json:
    if isinstance(told, Missing) or told.value.us_government is None:
        return {"us_government_btc": None, "as_of": None, "source": None}
    holding = told.value.us_government
    return {
        "us_government_btc": holding.coins,
        "as_of": _iso(holding.as_of or told.as_of.date()),
        "source": told.source,
    }


def _squeeze(facts: Facts) -> Json:
    told = _value(facts.squeeze)
    return {
        "long_squeeze": _at(told, "is_long_squeeze"),
        "held": sorted(told.held) if told else [],
        "unknown": sorted(told.unknown) if told else [],
    }


def _level(level: Level) -> Json:
    words = Words()
    return {
        "price": level.price,
        "low": level.low,
        "high": level.high,
        "kind": level.kind.value,
        "state": level.state.value,
        "reasons": [state(words, level), *(reason(words, why) for why in level.reasons)],
        "touches": level.touches,
        "distance_pct": level.distance_pct,
        "distance_atr": level.distance_atr,
        "strength": level.strength,
        "broken_at": _iso(level.broken_at),
    }


def _sources(facts: Facts) -> Json:
    told = ((f.name, getattr(facts, f.name)) for f in fields(Facts))
    return {
        name: {"source": one.source, "as_of": one.as_of.isoformat()}
        for name, one in told
        if isinstance(one, Reading)
    }


def _missing(facts: Facts) -> Json:
    told = ((f.name, getattr(facts, f.name)) for f in fields(Facts))
    return {
        name: {"reason": one.reason, "since": _iso(one.since)}
        for name, one in told
        if isinstance(one, Missing)
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _at(value: Any, path: str) -> Any:
    """The attribute at the end of a dotted path; None as soon as anything on the way is."""
    for name in path.split("."):
        value = None if value is None else getattr(value, name)
    return value


def _value(section: Any) -> Any:
    return None if isinstance(section, Missing) else section.value
