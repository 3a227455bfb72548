"""When a figure was true, at the end of its line, with its age once it is older than its kind should be."""

from datetime import datetime, timedelta
from typing import Any

from handlers.facts.shapes import Section
from handlers.reply import Inline, Moment
from handlers.words import Words
from providers.types import Reading

SOON = timedelta(minutes=10)
NEWS = timedelta(
    days=2
)  # what is older leads no text and moves no sentence, unless its day is said
BUDGETS = {
    Section.LIQUIDATIONS: timedelta(hours=1),
    Section.MOMENTUM: timedelta(hours=1),
    Section.POSITIONING: timedelta(hours=8),
    Section.FLOWS: timedelta(days=1),
    Section.SENTIMENT: timedelta(days=1),
    Section.OPTIONS: timedelta(hours=6),
    Section.HEADLINES: timedelta(days=1),
}


def is_news(told: Reading[Any], now: datetime) -> bool:
    return told.age(now) <= NEWS


def as_of(words: Words, kind: Section, told: Reading[Any], now: datetime) -> tuple[Inline, ...]:
    """ " · 18:00", with the day when that was another, and "(12 min old)" beyond the kind's budget."""
    return moment(words, told.as_of, now, BUDGETS.get(kind, SOON))


def moment(
    words: Words, at: datetime, now: datetime, budget: timedelta = SOON
) -> tuple[Inline, ...]:
    """In the chat's zone, which the footer names."""
    local, today = at.astimezone(words.zone), now.astimezone(words.zone).date()
    clock = f"{local:%H:%M}"
    same = local.date() == today
    shown = clock if same else f"{words.day(local.date())} {clock}"
    late = (f" ({words.age(at, now)})",) if now - at > budget else ()
    return (" · ", Moment(at, shown, "t" if same else "f"), *late)
