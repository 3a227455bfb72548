"""What a live feed is: where to connect, what to say, and how to understand what comes back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec import Struct

from providers.types import Liquidation

NOT_LISTED = "the venue does not list it"


class Tick(Struct, frozen=True):
    """A trade or ticker price. Proof that the socket carries data. A Struct, because it is made thousands of times."""

    venue: str
    asset: str
    price: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Alive:
    """Data that only proves the socket alive (a mark price, a heartbeat that the venue sends as data)."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A subscription was accepted. Not data: a feed that only acknowledges is dead."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """One of several subscriptions was refused, and why; the others stand. Counts as an answer to it."""

    topic: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Send this text back at once."""

    text: str


@dataclass(frozen=True, slots=True)
class Reconnect:
    """The venue is about to close this socket."""

    reason: str


Event = Tick | Liquidation | Alive | Acknowledged | Declined | Answer | Reconnect


@dataclass(frozen=True, slots=True)
class Feed:
    """
    One socket. `read` turns a frame into events and raises Refused for a refused subscription (never retried
    unchanged), RateLimited when the venue wants fewer words (tried again after a pause), or BadPayload for a frame
    nobody understands (logged, skipped). `subscribe` asks for each name by itself, where the venue would refuse all for
    one that it does not list.
    `quiet_limit`: without a Tick, Liquidation or Alive for so long the socket is dead, whatever its pings say.
    `lifetime`: reconnect by ourselves before the venue cuts.
    """

    name: str
    venue: str
    url: str
    subscribe: tuple[str, ...]
    read: Callable[[str | bytes], tuple[Event, ...]]
    acknowledgements: int
    quiet_limit: timedelta = timedelta(seconds=15)
    ping: str | None = None
    ping_every: timedelta = timedelta(seconds=20)
    lifetime: timedelta = timedelta(hours=23, minutes=30)
    carries_liquidations: bool = False
    complete: bool = False  # every liquidation, not a sample


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was heard between these times: whatever happened then is missing from our count."""

    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Connected:
    """A new socket carries data since `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The venue refuses what we ask for; a person should look. Tried again after a long while."""

    reason: str
    at: datetime


Heard = Tick | Liquidation | Gap | Connected | GivenUp


@dataclass(frozen=True, slots=True)
class FeedState:
    """How a feed is doing, for /status and health."""

    name: str
    venue: str
    connected: bool
    connects: int
    gaps: int
    bad_frames: int
    last_frame_at: datetime | None
    last_data_at: datetime | None
    given_up: str | None
    last_error: str | None
    ahead: timedelta | None = None  # by how much its clock is in front of ours, when that matters
    declined: tuple[tuple[str, str], ...] = ()  # what the venue does not stream to us, and why
