"""/leverage: which leverage a fall has closed."""

import re

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.leverage import COMMAND
from providers.market import Sources
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import Bars, ask


async def test_the_fall_and_the_leverage_it_wipes_out_are_told(clock):
    reply = await ask(COMMAND, desk_with(Sources(candles=(Bars(clock),)), clock))
    assert re.fullmatch(r"BTC: the fall wipes out longs above \d+\.\d\dx", reply.title)
    text = plain(reply)
    assert re.search(r"48 hours: −\d+\.\d % from \$[\d,]+ wipes out longs above \d+\.\d\dx", text)
    assert "From here, another 5 % down takes longs above 18.3x." in text
    assert "5 % up takes shorts above 18.1x." in text


async def test_without_prices_it_says_so(clock):
    with pytest.raises(UserError, match="Leverage: no data"):
        await ask(COMMAND, desk_without_sources(clock))
