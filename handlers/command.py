"""What a command is, who asks, and what may be wrong with the question."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from handlers.reply import Control, Reply
from handlers.words import Words

if TYPE_CHECKING:
    from handlers.desk import Desk


class UserError(Exception):
    """
    Shown to the person word for word. Says what is wrong and shows a question that would work. With `controls` it is
    a question back: pressing one is the answer.
    """

    def __init__(
        self, text: str, *, example: str | None = None, controls: tuple[Control, ...] = ()
    ) -> None:
        super().__init__(text)
        self.text = text
        self.example = example
        self.controls = controls


@dataclass(frozen=True, slots=True)
class Channel:
    """
    Where something is said: a Telegram chat (and topic), a Discord channel or thread, a console.
    `key` is its only spelling in the store: "telegram:-1001", "telegram:-1001/45", "discord:77".
    """

    platform: str
    chat: str
    thread: str | None = None

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.chat}" + (f"/{self.thread}" if self.thread else "")

    @classmethod
    def parse(cls, key: str) -> "Channel":
        platform, _, rest = key.partition(":")
        chat, _, thread = rest.partition("/")
        if not platform or not chat:
            raise ValueError(f"not a channel key: {key!r}")
        return cls(platform, chat, thread or None)


class ChannelKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    BROADCAST = "broadcast"  # a Telegram channel or a Discord announcement channel
    FORUM = "forum"  # a Discord forum: each briefing is a post
    FOREIGN = "foreign"  # a user-installed Discord app where the bot itself is not a member


@dataclass(frozen=True, slots=True)
class Request:
    """
    One question. `args` are its words; `text` is everything after the command, as typed.
    `admin` is whether the asker may change this channel's settings, as the platform said just now.
    """

    command: str
    args: tuple[str, ...]
    text: str
    channel: Channel
    kind: ChannelKind
    user: str
    user_name: str
    words: Words
    admin: bool = False
    owner: bool = False  # runs this deployment
    pressed: bool = False  # a button, not typed
    message: str | None = None  # the message a pressed button stands under
    channel_name: str = ""


class OptionKind(StrEnum):
    """What an argument is: decides Discord's option type and its autocomplete."""

    ASSET = "asset"
    INTERVAL = "interval"
    WINDOW = "window"
    RULE = "rule"
    RULE_ID = "rule_id"
    SCHEDULE = "schedule"
    SUBSCRIPTION = "subscription"
    TIME = "time"
    TEXT = "text"
    CHOICE = "choice"
    ZONE = "zone"
    LANGUAGE = "language"
    ROLE = "role"  # Discord's; what arrives is its number


@dataclass(frozen=True, slots=True)
class Option:
    """One argument. Discord joins what was chosen with spaces in this order, so both platforms ask the same words."""

    name: str
    description: str
    kind: OptionKind
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subcommand:
    name: str
    summary: str
    options: tuple[Option, ...] = ()


Handler = Callable[[Request, "Desk"], Awaitable[Reply]]


class Right(StrEnum):
    """Who may use a command. Admins are a chat's own; owners run the deployment."""

    ANYONE = "anyone"
    ADMIN = "admin"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Command:
    """
    `usage` and `examples` are shown by /help and by every error. `group` is the heading in /help.
    `fact` names what it tells in a word or two, for the sentence that there is none: "Price: no data".
    `right` guards the whole command; a handler that only guards part of itself asks `request.admin`.
    With `elsewhere` it may be said in private of a chat that the asker manages: `/subscribe @news`.
    """

    name: str
    usage: str
    summary: str
    run: Handler
    group: str = "Market"
    options: tuple[Option, ...] = ()
    subcommands: tuple[Subcommand, ...] = ()
    examples: tuple[str, ...] = ()
    right: Right = Right.ANYONE
    private: bool = False  # answered to the asker alone where the platform can
    aliases: tuple[str, ...] = field(default=())
    fact: str = ""
    elsewhere: bool = False
