"""Which sources a deployment has, by its keys."""

import fakeredis
import pytest

from bot.sources import Outside, open_sources
from config.settings import Settings
from config.watchlist import Watchlist
from tests.fakes import Clock


async def opened(clock: Clock, **chosen: str) -> Outside:
    settings = Settings(**chosen)
    async with open_sources(settings, Watchlist.load(), fakeredis.FakeAsyncRedis(), clock) as out:
        return out


async def test_a_coinglass_key_stands_in_for_deribits_options(clock: Clock) -> None:
    without, with_ = await opened(clock), await opened(clock, coinglass_api_key="k")

    assert without.sources.max_pain == ()
    assert [source.name for source in with_.sources.max_pain] == ["Coinglass"]


async def test_a_plan_is_known_however_it_is_written(clock: Clock) -> None:
    await opened(clock, coinglass_api_key="k", coinglass_plan="Startup")

    with pytest.raises(ValueError, match="platinum"):
        await opened(clock, coinglass_api_key="k", coinglass_plan="platinum")
