"""Everything a handler may reach for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from config.watchlist import Watchlist
from providers.market import Market
from providers.types import Coverage

if TYPE_CHECKING:
    from handlers.briefing import Briefing
    from handlers.command import Channel
    from handlers.observing import RuleKind
    from handlers.preferences import Preferences
    from handlers.rule import Rule, RuleRecord, RuleState
    from handlers.subscription import Subscription
    from handlers.words import Words


class Notebook(Protocol):
    """
    What chats asked for, kept in the store. Every call is one short round trip and raises StoreDown
    (a UserError in kind words) when the store cannot be reached.
    """

    async def preferences(self, channel: "Channel") -> "Preferences": ...

    async def set_preferences(self, channel: "Channel", preferences: "Preferences") -> None: ...

    async def subscriptions(self, channel: "Channel") -> "tuple[Subscription, ...]": ...

    async def subscribe(self, subscription: "Subscription") -> None:
        """Add, or replace the one with the same id."""
        ...

    async def unsubscribe(self, channel: "Channel", subscription_id: str) -> bool: ...

    async def rules(self, channel: "Channel") -> "tuple[RuleRecord, ...]": ...

    async def add_rule(self, rule: "Rule") -> None: ...

    async def replace_rule(self, rule: "Rule") -> bool: ...

    async def remove_rule(self, channel: "Channel", rule_id: str) -> bool: ...

    async def save_state(self, channel: "Channel", rule_id: str, state: "RuleState") -> bool:
        """Stored with `state.version` + 1; False when the rule is gone or was advanced since that version."""
        ...

    async def new_id(self, channel: "Channel") -> str:
        """A short id, unique within the channel: what people type in `/alert remove 7`."""
        ...

    async def export(self, channel: "Channel") -> str:
        """Everything stored of this channel as readable JSON."""
        ...

    async def forget(self, channel: "Channel") -> int:
        """Delete everything stored of this channel; how many things that were."""
        ...


class Office(Protocol):
    """What only the running process knows, for /status and for owners."""

    async def status(self) -> "OfficeStatus": ...

    async def send_test(self, channel: "Channel", words: "Words") -> str | None:
        """Deliver a test message; None when it arrived, else why not, in words."""
        ...

    async def missing_rights(self, channel: "Channel") -> tuple[str, ...]:
        """What the platform does not let us do there, in the platform's own words."""
        ...

    async def dead_letters(self) -> tuple[str, ...]:
        """Messages given up on, one line each, newest first; the line starts with the delivery's id."""
        ...

    async def resend(self, delivery_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """`last`: when data was last heard. `error`: why it is not heard now, as the stream found it."""

    name: str
    last: datetime | None
    error: str | None = None
    connects: int = 0
    gaps: int = 0


@dataclass(frozen=True, slots=True)
class OfficeStatus:
    """
    `queue` is how many messages are owed now; `store` is in words; `feeds` are those of this process. `declined` is
    venue, what it does not stream to us (empty: anything) and why; `ahead` by how much a feed's clock is in front.
    Where this process has no feeds, `listener` is whether any listens, None when nobody knows, and `heard` what the
    store knows of each venue's forced closes, with when last.
    """

    started_at: datetime
    queue: int
    dead: int
    store: str
    feeds: tuple[FeedStatus, ...]
    platforms: tuple[tuple[str, str], ...]
    declined: tuple[tuple[str, str, str], ...] = ()
    ahead: tuple[tuple[str, timedelta], ...] = ()
    listener: bool | None = None
    heard: tuple[tuple[Coverage, datetime | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    market: Market
    now: Callable[[], datetime]
    watchlist: Watchlist
    notebook: Notebook
    office: Office
    max_rules: int = 100
    max_schedules: int = 20
    kinds: "tuple[RuleKind, ...]" = ()  # how each alert looks at the market, for its dry run
    languages: tuple[str, ...] = ("en",)
    briefings: "tuple[Briefing, ...]" = ()  # what /brief and /subscribe offer
