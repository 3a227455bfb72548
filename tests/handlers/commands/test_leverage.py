"""/leverage: which leverage a fall has closed."""

import re
from datetime import UTC, datetime

import pytest

from bot.render.text import plain
from config.watchlist import Asset
from handlers.command import UserError
from handlers.commands.brief import COMMAND as BRIEF
from handlers.commands.leverage import COMMAND
from handlers.facts import leverage_section
from providers.market import Market, Sources
from providers.types import LeverageTier
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import Bars, ask


class Tiers:
    """A venue that asks 0.4 % of positions up to 1.5 M and 2 % beyond, and lists nothing above 20 M."""

    name = "Venue"
    as_of = datetime(2029, 11, 1, tzinfo=UTC)

    def tiers(self, asset):
        small, large = LeverageTier(1.5e6, 0.004, 0.0), LeverageTier(20e6, 0.02, 24_000.0)
        return (small, large) if asset.symbol == "BTC" else ()


async def test_the_fall_and_the_leverage_it_wipes_out_are_told(clock):
    reply = await ask(COMMAND, desk_with(Sources(candles=(Bars(clock),)), clock))
    assert re.fullmatch(r"BTC: the 21 d fall wipes out longs above \d+\.\d\dx", reply.title)
    text = plain(reply)
    assert re.search(r"48 hours: −\d+\.\d % from \$[\d,]+ wipes out longs above \d+\.\d\dx", text)
    assert "From here, another 5 % down takes longs above 18.3x." in text
    assert "5 % up takes shorts above 18.1x." in text
    assert "By a flat 0.5 % maintenance margin, as no tiers of BTC are known" in text


async def test_a_venues_tiers_tell_small_positions_from_large_ones(clock):
    sources = Sources(candles=(Bars(clock),), tiers=(Tiers(),))
    reply = await ask(COMMAND, desk_with(sources, clock))
    known = (await leverage_section(Market(sources, clock), Asset("BTC", "Bitcoin"), clock())).value
    text = plain(reply)
    widest = [f"{one.above:.1f}x" for one in known.from_high_21d.sized]

    assert reply.title.endswith(f" {known.from_high_21d.sized[0].above:.2f}x")
    assert re.search(r"\$10 k +\$1 M +\$10 M\n", text)
    assert f"longs, 21 d {' '.join(widest)}" in " ".join(text.split())
    assert "longs, next −5 % 18.6x 18.6x 15.0x" in " ".join(text.split())
    assert "shorts, next +5 % 18.5x 18.5x 14.6x" in " ".join(text.split())
    assert "By Venue's margin tiers as published in November 2029" in text
    assert "flat" not in text


async def test_an_asset_without_a_table_is_told_at_the_flat_rate(clock):
    sources = Sources(candles=(Bars(clock),), tiers=(Tiers(),))
    text = plain(await ask(COMMAND, desk_with(sources, clock), "eth"))
    assert "By a flat 0.5 % maintenance margin, as no tiers of ETH are known" in text


async def test_a_flash_tells_the_tiers_too(clock):
    sources = Sources(candles=(Bars(clock),), tiers=(Tiers(),))
    text = plain(await ask(BRIEF, desk_with(sources, clock), "flash"))
    assert re.search(
        r"wipes out \$10 k longs above about \S+x, \$10 M longs above about \S+x \(Venue tiers\)\.",
        text,
    )
    flat = plain(await ask(BRIEF, desk_with(Sources(candles=(Bars(clock),)), clock), "flash"))
    assert re.search(r"wipes out longs above about \S+x \(at 0.5 % maintenance margin\)\.", flat)


async def test_without_prices_it_says_so(clock):
    with pytest.raises(UserError, match="Leverage: no data"):
        await ask(COMMAND, desk_without_sources(clock))
