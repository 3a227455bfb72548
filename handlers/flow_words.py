"""How ETF flows read wherever they are told: on their trade date, partial never as a result."""

from handlers.facts.shapes import FlowFacts
from handlers.reply import Line, Strong
from handlers.words import Words
from providers.types import FlowDay, FlowStatus


def status_word(words: Words, day: FlowDay) -> str:
    match day.status:
        case FlowStatus.NONE:
            return words("no figure yet")
        case FlowStatus.PARTIAL:
            return words("partial")
        case FlowStatus.FINAL:
            return words("final")
        case FlowStatus.REVISED:
            return words("revised")


def streak_line(words: Words, facts: FlowFacts) -> Line:
    days = abs(facts.streak)
    if days <= 1:
        return (words("No streak: the day before went the other way."),)
    if facts.streak < 0:
        return (words("{n} days of outflow in a row", n=days),)
    return (words("{n} days of inflow in a row", n=days),)


def partial_line(words: Words, day: FlowDay) -> Line:
    """The running day, so far, and who has not reported: not a result."""
    missing = day.missing
    so_far = words("{day}, so far:", day=words.day(day.trade_date))
    rest = words(
        " {net}, not a result: {n} funds have not reported ({funds})",
        net=words.money(day.net_usd or 0.0, signed=True),
        n=len(missing),
        funds=", ".join(missing),
    )
    return (Strong(so_far), rest)
