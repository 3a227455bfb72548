"""What stands behind the screenful: folded away until the reader opens it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from handlers.analysis.levels import best
from handlers.analysis.squeeze import Mark, Squeeze
from handlers.facts.price import LEAST, MAINTENANCE
from handlers.facts.shapes import (
    Facts,
    FlowFacts,
    HoldingFacts,
    LeverageFacts,
    Missing,
    PriceFacts,
    Wipeout,
)
from handlers.flow_words import partial_line
from handlers.reply import Line
from handlers.telling.ahead import STALE
from handlers.telling.gaps import reasons
from handlers.telling.kinds import strength
from handlers.telling.places import full_place
from handlers.telling.spans import heard_name
from handlers.telling.why import days_sentence, mark_lacking, mark_name
from handlers.words import Words
from providers.types import Holding, Reading

LEVELS = 6


def details(words: Words, facts: Facts, *, broke: bool = False) -> tuple[Line, ...]:
    """`broke`: they stand beside a break, which "never closed beyond" of the zone that price is in would gainsay."""
    return tuple(_lines(words, facts, broke))


def _lines(words: Words, facts: Facts, broke: bool) -> Iterator[Line]:
    yield from _levels(words, facts, broke)
    if isinstance(facts.price, Reading):
        yield from _price(words, facts.price.value)
    yield from _momentum(words, facts)
    if isinstance(facts.flows, Reading):
        yield from _flows(words, facts.flows.value, facts.at.date())
    if isinstance(facts.liquidations, Reading):
        yield from _liquidations(words, facts)
    if isinstance(facts.squeeze, Reading):
        yield _squeeze(words, facts.squeeze.value)
    if isinstance(facts.leverage, Reading):
        yield from _leverage(words, facts.leverage.value)
    yield from _options(words, facts)
    yield from _trend(words, facts)
    if isinstance(facts.holdings, Reading) and facts.holdings.value.us_government is not None:
        yield _holding(words, facts, facts.holdings, facts.holdings.value.us_government)
    yield from reasons(words, facts)


def _levels(words: Words, facts: Facts, broke: bool) -> Iterator[Line]:
    levels = facts.levels.value if isinstance(facts.levels, Reading) else ()
    for level in best(levels, LEVELS):
        yield full_place(words, level, became=not broke or level.distance_pct != 0)


def _price(words: Words, price: PriceFacts) -> Iterator[Line]:
    if price.ath is not None and price.from_ath_pct is not None and price.from_ath_pct <= -LEAST:
        yield (
            words(
                "The 48 h low stands {pct} below the all-time high of {high} ({day}).",
                pct=words.percent(abs(price.from_ath_pct), signed=False),
                high=words.price(price.ath.price),
                day=words.long_date(price.ath.date),
            ),
        )


def _momentum(words: Words, facts: Facts) -> Iterator[Line]:
    if isinstance(facts.momentum, Reading) and facts.momentum.value.rsi14_4h is not None:
        yield (f"{words('RSI')} {words('4 h')} {strength(words, facts.momentum.value.rsi14_4h)}",)


def _flows(words: Words, flows: FlowFacts, today: date) -> Iterator[Line]:
    if flows.partial is not None:
        yield partial_line(words, flows.partial)
    yield (days_sentence(words, flows, today),)
    basis = flows.cost_basis
    named = (
        (basis.creations if basis else None, flows.gap_creations_pct, words("creations only")),
        (basis.running if basis else None, flows.gap_running_pct, words("running average")),
    )
    for paid, gap, name in named:
        if paid is not None and gap is not None:
            yield (
                words(
                    "ETF cost basis, {name}: {paid}; {place}.",
                    name=name,
                    paid=words.price(paid),
                    place=beside(words, gap),
                ),
            )


def _liquidations(words: Words, facts: Facts) -> Iterator[Line]:
    if isinstance(facts.liquidations, Missing):
        return
    known = facts.liquidations.value
    total = known.sum_21d
    if total is not None:
        yield (
            words(
                "Longs closed by force {span}: at least {usd} ({asset} on {venues}).",
                span=heard_name(words, total, words("in 21 d")),
                usd=words.money(total.long_usd),
                asset=facts.asset.symbol,
                venues=", ".join(known.venues),
            ),
        )


def _squeeze(words: Words, squeeze: Squeeze) -> Line:
    held = words(
        "Marks of a long squeeze over 24 h: {n} of {all} hold", n=len(squeeze.held), all=len(Mark)
    )
    lacking = [m for m in Mark if m not in squeeze.held and m not in squeeze.unknown]
    told = [mark_lacking(words, squeeze, mark) for mark in lacking]
    if unknown := [mark_name(words, mark) for mark in Mark if mark in squeeze.unknown]:
        told.append(words("not known: {marks}", marks=", ".join(unknown)))
    return (f"{held}; {words.join(told)}." if told else f"{held}.",)


def _leverage(words: Words, leverage: LeverageFacts) -> Iterator[Line]:
    spans = ((leverage.from_high_48h, words("48 h")), (leverage.from_high_21d, words("21 d")))
    for wiped, name in spans:
        if wiped is not None and wiped.longs_above is not None:
            yield (wiped_out(words, leverage, wiped, name),)


def beside(words: Words, gap: float) -> str:
    """Where price stands to a cost, with the sign as a word."""
    pct = words.percent(abs(gap), signed=False)
    return (
        words("price is {pct} below it", pct=pct)
        if gap < 0
        else words("price is {pct} above it", pct=pct)
    )


def wiped_out(words: Words, leverage: LeverageFacts, wiped: Wipeout, name: str) -> str:
    """By the venue's tiers from the smallest position to the largest that they hold, else at the flat rate."""
    values = {"span": name, "high": words.price(wiped.high)}
    held = [(one.usd, one.above) for one in wiped.sized if one.above is not None]
    if leverage.tiers is None or not held:
        return words(
            "The {span} fall from {high} wipes out longs above about {x} (at {rate} maintenance margin).",
            x=words.times(wiped.longs_above or 0.0),
            rate=words.percent(MAINTENANCE * 100, signed=False),
            **values,
        )
    sizes = [
        words("{usd} longs above about {x}", x=words.times(above), usd=words.money(usd, 0))
        for usd, above in (held[0], held[-1])
    ]
    return words(
        "The {span} fall from {high} wipes out {sizes} ({venue} tiers).",
        sizes=", ".join(dict.fromkeys(sizes)),
        venue=leverage.tiers.source,
        **values,
    )


def _options(words: Words, facts: Facts) -> Iterator[Line]:
    """An old chain says so: max pain stands among the reasons of the levels."""
    if isinstance(facts.options, Reading) and facts.options.age(facts.at) > STALE:
        day = words.long_date(facts.options.as_of.date())
        yield (words("Max pain is by the open interest of {day}.", day=day),)


def _trend(words: Words, facts: Facts) -> Iterator[Line]:
    if isinstance(facts.trend, Missing):
        return
    averages = (
        (words("200-week EMA {price}"), facts.trend.value.ema200w),
        (words("200-week SMA {price}"), facts.trend.value.sma200w),
        (words("200-day SMA {price}"), facts.trend.value.sma200d),
    )
    told = [text.format(price=words.price(at)) for text, at in averages if at is not None]
    if told:
        yield (words.join(told),)


def _holding(words: Words, facts: Facts, told: Reading[HoldingFacts], held: Holding) -> Line:
    coins = words.coins(held.coins, facts.asset.symbol)
    if held.as_of is None:
        return (
            words("US government: {coins} ({undated})", coins=coins, undated=undated(words, told)),
        )
    return (
        words("US government: {coins} as of {day}", coins=coins, day=words.long_date(held.as_of)),
    )


def undated(words: Words, told: Reading[Any]) -> str:
    """When it was asked, of a source that does not say of when its figures are."""
    return words(
        "{source} gives no date; asked {time}", source=told.source, time=words.time(told.as_of)
    )
