"""What is next: the Fed, inflation, jobs; and the largest option expiry within the same two weeks."""

from datetime import UTC, datetime, time, timedelta

from handlers.analysis.options import ExpiryPain
from handlers.facts.shapes import Facts, Missing
from handlers.reply import Line, Strong
from handlers.words import Words
from providers.types import Event, Importance

HORIZON = timedelta(days=14)
SHOWN = 2
SETTLES = time(8, tzinfo=UTC)  # Deribit settles at 08:00 UTC of the expiry's day
STALE = timedelta(hours=6)


def ahead(words: Words, facts: Facts, *, short: bool = False) -> Line | None:
    """`short`: the next thing alone."""
    parts = [_event(words, event) for event in _events(facts)]
    if expiry := _expiry(words, facts):
        parts.append(expiry)
    parts = parts[:1] if short else parts
    return (Strong(words("Next")), f" {words.join(parts)}") if parts else None


def _events(facts: Facts) -> list[Event]:
    if isinstance(facts.events, Missing):
        return []
    weighty = [e for e in facts.events.value if e.importance is Importance.HIGH]
    return [e for e in weighty if facts.at <= e.at <= facts.at + HORIZON][:SHOWN]


def _event(words: Words, event: Event) -> str:
    return words("{event} {at}", event=event.name, at=words.time(event.at))


def largest_expiry(facts: Facts) -> ExpiryPain | None:
    """The one with most coins open of those still to settle within the horizon."""
    if isinstance(facts.options, Missing):
        return None
    until = facts.at + HORIZON
    near = [e for e in facts.options.value if facts.at < settles(e) <= until]
    return max(near, key=lambda e: e.calls_oi + e.puts_oi, default=None)


def settles(expiry: ExpiryPain) -> datetime:
    return datetime.combine(expiry.expiry, SETTLES)


def _expiry(words: Words, facts: Facts) -> str | None:
    expiry = largest_expiry(facts)
    if expiry is None or isinstance(facts.options, Missing):
        return None
    text = words(
        "options of {day}: max pain {price}",
        day=words.day(expiry.expiry),
        price=words.price(expiry.max_pain),
    )
    as_of = facts.options.as_of
    if facts.at - as_of > STALE:
        text += " " + words("(as of {day})", day=words.day(as_of.date()))
    return text
