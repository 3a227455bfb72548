"""Which sources answer which question, best first, as the settings and keys allow."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from pydantic import SecretStr

from bot.liquidation_book import OwnLiquidations
from bot.prices import LivePrices
from config import VERSION
from config.settings import Settings
from config.watchlist import Asset, Watchlist
from providers import (
    binance,
    binance_live,
    bitstamp,
    bybit_answers,
    bybit_live,
    coinbase,
    coinbase_live,
    coingecko,
    coinglass,
    deribit,
    farside,
    fred,
    headlines,
    kraken,
    okx_answers,
    okx_live,
    sosovalue,
)
from providers.alternative import Alternative
from providers.binance import Binance
from providers.binance_futures import BinanceFutures
from providers.bitstamp import Bitstamp
from providers.bybit import Bybit
from providers.cache import Cache
from providers.coinbase import Coinbase
from providers.coingecko import CoinGecko
from providers.coinglass import Coinglass
from providers.deribit import Deribit
from providers.errors import ProviderError
from providers.farside import Farside
from providers.fed import Fed
from providers.feed import Feed
from providers.flow_history import FlowHistory
from providers.forexfactory import ForexFactory
from providers.fred import Fred
from providers.headlines import NewsFeed
from providers.kraken import Kraken
from providers.market import Sources
from providers.okx import OKX
from providers.okx_contracts import Contracts
from providers.ports import Flows
from providers.sosovalue import SoSoValue
from providers.theblock import TheBlock
from providers.tiers import BinanceTiers
from providers.upstream import Budget, Refusal, Upstream, no_refusal
from providers.wire import http_client

LIVE_VENUES = ("Binance", "OKX", "Coinbase")  # whose ticks are the spot price, best first
# What each host documents for a client without a key, less a tenth; where nothing is written, what is polite.
BUDGETS = {
    "Binance": "5400/minute", "Binance futures": "2160/minute", "OKX": "18/2 seconds", "Bybit": "540/5 seconds",
    "Coinbase": "9/second", "Kraken": "50/minute", "Bitstamp": "9000/10 minutes", "Deribit": "10/second",
    "SoSoValue": "18/minute", "SoSoValue v1": "8/minute", "The Block": "30/minute", "Farside": "6/minute",
    "CoinGecko": "10/minute", "alternative.me": "30/minute", "FRED": "60/minute", "ForexFactory": "2/hour",
}  # fmt: skip
COINGLASS_BUDGETS = {"hobbyist": 27, "startup": 72, "standard": 270, "professional": 1080}
POLITE = "20/minute"


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that asks the outside world. `flows` also knows how each flow source is doing."""

    sources: Sources
    live: LivePrices
    feeds: Callable[[], Awaitable[tuple[Feed, ...]]]
    flows: FlowHistory
    waiting_for_key: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes one Upstream after another, all closed together."""

    settings: Settings
    client: httpx.AsyncClient
    cache: Cache
    redis: Any
    now: Callable[[], datetime]
    stack: AsyncExitStack

    def __call__(
        self,
        name: str,
        url: str,
        refusal: Refusal = no_refusal,
        headers: Mapping[str, str] | None = None,
        *,
        conditional: bool = False,
        rules: str | None = None,
    ) -> Upstream:
        budget = Budget(name, rules or BUDGETS.get(name, POLITE), self.redis)
        upstream = Upstream(
            name,
            url,
            client=self.client,
            cache=self.cache,
            budget=budget,
            now=self.now,
            headers=headers,
            refusal=refusal,
            conditional=conditional,
        )
        self.stack.push_async_callback(upstream.aclose)
        return upstream


@asynccontextmanager
async def open_sources(
    settings: Settings, watchlist: Watchlist, redis: Any, now: Callable[[], datetime]
) -> AsyncIterator[Outside]:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(http_client(VERSION, settings.http_contact))
        make = _Maker(settings, client, Cache(redis), redis, now, stack)
        live, own = LivePrices(redis, now, LIVE_VENUES), OwnLiquidations(redis, now)
        venues = _venues(make)
        glass = _coinglass(make)
        flows = FlowHistory(_flows(make, glass), redis, now)
        sources = Sources(
            live=(live,),
            prices=(
                venues.binance,
                venues.okx,
                venues.bybit,
                venues.coinbase,
                venues.kraken,
                venues.bitstamp,
            ),
            candles=(
                venues.binance,
                venues.okx,
                venues.bybit,
                venues.coinbase,
                venues.kraken,
                venues.bitstamp,
            ),
            history=(venues.bitstamp, venues.coinbase),
            flows=(flows,),
            liquidations=(own,),
            liquidation_totals=(glass,) if glass else (),
            open_interest=(venues.futures, venues.okx, venues.bybit),
            funding=(venues.futures, venues.okx, venues.bybit),
            options=(Deribit(make("Deribit", settings.addresses.deribit_url, deribit.refusal)),),
            tiers=(BinanceTiers(),),
            sentiment=(
                Alternative(make("alternative.me", settings.addresses.alternative_url)),
                *((glass,) if glass else ()),
            ),
            holdings=(_coingecko(make),),
            headlines=_headlines(make),
            events=_events(make),
        )
        yield Outside(
            sources, live, _feeds(settings, watchlist, venues.okx), flows, _waiting(settings)
        )


@dataclass(frozen=True, slots=True)
class _Venues:
    binance: Binance
    futures: BinanceFutures
    okx: OKX
    bybit: Bybit
    coinbase: Coinbase
    kraken: Kraken
    bitstamp: Bitstamp


def _venues(make: _Maker) -> _Venues:
    at, now = make.settings.addresses, make.now
    return _Venues(
        Binance(make("Binance", at.binance_spot_url, binance.refusal)),
        BinanceFutures(make("Binance futures", at.binance_futures_url, binance.refusal), now),
        OKX(make("OKX", at.okx_url, okx_answers.refusal)),
        Bybit(make("Bybit", at.bybit_url, bybit_answers.refusal)),
        Coinbase(make("Coinbase", at.coinbase_url, coinbase.refusal), now),
        Kraken(make("Kraken", at.kraken_url, kraken.refusal)),
        Bitstamp(make("Bitstamp", at.bitstamp_url, bitstamp.refusal), now),
    )


def _key(header: str, secret: SecretStr | None) -> dict[str, str]:
    return {header: secret.get_secret_value()} if secret else {}


def _coinglass(make: _Maker) -> Coinglass | None:
    key, plan = make.settings.coinglass_api_key, make.settings.coinglass_plan
    if key is None:
        return None
    rules = f"{COINGLASS_BUDGETS.get(plan, 27)}/minute"
    url = make.settings.addresses.coinglass_url
    upstream = make("Coinglass", url, coinglass.refusal, _key("CG-API-KEY", key), rules=rules)
    return Coinglass(upstream, make.now, plan)


def _flows(make: _Maker, glass: Coinglass | None) -> tuple[Flows, ...]:
    """Coinglass and SoSoValue are first with a day's figures; the others reach further back."""
    settings, at = make.settings, make.settings.addresses
    key = settings.sosovalue_api_key
    keyless = (
        make("SoSoValue", at.sosovalue_v2_url, sosovalue.refusal)
        if settings.sosovalue_keyless
        else None
    )
    keyed = (
        make("SoSoValue v1", at.sosovalue_url, sosovalue.refusal, _key("x-soso-api-key", key))
        if key
        else None
    )
    chain: list[Flows] = [glass] if glass else []
    if keyless or keyed:
        chain.append(SoSoValue(keyless, keyed, make.now))
    if settings.theblock_enabled:
        chain.append(TheBlock(make("The Block", at.theblock_url), make.now))
    if settings.farside_enabled:
        chain.append(Farside(make("Farside", at.farside_url, farside.refusal), make.now))
    return tuple(chain)


def _coingecko(make: _Maker) -> CoinGecko:
    headers = _key("x-cg-demo-api-key", make.settings.coingecko_demo_key)
    return CoinGecko(
        make("CoinGecko", make.settings.addresses.coingecko_url, coingecko.refusal, headers)
    )


def _headlines(make: _Maker) -> tuple[NewsFeed, ...]:
    at = make.settings.addresses
    return tuple(
        NewsFeed(name, make(name, getattr(at, setting), conditional=True))
        for name, setting in headlines.FEEDS
    )


def _events(make: _Maker) -> tuple[Any, ...]:
    settings, at = make.settings, make.settings.addresses
    calendars: list[Any] = [Fed(make("Fed calendar", at.fed_calendar_url, conditional=True))]
    if settings.fred_api_key:
        calendars.append(Fred(make("FRED", at.fred_url, fred.refusal), settings.fred_api_key))
    calendars.append(ForexFactory(make("ForexFactory", at.forexfactory_url)))
    return tuple(calendars)


def _waiting(settings: Settings) -> tuple[tuple[str, str], ...]:
    keys = (
        (settings.coinglass_api_key, "Coinglass", "liquidation_totals"),
        (settings.sosovalue_api_key, "SoSoValue v1", "flows"),
        (settings.fred_api_key, "FRED", "events"),
    )
    return tuple((name, kind) for key, name, kind in keys if key is None)


def _feeds(
    settings: Settings, watchlist: Watchlist, okx: OKX
) -> Callable[[], Awaitable[tuple[Feed, ...]]]:
    """The live feeds, made when somebody is about to listen: OKX's contract values are asked for first."""

    async def feeds() -> tuple[Feed, ...]:
        at, contracts = settings.addresses, Contracts()
        with suppress(
            ProviderError
        ):  # the documented ones stand; others are counted without a size
            contracts.learn((await okx.contracts()).value)
        return (
            binance_live.spot_feed(at.binance_spot_stream_url, _at(watchlist, "binance")),
            binance_live.futures_feed(
                at.binance_futures_stream_url, _at(watchlist, "binance_usdm")
            ),
            okx_live.feed(at.okx_stream_url, _at(watchlist, "okx"), contracts),
            bybit_live.feed(at.bybit_stream_url, _at(watchlist, "bybit")),
            coinbase_live.feed(at.coinbase_stream_url, _at(watchlist, "coinbase")),
        )

    return feeds


def _at(watchlist: Watchlist, source: str) -> tuple[Asset, ...]:
    return tuple(a for a in watchlist.assets if a.at(source))
