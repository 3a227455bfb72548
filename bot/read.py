"""What each adapter understands of one raw answer or frame, as normalized JSON or as a refusal."""

import re
from collections.abc import Mapping
from typing import BinaryIO

import click
import msgspec

from bot.normalized import Item, normalized, plain
from bot.sources import READS
from providers.charset import text_of
from providers.errors import BadPayload, ProviderError, Refused
from providers.payload import Reader

LARGEST = 20_000_000  # bytes; far beyond what any source sends, and quick to refuse


# What else people call them; spaces, dots, dashes, underscores and a plural "s" never matter.
_SOURCE_WORDS = {
    "binancespot": "binance", "binanceusdm": "binance", "binancecoinm": "binance", "binancefutures": "binance",
    "coinbaseexchange": "coinbase", "okex": "okx", "soso": "sosovalue", "sosovaluev1": "sosovalue",
    "sosovaluev2": "sosovalue", "tbstat": "theblock", "theblockrss": "theblock", "alternativeme": "alternative",
    "fng": "alternative", "feargreed": "alternative", "gecko": "coingecko", "coinglassv4": "coinglass",
    "farsideinvestors": "farside", "headline": "headlines", "news": "headlines", "rss": "headlines",
    "atom": "headlines", "coindeskrss": "coindesk", "cointelegraphrss": "cointelegraph", "decryptrss": "decrypt",
    "fedrss": "fed", "fedcalendar": "fed", "federalreserve": "fed", "fomc": "fed", "secrss": "sec",
    "houserss": "house", "housefinancialservice": "house", "treasuryrss": "treasury", "ustreasury": "treasury",
    "stlouisfed": "fred", "ff": "forexfactory", "forex": "forexfactory",
}  # fmt: skip
_KIND_WORDS = {
    "liq": "liquidation", "forceorder": "liquidation", "kline": "candle", "ohlc": "candle", "bar": "candle",
    "price": "ticker", "etfflow": "flow", "inflow": "flow", "etf": "flow", "liquidationhistory": "liquidationtotal",
    "total": "liquidationtotal", "oi": "openinterest", "interest": "openinterest", "fundingrate": "funding",
    "option": "options", "maxpain": "options", "chain": "options", "fear": "sentiment", "fng": "sentiment",
    "feargreed": "sentiment", "news": "headline", "rss": "headline", "calendar": "event", "release": "event",
    "treasuries": "holding", "treasury": "holding", "longshort": "ratio", "longshortratio": "ratio",
    "instrument": "instruments", "contract": "instruments", "global": "market", "etflist": "fund",
}  # fmt: skip


def listing() -> list[str]:
    """ "source kind" of everything that can be read."""
    return [f"{source} {kind}" for source, kinds in READS.items() for kind in kinds]


def read(source: str, kind: str, text: str) -> list[Item]:
    """
    The facts in one raw answer or frame; none in a control frame. Raises the ProviderError that the answer stands
    for, BadPayload for what the source cannot have meant, and Refused for a source or kind that we do not know.
    """
    name, reader = _reader(source, kind)
    try:
        return normalized(name, reader(text.removeprefix("\ufeff")))
    except (RecursionError, ArithmeticError, ValueError, LookupError, TypeError):
        raise BadPayload(name, "an answer in a shape we do not know") from None


def refusal(error: ProviderError) -> Item:
    wait = error.retry_after.total_seconds() if error.retry_after is not None else None
    return {"error": error.code, "retry_after": wait, "detail": error.detail}


def answer(source: str, kind: str, body: bytes) -> tuple[str, int]:
    """What to print for this body, and the exit status."""
    try:
        return _json(read(source, kind, _text(source, body))), 0
    except ProviderError as error:
        return _json(plain(refusal(error))), 1


def _text(source: str, body: bytes) -> str:
    if len(body) > LARGEST:
        raise BadPayload(source, f"larger than {LARGEST:,} bytes")
    try:
        return text_of(body, strict=True)
    except UnicodeDecodeError as error:
        raise BadPayload(source, f"not {error.encoding.upper()}") from None


def main(source: str, kind: str, body: BinaryIO) -> int:
    """Read this body, print what it says, and give the exit status."""
    text, status = answer(source, kind, body.read(LARGEST + 1))
    click.echo(text)
    return status


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _reader(source: str, kind: str) -> tuple[str, Reader]:
    name = _known(source, READS, _SOURCE_WORDS)
    if name is None:
        raise Refused(source, f"unknown source; known: {', '.join(READS)}")
    kinds = READS[name]
    known = _known(kind, kinds, _KIND_WORDS)
    if known is None:
        raise Refused(name, f"{name} tells no {kind!r}; it tells: {', '.join(kinds)}")
    return name, kinds[known]


def _known(word: str, names: Mapping[str, object], others: Mapping[str, str]) -> str | None:
    """The name that this word means. A word may itself name one ("long_short") and elsewhere stand for another."""
    bare = _bare(word)
    by_bare = {_bare(name): name for name in names}
    meant = {_bare(other): _bare(name) for other, name in others.items()}
    return by_bare.get(bare) or by_bare.get(meant.get(bare, ""))


def _bare(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower()).removesuffix("s")
