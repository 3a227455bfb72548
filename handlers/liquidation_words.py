"""What positions closed by force look like in words: our own count by window, side and venue, another's beside it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from handlers.analysis.liquidations import (
    LiquidationSum,
    closed_end,
    largest_hour,
    liquidation_sum,
    lost_in_a_day,
)
from handlers.missing import missing
from handlers.reply import AnyBlock, Details, Line, Strong, Table, Text, text
from handlers.words import Words
from providers.errors import ProviderError, StillCounting
from providers.types import Coverage, LiquidationBook, LiquidationTotal, Reading, Side

WINDOWS = (
    timedelta(hours=1), timedelta(hours=4), timedelta(days=1), timedelta(days=7), timedelta(days=21),
)  # fmt: skip
HOLED = "*"


def sum_over(book: LiquidationBook, now: datetime, length: timedelta) -> LiquidationSum | None:
    """The last `length`; None when too little of it was heard."""
    return liquidation_sum(book.buckets, book.coverage, closed_end(book.buckets, now), length)


def longest_heard(book: LiquidationBook, now: datetime, length: timedelta) -> LiquidationSum | None:
    """The longest window up to `length` of which enough was heard."""
    shorter = [one for one in WINDOWS if one < length]
    found = (sum_over(book, now, one) for one in (length, *reversed(shorter)))
    return next((total for total in found if total is not None), None)


def counted_since(words: Words, total: LiquidationSum) -> str:
    """In place of a window's name, when it was not heard from its beginning."""
    recent = total.until - total.since < WINDOWS[2]
    at = words.clock(total.since) if recent else words.time(total.since)
    return words("since {time}", time=at)


def counted(
    words: Words, own: Reading[LiquidationBook] | ProviderError, now: datetime, length: timedelta
) -> list[AnyBlock]:
    """Our own count, or why there is none; a floor, as is said."""
    if isinstance(own, StillCounting):
        return [text(_not_begun(words))]
    if isinstance(own, ProviderError):
        return [text(missing(words, words("Our own count"), own))]
    book = own.value
    rows = tuple(dict.fromkeys(_rows(words, book, now)))  # what began late is one row, not three
    if not rows:
        return [_begun(words, book)]
    ours = _counted_by_us(book)
    head = (
        words("Counted by us: at least")
        if ours
        else words("{source}, all venues", source=own.source)
    )
    blocks: list[AnyBlock] = [text((Strong(head),))]
    blocks.append(Table(rows, ("", words("Longs"), words("Shorts")), "<>>"))
    if any(row[0].endswith(HOLED) for row in rows):
        blocks.append(text(words("* with gaps in what was heard")))
    if book.unheard:
        blocks.append(text(words("Never heard so far: {venues}", venues=", ".join(book.unheard))))
    lines = _by_venue(words, book, now, length) if ours else []
    if line := _largest(words, book, now):
        lines.append(line)
    if lines:
        blocks.append(Text(tuple(lines)))
    heard = _coverage(words, book, now) if ours else _told_of(words, own)
    blocks.append(Details(words("What is counted"), tuple(heard)))
    return blocks


def _not_begun(words: Words) -> str:
    return words(
        "Our own count adds up what the venues tell while the bot runs, and nothing has been heard yet. A few minutes "
        "after the bot has started there are figures; /status tells how its feeds are doing."
    )


def _begun(words: Words, book: LiquidationBook) -> Text:
    """Too young for any window."""
    if not book.coverage:
        return text(_not_begun(words))
    since = min(venue.since for venue in book.coverage)
    began = words.moment(since)
    heard = [bucket for bucket in book.buckets if bucket.opened_at + bucket.width > since]
    longs, shorts = sum(b.long_usd for b in heard), sum(b.short_usd for b in heard)
    if not longs + shorts:
        return text(words.line("We count since {since}; nothing so far.", since=began))
    return text(
        words.line(
            "We count since {since}: at least {long} longs, {short} shorts so far.",
            since=began,
            long=words.money(longs),
            short=words.money(shorts),
        )
    )


def _counted_by_us(book: LiquidationBook) -> bool:
    """Whether each venue was heard by itself; a total of all of them is somebody else's count."""
    venues = {venue.venue for venue in book.coverage}
    return any(bucket.venue in venues for bucket in book.buckets) or not book.buckets


def _rows(words: Words, book: LiquidationBook, now: datetime) -> Iterator[tuple[str, ...]]:
    for length in WINDOWS:
        if (total := sum_over(book, now, length)) is not None:
            yield (
                _heard_name(words, length, total),
                words.money(total.long_usd),
                words.money(total.short_usd),
            )


def _heard_name(words: Words, length: timedelta, total: LiquidationSum) -> str:
    """The window's own name when it was heard from its beginning, with a mark when that had gaps."""
    if total.whole:
        return words.span(length)
    late = total.since > total.until - length
    return counted_since(words, total) if late else words.span(length) + HOLED


def _told_of(words: Words, own: Reading[LiquidationBook]) -> list[Line]:
    coverage = own.value.coverage
    venues = ", ".join(venue.venue for venue in coverage)
    since = words.moment(min(venue.since for venue in coverage), "f")
    return [
        words.line(
            "{source}: {venues}, since {since}", source=own.source, venues=venues, since=since
        )
    ]


def _by_venue(words: Words, book: LiquidationBook, now: datetime, length: timedelta) -> list[Line]:
    lines: list[Line] = []
    for venue in book.coverage:
        own = [b for b in book.buckets if b.venue == venue.venue]
        total = liquidation_sum(own, (venue,), closed_end(own, now), length)
        if total is not None:
            lines.append(
                (
                    words(
                        "{venue}: {long} longs, {short} shorts",
                        venue=venue.venue,
                        long=words.money(total.long_usd),
                        short=words.money(total.short_usd),
                    ),
                )
            )
    return lines


def _largest(words: Words, book: LiquidationBook, now: datetime) -> Line | None:
    one = book.largest
    if one is None or one.usd is None:
        return _largest_hour(words, book, now)
    side = words("long") if one.side is Side.LONG else words("short")
    return words.line(
        "Largest of the day: a {side} of {usd} on {venue} at {price}, {at}",
        side=side,
        usd=words.money(one.usd),
        venue=one.venue,
        price=words.price(one.price),
        at=words.moment(one.at),
    )


def _largest_hour(words: Words, book: LiquidationBook, now: datetime) -> Line | None:
    hour = largest_hour(book.buckets, now - timedelta(days=1))
    if hour is None:
        return None
    usd, at = words.money(hour.total_usd), words.moment(hour.opened_at, "f")
    return words.line("Largest hour of the day: {usd} from {at}", usd=usd, at=at)


def _coverage(words: Words, book: LiquidationBook, now: datetime) -> list[Line]:
    lines: list[Line] = [
        (words("At least, because most venues publish a sample: one per contract and second."),)
    ]
    lines += [_heard(words, venue, now) for venue in book.coverage]
    if book.uncounted:
        said = words(
            "Heard, but of unknown size and so in no sum: {n}", n=words.number(book.uncounted)
        )
        lines.append((said,))
    lines.append(
        (
            words(
                "Dollars are size times the price that a venue tells: on Binance the average at which it closed, "
                "on OKX and Bybit the bankruptcy price."
            ),
        )
    )
    return lines


def _heard(words: Words, venue: Coverage, now: datetime) -> Line:
    lost = lost_in_a_day(venue, now)
    kind = words("all of them") if venue.complete else words("a sample")
    line = words.line(
        "{venue}: {kind}, since {since}",
        venue=venue.venue,
        kind=kind,
        since=words.moment(venue.since, "f"),
    )
    if lost:
        line = (*line, words("; {span} missing in the last day", span=words.span(lost)))
    return line


def told_whole(totals: tuple[LiquidationTotal, ...]) -> LiquidationTotal | None:
    """The total over every venue; else the one there is, which names its venues itself."""
    every = next((t for t in totals if t.venue is None), None)
    return every or (totals[0] if len(totals) == 1 else None)


def told_by_another(
    words: Words, told: Reading[tuple[LiquidationTotal, ...]] | ProviderError, length: timedelta
) -> list[AnyBlock]:
    """Somebody else's count, named and apart from ours."""
    if isinstance(told, ProviderError):
        return []
    total = told_whole(told.value)
    if total is None:
        return []
    said = {
        "source": told.source,
        "span": words.span(length),
        "long": words.money(total.long_usd),
        "short": words.money(total.short_usd),
    }
    if total.venue is None:
        return [text(words("{source}, all venues, {span}: {long} longs, {short} shorts", **said))]
    named = words(
        "{source}, {venues}, {span}: {long} longs, {short} shorts", venues=total.venue, **said
    )
    return [text(named)]
