"""What a briefing is: a name people subscribe to, and how it is composed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from config.watchlist import Asset
from handlers.desk import Desk
from handlers.reply import Reply
from handlers.words import Words

Compose = Callable[[Desk, Asset, Words], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Briefing:
    """`name` is the word in /subscribe; `title` and `summary` are shown. `scheduled`: may be had at a time of day."""

    name: str
    title: str
    summary: str
    compose: Compose
    scheduled: bool = True
