"""/compare: the same measures side by side, with a dash where there is none."""

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.compare import COMMAND
from providers.market import Sources
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import Bars, Told, ask, book, flow_days, interest, rate


@pytest.fixture
def desk(clock):
    sources = Sources(
        candles=(Bars(clock),),
        flows=(Told(clock, flow_days(-272e6), name="farside"),),
        liquidations=(Told(clock, book(clock), name="own count"),),
        funding=(Told(clock, rate(clock)),),
        open_interest=(Told(clock, interest(clock)),),
    )
    return desk_with(sources, clock)


async def test_rows_hold_the_same_measure_of_each(desk):
    reply = await ask(COMMAND, desk, "btc sol")
    rows = {row[0]: row[1:] for row in reply.blocks[0].rows}
    assert reply.blocks[0].head == ("", "BTC", "SOL")
    assert rows["Open interest"] == ("$5.0 bn", "$5.0 bn")
    assert rows["Longs closed"] == ("≥ $48.0 M", "≥ $48.0 M")
    assert rows["Funding 8 h"][0] == "+0.0100 %"
    assert "ETF trade date: BTC Tue 5 Mar" in plain(reply)
    assert "Closed by force: 24 h, at least." in plain(reply)


async def test_without_sources_there_is_no_price_and_it_is_named(clock):
    text = plain(await ask(COMMAND, desk_without_sources(clock), "btc eth"))
    assert text.startswith("24 h: BTC no price · ETH no price")
    assert "ETH Missing: price" in text
    assert "Closed by force" not in text


@pytest.mark.parametrize("text", ["", "btc", "btc btc", "btc eth sol bnb", "btc unicorn"])
async def test_two_or_three_known_assets_are_needed(desk, text):
    with pytest.raises(UserError):
        await ask(COMMAND, desk, text)
