"""
One picture of the market, made of parts that can also be had alone.

Briefings, commands, the command line and replay all take their figures from here, so a number is computed in one
place and reads the same everywhere. A part that cannot be had is Missing with its reason and costs nothing else.
"""

from handlers.facts.ask import (
    events_section,
    flows_section,
    headlines_section,
    holdings_section,
    levels_section,
    leverage_section,
    liquidations_section,
    momentum_section,
    options_section,
    positioning_section,
    price_section,
    sentiment_section,
    trend_section,
)
from handlers.facts.bars import Bars, fetch_bars
from handlers.facts.picture import facts
from handlers.facts.shapes import Facts, Missing, Section

__all__ = [
    "Bars",
    "Facts",
    "Missing",
    "Section",
    "events_section",
    "facts",
    "fetch_bars",
    "flows_section",
    "headlines_section",
    "holdings_section",
    "levels_section",
    "leverage_section",
    "liquidations_section",
    "momentum_section",
    "options_section",
    "positioning_section",
    "price_section",
    "sentiment_section",
    "trend_section",
]
