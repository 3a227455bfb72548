"""Reads what people write to /alert. The grammar stands beside it in grammar.lark."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from lark import Lark
from lark.exceptions import LarkError, UnexpectedInput, VisitError

from handlers.alert_examples import example_like
from handlers.alert_reader import Reader
from handlers.command import UserError
from handlers.draft import Draft
from handlers.numerals import plain_numbers, tied
from handlers.words import Words

LONGEST = 200
_PLAIN = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "≤": "<=", "≥": ">=", "“": '"', "”": '"', "„": '"', "«": '"'}
    | {"»": '"', "、": ",", "⁓": "~"}
)
_POWER = re.compile(r"[-+]?\$?\d[\d.,]*e[-+]?\d+", re.IGNORECASE)
_HEADLINE = re.compile(r"(?<!\w)(?:words?|headlines?)(?!\w)", re.IGNORECASE)


def parse(text: str, words: Words) -> Draft:
    """What was asked for. Raises UserError, and nothing else, with an example of that kind which works."""
    plain = _plain(text, words)
    example = example_like(plain)
    try:
        tree = _parser().parse(plain)
        options, draft = Reader(words, example).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, UserError):
            raise error.orig_exc from None
        raise UserError(_unread(plain, None, words), example=example) from error
    except UnexpectedInput as error:
        raise UserError(_unread(plain, error.pos_in_stream, words), example=example) from error
    except LarkError as error:
        raise UserError(_unread(plain, None, words), example=example) from error
    read: Draft = draft
    for option in options:
        read = option(read)
    return read


@cache
def _parser() -> Lark:
    """Built when the first alert is read: the tables take some milliseconds."""
    grammar = Path(__file__).with_name("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=True, g_regex_flags=re.IGNORECASE)


def _plain(text: str, words: Words) -> str:
    """One spelling of digits, numbers, signs and quotes, before anything is parsed; bounded first."""
    if len(text) > LONGEST:
        raise UserError(words("That is too long for one alert."), example=example_like(""))
    plain = unicodedata.normalize("NFKC", tied(text)).translate(_PLAIN).strip()
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc") or c in "\t\n")
    if not plain:
        raise UserError(words("Say what to watch."), example=example_like(""))
    if _HEADLINE.search(plain):
        return plain  # a word may hold a number, and stays as it was written
    return plain_numbers(plain, words, example=example_like(plain))


def _unread(text: str, position: int | None, words: Words) -> str:
    if found := _POWER.search(text):
        return words("{text} is no number.", text=found[0])
    if position is None or not 0 <= position < len(text):
        return words("Something is missing at the end of this alert.")
    return words("I cannot read this alert from “{rest}”.", rest=text[position : position + 20])
