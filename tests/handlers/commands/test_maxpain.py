"""/maxpain: per expiry, never for all of them together."""

from datetime import timedelta

import pytest

from bot.render.text import plain
from handlers.commands.maxpain import COMMAND
from providers.errors import ProviderError
from providers.market import Sources
from providers.types import MaxPain
from tests.fakes import desk_with
from tests.handlers.commands.asking import Told, ask, chain


def pains(clock):
    """Today's has settled at 08:00; of the last the open interest is not known."""
    today = clock().date()
    ahead = (today, today + timedelta(days=2), today + timedelta(days=9))
    return (
        MaxPain(ahead[0], 80_000.0, 900.0, 90.0, 0.1),
        MaxPain(ahead[1], 84_000.0, 12.0, 5.0, 5 / 12),
        MaxPain(ahead[2], 99_000.0, None, None, None),
    )


def desk(clock, value, **more):
    return desk_with(Sources(options=(Told(clock, value, name="deribit", **more),)), clock)


async def test_the_title_names_price_and_expiry(clock):
    reply = await ask(COMMAND, desk(clock, chain(clock)))
    assert reply.title == "BTC max pain $90,000 for 8 Mar 2030"
    assert "0.42" in plain(reply)  # 5 puts for 12 calls


async def test_an_expiry_that_has_settled_today_is_over(clock):
    reply = await ask(COMMAND, desk(clock, chain(clock, days=0)))
    assert reply.title == "BTC: no options are listed"


async def test_a_chain_of_yesterday_shows_its_age(clock):
    reply = await ask(COMMAND, desk(clock, chain(clock), age=timedelta(days=1)))
    assert "(1 d old)" in plain(reply)


async def test_nothing_listed_is_said(clock):
    assert (await ask(COMMAND, desk(clock, ()))).title == "BTC: no options are listed"


async def test_while_deribit_is_away_another_tells_under_its_own_name(clock):
    deribit, glass = Told(clock, (), name="Deribit"), Told(clock, pains(clock), name="Coinglass")
    deribit.break_down()

    reply = await ask(COMMAND, desk_with(Sources(options=(deribit,), max_pain=(glass,)), clock))

    assert reply.title == "BTC max pain $84,000 for 8 Mar 2030"
    assert "Coinglass" in plain(reply)
    assert "Deribit" not in plain(reply)


async def test_when_the_other_is_away_too_deribit_is_the_one_that_is_missed(clock):
    deribit, glass = Told(clock, (), name="Deribit"), Told(clock, (), name="Coinglass")
    deribit.break_down()
    glass.break_down()

    with pytest.raises(ProviderError) as caught:
        await ask(COMMAND, desk_with(Sources(options=(deribit,), max_pain=(glass,)), clock))

    assert caught.value.source == "Deribit"
