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
from handlers.telling.as_of import NEWS, is_news
from handlers.telling.movers import movers
from handlers.telling.spans import DAY, change_over, closed_over, span_name, window_over
from handlers.words import Words
from providers.types import Reading

LONG_AGO = timedelta(days=30)  # a low since last week is no event
SENTENCES = 3
NOTHING = 0.05  # percent: what would be written as 0.0
TELLING = (
    Mark.OPEN_INTEREST,
    Mark.FALL,
    Mark.UNUSUAL,
    Mark.FUNDING,
)  # the first that lacks is named

Say = Callable[[Words, Facts, timedelta], str | None]


def why(words: Words, facts: Facts, span: timedelta) -> tuple[str, ...]:
    """At most three, the price first and then what was most unusual."""
    order = [m.kind for m in movers(words, facts, span)]
    rest = sorted(SAID, key=lambda kind: order.index(kind) if kind in order else len(order))
    said = [price_sentence(words, facts, span), *(SAID[kind](words, facts, span) for kind in rest)]
    return tuple(s for s in said if s is not None)[:SENTENCES]


def price_sentence(words: Words, facts: Facts, span: timedelta) -> str | None:
    """The fall from the high or the rise from the low, whichever way price went, and how rare its end is."""
    if isinstance(facts.price, Missing):
        return None
    known = facts.price.value
    seen = window_over(known, span)
    if seen is None:
        return None
    change = change_over(known, span)
    rose = abs(seen.fall_pct) < seen.rise_pct if not change else change > 0
    if abs(seen.rise_pct if rose else seen.fall_pct) < NOTHING:
        return None
    if rose:
        return _rose(words, seen, span)
    return _fell(words, seen, span, _rare(known, seen, facts.at.date()))


def _fell(words: Words, seen: Window, span: timedelta, since: date | None) -> str:
    values = {
        "pct": words.percent(abs(seen.fall_pct), signed=False),
        "span": span_name(words, span),
        "high": words.price(seen.high),
        "low": words.price(seen.low),
    }
    if since is None:
        return words("Price fell {pct} from its {span} high of {high}.", **values)
    day = words.long_date(since)
    if seen.low_at >= seen.high_at:
        return words(
            "Price fell {pct} from its {span} high of {high} to {low}, the lowest since {day}.",
            day=day,
            **values,
        )
    return words(
        "Price fell {pct} from its {span} high of {high}; its low of {low} is the lowest since {day}.",
        day=day,
        **values,
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


def _rare(price: PriceFacts, seen: Window, today: date) -> date | None:
    """Only when the low of this stretch is the low of the 48 hours that the date belongs to."""
    two_days = price.window_48h
    same = two_days is not None and two_days.low == seen.low
    return rare_low(price, today) if same else None


def liquidation_sentence(words: Words, facts: Facts, span: timedelta) -> str | None:
    """Which side, whether that was more than usual, and over a day whether it was a squeeze."""
    if isinstance(facts.liquidations, Missing) or not is_news(facts.liquidations, facts.at):
        return None
    known = facts.liquidations.value
    total = closed_over(known, span)
    if total is None or total.total_usd <= 0:
        return None
    said = _sides(words, total, known.usual_long_24h_usd if span == DAY else None)
    verdict = None
    if isinstance(facts.squeeze, Reading) and span == DAY:
        verdict = squeeze_clause(words, facts.squeeze.value)
    return f"{said}; {verdict}." if verdict else f"{said}."


def _sides(words: Words, total: LiquidationSum, usual: float | None) -> str:
    values = {"span": span_name(words, total.window)}
    if total.long_usd < total.short_usd:
        return words("More shorts than longs were closed by force in {span}", **values)
    if total.long_usd == total.short_usd:
        return words("As many longs as shorts were closed by force in {span}", **values)
    if usual is None:
        return words("More longs than shorts were closed by force in {span}", **values)
    values["usd"] = words.money(usual)
    if total.long_usd > usual:
        return words(
            "Longs closed by force were above a usual day's {usd}",
            **values,
        )
    return words(
        "Longs closed by force were not above a usual day's {usd}",
        **values,
    )


def squeeze_clause(words: Words, squeeze: Squeeze) -> str | None:
    """Of the last day; it is called one only when every mark holds. None where it was not mostly longs."""
    if squeeze.is_long_squeeze:
        return words("all {n} marks of a long squeeze hold", n=len(Mark))
    if Mark.LONGS not in squeeze.held:
        return None
    against = [m for m in TELLING if m not in squeeze.held and m not in squeeze.unknown]
    if against:
        return words("not a long squeeze, as {why}", why=mark_lacking(words, squeeze, against[0]))
    unknown = ", ".join(mark_name(words, mark) for mark in Mark if mark in squeeze.unknown)
    return words("whether it is a long squeeze cannot be said without {unknown}", unknown=unknown)


def mark_lacking(words: Words, squeeze: Squeeze, mark: Mark) -> str:
    """What speaks against the word."""
    match mark:
        case Mark.FALL:
            return words("price did not fall beyond a usual day's range")
        case Mark.LONGS:
            return words("shorts were closed too")
        case Mark.UNUSUAL:
            return words("it was less than twice the usual")
        case Mark.OPEN_INTEREST:
            return _stayed(words, squeeze.open_interest_pct)
        case Mark.FUNDING:
            return words("longs still pay to stay")


def _stayed(words: Words, pct: float | None) -> str:
    """In coins: in dollars open interest falls with the price alone."""
    if pct is not None and pct >= NOTHING:
        return words("open interest in coins rose {pct}", pct=words.percent(pct, signed=False))
    if pct is None or pct > -NOTHING:
        return words("open interest in coins did not shrink")
    return words("open interest in coins moved only {pct}", pct=words.percent(pct))


def mark_name(words: Words, mark: Mark) -> str:
    """What is not known."""
    match mark:
        case Mark.FALL:
            return words("the usual range")
        case Mark.LONGS:
            return words("the sides")
        case Mark.UNUSUAL:
            return words("the usual count")
        case Mark.OPEN_INTEREST:
            return words("open interest")
        case Mark.FUNDING:
            return words("funding")


def flow_sentence(words: Words, facts: Facts, span: timedelta) -> str | None:  # noqa: ARG001 -- one shape for all
    if isinstance(facts.flows, Missing):
        return None
    today = facts.at.date()
    return _basis(words, facts.flows.value, today) or days_sentence(words, facts.flows.value, today)


def _basis(words: Words, flows: FlowFacts, today: date) -> str | None:
    basis, gap = flows.cost_basis, flows.gap_creations_pct
    if basis is None or basis.creations is None or gap is None or gap == 0:
        return None
    paid, pct = words.price(basis.creations), words.percent(abs(gap), signed=False)
    values = {"pct": pct, "paid": paid, "until": _until(words, flows, today)}
    if gap < 0:
        return words(
            "Price is {pct} below the {paid} that ETF creations cost on average{until}.", **values
        )
    return words(
        "Price is {pct} above the {paid} that ETF creations cost on average{until}.", **values
    )


def days_sentence(words: Words, flows: FlowFacts, today: date) -> str:
    total = flows.sum_12d
    return words(
        "Of the last {n} ETF trading days{until} {out} saw outflows and {into} inflows.",
        n=total.days,
        out=total.days_out,
        into=total.days_in,
        until=_until(words, flows, today),
    )


def _until(words: Words, flows: FlowFacts, today: date) -> str:
    """The last day that counts, where that is no news."""
    last = flows.last.trade_date
    return words(" up to {day}", day=words.day(last)) if today - last > NEWS else ""


def fear_sentence(words: Words, facts: Facts, span: timedelta) -> str | None:  # noqa: ARG001 -- one shape for all
    if isinstance(facts.sentiment, Missing) or not is_news(facts.sentiment, facts.at):
        return None
    if facts.mood is None or facts.mood.before is None:
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
