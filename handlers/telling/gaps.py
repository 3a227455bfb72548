"""What could not be had, since when, and why."""

from collections.abc import Iterator

from handlers.facts.shapes import Facts, Missing, Section
from handlers.missing import absent
from handlers.reply import Line, Strong
from handlers.words import Words
from providers.errors import UnknownSymbol

NAMED = (
    Section.PRICE, Section.FLOWS, Section.LIQUIDATIONS, Section.LEVELS, Section.POSITIONING,
    Section.SENTIMENT, Section.OPTIONS, Section.HOLDINGS, Section.EVENTS, Section.HEADLINES,
)  # fmt: skip


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


def _belongs(facts: Facts, section: Missing) -> bool:
    if section.kind is Section.FLOWS and not facts.asset.etf:
        return False
    return section.reason != UnknownSymbol.code or section.kind is Section.PRICE


def _gap(words: Words, section: Missing) -> str:
    what = name(words, section.kind)
    if section.since is None:
        return what
    return words("{what} since {time}", what=what, time=words.time(section.since))


def name(words: Words, kind: Section) -> str:
    """What momentum, trend and leverage are made of is the price."""
    names = {
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
