"""
The platforms a deployment has a token for, wired to the one dispatcher. Their libraries, 9 MB and up to a tenth of a
second of starting each, are imported where they are wired, so that only those with a token cost anything.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from bot.let_back import LetBack
from bot.membership import Membership
from bot.pacer import DISCORD, TELEGRAM, TELEGRAM_PAID, UNLIMITED, Lane, Pacer
from bot.store import StoreDown
from bot.suggest import Suggestions
from bot.transport import Pace, Transport
from handlers.command import Channel, ChannelKind, Request
from handlers.preferences import Preferences
from handlers.reply import Reply
from handlers.spotting import spotted

if TYPE_CHECKING:
    from bot.app import App
    from bot.transports.discord import DiscordTransport
    from bot.transports.telegram import TelegramTransport


async def open_platforms(app: "App") -> None:
    """Those with a token. One that is missing does not stop the other."""
    if app.settings.telegram_token is not None:
        pacer = Pacer(TELEGRAM_PAID if app.settings.telegram_paid_broadcast else TELEGRAM)
        connect(app, await app.stack.enter_async_context(_telegram(app, pacer)), pacer)
    if app.settings.discord_token is not None:
        pacer = Pacer(DISCORD)
        discord = _discord(app, pacer)
        app.stack.push_async_callback(discord.close)
        connect(app, discord, pacer)


def connect(app: "App", transport: Transport, pacer: Pacer | None = None) -> None:
    """Let this app listen and send over a platform, at its pace."""
    app.office.transports[transport.platform] = transport
    app.office.states[transport.platform] = "connected"
    app.pacers[transport.platform] = pacer or Pacer(UNLIMITED)


def _answering(pacer: Pacer) -> Pace:
    """Answers to people share the platform's pace with broadcasts and go before them."""
    return partial(pacer.slot, lane=Lane.ANSWER)


def _telegram(app: "App", pacer: Pacer) -> "TelegramTransport":
    from bot.transports.pacing import timed
    from bot.transports.telegram import Door, TelegramTransport

    settings = app.settings
    assert settings.telegram_token is not None
    door = None
    if settings.telegram_webhook_url and settings.webhook_secret:
        door = Door(settings.telegram_webhook_url, settings.webhook_secret.get_secret_value())
    return TelegramTransport(
        settings.telegram_token.get_secret_value(),
        api_url=settings.addresses.telegram_api_url,
        file_url=settings.addresses.telegram_file_url,
        dispatch=_Welcome(app),
        words_for=app.words_for,
        commands=app.dispatch.commands,
        languages=tuple(
            app.languages.words(Preferences(language=code)) for code in app.languages.known
        ),
        buttons=app.buttons,
        redis=app.store.cmd,
        draw=app.charts.draw,
        on_membership=Membership(app.notebook, _let_back(app)),
        on_moved=app.notebook.move,
        timer=asyncio.get_running_loop().time,
        owners=settings.owners,
        door=door,
        pace=_answering(pacer),
        trace=timed(pacer),
    )


def _discord(app: "App", pacer: Pacer) -> "DiscordTransport":
    from bot.transports.discord import DiscordTransport
    from bot.transports.discord_addresses import Addresses
    from bot.transports.discord_answers import Counter
    from bot.transports.discord_commands import catalogues
    from bot.transports.pacing import counted

    settings, at = app.settings, app.settings.addresses
    assert settings.discord_token is not None
    counter = Counter(
        dispatch=_Welcome(app),
        words_for=app.words_for,
        suggest=Suggestions(app.desk, app.words_for),
        manager_role=_manager_role(app),
        commands=app.dispatch.commands,
        owners=settings.owners,
        spot=lambda text: [a.symbol for a in spotted(text, app.desk.watchlist)],
    )
    return DiscordTransport(
        settings.discord_token.get_secret_value(),
        counter=counter,
        buttons=app.buttons,
        draw=app.charts.draw,
        on_membership=Membership(app.notebook, _let_back(app)),
        store=app.store.cmd,
        now=app.now,
        catalogues=catalogues(app.languages.known, app.languages.translate),
        guild_id=settings.discord_guild_id,
        addresses=Addresses(at.discord_api_url, at.discord_gateway_url, at.discord_cdn_url),
        pace=_answering(pacer),
        trace=counted(pacer),
    )


def _manager_role(app: "App") -> Callable[[Channel], Awaitable[str | None]]:
    async def role(channel: Channel) -> str | None:
        return (await app.notebook.preferences(channel)).manager_role

    return role


def _let_back(app: "App") -> LetBack:
    return LetBack(app.notebook, app.languages.words, app.now)


class _Welcome:
    """Whoever may and does talk to us in a chat that we paused wants us back."""

    def __init__(self, app: "App") -> None:
        self._app, self._let_back = app, _let_back(app)

    async def __call__(self, request: Request) -> Reply | None:
        if request.admin or request.kind is ChannelKind.PRIVATE:
            with suppress(StoreDown):
                await self._let_back(request.channel)
        return await self._app.dispatch(request)


async def listen(app: "App", transport: Transport) -> None:
    """Until cancelled. A platform that refuses our token is left alone: asking again would change nothing."""
    await transport.run()
    app.office.states[transport.platform] = "token refused"
    await asyncio.Event().wait()
