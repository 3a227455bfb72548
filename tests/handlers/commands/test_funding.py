"""/funding: what longs pay shorts, venue by venue."""

from dataclasses import replace

from bot.render.text import plain
from handlers.commands.funding import COMMAND
from providers.market import Sources
from tests.fakes import desk_with
from tests.handlers.commands.asking import Told, ask, interest, rate


def desk(clock, *values, open_interest=()):
    venues = tuple(
        Told(clock, rate(clock, value, f"Venue{n}"), name=f"venue{n}")
        for n, value in enumerate(values)
    )
    return desk_with(Sources(funding=venues, open_interest=open_interest), clock)


async def test_rates_stand_side_by_side_with_a_year_of_them(clock):
    venue = Told(clock, interest(clock, venue="Venue0"), name="venue0")
    reply = await ask(COMMAND, desk(clock, 0.0001, -0.0002, open_interest=(venue,)))
    assert reply.title == "BTC funding +0.0100 % on Venue0"
    text = plain(reply)
    assert "+11.0 %" in text  # 0.01 % three times a day
    assert "$5.0 bn" in text
    assert "The venues differ on who pays whom." in text
    assert "Next payment: 13:00 UTC" in text


async def test_who_pays_is_said_when_all_agree(clock):
    assert "Longs pay shorts" in plain(await ask(COMMAND, desk(clock, 0.0001, 0.0002)))
    assert "Shorts pay longs." in plain(await ask(COMMAND, desk(clock, -0.0001)))


async def test_what_is_open_is_told_in_coins_where_dollars_are_unknown(clock):
    known = replace(interest(clock, venue="Venue0"), usd=None, coins=1234.0)
    venue = Told(clock, known, name="venue0")
    assert "1,234 BTC" in plain(await ask(COMMAND, desk(clock, 0.0001, open_interest=(venue,))))


async def test_rates_of_zero_mean_that_nobody_pays(clock):
    assert "Nobody pays anybody" in plain(await ask(COMMAND, desk(clock, 0.0, 0.0)))


async def test_missing_open_interest_costs_its_column_only(clock):
    text = plain(await ask(COMMAND, desk(clock, 0.0001)))
    assert "Open interest: no data" in text
    assert "+0.0100 %" in text
