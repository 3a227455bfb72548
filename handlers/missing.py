"""How it is said that a fact could not be had: what, since when, and the last that was known."""

from handlers.facts.shapes import Missing, Section
from handlers.reply import Text, text
from handlers.words import Words
from providers.errors import (
    GeoBlocked,
    NoSource,
    PlanNeeded,
    ProviderError,
    RateLimited,
    Refused,
    StillCounting,
    UnknownSymbol,
)
from providers.market import Market

INNER = frozenset({"recorded", "events"})  # our own names, which mean nothing to a reader


def reason(words: Words, code: str, source: str) -> str:
    """Why, in words anybody understands, from a ProviderError's code. Never the text of the exception."""
    if source in INNER and code != NoSource.code:
        return words("no source answers")
    match code:
        case UnknownSymbol.code:
            return words("{source} does not list it", source=source)
        case PlanNeeded.code:
            return words("the plan of the {source} key does not include it", source=source)
        case Refused.code:
            return words("{source} refused the question", source=source)
        case RateLimited.code:
            return words("{source} asks us to wait", source=source)
        case GeoBlocked.code:
            return words("{source} does not serve this server's country", source=source)
        case NoSource.code | StillCounting.code:
            return _our_own(words, code)
        case _:
            return words("{source} does not answer", source=source)


def _our_own(words: Words, code: str) -> str:
    """Nobody else's fault."""
    if code == StillCounting.code:
        return words("our own count has only just begun")
    return words("no source is set up for it")


def silent(words: Words, market: Market, kind: str) -> tuple[Text, ...]:
    """Which sources of a kind of fact have just failed to answer, where others did; empty when all answered."""
    names = [s.name for s in market.states() if s.kind == kind and s.error is not None]
    return (text(words("No answer from {sources}.", sources=", ".join(names))),) if names else ()


def missing(words: Words, what: str, error: ProviderError) -> str:
    """One sentence for the place where a figure would have stood."""
    since = getattr(error, "since", None)
    return absent(words, what, Missing(Section.PRICE, error.code, error.source, since))


def absent(words: Words, what: str, section: Missing) -> str:
    """The same for a section of the facts."""
    who = (
        words(section.source.replace("_", " ")) if section.source else what
    )  # a kind has a name too
    why = reason(words, section.reason, who)
    if section.since is not None:
        return words(
            "{what}: no data since {since} ({reason})",
            what=what,
            since=words.time(section.since),
            reason=why,
        )
    return words("{what}: no data ({reason})", what=what, reason=why)
