"""Which sources answer which question, best first, as the settings and keys allow; and what each can read."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
from pydantic import SecretStr

from bot.feeds import COUNTED_VENUES, LIVE_VENUES, keep_learning, live_feeds
from bot.liquidation_book import OwnLiquidations
from bot.prices import LivePrices
from config import VERSION
from config.settings import Settings
from config.watchlist import Watchlist
from providers import (
    alternative,
    binance,
    binance_futures,
    binance_read,
    bitstamp,
    bybit,
    bybit_answers,
    bybit_read,
    coinbase,
    coingecko,
    coinglass,
    deribit,
    deribit_read,
    farside,
    fed,
    forexfactory,
    fred,
    headlines,
    kraken,
    kraken_read,
    okx,
    okx_answers,
    okx_read,
    sosovalue,
    theblock,
)
from providers.cache import Cache
from providers.feed import Feed
from providers.flow_history import FlowHistory
from providers.market import Sources
from providers.okx_contracts import Contracts
from providers.payload import Reader, understood
from providers.ports import Events, Flows
from providers.tiers import BinanceTiers
from providers.upstream import Budget, Refusal, Rest, Upstream, no_refusal
from providers.wire import http_client

# What each host documents for a client without a key, less a tenth; where nothing is written, what is polite.
BUDGETS = {
    "Binance": "5400/minute", "Binance futures": "2160/minute", "OKX": "18/2 seconds", "Bybit": "540/5 seconds",
    "Coinbase": "9/second", "Kraken": "50/minute", "Bitstamp": "9000/10 minutes", "Deribit": "10/second",
    "SoSoValue": "18/minute", "SoSoValue v1": "8/minute", "The Block": "30/minute", "Farside": "6/minute",
    "CoinGecko": "10/minute", "alternative.me": "30/minute", "FRED": "60/minute",
}  # fmt: skip
# What a host counts by itself: https://www.okx.com/docs-v5 names a limit for each path.
PATH_BUDGETS = {
    "OKX": {
        "/api/v5/market/candles": "36/2 seconds",
        "/api/v5/public/funding-rate": "9/2 seconds",
        "/api/v5/rubik/stat/contracts/open-interest-history": "9/2 seconds",
    }
}
APART = {"ForexFactory": timedelta(hours=1)}  # "at most one request an hour", failed ones too
# A ban is of our address, on whichever host we earned it.
ONE_VENUE = {"Binance futures": "Binance"}
COINGLASS_BUDGETS = {
    coinglass.Plan.HOBBYIST: 27, coinglass.Plan.STARTUP: 72, coinglass.Plan.STANDARD: 270,
    coinglass.Plan.PROFESSIONAL: 1080,
}  # fmt: skip
POLITE = "20/minute"


def _feed(name: str) -> Mapping[str, Reader]:
    return {"headline": understood(headlines.NAME, partial(headlines.parse_feed, source=name))}


# What each source's adapter understands, for `read`; one line per source.
READS: Mapping[str, Mapping[str, Reader]] = {
    "binance": binance_read.READS,
    "okx": okx_read.READS,
    "bybit": bybit_read.READS,
    "coinbase": coinbase.READS,
    "kraken": kraken_read.READS,
    "bitstamp": bitstamp.READS,
    "deribit": deribit_read.READS,
    "sosovalue": sosovalue.READS,
    "theblock": {**theblock.READS, **_feed("The Block")},
    "farside": farside.READS,
    "coinglass": coinglass.READS,
    "coingecko": coingecko.READS,
    "alternative": alternative.READS,
    "headlines": headlines.READS,
    "coindesk": _feed("CoinDesk"),
    "cointelegraph": _feed("Cointelegraph"),
    "decrypt": _feed("Decrypt"),
    "fed": {**fed.READS, **_feed("Federal Reserve")},
    "sec": _feed("SEC"),
    "house": _feed("House Financial Services"),
    "treasury": _feed("US Treasury"),
    "fred": fred.READS,
    "forexfactory": forexfactory.READS,
}


@dataclass(frozen=True, slots=True)
class Outside:
    """
    Everything that asks the outside world. `flows` also knows how each flow source is doing; whoever listens to `feeds`
    runs `learning` beside them, until cancelled.
    """

    sources: Sources
    live: LivePrices
    feeds: Callable[[], Awaitable[tuple[Feed, ...]]]
    learning: Callable[[], Coroutine[Any, Any, None]]
    flows: FlowHistory
    waiting_for_key: tuple[tuple[str, str], ...]
    switched_off: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes one Upstream after another, all closed together."""

    settings: Settings
    client: httpx.AsyncClient
    cache: Cache
    redis: Any
    now: Callable[[], datetime]
    stack: AsyncExitStack
    rests: dict[str, Rest] = field(default_factory=dict)

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
        venue = ONE_VENUE.get(name, name)
        paths = PATH_BUDGETS.get(name, {})
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
            budgets={p: Budget(f"{name} {p}", rule, self.redis) for p, rule in paths.items()},
            rest=self.rests.setdefault(venue, Rest(venue, self.cache, self.now)),
            apart=APART.get(name),
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
        live, own = (
            LivePrices(redis, now, LIVE_VENUES),
            OwnLiquidations(redis, now, COUNTED_VENUES),
        )
        venues, contracts = _venues(make), Contracts()
        glass = _coinglass(make)
        flows = FlowHistory(_flows(make, glass), redis, now)
        sources = Sources(
            live=(live,),
            prices=venues.spot,
            candles=venues.spot,
            history=(venues.bitstamp, venues.coinbase),
            flows=(flows,),
            liquidations=(own,),
            liquidation_totals=(glass,) if glass else (),
            open_interest=(venues.futures, venues.okx, venues.bybit),
            funding=(venues.futures, venues.okx, venues.bybit),
            funding_history=(venues.futures, venues.okx),
            options=(_deribit(make),),
            max_pain=(glass,) if glass else (),
            tiers=(BinanceTiers(),),
            sentiment=(
                alternative.Alternative(make("alternative.me", settings.addresses.alternative_url)),
                *((glass,) if glass else ()),
            ),
            holdings=(_coingecko(make),),
            headlines=_headlines(make),
            events=_events(make),
        )
        yield Outside(
            sources,
            live,
            partial(live_feeds, settings.addresses, watchlist, venues.okx, contracts),
            partial(keep_learning, venues.okx, contracts),
            flows,
            _waiting(settings),
            _switched_off(settings),
        )


@dataclass(frozen=True, slots=True)
class _Venues:
    binance: binance.Binance
    futures: binance_futures.BinanceFutures
    okx: okx.OKX
    bybit: bybit.Bybit
    coinbase: coinbase.Coinbase
    kraken: kraken.Kraken
    bitstamp: bitstamp.Bitstamp

    @property
    def spot(self) -> tuple[Any, ...]:
        """Those with a price and bars of their own, best first."""
        return (self.binance, self.okx, self.bybit, self.coinbase, self.kraken, self.bitstamp)


def _venues(make: _Maker) -> _Venues:
    at, now = make.settings.addresses, make.now
    futures = make("Binance futures", at.binance_futures_url, binance.refusal)
    return _Venues(
        binance.Binance(make("Binance", at.binance_spot_url, binance.refusal)),
        binance_futures.BinanceFutures(futures, now),
        okx.OKX(make("OKX", at.okx_url, okx_answers.refusal)),
        bybit.Bybit(make("Bybit", at.bybit_url, bybit_answers.refusal)),
        coinbase.Coinbase(make("Coinbase", at.coinbase_url, coinbase.refusal), now),
        kraken.Kraken(make("Kraken", at.kraken_url, kraken.refusal)),
        bitstamp.Bitstamp(make("Bitstamp", at.bitstamp_url, bitstamp.refusal), now),
    )


def _deribit(make: _Maker) -> deribit.Deribit:
    return deribit.Deribit(make("Deribit", make.settings.addresses.deribit_url, deribit.refusal))


def _key(header: str, secret: SecretStr | None) -> dict[str, str]:
    return {header: secret.get_secret_value()} if secret else {}


def _coinglass(make: _Maker) -> coinglass.Coinglass | None:
    """Raises ValueError for a plan that Coinglass does not sell."""
    key = make.settings.coinglass_api_key
    if key is None:
        return None
    plan = coinglass.Plan(make.settings.coinglass_plan.lower())
    rules = f"{COINGLASS_BUDGETS[plan]}/minute"
    url = make.settings.addresses.coinglass_url
    upstream = make("Coinglass", url, coinglass.refusal, _key("CG-API-KEY", key), rules=rules)
    return coinglass.Coinglass(upstream, make.now)


def _flows(make: _Maker, glass: coinglass.Coinglass | None) -> tuple[Flows, ...]:
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
        chain.append(sosovalue.SoSoValue(keyless, keyed, make.now))
    if settings.theblock_enabled:
        chain.append(theblock.TheBlock(make("The Block", at.theblock_url), make.now))
    if settings.farside_enabled:
        chain.append(farside.Farside(make("Farside", at.farside_url, farside.refusal), make.now))
    return tuple(chain)


def _coingecko(make: _Maker) -> coingecko.CoinGecko:
    headers = _key("x-cg-demo-api-key", make.settings.coingecko_demo_key)
    return coingecko.CoinGecko(
        make("CoinGecko", make.settings.addresses.coingecko_url, coingecko.refusal, headers)
    )


def _headlines(make: _Maker) -> tuple[headlines.NewsFeed, ...]:
    at = make.settings.addresses
    return tuple(
        headlines.NewsFeed(name, make(name, getattr(at, setting), conditional=True))
        for name, setting in headlines.FEEDS
    )


def _events(make: _Maker) -> tuple[Events, ...]:
    settings, at = make.settings, make.settings.addresses
    calendars: list[Events] = [fed.Fed(make("Fed calendar", at.fed_calendar_url, conditional=True))]
    if settings.fred_api_key:
        calendars.append(fred.Fred(make("FRED", at.fred_url, fred.refusal), settings.fred_api_key))
    calendars.append(forexfactory.ForexFactory(make("ForexFactory", at.forexfactory_url)))
    return tuple(calendars)


def _waiting(settings: Settings) -> tuple[tuple[str, str], ...]:
    """What a key would add or make steadier, as (source, kind of fact)."""
    keys = (
        (settings.coinglass_api_key, "Coinglass", "liquidation_totals"),
        (settings.coinglass_api_key, "Coinglass", "flows"),
        (settings.coinglass_api_key, "Coinglass", "sentiment"),
        (settings.coingecko_demo_key, "CoinGecko Demo", "holdings"),
        (settings.sosovalue_api_key, "SoSoValue v1", "flows"),
        (settings.fred_api_key, "FRED", "events"),
    )
    return tuple((name, kind) for key, name, kind in keys if key is None)


def _switched_off(settings: Settings) -> tuple[tuple[str, str], ...]:
    switches = (
        (settings.sosovalue_keyless, "SoSoValue"),
        (settings.theblock_enabled, "The Block"),
        (settings.farside_enabled, "Farside"),
    )
    return tuple((name, "flows") for on, name in switches if not on)
