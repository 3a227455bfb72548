"""
What the bot says, with no platform in it.

Renderers `match` on the kinds below and end with `assert_never`, so a new kind fails the type check
in each renderer until it is drawn there. Everything here can travel through the outbox as JSON.
Text from outside (headlines, names) is an ordinary string: the renderers escape every string.
"""

from datetime import date, datetime
from enum import StrEnum

import msgspec


class Part(msgspec.Struct, frozen=True, tag=True):
    """A piece of a line."""


class Strong(Part, frozen=True):
    text: str


class Code(Part, frozen=True):
    """Something to type or copy, shown in monospace."""

    text: str


class Link(Part, frozen=True):
    """`url` must be http or https; renderers show only the text otherwise."""

    text: str
    url: str


class Moment(Part, frozen=True):
    """
    An instant. Discord shows it in the reader's own zone; elsewhere `text` stands, which Words.moment
    has already written in the chat's zone. `style` is Discord's: t, d, f, F or R.
    """

    at: datetime
    text: str
    style: str = "t"


class Role(Part, frozen=True):
    """A role of a Discord server by its id: shown by its name there and never pinged, elsewhere `text` stands."""

    id: str
    text: str


Inline = str | Strong | Code | Link | Moment | Role
Line = tuple[Inline, ...]


class Block(msgspec.Struct, frozen=True, tag=True):
    """A part of a message that is never cut in two unless it alone exceeds the limit."""


class Text(Block, frozen=True):
    """One or more lines, without blank lines between them."""

    lines: tuple[Line, ...]


class Table(Block, frozen=True):
    """Aligned columns in monospace. `align` has one of "<" or ">" per column."""

    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()
    align: str = ""


class Details(Block, frozen=True):
    """Folded away until the reader opens it."""

    title: str
    lines: tuple[Line, ...]


AnyBlock = Text | Table | Details


class Tone(StrEnum):
    """Never the only sign of a direction: words and arrows carry it, colour only repeats it."""

    NEUTRAL = "neutral"
    UP = "up"
    DOWN = "down"
    WARNING = "warning"
    CRITICAL = "critical"


class ButtonStyle(StrEnum):
    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


class Button(msgspec.Struct, frozen=True, tag=True):
    """
    A press runs `command` as if its presser had typed it, in the same place and with the presser's own rights.
    With `edits` the answer replaces the message the button stands under, otherwise it is a new one.
    """

    label: str
    command: str
    edits: bool = True
    style: ButtonStyle = ButtonStyle.PLAIN


class Choice(msgspec.Struct, frozen=True):
    label: str
    command: str
    chosen: bool = False


class Select(msgspec.Struct, frozen=True):
    """A drop-down on Discord, a grid of buttons on Telegram. Choosing runs the choice's command."""

    placeholder: str
    choices: tuple[Choice, ...]


class Prompt(msgspec.Struct, frozen=True, tag=True):
    """
    Ask for one line of text: a modal on Discord, a forced reply on Telegram. What is typed takes the place of
    `{answer}` in `command`. With `edits` the answer may replace the message the prompt stands under.
    """

    label: str
    title: str
    field: str
    command: str
    example: str = ""
    edits: bool = True


Control = Button | Prompt


class Invite(msgspec.Struct, frozen=True):
    """Links that let us into a chat of the reader's choice, where the platform has them; these are their labels."""

    group: str
    channel: str


class Share(msgspec.Struct, frozen=True):
    """Hand the answer on to another chat, where the platform lets one choose it: there `query` is asked anew."""

    label: str
    query: str


class Bar(msgspec.Struct, frozen=True):
    """One candle of a chart."""

    at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0


class ZoneMark(msgspec.Struct, frozen=True):
    """A horizontal band with its label; `low` equals `high` for a line."""

    low: float
    high: float
    label: str
    resistance: bool


class Chart(msgspec.Struct, frozen=True, tag=True):
    """
    What a picture shows, not how it is drawn. `alt` says in words what the picture says. `locale` writes the numbers
    and dates of its axes; `legend` names its series in the order of the fields below, and none means no legend.
    """

    title: str
    alt: str
    footer: str
    dark: bool = True
    locale: str = "en"
    legend: tuple[str, ...] = ()


class CandleChart(Chart, frozen=True):
    bars: tuple[Bar, ...] = ()
    zones: tuple[ZoneMark, ...] = ()
    interval: str = "1d"


class FlowBar(msgspec.Struct, frozen=True):
    """Net USD of a trade date. A partial day is hatched."""

    day: date
    usd: float
    partial: bool = False


class FlowChart(Chart, frozen=True):
    """Bars per trade date with the running sum as a line."""

    bars: tuple[FlowBar, ...] = ()


class LiquidationBar(msgspec.Struct, frozen=True):
    at: datetime
    long_usd: float
    short_usd: float


class LiquidationChart(Chart, frozen=True):
    """Longs down, shorts up, with the price as a line over the same hours."""

    bars: tuple[LiquidationBar, ...] = ()
    price: tuple[tuple[datetime, float], ...] = ()


AnyChart = CandleChart | FlowChart | LiquidationChart


class Attachment(msgspec.Struct, frozen=True):
    """A file the reader asked for, such as an export of their data."""

    name: str
    text: str


class Reply(msgspec.Struct, frozen=True):
    """
    One message. The title carries the number. `footer` names sources and ages. `quiet` does not ring;
    `private` is shown to the asker alone where the platform can.
    """

    title: str
    blocks: tuple[AnyBlock, ...] = ()
    footer: tuple[Line, ...] = ()
    tone: Tone = Tone.NEUTRAL
    controls: tuple[tuple[Control, ...], ...] = ()
    selects: tuple[Select, ...] = ()
    chart: AnyChart | None = None
    attachment: Attachment | None = None
    share: Share | None = None
    invite: Invite | None = None
    quiet: bool = False
    private: bool = False


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Reply)


def encode(reply: Reply) -> str:
    return _encoder.encode(reply).decode()


def decode(text: str) -> Reply:
    """Raises ValueError for text that is no reply."""
    return _decoder.decode(text)


def text(*lines: str | Line) -> Text:
    """A block of lines, each a string or a line of parts."""
    return Text(tuple((line,) if isinstance(line, str) else line for line in lines))
