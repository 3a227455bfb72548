"""One line per kind of fact: label, value, change, as of when. A kind that is missing has no line here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from handlers.facts.derivatives import funding_8h
from handlers.facts.shapes import Facts, Missing, Section
from handlers.flow_words import status_word
from handlers.reply import Inline, Line, Strong
from handlers.telling.as_of import as_of
from handlers.telling.spans import (
    TWO_DAYS,
    WEEK,
    change_over,
    heard_name,
    heard_over,
    span_name,
)
from handlers.words import Words
from providers.types import Headline, Reading

OVERSOLD, OVERBOUGHT = 30.0, 70.0  # Wilder's own lines
OFFICIAL = ("Federal Reserve", "SEC", "House Financial Services", "US Treasury")
TITLE = 70  # of a headline, so that it does not push the figures off the screen

Tell = Callable[[Words, Facts, timedelta], Line | None]


def kinds(words: Words, facts: Facts, span: timedelta) -> tuple[Line, ...]:
    tell: tuple[Tell, ...] = (price, flows, liquidations, momentum, positioning, sentiment, policy)
    return tuple(line for one in tell if (line := one(words, facts, span)) is not None)


def price(words: Words, facts: Facts, span: timedelta) -> Line | None:
    if isinstance(facts.price, Missing):
        return None
    known = facts.price.value
    parts = [words.price(known.last)]
    for one in sorted({span, WEEK} if span < WEEK else {TWO_DAYS, WEEK}):
        change = change_over(known, one)
        if change is not None:
            parts.append(f"{words.percent(change)} {span_name(words, one)}")
    return _line(words, words("Price"), ", ".join(parts), Section.PRICE, facts.price, facts)


def flows(words: Words, facts: Facts, span: timedelta) -> Line | None:
    """The last final day on its trade date; the sum is over trading days."""
    if isinstance(facts.flows, Missing) or facts.flows.value.last.net_usd is None:
        return None
    known = facts.flows.value
    last = known.last
    total = known.sum_12d if span < WEEK else known.sum_5d
    value = words(
        "{net} {day} ({status})",
        net=words.money(last.net_usd or 0.0, signed=True),
        day=words.day(last.trade_date),
        status=status_word(words, last),
    )
    if total.days > 1:
        money = words.money(total.net_usd, signed=True)
        value += words(", {sum} in {n} trading days", sum=money, n=total.days)
    return _line(words, words("ETF flows"), value, Section.FLOWS, facts.flows, facts)


def liquidations(words: Words, facts: Facts, span: timedelta) -> Line | None:
    if isinstance(facts.liquidations, Missing):
        return None
    total = heard_over(facts.liquidations.value, span)
    if total is None:
        return None
    value = words(
        "longs {longs}, shorts {shorts} at least, {span}",
        longs=words.money(total.long_usd),
        shorts=words.money(total.short_usd),
        span=heard_name(words, total, span_name(words, span)),
    )
    return _line(words, words("Liquidated"), value, Section.LIQUIDATIONS, facts.liquidations, facts)


def momentum(words: Words, facts: Facts, span: timedelta) -> Line | None:
    if isinstance(facts.momentum, Missing):
        return None
    known = facts.momentum.value
    told = [(words("day"), known.rsi14_1d)]
    if span >= WEEK:
        told = [(words("week"), known.rsi14_1w_live), (words("day"), known.rsi14_1d)]
    parts = [f"{name} {strength(words, rsi)}" for name, rsi in told if rsi is not None]
    if not parts:
        return None
    return _line(words, words("RSI"), ", ".join(parts), Section.MOMENTUM, facts.momentum, facts)


def strength(words: Words, rsi: float) -> str:
    """The number, and the word when it is beyond one of Wilder's lines."""
    n = words.number(rsi, 1)
    if rsi <= OVERSOLD:
        return words("{n} (oversold)", n=n)
    return words("{n} (overbought)", n=n) if rsi >= OVERBOUGHT else n


def positioning(words: Words, facts: Facts, span: timedelta) -> Line | None:  # noqa: ARG001 -- one shape for all kinds
    if isinstance(facts.positioning, Missing):
        return None
    known = facts.positioning.value
    parts = []
    if (change := known.open_interest_24h_pct) is not None:
        parts.append(_interest(words, facts, change))
    if (rate := funding_8h(known)) is not None:
        parts.append(words("funding {rate} per 8 h", rate=words.percent(rate * 100, 4)))
    if not parts:
        return None
    return _line(
        words, words("Positions"), ", ".join(parts), Section.POSITIONING, facts.positioning, facts
    )


def _interest(words: Words, facts: Facts, dollars: float) -> str:
    """In both units, as dollars follow the price and coins decide whether positions left."""
    coins = facts.squeeze.value.open_interest_pct if isinstance(facts.squeeze, Reading) else None
    if coins is None:
        return words("open interest {change} 24 h", change=words.percent(dollars))
    return words(
        "open interest {change} 24 h (coins {coins})",
        change=words.percent(dollars),
        coins=words.percent(coins),
    )


def sentiment(words: Words, facts: Facts, span: timedelta) -> Line | None:  # noqa: ARG001 -- one shape for all kinds
    if isinstance(facts.sentiment, Missing):
        return None
    today = facts.sentiment.value
    value = f"{today.value}, {words(today.label)}"
    before = facts.mood.before if facts.mood else None
    if before is not None:
        value += " " + words("({n} the day before)", n=before.value)
    return _line(words, words("Fear & Greed"), value, Section.SENTIMENT, facts.sentiment, facts)


def policy(words: Words, facts: Facts, span: timedelta) -> Line | None:
    """The newest headline of an authority within the span, quoted with its source."""
    if isinstance(facts.headlines, Missing):
        return None
    since = facts.at - span
    official = (h for h in facts.headlines.value if h.source in OFFICIAL)
    newest = next((h for h in official if h.published_at >= since), None)
    if newest is None:
        return None
    told = Reading(newest, newest.source, newest.published_at)
    value = words("“{title}” — {source}", title=short(newest), source=newest.source)
    return _line(words, words("Policy"), value, Section.HEADLINES, told, facts)


def short(headline: Headline) -> str:
    title = headline.title
    return title if len(title) <= TITLE else title[: TITLE - 1].rstrip() + "…"


def _line(
    words: Words, label: str, value: str, kind: Section, told: Reading[Any], facts: Facts
) -> Line:
    parts: tuple[Inline, ...] = (Strong(label), f" {value}")
    return (*parts, *as_of(words, kind, told, facts.at))
