"""What a picture is to show, from facts: candles with levels, ETF flows, liquidations. Not how it is drawn."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from babel.core import get_global

from config.watchlist import Asset
from handlers.analysis.flows import final_days
from handlers.analysis.levels import Level, ReasonKind, best, nearest
from handlers.analysis.liquidations import Hour, LiquidationSum, hours
from handlers.analysis.price import change_pct
from handlers.analysis.zones import Kind
from handlers.facts.shapes import FlowFacts
from handlers.flow_words import status_word
from handlers.reply import (
    Bar,
    CandleChart,
    FlowBar,
    FlowChart,
    LiquidationBar,
    LiquidationChart,
    ZoneMark,
)
from handlers.telling.places import distance, zone
from handlers.words import UTC_ZONE, Words
from providers.types import Candle, FlowDay, Interval, LiquidationBook, Reading

ZONES = 6  # more would not be told apart on a phone
NEAR = 0.35  # of the height of the candles, so far above or below them a level is still shown
SCRIPTS = ("Latn", "Cyrl", "Grek")  # what the font of the pictures can write
HEARD = 0.98  # of the hours heard is as good as all of them


def picture_words(words: Words) -> Words:
    """The chat's language where the font has its letters, else English; always UTC, like the axes."""
    likely = get_global("likely_subtags").get(words.locale.split("_")[0], "")
    if any(script in likely for script in SCRIPTS):
        return replace(words, zone=UTC_ZONE)
    return Words(today=words.today)


def candle_chart(
    words: Words,
    asset: Asset,
    interval: Interval,
    bars: Reading[tuple[Candle, ...]],
    levels: Sequence[Level],
    *,
    dark: bool,
) -> CandleChart:
    """At least one bar. Levels that are far outside what the candles span are left out."""
    spoken, shown = picture_words(words), _within_sight(bars.value, levels)
    return CandleChart(
        title=candle_title(spoken, asset, interval, bars.value),
        alt=_candle_alt(words, asset, interval, bars.value, shown),
        footer=spoken(
            "{source} · {time} · hollow: rose, filled: fell",
            source=bars.source,
            time=spoken.time(bars.as_of),
        ),
        dark=dark,
        locale=spoken.locale,
        bars=tuple(Bar(b.opened_at, b.open, b.high, b.low, b.close, b.volume) for b in bars.value),
        zones=tuple(_mark(spoken, level) for level in shown),
        interval=interval.value,
    )


def candle_title(words: Words, asset: Asset, interval: Interval, bars: Sequence[Candle]) -> str:
    """The last price, and what changed from the first open to it."""
    last = words("{asset} {price}", asset=asset.symbol, price=words.price(bars[-1].close))
    change = change_pct(bars[-1].close, bars[0].open)
    if change is None:
        return words.join((last, interval.value))
    span = words.span(bars[-1].opened_at + interval.length - bars[0].opened_at)
    moved = words("{change} in {span}", change=words.percent(change), span=span)
    return words.join((last, interval.value, moved))


def _within_sight(bars: Sequence[Candle], levels: Sequence[Level]) -> tuple[Level, ...]:
    low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
    reach = NEAR * (high - low)
    seen = [level for level in levels if low - reach <= level.price <= high + reach]
    return best(seen, ZONES)


def _mark(words: Words, level: Level) -> ZoneMark:
    price = level.reasons[0].price if level.reasons else level.price
    label = f"{words.price(price)} {_short(words, level)}".rstrip()
    return ZoneMark(level.low, level.high, label, level.kind is Kind.RESISTANCE)


def _short(words: Words, level: Level) -> str:
    """The weightiest reason in two words."""
    names = {
        ReasonKind.SWING_LOW: words("swing low"),
        ReasonKind.SWING_HIGH: words("swing high"),
        ReasonKind.ALL_TIME_HIGH: words("record high"),
        ReasonKind.ROUND: words("round"),
        ReasonKind.EMA_200W: words("200w EMA"),
        ReasonKind.SMA_200W: words("200w avg"),
        ReasonKind.SMA_200D: words("200d avg"),
        ReasonKind.COST_CREATIONS: words("ETF cost"),
        ReasonKind.COST_RUNNING: words("ETF cost"),
        ReasonKind.MAX_PAIN: words("max pain"),
    }
    return names[level.reasons[0].kind] if level.reasons else ""


def _candle_alt(
    words: Words, asset: Asset, interval: Interval, bars: Sequence[Candle], shown: Sequence[Level]
) -> str:
    parts = [
        words(
            "{title}. From {open} on {since}: high {high}, low {low}, last {last}.",
            title=candle_title(words, asset, interval, bars),
            open=words.price(bars[0].open),
            since=words.time(bars[0].opened_at),
            high=words.price(max(bar.high for bar in bars)),
            low=words.price(min(bar.low for bar in bars)),
            last=words.price(bars[-1].close),
        )
    ]
    if above := nearest(shown, Kind.RESISTANCE):
        place, away = zone(words, above), distance(words, above)
        parts.append(words("Nearest resistance {zone} ({away}).", zone=place, away=away))
    if below := nearest(shown, Kind.SUPPORT):
        place, away = zone(words, below), distance(words, below)
        parts.append(words("Nearest support {zone} ({away}).", zone=place, away=away))
    return " ".join(parts)


def flow_chart(
    words: Words, asset: Asset, known: Reading[FlowFacts], days: Sequence[FlowDay], *, dark: bool
) -> FlowChart:
    """Bars of the days that have a figure, at least one of them final; only final days are summed."""
    spoken, shown = picture_words(words), [day for day in days if day.net_usd is not None]
    legend = (spoken("net per trade date"), spoken("running sum"), spoken("partial day"))
    partial = any(not day.final for day in shown)
    return FlowChart(
        title=flow_title(spoken, asset, shown),
        alt=_flow_alt(words, asset, shown),
        footer=spoken(
            "{source} · as of {time}", source=known.source, time=spoken.time(known.as_of)
        ),
        dark=dark,
        locale=spoken.locale,
        legend=legend if partial else legend[:2],
        bars=tuple(FlowBar(d.trade_date, d.net_usd or 0.0, not d.final) for d in shown),
    )


def flow_title(words: Words, asset: Asset, days: Sequence[FlowDay]) -> str:
    final = final_days(days)
    return words(
        "{asset} ETFs {sum} in {n} trading days",
        asset=asset.symbol,
        sum=words.money(sum(day.net_usd or 0.0 for day in final), signed=True),
        n=len(final),
    )


def _flow_alt(words: Words, asset: Asset, shown: Sequence[FlowDay]) -> str:
    final = final_days(shown)
    least = min(final, key=lambda day: day.net_usd or 0.0)
    most = max(final, key=lambda day: day.net_usd or 0.0)
    told = words(
        "{title}. Least {least} on {least_day}, most {most} on {most_day}.",
        title=flow_title(words, asset, shown),
        least=words.money(least.net_usd or 0.0, signed=True),
        least_day=words.day(least.trade_date),
        most=words.money(most.net_usd or 0.0, signed=True),
        most_day=words.day(most.trade_date),
    )
    newest = words(
        "Last: {net} on {day}, {status}.",
        net=words.money(shown[-1].net_usd or 0.0, signed=True),
        day=words.day(shown[-1].trade_date),
        status=status_word(words, shown[-1]),
    )
    return f"{told} {newest}"


def liquidation_chart(
    words: Words,
    asset: Asset,
    book: Reading[LiquidationBook],
    price: Sequence[Candle],
    total: LiquidationSum,
    *,
    dark: bool,
) -> LiquidationChart:
    """The hours that `total` adds up, which begin and end with a whole one, and the price over them."""
    spoken, end = picture_words(words), total.until
    start = end - total.window
    shown = [h for h in hours(book.value.buckets) if start <= h.opened_at < end]
    line = tuple((bar.opened_at, bar.close) for bar in price if start <= bar.opened_at < end)
    parts = [book.source, spoken("as of {time}", time=spoken.time(end))]
    if total.covered < HEARD:
        heard = spoken.percent(total.covered * 100, 0, signed=False)
        parts.append(spoken("{share} of the time heard", share=heard))
    legend = (spoken("up: shorts closed"), spoken("down: longs closed"), spoken("price"))
    return LiquidationChart(
        title=liquidation_title(spoken, asset, total),
        alt=_liquidation_alt(words, liquidation_title(words, asset, total), shown, line),
        footer=spoken.join(parts),
        dark=dark,
        locale=spoken.locale,
        legend=legend if line else legend[:2],
        bars=tuple(LiquidationBar(h.opened_at, h.long_usd, h.short_usd) for h in shown),
        price=line,
    )


def liquidation_title(words: Words, asset: Asset, total: LiquidationSum) -> str:
    return words(
        "{asset} liquidations {span}: at least {long} longs, {short} shorts",
        asset=asset.symbol,
        span=words.span(total.window),
        long=words.money(total.long_usd),
        short=words.money(total.short_usd),
    )


def _liquidation_alt(
    words: Words, title: str, shown: Sequence[Hour], line: Sequence[tuple[datetime, float]]
) -> str:
    parts = [f"{title}."]
    if shown:
        worst = max(shown, key=lambda hour: hour.total_usd)
        parts.append(
            words(
                "Largest hour: {longs} longs and {shorts} shorts from {time}.",
                longs=words.money(worst.long_usd),
                shorts=words.money(worst.short_usd),
                time=words.time(worst.opened_at),
            )
        )
    if line:
        first, last = words.price(line[0][1]), words.price(line[-1][1])
        parts.append(words("Price from {first} to {last}.", first=first, last=last))
    return " ".join(parts)
