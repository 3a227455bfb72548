"""
Why, in calm sentences, from figures that stand on the same page.

Things that happened together are told together; no sentence claims that one caused the other.
"""

from collections.abc import Callable
from datetime import date, timedelta

from handlers.analysis.liquidations import LiquidationSum
from handlers.analysis.price import Window
from handlers.analysis.squeeze import Mark, Squeeze
from handlers.facts.shapes import Facts, FlowFacts, Missing, PriceFacts, Section
from handlers.telling.movers import movers
from handlers.telling.spans import closed_over, span_name, window_over
from handlers.words import Words

LONG_AGO = timedelta(days=30)  # a low since last week is no event
SENTENCES = 3

Say = Callable[[Words, Facts, timedelta], str | None]


def why(words: Words, facts: Facts, span: timedelta) -> tuple[str, ...]:
    """At most three, the price first and then what was most unusual."""
    order = [m.kind for m in movers(words, facts, span)]
    rest = sorted(SAID, key=lambda kind: order.index(kind) if kind in order else len(order))
    said = [price_sentence(words, facts, span), *(SAID[kind](words, facts, span) for kind in rest)]
    return tuple(s for s in said if s is not None)[:SENTENCES]


def price_sentence(words: Words, facts: Facts, span: timedelta) -> str | None:
    """The larger of the fall from the high and the rise from the low, and how rare its end is."""
    if isinstance(facts.price, Missing):
        return None
    known = facts.price.value
    seen = window_over(known, span)
    if seen is None or seen.fall_pct == seen.rise_pct == 0:
        return None
    fell = abs(seen.fall_pct) >= seen.rise_pct
    text = _fell(words, seen, span) if fell else _rose(words, seen, span)
    rare = _lowest(words, known, seen, facts.at.date()) if fell else None
    return text if rare is None else f"{text} {rare}"


def _fell(words: Words, seen: Window, span: timedelta) -> str:
    return words(
        "Price fell {pct} from its {span} high of {high}.",
        pct=words.percent(abs(seen.fall_pct), signed=False),
        span=span_name(words, span),
        high=words.price(seen.high),
    )


def _rose(words: Words, seen: Window, span: timedelta) -> str:
    return words(
        "Price rose {pct} from its {span} low of {low}.",
        pct=words.percent(seen.rise_pct, signed=False),
        span=span_name(words, span),
        low=words.price(seen.low),
    )


def rare_low(price: PriceFacts, today: date) -> date | None:
    """Since when the low of 48 h is the lowest, when that is long ago."""
    since = price.lowest_since
    return since if since is not None and today - since >= LONG_AGO else None


def _lowest(words: Words, price: PriceFacts, seen: Window, today: date) -> str | None:
    two_days = price.window_48h
    if two_days is None or two_days.low != seen.low or (since := rare_low(price, today)) is None:
        return None
    return words(
        "Its low of {low} is the lowest since {day}.",
        low=words.price(seen.low),
        day=words.long_date(since),
    )


def liquidation_sentence(words: Words, facts: Facts, span: timedelta) -> str | None:
    """A squeeze is called one only when every mark holds."""
    if isinstance(facts.liquidations, Missing):
        return None
    total = closed_over(facts.liquidations.value, span)
    if total is None or total.total_usd <= 0:
        return None
    text = _mostly(words, total)
    usual = facts.liquidations.value.usual_long_24h_usd
    if usual is not None and span == timedelta(days=1):
        text = f"{text} {_usual(words, total.long_usd, usual)}"
    if isinstance(facts.squeeze, Missing) or span > timedelta(days=2):
        return text
    verdict = squeeze_sentence(words, facts.squeeze.value)
    return text if verdict is None else f"{text} {verdict}"


def _mostly(words: Words, total: LiquidationSum) -> str:
    longs, shorts = words.money(total.long_usd), words.money(total.short_usd)
    values = {"longs": longs, "shorts": shorts, "span": span_name(words, total.window)}
    if total.long_usd > total.short_usd:
        return words("More longs than shorts were closed by force in {span}.", **values)
    if total.long_usd < total.short_usd:
        return words("More shorts than longs were closed by force in {span}.", **values)
    return words("As many longs as shorts were closed by force in {span}.", **values)


def _usual(words: Words, longs: float, usual: float) -> str:
    money = words.money(usual)
    if longs > usual:
        return words("A usual day closes {usd} of longs: this was more.", usd=money)
    return words("A usual day closes {usd} of longs: this was not more.", usd=money)


def squeeze_sentence(words: Words, squeeze: Squeeze) -> str | None:
    """Of the last day. Nothing where it was not mostly longs that were closed."""
    if squeeze.is_long_squeeze:
        return words("All {n} marks of a long squeeze hold over 24 h.", n=len(Mark))
    if Mark.LONGS not in squeeze.held:
        return None
    lacking = [mark for mark in Mark if mark not in squeeze.held]
    return words(
        "Over 24 h not every mark of a long squeeze holds: {lacking}.",
        lacking=", ".join(mark_lacking(words, mark, mark in squeeze.unknown) for mark in lacking),
    )


def mark_lacking(words: Words, mark: Mark, unknown: bool) -> str:
    """What speaks against the word, or is not known."""
    match mark:
        case Mark.FALL:
            known, not_known = words("no fall beyond a usual day's range"), words("range unknown")
        case Mark.LONGS:
            known, not_known = words("not mostly longs"), words("sides unknown")
        case Mark.UNUSUAL:
            known, not_known = words("not twice the usual"), words("the usual unknown")
        case Mark.OPEN_INTEREST:
            known = words("open positions did not shrink")
            not_known = words("open positions unknown")
        case Mark.FUNDING:
            known, not_known = words("longs still pay to stay"), words("funding unknown")
    return not_known if unknown else known


def flow_sentence(words: Words, facts: Facts, span: timedelta) -> str | None:  # noqa: ARG001 -- one shape for all
    if isinstance(facts.flows, Missing):
        return None
    return _basis(words, facts.flows.value) or _sum(words, facts.flows.value)


def _basis(words: Words, flows: FlowFacts) -> str | None:
    basis, gap = flows.cost_basis, flows.gap_creations_pct
    if basis is None or basis.creations is None or gap is None or gap == 0:
        return None
    paid, pct = words.price(basis.creations), words.percent(abs(gap), signed=False)
    if gap < 0:
        text = words(
            "Price is {pct} below the {paid} that ETF buyers paid on average", pct=pct, paid=paid
        )
    else:
        text = words(
            "Price is {pct} above the {paid} that ETF buyers paid on average", pct=pct, paid=paid
        )
    days = words(
        "{out} of the last {n} trading days saw outflows",
        out=flows.sum_12d.days_out,
        n=flows.sum_12d.days,
    )
    return f"{text}; {days}."


def _sum(words: Words, flows: FlowFacts) -> str:
    total = flows.sum_12d
    return words(
        "{out} of the last {n} ETF trading days saw outflows.", out=total.days_out, n=total.days
    )


def fear_sentence(words: Words, facts: Facts, span: timedelta) -> str | None:  # noqa: ARG001 -- one shape for all
    if isinstance(facts.sentiment, Missing) or facts.mood is None or facts.mood.before is None:
        return None
    now, before = facts.sentiment.value.value, facts.mood.before.value
    if now < before:
        return words("Fear & Greed fell from {before} to {now} in a day.", before=before, now=now)
    if now > before:
        return words("Fear & Greed rose from {before} to {now} in a day.", before=before, now=now)
    return None


SAID: dict[Section, Say] = {
    Section.LIQUIDATIONS: liquidation_sentence,
    Section.FLOWS: flow_sentence,
    Section.SENTIMENT: fear_sentence,
}
