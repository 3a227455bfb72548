"""The price in a chat's own currency: a venue's own, with its name and time, and never a conversion."""

import asyncio
from datetime import timedelta

import pytest

from bot.languages import Languages
from bot.render.text import plain
from config.watchlist import Watchlist
from handlers.alert_context import context
from handlers.commands.brief import COMMAND as BRIEF
from handlers.commands.price import COMMAND as PRICE
from handlers.observing import Sight
from handlers.preferences import Preferences
from handlers.quoted import CURRENCIES, quoted
from handlers.rule import Alert, Direction, Metric, Rule, Transition
from handlers.words import Words
from providers.errors import Unavailable, UnknownSymbol
from providers.market import Market, Sources
from providers.types import Reading, Ticker
from tests.fakes import START, desk_with
from tests.handlers.commands.asking import Bars, ask

EURO = Words(currency="EUR")
BTC = Watchlist.load().get("BTC")
LINE = "In EUR: €61,234 (Kraken, 11:59 UTC)"


class Exchange:
    """Trades Bitcoin for dollars and for euros, each at its own price; `fails` ends the market in euros."""

    name = "Kraken"

    def __init__(self):
        self.fails = None

    async def ticker(self, asset):
        match asset.at("kraken"):
            case "XBTUSD":
                return Reading(Ticker(70_000.0, change_24h_pct=1.0), self.name, START)
            case "XBTEUR" if self.fails:
                raise self.fails
            case "XBTEUR":
                return Reading(Ticker(61_234.0), self.name, START - timedelta(minutes=1))
        raise UnknownSymbol(self.name, asset.symbol)


class Elsewhere(Exchange):
    """A venue that sells for stablecoins only."""

    name = "Binance"

    async def ticker(self, asset):
        if asset.at("binance") is None:
            raise UnknownSymbol(self.name, asset.symbol)
        return Reading(Ticker(70_010.0), self.name, START)


@pytest.fixture
def venue():
    return Exchange()


@pytest.fixture
def desk(clock, venue):
    return desk_with(Sources(prices=(Elsewhere(), venue), candles=(Bars(clock),)), clock)


async def test_a_price_names_its_market_and_the_dollars_stay(desk):
    reply = await ask(PRICE, desk, "btc", words=EURO)

    assert reply.title.startswith("BTC $70,010")
    assert f"\n{LINE}\n" in plain(reply)
    assert reply.controls[0][0].command == "price BTC EUR"


@pytest.mark.parametrize("text", ["btc eur", "eur", "BTC EUR"])
async def test_a_currency_may_be_asked_for_once(desk, text):
    assert LINE in plain(await ask(PRICE, desk, text))


async def test_who_reads_dollars_sees_nothing_else(desk):
    reply = await ask(PRICE, desk, "btc")

    assert "In " not in plain(reply)
    assert reply.controls[0][0].command == "price BTC"
    assert "In EUR" not in plain(await ask(PRICE, desk, "btc usd", words=EURO))


@pytest.mark.parametrize("variant", ["", "weekly", "close", "flash"])
async def test_every_briefing_tells_it_among_its_first_lines(desk, variant):
    lines = plain(await ask(BRIEF, desk, variant, words=EURO)).splitlines()
    told = [line.strip() for line in lines if line.strip()]

    at = told.index(LINE)
    assert at == (1 if variant == "flash" else 2)
    assert variant == "flash" or told[at - 1].startswith("Price $")
    assert LINE not in plain(await ask(BRIEF, desk, variant))


async def test_it_leads_where_there_is_no_picture_of_the_dollar_price(clock, venue):
    lines = plain(
        await ask(BRIEF, desk_with(Sources(prices=(venue,)), clock), words=EURO)
    ).splitlines()

    assert next(line for line in lines[1:] if line.strip()) == LINE


async def test_an_alert_tells_it_beside_what_happened(venue):
    market = Market(Sources(prices=(venue,)), lambda: START)
    made = Rule("1", "c", "u", START, Metric.PRICE, Direction.BELOW, 71_000.0, "BTC")
    alert = Alert("1", Transition.FIRED, 70_000.0, START, "Kraken")

    first, *_ = await context(made, alert, Sight(market, BTC, START), EURO)

    assert "".join(p if isinstance(p, str) else p.text for p in first) == LINE


async def test_a_market_that_does_not_answer_is_said_and_dollars_remain(desk, venue):
    venue.fails = Unavailable("Kraken", "boom")

    reply = await ask(PRICE, desk, "btc", words=EURO)

    assert "In EUR: no price right now, so dollars only" in plain(reply)
    assert reply.title.startswith("BTC $70,010")


async def test_a_coin_that_nobody_sells_for_it_is_said(desk):
    reply = await ask(PRICE, desk, "btc chf")

    assert "In CHF: no venue I ask trades BTC for it, so dollars only" in plain(reply)


async def test_nobody_waits_long_for_a_second_currency():
    class Slow:
        async def price_in(self, asset, currency):
            await asyncio.Event().wait()

    line = await quoted(EURO, Slow(), BTC, patience=0.01)

    assert line == ("In EUR: no price right now, so dollars only",)


@pytest.mark.parametrize(
    ("locale", "currency", "value", "shown"),
    [
        ("en", "EUR", 61_234.4, "€61,234"),
        ("de", "EUR", 61_234.4, "61.234\xa0€"),
        ("en", "JPY", 9_876_543.2, "¥9,876,543"),
        ("en", "GBP", 0.5, "£0.5000"),
        ("en", "CHF", 12.345, "CHF\xa012.34"),
    ],
)
def test_money_is_written_as_the_language_does(locale, currency, value, shown):
    assert Words(locale).price_in(value, currency) == shown


def test_a_pair_is_named_as_the_venue_names_it_and_others_do_not_list_it():
    euro = BTC.traded_for("EUR")

    assert euro.names == {"coinbase": "BTC-EUR", "kraken": "XBTEUR", "bitstamp": "btceur"}
    assert euro.at("binance") is None


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_chats_choice_is_in_its_words(currency):
    languages = Languages(default="en", zone="UTC")

    assert languages.words(Preferences(currency=currency)).currency == currency
