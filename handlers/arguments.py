"""Words people type, turned into what they mean, or into a kind error that shows how to ask."""

import re
from datetime import timedelta

from config.watchlist import Asset
from handlers.command import Request, UserError
from handlers.desk import Desk
from handlers.reply import Button
from providers.types import Interval

DEFAULT_ASSET = "BTC"
LENGTHS = tuple(one for one in Interval if one is not Interval.M1)  # of candles one can ask for
MOST_CHOICES = 4
_WINDOW = re.compile(r"(\d{1,4})\s*(m|min|h|d|w)", re.IGNORECASE)
_UNITS = {"m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def clip(word: str, limit: int = 24) -> str:
    """What somebody typed, short enough and clean enough to be repeated to them."""
    clean = "".join(c for c in word if c.isprintable())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def asset(request: Request, desk: Desk, word: str, *, example: str) -> Asset:
    """The one asset that `word` means. Several or none: a UserError that asks which one, or lists what would work."""
    found = desk.watchlist.find(word)
    if len(found) == 1:
        return found[0]
    words = request.words
    if found:
        names = ", ".join(a.symbol for a in found)
        raise UserError(
            words("“{word}” could mean {names}.", word=clip(word), names=names),
            controls=_choices(request, word, found),
        )
    near = desk.watchlist.suggest(word, MOST_CHOICES) if word.strip() else ()
    known = ", ".join(a.symbol for a in (near or desk.watchlist.assets))
    if near:
        raise UserError(
            words("I do not know “{word}”. Did you mean {known}?", word=clip(word), known=known),
            controls=_choices(request, word, near),
        )
    raise UserError(
        words("I do not know “{word}”. I follow {known}.", word=clip(word), known=known),
        example=example,
    )


def _choices(request: Request, word: str, assets: tuple[Asset, ...]) -> tuple[Button, ...]:
    """The same question about each of these."""
    return tuple(
        Button(
            f"{a.symbol} · {a.name}",
            f"{request.command} {request.text.replace(word, a.symbol.lower(), 1)}",
        )
        for a in assets
    )


def first_asset(request: Request, desk: Desk, *, example: str) -> tuple[Asset, tuple[str, ...]]:
    """The asset named first, or Bitcoin, and the words after it."""
    if not request.args:
        return desk.watchlist.get(DEFAULT_ASSET), ()
    return asset(request, desk, request.args[0], example=example), request.args[1:]


def split_asset(request: Request, desk: Desk) -> tuple[Asset, tuple[str, ...]]:
    """For commands whose asset may be left out: the asset if one is named first, else Bitcoin."""
    if request.args and len(found := desk.watchlist.find(request.args[0])) == 1:
        return found[0], request.args[1:]
    return desk.watchlist.get(DEFAULT_ASSET), request.args


def interval(request: Request, word: str, *, example: str) -> Interval:
    if word.lower() in LENGTHS:
        return Interval(word.lower())
    known = ", ".join(LENGTHS)
    raise UserError(
        request.words("“{word}” is no candle length. Use {known}.", word=clip(word), known=known),
        example=example,
    )


def window(request: Request, word: str, *, longest: timedelta, example: str) -> timedelta:
    """A length of time like 4h, 24h or 7d, at most `longest`."""
    if (length := _length(word, longest)) is not None:
        return length
    raise UserError(
        request.words(
            "“{word}” is no length of time I can look back. Use 1h, 4h, 24h or 7d, up to {longest}.",
            word=clip(word),
            longest=request.words.span(longest),
        ),
        example=example,
    )


def window_ahead(request: Request, word: str, *, longest: timedelta, example: str) -> timedelta:
    """The same for what is to come."""
    if (length := _length(word, longest)) is not None:
        return length
    raise UserError(
        request.words(
            "“{word}” is no length of time I can look ahead. Use 7d, 14d or 30d, up to {longest}.",
            word=clip(word),
            longest=request.words.span(longest),
        ),
        example=example,
    )


def _length(word: str, longest: timedelta) -> timedelta | None:
    match = _WINDOW.fullmatch(word)
    length = timedelta(seconds=int(match[1]) * _UNITS[match[2].lower()]) if match else timedelta()
    return length if timedelta() < length <= longest else None


def no_more(request: Request, rest: tuple[str, ...], *, example: str) -> None:
    """Refuse words nobody asked for, rather than ignore them."""
    if rest:
        raise UserError(
            request.words("I do not understand “{word}” here.", word=clip(" ".join(rest))),
            example=example,
        )
