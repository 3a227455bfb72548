"""Lines taken apart into words and put together again, for what is longer than a message."""

import re
from collections.abc import Iterator
from typing import assert_never

from bot.render.text import inline_text
from handlers.reply import Code, Inline, Line, Link, Moment, Role, Strong

_ATOM = re.compile(r"\S{1,64}\s{0,32}|\s{1,32}")


def atoms(line: Line) -> Iterator[Inline]:
    """A line in pieces of a word or 64 characters, each with the kind of the part it came from."""
    for part in line:
        for text in _ATOM.findall(inline_text(part)):
            yield text if isinstance(part, str) else _with_text(part, text)


def joined(pieces: list[Inline]) -> Line:
    """Neighbours of the same kind as one part again."""
    parts: list[Inline] = []
    for atom in pieces:
        if parts and _same_kind(parts[-1], atom):
            parts[-1] = _with_text(parts[-1], inline_text(parts[-1]) + inline_text(atom))
        else:
            parts.append(atom)
    return tuple(parts)


def _same_kind(one: Inline, other: Inline) -> bool:
    return type(one) is type(other) and _with_text(one, "") == _with_text(other, "")


def _with_text(part: Inline, text: str) -> Inline:
    match part:
        case str():
            return text
        case Strong():
            return Strong(text)
        case Code():
            return Code(text)
        case Link():
            return Link(text, part.url)
        case Moment():
            return Moment(part.at, text, part.style)
        case Role():
            return Role(part.id, text)
        case _:
            assert_never(part)
