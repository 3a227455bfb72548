"""/calendar [DAYS]: what is coming: the Fed, inflation, jobs, option expiries."""

from datetime import datetime, timedelta

from handlers.arguments import window_ahead
from handlers.command import Command, Option, OptionKind, Request
from handlers.desk import Desk
from handlers.facts.derivatives import expiries_ahead
from handlers.footer import footer
from handlers.missing import missing, silent
from handlers.reply import Line, Reply, Strong, Text, text
from handlers.words import Words
from providers.errors import ProviderError
from providers.types import Event, Importance, Reading

SHOWN = 12
DEFAULT = timedelta(days=14)
LONGEST = timedelta(days=120)
EXAMPLE = "/calendar 14d"


async def calendar(request: Request, desk: Desk) -> Reply:
    words, now = request.words, desk.now()
    ahead = (
        window_ahead(request, request.args[0], longest=LONGEST, example=EXAMPLE)
        if request.args
        else DEFAULT
    )
    readings = await desk.market.events(now.date(), (now + ahead).date())
    events = coming(readings, now, ahead)
    shown = [e for e in events if e.importance is Importance.HIGH][:SHOWN]
    shown = shown or events[:SHOWN]
    quiet = silent(words, desk.market, "events")
    if not shown:
        title = words("Nothing on the calendar in the next {span}", span=words.span(ahead))
        return Reply(title, quiet, footer(words, now, readings), quiet=True)
    first = shown[0]
    title = words("Next: {event}, in {span}", event=first.name, span=words.span(first.at - now))
    lines: tuple[Line, ...] = tuple(_line(words, e) for e in shown)
    blocks = [Text(lines), *await _expiries(words, desk), *quiet]
    return Reply(title, tuple(blocks), footer(words, now, readings), quiet=True)


def coming(
    readings: tuple[Reading[tuple[Event, ...]], ...], now: datetime, ahead: timedelta
) -> list[Event]:
    """Events still ahead, soonest first; the same hour and name from two calendars is one event."""
    unique = {
        (e.at, e.name.casefold()): e
        for r in readings
        for e in r.value
        if now <= e.at <= now + ahead
    }
    return sorted(unique.values(), key=lambda e: e.at)


def _line(words: Words, event: Event) -> Line:
    return (
        words.moment(event.at, "f"),
        " — ",
        Strong(event.name),
        f" ({event.source})" if event.source else "",
    )


async def _expiries(words: Words, desk: Desk) -> list[Text]:
    try:
        reading = await expiries_ahead(desk.market, desk.watchlist.get("BTC"), desk.now())
    except ProviderError as error:
        return [text(missing(words, words("Option expiries"), error))]
    if not reading.value:
        return []
    largest = max(reading.value, key=lambda e: e.calls_oi + e.puts_oi)
    return [
        text(
            words(
                "Largest BTC option expiry: {date}, {coins} open, max pain {price}",
                date=words.long_date(largest.expiry),
                coins=words.coins(largest.calls_oi + largest.puts_oi, "BTC"),
                price=words.price(largest.max_pain),
            )
        )
    ]


COMMAND = Command(
    "calendar",
    "/calendar [DAYS]",
    "What is coming: Fed, inflation, jobs, expiries",
    calendar,
    options=(Option("ahead", "How far: 7d, 14d, 30d", OptionKind.WINDOW),),
    examples=("/calendar", EXAMPLE),
    aliases=("events",),
    fact="Calendar",
)
