"""What moved in the last hours, each number scored against what is usual for so long a stretch."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.watchlist import Asset
from handlers.analysis.liquidations import closed_end, liquidation_sum
from handlers.analysis.unusual import changes_pct, stretches, unusual
from handlers.facts.ask import bars_section, flows_section, mood, section, sentiments_section
from handlers.facts.bars import Bars
from handlers.facts.derivatives import KEPT, liquidations_unusual, open_interest_change
from handlers.facts.price import change_over, price_unusual
from handlers.facts.shapes import FlowFacts, Missing, Section
from handlers.telling.as_of import NEWS
from handlers.telling.movers import (
    TOLD,
    Mover,
    closed_text,
    fear_text,
    flow_text,
    mover,
    price_text,
    ranked,
)
from handlers.telling.spans import span_name
from handlers.words import Words
from providers.errors import Unavailable
from providers.market import Market
from providers.types import LiquidationBook, OpenInterest, Reading, Sentiment

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Moves:
    """Most unusual first; what could not be had beside it."""

    movers: tuple[Mover, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """The last `span` of one asset, as it is told at `now`."""

    words: Words
    asset: Asset
    span: timedelta
    now: datetime


async def moves(
    words: Words, market: Market, asset: Asset, span: timedelta, now: datetime
) -> Moves:
    """Never raises for a source that fails."""
    bars, flows, book, interest, feelings = await asyncio.gather(
        bars_section(market, asset, now),
        flows_section(market, asset, now),
        section(
            Section.LIQUIDATIONS, market, lambda: market.liquidations(asset, now - KEPT - HOUR)
        ),
        section(
            Section.POSITIONING, market, lambda: market.open_interest_history(asset, now - KEPT)
        ),
        sentiments_section(market),
    )
    seen = Stretch(words, asset, span, now)
    found = [
        bars if isinstance(bars, Missing) else _price(seen, bars),
        flows if isinstance(flows, Missing) else _flow(seen, flows),
        book if isinstance(book, Missing) else _closed(seen, book),
        interest if isinstance(interest, Missing) else _interest(seen, interest),
        feelings if isinstance(feelings, Missing) else _fear(seen, feelings),
    ]
    told = [_news(one, now) for one in found]
    return Moves(
        ranked(one for one in told if isinstance(one, Mover)),
        tuple(one for one in told if isinstance(one, Missing)),
    )


def _news(one: Mover | Missing | None, now: datetime) -> Mover | Missing | None:
    """What was last heard long ago did not move now: since when it is missing is said in its place."""
    if isinstance(one, Mover) and now - one.as_of > NEWS:
        return Missing(one.kind, Unavailable.code, one.source, one.as_of)
    return one


def _price(seen: Stretch, bars: Reading[Bars]) -> Mover | None:
    change = change_over(bars.value, seen.span)
    if change is None:
        return None
    text = price_text(seen.words, seen.asset.symbol, bars.value.last, change, seen.span)
    return mover(Section.PRICE, price_unusual(bars.value, seen.span), text, bars)


def _flow(seen: Stretch, flows: Reading[FlowFacts]) -> Mover | None:
    """Flows come once a day: the last day counts while it is news."""
    last = flows.value.last
    if last.net_usd is None or seen.now.date() - last.trade_date > max(TOLD, seen.span):
        return None
    return mover(Section.FLOWS, flows.value.unusual, flow_text(seen.words, last), flows)


def _closed(seen: Stretch, book: Reading[LiquidationBook]) -> Mover | None:
    end = closed_end(book.value.buckets, seen.now)
    total = liquidation_sum(book.value.buckets, book.value.coverage, end, seen.span)
    if total is None or total.total_usd <= 0:
        return None
    z = liquidations_unusual(book.value, end, seen.span)
    text = closed_text(seen.words, total, seen.span)
    return mover(Section.LIQUIDATIONS, None if z is None else max(z, 0.0), text, book)


def _interest(seen: Stretch, history: Reading[tuple[OpenInterest, ...]]) -> Mover | None:
    change = open_interest_change(history.value, seen.span)
    if change is None:
        return None
    known = [one.usd for one in history.value if one.usd is not None]
    past = changes_pct(stretches(known, max(1, round(seen.span / HOUR))))[:-1]
    values = {
        "change": seen.words.percent(abs(change), signed=False),
        "span": span_name(seen.words, seen.span),
    }
    words = seen.words
    if change < 0:
        text = words("open interest in dollars fell {change} in {span}", **values)
    elif change > 0:
        text = words("open interest in dollars rose {change} in {span}", **values)
    else:
        text = words("open interest in dollars unchanged in {span}", **values)
    return mover(Section.POSITIONING, unusual(change, past), text, history)


def _fear(seen: Stretch, feelings: Reading[tuple[Sentiment, ...]]) -> Mover | None:
    today, step = feelings.value[-1], mood(feelings.value)
    if step is None or seen.now.date() - today.date > TOLD:
        return None
    return mover(Section.SENTIMENT, step.unusual, fear_text(seen.words, today, step), feelings)
