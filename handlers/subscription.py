"""What a chat wants to be sent without asking."""

from datetime import date, datetime
from enum import StrEnum

import msgspec


class Days(StrEnum):
    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKENDS = "weekends"
    TRADING = "trading"  # days on which the New York exchanges trade
    CUSTOM = "custom"


class Schedule(msgspec.Struct, frozen=True):
    """
    A minute of the day in a zone on some days. `weekdays` (0 is Monday) counts when days is CUSTOM.
    `after_flows`: not at a time but once the ETF flows of a trade date are final.
    """

    at: str
    zone: str
    days: Days = Days.DAILY
    weekdays: tuple[int, ...] = ()
    after_flows: bool = False


class SubscriptionKind(StrEnum):
    BRIEFING = "briefing"
    ALERTS = "alerts"  # the preset rules of a channel, stored as rules with this subscription's id


class Subscription(msgspec.Struct, frozen=True):
    """`briefing` is the name of one in handlers/briefings; `since` is when it was made."""

    id: str
    channel: str
    kind: SubscriptionKind
    created_by: str
    since: datetime
    briefing: str = "morning"
    asset: str = "BTC"
    schedule: Schedule | None = None
    preset: str = ""
    paused: str | None = None
    last: date | None = None
