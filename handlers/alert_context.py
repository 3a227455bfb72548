"""What stands around an alert: who was liquidated, what the funds did, the next levels, the price in other money."""

from datetime import timedelta

from handlers.analysis.liquidations import closed_end, liquidation_sum
from handlers.crossing import round_lines
from handlers.observing import Sight
from handlers.quoted import quoted
from handlers.reply import Line
from handlers.rule import Alert, Metric, Rule
from handlers.words import Words
from providers.errors import ProviderError

HEARD = timedelta(minutes=10)  # of liquidations: less says nothing of the hour
PRICED = (Metric.PRICE, Metric.LEVEL, Metric.NEW_LOW, Metric.NEW_HIGH)


async def context(rule: Rule, alert: Alert, sight: Sight, words: Words) -> tuple[Line, ...]:
    """Liquidations of the hour, the last ETF day, the next level down and up; each only if it can be had."""
    found = (
        await _liquidations(rule, sight, words),
        await _last_flow(rule, sight, words),
        await _next_levels(rule, alert, sight, words),
    )
    also = await quoted(words, sight.market, sight.asset)
    return (*((also,) if also else ()), *((line,) for line in found if line is not None))


async def _liquidations(rule: Rule, sight: Sight, words: Words) -> str | None:
    if rule.metric is Metric.LIQUIDATIONS:
        return None
    now, hour = sight.now, timedelta(hours=1)
    try:
        book = await sight.market.liquidations(sight.asset, now - 3 * hour)
    except ProviderError:
        return None
    end = min(closed_end(book.value.buckets, now), book.as_of)
    total = liquidation_sum(book.value.buckets, book.value.coverage, end, hour)
    if total is None or end - total.since < HEARD:
        return None
    longs, shorts = words.money(total.long_usd), words.money(total.short_usd)
    if not total.whole:
        return words(
            "Liquidated since {time}, when we began to count: longs {longs}, shorts {shorts} at least",
            time=words.clock(total.since),
            longs=longs,
            shorts=shorts,
        )
    return words(
        "Liquidated in the hour to {time}: longs {longs}, shorts {shorts} at least",
        time=words.clock(end),
        longs=longs,
        shorts=shorts,
    )


async def _last_flow(rule: Rule, sight: Sight, words: Words) -> str | None:
    asset = sight.asset
    if not asset.etf or rule.metric in (Metric.FLOW, Metric.FLOW_STREAK):
        return None
    try:
        days = (await sight.market.flows(asset)).value
    except ProviderError:
        return None
    last = next((day for day in reversed(days) if day.final), None)
    if last is None or last.net_usd is None:
        return None
    money = words.money(last.net_usd, signed=True)
    return words("ETF flow of {day}: {money}", day=words.day(last.trade_date), money=money)


async def _next_levels(rule: Rule, alert: Alert, sight: Sight, words: Words) -> str | None:
    price = await _price(rule, alert, sight)
    if price is None:
        return None
    lines = round_lines(price)
    below = max((line for line in lines if line < price), default=None)
    above = min((line for line in lines if line > price), default=None)
    if below is None or above is None:
        return None
    return words(
        "Next round levels: {below} below, {above} above",
        below=words.price(below),
        above=words.price(above),
    )


async def _price(rule: Rule, alert: Alert, sight: Sight) -> float | None:
    """That of the alert itself, or the market's for one that is about something else."""
    if rule.metric in PRICED and alert.value is not None:
        return alert.value
    if "price" in alert.detail:
        return float(alert.detail["price"])
    try:
        return (await sight.market.ticker(sight.asset)).value.last
    except ProviderError:
        return None
