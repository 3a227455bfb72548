"""What /status can say of sources that are not asked: without their key, or switched off."""

import fakeredis

from bot.sources import open_sources
from config.settings import Settings
from config.watchlist import Watchlist
from tests.fakes import Clock

KEYS = dict.fromkeys(
    ("coinglass_api_key", "coingecko_demo_key", "sosovalue_api_key", "fred_api_key"), "any"
)


async def missing(clock: Clock, **settings: object) -> tuple[set[tuple[str, str]], ...]:
    one = Settings(_env_file=None, **settings)
    redis = fakeredis.FakeAsyncRedis()
    async with open_sources(one, Watchlist.load(), redis, clock) as outside:
        return set(outside.waiting_for_key), set(outside.switched_off)


async def test_each_fact_that_a_key_would_add_is_named(clock: Clock) -> None:
    waiting, _ = await missing(clock)
    with_keys, _ = await missing(clock, **KEYS)

    assert waiting == {
        ("Coinglass", "liquidation_totals"),
        ("Coinglass", "flows"),
        ("Coinglass", "sentiment"),
        ("CoinGecko Demo", "holdings"),
        ("SoSoValue v1", "flows"),
        ("FRED", "events"),
    }
    assert with_keys == set()


async def test_a_source_that_is_switched_off_is_named(clock: Clock) -> None:
    _, usual = await missing(clock)
    _, all_off = await missing(clock, sosovalue_keyless=False, theblock_enabled=False)
    _, none = await missing(clock, farside_enabled=True)

    assert usual == {("Farside", "flows")}
    assert all_off == {("SoSoValue", "flows"), ("The Block", "flows"), ("Farside", "flows")}
    assert none == set()
