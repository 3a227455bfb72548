"""Numbers as people type them, in one plain form before a grammar reads them: 70,000 and 70.000,50 and 3,5k."""

import re

from handlers.command import UserError
from handlers.words import Words

_RUN = re.compile(r"\d+(?:[.,]\d+)+")
_GROUPS = r"[1-9]\d{0,2}(?:,\d{3})+"
_GROUPED = re.compile(rf"{_GROUPS}(?:\.\d+)?")
_GROUPED_LIST = re.compile(rf"{_GROUPS}(?:,{_GROUPS})+")
_DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
_UNIT = re.compile(r"\s?(?:%|(?:k|mn|mio|m|bn|b|tn|t)(?![a-z0-9]))", re.IGNORECASE)
_APART = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?: \d{3})+(?![\d.,:-]|\s?[a-z%])", re.IGNORECASE)
_TIED = re.compile(r"(?<=\d)['’\u00a0\u2009\u202f](?=\d{3}(?!\d))")


def tied(text: str) -> str:
    """Without the signs that can only stand between thousands: 70'000, and spaces that do not break."""
    return _TIED.sub("", text)


def plain_numbers(text: str, words: Words, *, example: str) -> str:
    """
    Every number with a decimal point and no groups, so that a comma that is left separates. A comma is a decimal one
    where it can be nothing else. Raises UserError for what can be read in two ways.
    """
    text = _APART.sub(lambda found: _together(found[0], words, example), text)
    return _RUN.sub(lambda found: _plain(found[0], text[found.end() :], words, example), text)


def _plain(run: str, after: str, words: Words, example: str) -> str:
    """One run of digits, commas and points; what stands `after` it may be its unit."""
    found = _UNIT.match(after)
    unit = found[0] if found else ""
    if _DATE.fullmatch(run):
        return run
    if _GROUPED.fullmatch(run):
        return _grouped(run, unit, words, example)
    if _GROUPED_LIST.fullmatch(run):
        return re.sub(_GROUPS, lambda one: one[0].replace(",", "") + " ", run)
    if _DOTTED.fullmatch(run):
        return _dotted(run, unit, words, example)
    return _decimal(run, words, example) if "," in run else run


def _grouped(run: str, unit: str, words: Words, example: str) -> str:
    """70,000 is known to be groups; with a unit, 1,500k and 2,125% may as well be decimals."""
    if unit and run.count(",") == 1 and "." not in run:
        whole, point = run.replace(",", "") + unit, run.replace(",", ".") + unit
        raise two_ways(run + unit, whole, point, words, example=example)
    return run.replace(",", "")


def _dotted(run: str, unit: str, words: Words, example: str) -> str:
    """70.000 may be seventy; with a comma or a second point it cannot be, and with a unit it is a decimal one."""
    if "," in run or run.count(".") > 1:
        return run.replace(".", "").replace(",", ".")
    if not unit:
        raise two_ways(run, run.replace(".", ""), run + "0", words, example=example)
    return run


def _decimal(run: str, words: Words, example: str) -> str:
    whole, *rest = re.split(r"[.,]", run)
    if len(rest) > 1:
        raise UserError(
            words(
                "{text} is no number. A comma that separates two numbers needs a space after it.",
                text=run,
            ),
            example=example,
        )
    point = run.replace(",", ".")
    if len(whole) > 3 and len(rest[0]) > 2:
        raise two_ways(run, run.replace(",", ", "), point, words, example=example)
    return point


def _together(found: str, words: Words, example: str) -> str:
    """ "70 000" is one number; "100 110" may be two."""
    groups = found.split(" ")
    if any(group.startswith("0") for group in groups):
        return "".join(groups)
    raise two_ways(found, "".join(groups), ", ".join(groups), words, example=example)


def two_ways(text: str, whole: str, point: str, words: Words, *, example: str) -> UserError:
    """A question back: both readings of what was typed."""
    return UserError(
        words(
            "{text} can be read in two ways. Write {whole} or {point}.",
            text=text,
            whole=whole,
            point=point,
        ),
        example=example,
    )
