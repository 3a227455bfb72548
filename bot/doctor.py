"""Everything that would fail in production, found before it does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import discord
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.app import App, open_app
from bot.audit import Level, audit
from bot.embedded import NoServer
from bot.store import StoreDown, UnsafeStore
from bot.transports.telegram_request import AiohttpRequest
from config.settings import Settings
from providers.errors import ProviderError
from providers.types import Interval

PATIENCE = 15.0  # seconds for each check


@dataclass(frozen=True, slots=True)
class Check:
    """`needed`: a failure of it fails the whole."""

    name: str
    ok: bool
    text: str
    needed: bool = False


async def checks(settings: Settings) -> AsyncIterator[Check]:
    """One after another, so that a reader sees where it is."""
    has_token = settings.telegram_token is not None or settings.discord_token is not None
    yield Check(
        "tokens",
        has_token,
        "found" if has_token else "set TELEGRAM_TOKEN or DISCORD_TOKEN",
        needed=True,
    )
    if settings.telegram_webhook_url and not (
        settings.webhook_secret and settings.port is not None
    ):
        yield Check(
            "webhook", False, "TELEGRAM_WEBHOOK_URL needs WEBHOOK_SECRET and PORT", needed=True
        )
    if settings.telegram_token is not None:
        yield await _telegram(settings)
    if settings.discord_token is not None:
        yield await _discord(settings)
    try:
        async with open_app(settings.model_copy(update={"allow_volatile_store": True})) as app:
            async for check in _inside(app, strict=not settings.allow_volatile_store):
                yield check
    except (UnsafeStore, NoServer) as error:
        yield Check("store", False, str(error), needed=True)
    except StoreDown:
        yield Check("store", False, "does not answer; check REDIS_URL", needed=True)


async def _inside(app: App, *, strict: bool) -> AsyncIterator[Check]:
    if strict and app.settings.ephemeral_disk and app.settings.redis_url is None:
        text = "this platform's disk is wiped at each restart: set REDIS_URL"
        yield Check("store", False, text, needed=True)
    findings = await audit(app.store, app.now())
    fatal = [f for f in findings if f.level is Level.FATAL]
    for finding in findings:
        yield Check(
            "store",
            finding.level is not Level.FATAL,
            finding.text,
            needed=strict and finding.level is Level.FATAL,
        )
    if not fatal:
        yield Check("store", True, app.store.kind)
    for name, ask in _questions(app).items():
        yield await _source(name, ask)


def _questions(app: App) -> dict[str, Callable[[], Awaitable[object]]]:
    """One question per kind of fact; the sources behind each stand for one another."""
    market, btc = app.desk.market, app.desk.watchlist.get("BTC")
    now = app.now()
    return {
        "price": lambda: market.tickers(btc),
        "candles": lambda: market.candles(btc, Interval.H1, 50),
        "history": lambda: market.history(btc),
        "flows": lambda: market.flows(btc),
        "open interest": lambda: market.open_interest(btc),
        "funding": lambda: market.funding(btc),
        "options": lambda: market.options(btc),
        "sentiment": market.sentiment,
        "holdings": lambda: market.holdings(btc, "governments"),
        "headlines": market.headlines,
        "calendar": lambda: market.events(now.date(), (now + timedelta(days=30)).date()),
    }


async def _source(name: str, ask: Callable[[], Awaitable[object]]) -> Check:
    try:
        async with asyncio.timeout(PATIENCE):
            await ask()
    except ProviderError as error:
        return Check(name, False, f"no source answers ({error.code}: {error.source})")
    except TimeoutError:
        return Check(name, False, "no answer in time")
    return Check(name, True, "answers")


async def _telegram(settings: Settings) -> Check:
    assert settings.telegram_token is not None
    at, request = settings.addresses, AiohttpRequest()
    try:
        async with asyncio.timeout(PATIENCE):
            bot = Bot(
                settings.telegram_token.get_secret_value(),
                at.telegram_api_url,
                at.telegram_file_url,
                request,
                AiohttpRequest(),
            )
            async with bot:
                return Check("telegram", True, f"@{bot.username}")
    except InvalidToken:
        return Check("telegram", False, "Telegram does not know this token", needed=True)
    except (TelegramError, TimeoutError):
        return Check("telegram", False, "Telegram does not answer", needed=True)


async def _discord(settings: Settings) -> Check:
    assert settings.discord_token is not None
    client = discord.Client(intents=discord.Intents.none())
    if settings.addresses.discord_api_url:
        discord.http.Route.BASE = settings.addresses.discord_api_url
    try:
        async with asyncio.timeout(PATIENCE):
            await client.login(settings.discord_token.get_secret_value())
            return Check("discord", True, str(client.user))
    except discord.LoginFailure:
        return Check("discord", False, "Discord does not know this token", needed=True)
    except (discord.DiscordException, OSError, TimeoutError):
        return Check("discord", False, "Discord does not answer", needed=True)
    finally:
        await client.close()
