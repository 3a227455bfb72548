"""How it is said that a fact could not be had: what, since when, and the last that was known."""

from datetime import datetime

from handlers.words import Words
from providers.errors import (
    GeoBlocked,
    PlanNeeded,
    ProviderError,
    RateLimited,
    Refused,
    UnknownSymbol,
)


def reason(words: Words, error: ProviderError) -> str:
    """Why, in words anybody understands. Never the text of the exception."""
    source = error.source
    match error:
        case UnknownSymbol():
            return words("{source} does not list it", source=source)
        case PlanNeeded():
            return words("the plan of the {source} key does not include it", source=source)
        case Refused():
            return words("{source} refused the question", source=source)
        case RateLimited():
            return words("{source} asks us to wait", source=source)
        case GeoBlocked():
            return words("{source} does not serve this server's country", source=source)
        case _:
            return words("{source} does not answer", source=source)


def missing(words: Words, what: str, error: ProviderError) -> str:
    """One sentence for the place where a figure would have stood."""
    since = getattr(error, "since", None)
    if isinstance(since, datetime):
        return words(
            "{what}: no data since {since} ({reason})",
            what=what,
            since=words.time(since),
            reason=reason(words, error),
        )
    return words("{what}: no data ({reason})", what=what, reason=reason(words, error))
