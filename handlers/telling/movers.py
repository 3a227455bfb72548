"""Which number changed most, relative to what is usual for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from handlers.analysis.liquidations import LiquidationSum
from handlers.facts.shapes import Facts, Mood, Section
from handlers.telling.as_of import NEWS
from handlers.telling.spans import DAY, change_over, closed_over, span_name, unusual_over
from handlers.words import Words
from providers.types import FlowDay, Reading, Sentiment

TOLD = timedelta(days=1)  # the flow of an older trade date has been told before


@dataclass(frozen=True, slots=True)
class Mover:
    """`score`: standard deviations away from what is usual, 0 or more; None where no habit is known."""

    kind: Section
    score: float | None
    text: str
    source: str
    as_of: datetime


def movers(words: Words, facts: Facts, span: timedelta) -> tuple[Mover, ...]:
    """The most unusual first, those without a habit to compare with last."""
    found = (
        _price(words, facts, span),
        _flows(words, facts),
        _liquidations(words, facts, span),
        _sentiment(words, facts),
    )
    return ranked(one for one in found if one is not None and facts.at - one.as_of <= NEWS)


def ranked(found: Iterable[Mover]) -> tuple[Mover, ...]:
    return tuple(sorted(found, key=lambda m: -1.0 if m.score is None else m.score, reverse=True))


def _price(words: Words, facts: Facts, span: timedelta) -> Mover | None:
    if not isinstance(facts.price, Reading):
        return None
    price = facts.price.value
    change = change_over(price, span)
    if change is None:
        return None
    text = price_text(words, facts.asset.symbol, price.last, change, span)
    return mover(Section.PRICE, unusual_over(price, span), text, facts.price)


def price_text(words: Words, symbol: str, last: float, change: float, span: timedelta) -> str:
    return words(
        "{asset} {price} {arrow} {change} in {span}",
        asset=symbol,
        price=words.price(last),
        arrow=words.arrow(change),
        change=words.percent(change),
        span=span_name(words, span),
    )


def _flows(words: Words, facts: Facts) -> Mover | None:
    if not isinstance(facts.flows, Reading):
        return None
    last = facts.flows.value.last
    if last.net_usd is None or facts.at.date() - last.trade_date > TOLD:
        return None
    return mover(Section.FLOWS, facts.flows.value.unusual, flow_text(words, last), facts.flows)


def flow_text(words: Words, day: FlowDay) -> str:
    net = day.net_usd or 0.0
    values = {"money": words.money(abs(net)), "day": words.day(day.trade_date)}
    if net < 0:
        return words("{money} left the ETFs on {day}", **values)
    if net > 0:
        return words("{money} came into the ETFs on {day}", **values)
    return words("no net ETF flow on {day}", **values)


def _liquidations(words: Words, facts: Facts, span: timedelta) -> Mover | None:
    if not isinstance(facts.liquidations, Reading):
        return None
    total = closed_over(facts.liquidations.value, span)
    if total is None or total.total_usd <= 0:
        return None
    score = facts.liquidations.value.unusual_24h if span == DAY else None
    quiet = score is not None and score < 0  # less than usual is no news
    text = closed_text(words, total, span)
    return mover(Section.LIQUIDATIONS, 0.0 if quiet else score, text, facts.liquidations)


def closed_text(words: Words, total: LiquidationSum, span: timedelta) -> str:
    """The larger side: the one the market went against."""
    name = span_name(words, span)
    if total.long_usd >= total.short_usd:
        usd = words.money(total.long_usd)
        return words("at least {usd} of longs closed by force in {span}", usd=usd, span=name)
    usd = words.money(total.short_usd)
    return words("at least {usd} of shorts closed by force in {span}", usd=usd, span=name)


def _sentiment(words: Words, facts: Facts) -> Mover | None:
    if not isinstance(facts.sentiment, Reading) or facts.mood is None:
        return None
    text = fear_text(words, facts.sentiment.value, facts.mood)
    return mover(Section.SENTIMENT, facts.mood.unusual, text, facts.sentiment)


def fear_text(words: Words, today: Sentiment, mood: Mood) -> str:
    if mood.before is None or mood.before.value == today.value:
        return words("Fear & Greed {now}, {label}", now=today.value, label=words(today.label))
    values = {"now": today.value, "before": mood.before.value, "label": words(today.label)}
    if today.value < mood.before.value:
        return words("Fear & Greed fell from {before} to {now}, {label}", **values)
    return words("Fear & Greed rose from {before} to {now}, {label}", **values)


def mover(kind: Section, z: float | None, text: str, told: Reading[Any]) -> Mover:
    return Mover(kind, None if z is None else abs(z), text, told.source, told.as_of)
