"""Replies as Discord messages: within every limit, and nothing from outside can format, link or mention."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never
from urllib.parse import urlsplit

from bot.render.text import clean, line_text, table_lines
from handlers.reply import (
    AnyBlock,
    Code,
    Control,
    Details,
    Inline,
    Line,
    Link,
    Moment,
    Reply,
    Role,
    Select,
    Strong,
    Table,
    Text,
    Tone,
)

# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
TITLE, DESCRIPTION, FOOTER = 256, 4096, 1500  # the three stay under 6,000 together
ROWS, ROW, CHOICES = 5, 5, 25
LABEL, CHOICE, ALT, URL = 80, 100, 1024, 1000

COLOURS = {
    Tone.NEUTRAL: 0x5865F2,
    Tone.UP: 0x2E9E5B,
    Tone.DOWN: 0xD64545,
    Tone.WARNING: 0xE0A526,
    Tone.CRITICAL: 0xB00020,
}
MOMENT_STYLES = "tTdDfFR"

# A zero-width space after @ and < breaks every mention, custom emoji, timestamp and command link.
_PLAIN = {ord("@"): "@\u200b", ord("<"): "<\u200b"}
# Every mark, wherever it stands: discord.utils.escape_markdown leaves the second of two masked links alive.
_MARKDOWN = {**_PLAIN, **{ord(mark): f"\\{mark}" for mark in r"\*_~|`[]#>"}}
_MONOSPACE = {**_PLAIN, ord("`"): "ˋ"}
_LIST_MARK = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")
_URL_MARKS = {ord(mark): f"%{ord(mark):02X}" for mark in " <>()[]@\"'\\`*|"}

Item = Control | Select | Details
Row = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One message. `title` and `description` are Discord's markdown; a footer knows no markup."""

    title: str
    description: str
    footer: str
    colour: int


def pages(reply: Reply) -> tuple[Page, ...]:
    """Never empty. The title stands on the first page only, the footer on the last."""
    title = escape(reply.title, TITLE)
    units = list(_units(reply))
    footer = "\n".join(line_text(line).translate(_PLAIN) for line in reply.footer).strip()
    if size(footer) > FOOTER:
        units += _packed((f"-# {piece}" for line in reply.footer for piece in _line(line)), "\n")
        footer = ""
    texts = list(_packed(units, "\n\n")) or [""]
    if not title.strip() and not texts[0].strip():
        texts[0] = "—"
    last = len(texts) - 1
    return tuple(
        Page(
            title if i == 0 else "",
            text,
            footer if i == last else "",
            COLOURS[reply.tone],
        )
        for i, text in enumerate(texts)
    )


def rows(reply: Reply) -> tuple[Row, ...]:
    """Drop-downs first, then the buttons as they were arranged, then a button for each thing folded away."""
    folded = [block for block in reply.blocks if isinstance(block, Details)]
    found: list[Row] = [(part,) for select in reply.selects for part in _selects(select)]
    for row in (*reply.controls, tuple(folded)):
        found += [row[i : i + ROW] for i in range(0, len(row), ROW)]
    return tuple(found)


def as_text(reply: Reply) -> str:
    """The same as one would read it in a terminal: what is sent, with the controls in brackets."""
    parts: list[str] = []
    for page in pages(reply):
        parts += [f"**{page.title}**" if page.title else "", page.description, page.footer]
    parts += [" ".join(f"[{label(item)}]" for item in row) for row in rows(reply)]
    if reply.chart:
        parts.append(plain(reply.chart.alt))
    return "\n\n".join(part for part in parts if part)


def label(item: Item) -> str:
    match item:
        case Select():
            return plain(item.placeholder, 150) or "…"
        case Details():
            return plain(item.title, LABEL) or "…"
        case _:
            return plain(item.label, LABEL) or "…"


def size(text: str) -> int:
    """In UTF-16 units, the strictest way in which anybody counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escape(text: str, limit: int | None = None) -> str:
    """Markdown that shows `text` as it is, cut with an ellipsis to `limit`."""
    return _translated(text, _MARKDOWN, limit)


def plain(text: str, limit: int | None = None) -> str:
    """For places that know no markup: labels, footers, alt text."""
    return _translated(text, _PLAIN, limit)


def _translated(text: str, table: dict[int, str], limit: int | None) -> str:
    shown = clean(text).translate(table)
    if limit is None or size(shown) <= limit:
        return shown
    return next(_pieces(text, table, limit - 1), "") + "…"


def _pieces(text: str, table: dict[int, str], limit: int) -> Iterator[str]:
    """`text` translated, in pieces of at most `limit`, never cut within an escape."""
    piece, used = "", 0
    for character in clean(text):
        shown = character.translate(table)
        width = size(shown)
        if used + width > limit:
            yield piece
            piece, used = "", 0
        piece, used = piece + shown, used + width
    if piece:
        yield piece


def _units(reply: Reply) -> Iterator[str]:
    """Blocks as texts that each fit a message."""
    if size(escape(reply.title)) > TITLE:
        yield from _line((reply.title,))  # a title that had to be cut is given whole below it
    for block in reply.blocks:
        yield from _block(block)


def _block(block: AnyBlock) -> Iterator[str]:
    match block:
        case Text():
            yield from _packed((piece for line in block.lines for piece in _line(line)), "\n")
        case Table():
            yield from _table(block)
        case Details():
            return  # behind a button
        case _ as unknown:
            assert_never(unknown)


def _table(table: Table) -> Iterator[str]:
    room = DESCRIPTION - 8
    lines = (piece for line in table_lines(table) for piece in _pieces(line, _MONOSPACE, room))
    for text in _packed(lines, "\n", room):
        yield f"```\n{text}\n```"


def _packed(parts: Iterable[str], joint: str, limit: int = DESCRIPTION) -> Iterator[str]:
    """Joined again as long as they fit."""
    text, used = "", -1
    for part in parts:
        width = size(part)
        if used >= 0 and used + len(joint) + width <= limit:
            text, used = f"{text}{joint}{part}", used + len(joint) + width
            continue
        if used >= 0:
            yield text
        text, used = part, width
    if used >= 0:
        yield text


def _line(line: Line) -> Iterator[str]:
    room = DESCRIPTION - 16
    shown = _packed((atom for part in line for atom in _inline(part)), "", room)
    for i, text in enumerate(shown):
        yield _LIST_MARK.sub(_escaped_list_mark, text) if i == 0 else text
    if not line:
        yield ""


def _escaped_list_mark(found: re.Match[str]) -> str:
    mark = found[2]
    return f"{found[1]}{mark[:-1]}\\{mark[-1]}"


def _inline(part: Inline) -> Iterator[str]:
    match part:
        case str():
            yield from _pieces(part, _MARKDOWN, 1000)
        case Strong():
            yield from (f"**{piece}**" for piece in _pieces(part.text, _MARKDOWN, 1000))
        case Code():
            yield from (f"`{piece}`" for piece in _pieces(part.text, _MONOSPACE, 1000))
        case Link():
            url = safe_url(part.url)
            pieces = _pieces(part.text, _MARKDOWN, 1000)
            yield from (f"[{piece}]({url})" if url else piece for piece in pieces)
        case Moment():
            yield f"<t:{int(part.at.timestamp())}:{_style(part)}>"
        case Role():
            known = part.id.isdecimal()
            yield from (f"<@&{part.id}>",) if known else _pieces(part.text, _MARKDOWN, 1000)
        case _ as unknown:
            assert_never(unknown)


def _style(moment: Moment) -> str:
    return moment.style if len(moment.style) == 1 and moment.style in MOMENT_STYLES else "t"


def safe_url(url: str) -> str | None:
    """Nothing but http and https, and no character that could end the link early."""
    shown = clean(url).strip()
    try:
        parts = urlsplit(shown)
    except ValueError:
        return None
    shown = shown.translate(_URL_MARKS)
    if parts.scheme not in ("http", "https") or not parts.hostname or size(shown) > URL:
        return None
    return shown


def _selects(select: Select) -> Iterator[Select]:
    """A drop-down holds 25 choices, each once; a longer one becomes several."""
    choices = tuple({choice.command: choice for choice in select.choices}.values())
    for i in range(0, len(choices), CHOICES):
        yield Select(select.placeholder, choices[i : i + CHOICES])
