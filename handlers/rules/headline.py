"""`word "bailout"`: a headline that holds the word, by itself or inside a longer phrase, in any case."""

import re
from datetime import datetime, timedelta

from handlers.observing import RuleKind, Sight
from handlers.rule import Metric, Observation, Rule
from providers.types import Headline

FRESH = timedelta(hours=24)


async def read(rule: Rule, sight: Sight) -> tuple[Observation, ...]:
    """Every matching headline that the feeds still hold, oldest first; one look without a key when none does."""
    found = await past(rule, sight, sight.now - FRESH)
    return found or (Observation(0.0, sight.now, "", fresh_for=FRESH),)


async def past(rule: Rule, sight: Sight, since: datetime) -> tuple[Observation, ...]:
    found: dict[str, Headline] = {}
    for reading in await sight.market.headlines():
        for item in reading.value:
            if since <= item.published_at <= sight.now and holds(item, rule.word or ""):
                found.setdefault(item.link, item)
    return tuple(_seen(item) for item in sorted(found.values(), key=lambda i: i.published_at))


def holds(item: Headline, word: str) -> bool:
    """Whole words only: "ban" is not in "bank"."""
    pattern = rf"(?<!\w){re.escape(word)}(?!\w)"
    return re.search(pattern, f"{item.title} {item.summary}", re.IGNORECASE) is not None


def _seen(item: Headline) -> Observation:
    return Observation(
        1.0,
        item.published_at,
        item.source,
        key=f"{item.published_at.isoformat()} {item.link}",
        fresh_for=FRESH,
        detail={"title": item.title, "link": item.link},
    )


HEADLINE = RuleKind((Metric.HEADLINE,), timedelta(minutes=2), read, past)
