"""The first line: the price, and the number that changed most relative to what is usual for it."""

from datetime import timedelta

from handlers.facts.shapes import Facts, Missing, Section
from handlers.telling.movers import Mover, movers
from handlers.telling.spans import window_over
from handlers.telling.why import rare_low
from handlers.words import Words

LATE = timedelta(minutes=20)  # twice what the line of a price may be old without saying so


def headline(words: Words, facts: Facts, span: timedelta) -> str:
    """Without a price the most unusual other number leads; without any number that is said."""
    found = movers(words, facts, span)
    first = next((m for m in found if m.kind is Section.PRICE), None)
    if first is None:
        parts = [_no_change(words, facts), *(m.text for m in found[:1])]
    else:
        parts = [first.text, _beside(words, facts, found[0], span)]
        parts[0] += _old(words, facts)
    return " — ".join(part for part in parts if part)


def price_headline(words: Words, facts: Facts, span: timedelta) -> str:
    """Of a break: the price and its low alone, whatever else is unusual."""
    found = movers(words, facts, span)
    first = next((m for m in found if m.kind is Section.PRICE), None)
    if first is None:
        return headline(words, facts, span)
    parts = [first.text + _old(words, facts), _beside(words, facts, first, span)]
    return " — ".join(part for part in parts if part)


def _no_change(words: Words, facts: Facts) -> str:
    if isinstance(facts.price, Missing):
        return words("{asset}: no price", asset=facts.asset.symbol)
    last = words.price(facts.price.value.last)
    return words("{asset} {price}", asset=facts.asset.symbol, price=last)


def _old(words: Words, facts: Facts) -> str:
    """A price that is no longer the present says so where it is read first."""
    if isinstance(facts.price, Missing) or facts.price.age(facts.at) <= LATE:
        return ""
    return f" ({words.age(facts.price.as_of, facts.at)})"


def _beside(words: Words, facts: Facts, top: Mover, span: timedelta) -> str:
    if top.kind is not Section.PRICE:
        return top.text
    if isinstance(facts.price, Missing):
        return ""
    price = facts.price.value
    since = rare_low(price, facts.at.date())
    seen = price.window_48h
    if since is None or seen is None:
        return ""
    low, day = words.price(seen.low), words.long_date(since)
    window = window_over(price, span)
    if window is not None and window.low == seen.low:
        return words("low {low}, lowest since {day}", low=low, day=day)
    return words("48 h low {low}, lowest since {day}", low=low, day=day)
