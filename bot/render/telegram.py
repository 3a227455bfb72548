"""
A reply as Telegram HTML, in as many messages as its limits ask for.

Limits count UTF-16 units after entities are parsed (https://core.telegram.org/bots/api#sendmessage), so every
piece is measured as it will be shown, never as markup. Telegram keeps the first 100 entities of a message.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import assert_never
from urllib.parse import urlsplit

from bot.render.atoms import atoms, joined
from bot.render.text import clean, inline_text, table_lines
from handlers.reply import (
    AnyBlock,
    Code,
    Details,
    Inline,
    Line,
    Link,
    Moment,
    Reply,
    Role,
    Strong,
    Table,
    Text,
)

MESSAGE_LIMIT = 4096
CAPTION_LIMIT = 1024
MARKS_LIMIT = 95  # of 100: Telegram's own link finder may see one or another that we do not

_WORD_JOINER = "\u2060"  # without width; keeps "@name" from ringing somebody
# What Telegram turns into links by itself: tags, tickers, commands, addresses.
_FOUND = re.compile(r"[#/](?=\w)|\$(?=[A-Za-z])|(?<=\w)[.@:](?=[^\W\d]|/)|\d[\d ().-]{5,}\d")
_MARKS = (Strong, Code, Link)


@dataclass(frozen=True, slots=True)
class Page:
    """One message: its HTML, and the same words without markup."""

    html: str
    plain: str


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@lru_cache(64)  # a broadcast, or a popular question, is the same reply for thousands
def pages(reply: Reply, limit: int = MESSAGE_LIMIT) -> tuple[Page, ...]:
    """
    At least one page, each within `limit`. A block is moved to the next page whole; only one that is longer than
    a page is cut, between lines if it can be, and its tags are closed and opened again.
    """
    made = map(_page, _packed(_paragraphs(reply), limit))
    return tuple(page for page in made if _visible(page.plain)) or (Page("–", "–"),)


def title_page(reply: Reply, limit: int = CAPTION_LIMIT) -> Page:
    """The title alone, cut to the limit."""
    return pages(Reply(reply.title), limit)[0]


@dataclass(frozen=True, slots=True)
class _Cost:
    units: int = 0
    marks: int = 0

    def __add__(self, other: "_Cost") -> "_Cost":
        return _Cost(self.units + other.units, self.marks + other.marks)

    def within(self, limit: int) -> bool:
        return self.units <= limit and self.marks <= MARKS_LIMIT


_BREAK = _Cost(1)
_GAP = _Cost(2)


@dataclass(frozen=True, slots=True)
class _Row:
    line: Line
    html: str
    plain: str
    cost: _Cost


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Rows between one opening and one closing tag."""

    rows: tuple[_Row, ...]
    opening: str = ""
    closing: str = ""
    verbatim: bool = False

    @property
    def cost(self) -> _Cost:
        total = _Cost(len(self.rows) - 1, bool(self.opening))
        for row in self.rows:
            total += row.cost
        return total


def _paragraphs(reply: Reply) -> Iterator[_Paragraph]:
    if reply.title.strip():
        yield _Paragraph((_row((Strong(reply.title),)),))
    for block in reply.blocks:
        paragraph = _paragraph(block)
        if paragraph.rows:
            yield paragraph
    if reply.footer:
        yield _Paragraph(tuple(map(_row, reply.footer)), "<i>", "</i>")


def _paragraph(block: AnyBlock) -> _Paragraph:
    match block:
        case Text():
            return _Paragraph(tuple(map(_row, block.lines)))
        case Table():
            rows = tuple(_row((line,), verbatim=True) for line in table_lines(block))
            return _Paragraph(rows, "<pre>", "</pre>", verbatim=True)
        case Details():
            lines = ((Strong(block.title),), *block.lines)
            return _Paragraph(tuple(map(_row, lines)), "<blockquote expandable>", "</blockquote>")
        case _:
            assert_never(block)


def _row(line: Line, *, verbatim: bool = False) -> _Row:
    texts = tuple(inline_text(part) for part in line)
    if verbatim:
        shown = "".join(texts)
        return _Row(line, escape(shown, quote=False), shown, _Cost(units(shown)))
    shown = "".join(map(_unmentioned, texts))
    marks = sum(isinstance(part, _MARKS) for part in line) + len(_FOUND.findall(shown))
    html = "".join(_html(part, shown) for part, shown in zip(line, texts, strict=True))
    return _Row(line, html, shown, _Cost(units(shown), marks))


def _html(part: Inline, shown: str) -> str:
    body = escape(_unmentioned(shown), quote=False)
    match part:
        case str() | Moment() | Role():
            return body
        case Strong():
            return f"<b>{body}</b>"
        case Code():
            return f"<code>{body}</code>"
        case Link():
            url = clean(part.url)
            return f'<a href="{escape(url)}">{body}</a>' if _safe(url) else body
        case _:
            assert_never(part)


def _unmentioned(text: str) -> str:
    return text.replace("@", "@" + _WORD_JOINER)


def _safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _packed(paragraphs: Iterable[_Paragraph], limit: int) -> Iterator[list[_Paragraph]]:
    page: list[_Paragraph] = []
    used = _Cost()
    for paragraph in paragraphs:
        start = used + _GAP if page else used
        if (start + paragraph.cost).within(limit):
            page.append(paragraph)
            used = start + paragraph.cost
            continue
        if page and paragraph.cost.within(limit):
            yield page
            page, used = [paragraph], paragraph.cost
            continue
        for part, fresh in _cut(paragraph, start, limit):
            if fresh and page:
                yield page
                page = []
            page.append(part)
            used = part.cost
    if page:
        yield page


def _cut(paragraph: _Paragraph, start: _Cost, limit: int) -> Iterator[tuple[_Paragraph, bool]]:
    """Parts of a paragraph longer than a page; the first goes on where `start` left, each further one is fresh."""
    wrap = _Cost(0, bool(paragraph.opening))
    rows: list[_Row] = []
    used, fresh = start + wrap, False
    for row in _short_rows(paragraph, limit):
        after = used + _BREAK + row.cost if rows else used + row.cost
        if not after.within(limit):
            if rows:
                yield replace(paragraph, rows=tuple(rows)), fresh
            rows, after, fresh = [], wrap + row.cost, True
        rows.append(row)
        used = after
    yield replace(paragraph, rows=tuple(rows)), fresh


def _short_rows(paragraph: _Paragraph, limit: int) -> Iterator[_Row]:
    """The paragraph's rows, those longer than a page cut between words."""
    wrap = _Cost(0, bool(paragraph.opening))
    for row in paragraph.rows:
        if (wrap + row.cost).within(limit):
            yield row
        else:
            yield from _cut_row(row, limit, verbatim=paragraph.verbatim)


def _cut_row(row: _Row, limit: int, *, verbatim: bool) -> Iterator[_Row]:
    line: list[Inline] = []
    used = _Cost(0, 1)
    for atom in atoms(row.line):
        # Cut within a word, two halves may make a link that neither is.
        whole = inline_text(atom)[-1].isspace()
        cost = _row((atom,), verbatim=verbatim).cost + _Cost(0, not whole and not verbatim)
        if line and not (used + cost).within(limit):
            yield _row(joined(line), verbatim=verbatim)
            line, used = [], _Cost(0, 1)
        line.append(atom)
        used += cost
    yield _row(joined(line), verbatim=verbatim)


def _page(paragraphs: list[_Paragraph]) -> Page:
    plain = "\n\n".join("\n".join(row.plain for row in p.rows) for p in paragraphs)
    html = "\n\n".join(
        p.opening + "\n".join(row.html for row in p.rows) + p.closing for p in paragraphs
    )
    return Page(html, plain)


def _visible(text: str) -> bool:
    """Telegram refuses a message in which nothing can be seen."""
    return any(c.isprintable() and not c.isspace() for c in text)
