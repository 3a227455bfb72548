"""How it is said that a fact could not be had: what, since when, and the last that was known."""

from handlers.facts.shapes import Missing, Section
from handlers.words import Words
from providers.errors import (
    GeoBlocked,
    NoSource,
    PlanNeeded,
    ProviderError,
    RateLimited,
    Refused,
    UnknownSymbol,
)


def reason(words: Words, code: str, source: str) -> str:
    """Why, in words anybody understands, from a ProviderError's code. Never the text of the exception."""
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
        case NoSource.code:
            return words("no source is set up for it")
        case _:
            return words("{source} does not answer", source=source)


def missing(words: Words, what: str, error: ProviderError) -> str:
    """One sentence for the place where a figure would have stood."""
    since = getattr(error, "since", None)
    return absent(words, what, Missing(Section.PRICE, error.code, error.source, since))


def absent(words: Words, what: str, section: Missing) -> str:
    """The same for a section of the facts."""
    why = reason(words, section.reason, section.source or what)
    if section.since is not None:
        return words(
            "{what}: no data since {since} ({reason})",
            what=what,
            since=words.time(section.since),
            reason=why,
        )
    return words("{what}: no data ({reason})", what=what, reason=why)
