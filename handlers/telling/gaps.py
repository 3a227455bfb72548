"""What could not be had, since when, and why."""

from collections.abc import Iterator

from handlers.facts.shapes import (
    Facts,
    LiquidationFacts,
    Missing,
    MomentumFacts,
    PositioningFacts,
    Section,
)
from handlers.missing import absent
from handlers.reply import Line, Strong
from handlers.words import Words
from providers.errors import NoSource, UnknownSymbol
from providers.types import Reading

NAMED = (
    Section.PRICE, Section.MOMENTUM, Section.FLOWS, Section.LIQUIDATIONS, Section.LEVELS, Section.POSITIONING,
    Section.SENTIMENT, Section.OPTIONS, Section.HOLDINGS, Section.EVENTS, Section.HEADLINES,
)  # fmt: skip
EXPECTED = (
    Section.PRICE,
    Section.LIQUIDATIONS,
    Section.POSITIONING,
)  # every asset of ours has them


def gaps(words: Words, facts: Facts) -> Line | None:
    """ "Missing: calendar; funding since 09:10 UTC". What does not exist for the asset is not missing."""
    found = list(missing_sections(facts))
    if not found:
        return None
    parts = [_gap(words, one) for one in found]
    return (Strong(words("Missing:")), f" {'; '.join(parts)}")


def reasons(words: Words, facts: Facts) -> tuple[Line, ...]:
    """The same in full, one line each with its reason."""
    return tuple((absent(words, name(words, one.kind), one),) for one in missing_sections(facts))


def missing_sections(facts: Facts) -> Iterator[Missing]:
    for kind in NAMED:
        section = getattr(facts, kind.value)
        if isinstance(section, Missing) and _belongs(facts, section):
            yield section
        elif isinstance(section, Reading) and _empty(kind, section.value):
            yield Missing(kind, NoSource.code)


def _empty(kind: Section, value: object) -> bool:
    """An answer that holds no figure: too young a market, too short a count."""
    match value:
        case MomentumFacts():
            return value.rsi14_1d is None
        case LiquidationFacts():
            return value.sum_24h is None
        case PositioningFacts():
            return not value.open_interest and not value.funding
        case _:
            return kind is Section.LEVELS and not value


def _belongs(facts: Facts, section: Missing) -> bool:
    if section.kind is Section.FLOWS and not facts.asset.etf:
        return False
    if section.kind is Section.MOMENTUM and isinstance(facts.price, Missing):
        return False  # said by the price already
    return section.reason != UnknownSymbol.code or section.kind in EXPECTED


def _gap(words: Words, section: Missing) -> str:
    what = name(words, section.kind)
    if section.since is None:
        return what
    return words("{what} since {time}", what=what, time=words.time(section.since))


def name(words: Words, kind: Section) -> str:
    """What trend and leverage are made of is the price."""
    names = {
        Section.MOMENTUM: words("RSI"),
        Section.FLOWS: words("ETF flows"),
        Section.LIQUIDATIONS: words("liquidations"),
        Section.LEVELS: words("levels"),
        Section.POSITIONING: words("open interest and funding"),
        Section.SENTIMENT: words("Fear & Greed"),
        Section.OPTIONS: words("options"),
        Section.HOLDINGS: words("government coins"),
        Section.EVENTS: words("calendar"),
        Section.HEADLINES: words("headlines"),
    }
    return names.get(kind, words("price"))
