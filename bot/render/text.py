"""A reply as plain text: for the console, for files, and for a platform that refuses our markup."""

import re
from collections.abc import Iterator
from typing import assert_never

from bot.render.columns import columns
from handlers.reply import (
    AnyBlock,
    Button,
    Details,
    Inline,
    Line,
    Prompt,
    Reply,
    Table,
    Text,
)

# Control characters, line separators, what reverses the rest of a line, and non-characters.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")


def clean(text: str) -> str:
    """One line that any encoder accepts and that cannot disturb the lines around it."""
    if text.isprintable():  # true of nearly everything, and never of what is taken out below
        return text
    text = _BREAKS.sub(" ", text)
    return _SURROGATE.sub("\ufffd", _UNWANTED.sub("", text))


def inline_text(part: Inline) -> str:
    return clean(part if isinstance(part, str) else part.text)


def line_text(line: Line) -> str:
    return "".join(inline_text(part) for part in line)


def plain(reply: Reply, *, controls: bool = False) -> str:
    """The whole message. With `controls` each button is shown with the command it stands for."""
    paragraphs = [clean(reply.title), *(_block(block) for block in reply.blocks)]
    paragraphs.append("\n".join(line_text(line) for line in reply.footer))
    if reply.chart is not None:
        paragraphs.insert(1, f"[{clean(reply.chart.alt)}]")
    if controls:
        paragraphs.append("\n".join(_controls(reply)))
    return "\n\n".join(p for p in paragraphs if p.strip())


def _block(block: AnyBlock) -> str:
    match block:
        case Text():
            return "\n".join(line_text(line) for line in block.lines)
        case Table():
            return "\n".join(table_lines(block))
        case Details():
            inner = (f"  {line_text(line)}" for line in block.lines)
            return "\n".join((clean(block.title), *inner))
        case _:
            assert_never(block)


def table_lines(table: Table) -> tuple[str, ...]:
    rows = tuple(tuple(clean(cell) for cell in row) for row in table.rows)
    return columns(Table(rows, tuple(clean(cell) for cell in table.head), table.align))


def _controls(reply: Reply) -> Iterator[str]:
    for row in reply.controls:
        for control in row:
            match control:
                case Button():
                    yield _control(control.label, control.command)
                case Prompt():
                    command = control.command.replace("{answer}", control.example or "…")
                    yield _control(control.label, command)
                case _:
                    assert_never(control)
    for select in reply.selects:
        for choice in select.choices:
            yield _control(("✓ " if choice.chosen else "") + choice.label, choice.command)


def _control(label: str, command: str) -> str:
    return f"[{clean(label)}] /{clean(command).lstrip('/')}"
