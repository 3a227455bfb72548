"""The whole bot over the demo market and the small platforms, in this process."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from benchmarks.market import market
from bot.app import App, open_app
from bot.demo.world import World, serve
from config.settings import Addresses, Settings
from providers.types import utc_now

TOKEN = "7:" + "a" * 35


@asynccontextmanager
async def house(
    root: str | None = None,
    *,
    discord: bool = False,
    now: Callable[[], Any] = utc_now,
    world: World | None = None,
) -> AsyncIterator[App]:
    """`root` is where the platforms are; None: none is listened to. `world` is served here, else one apart."""
    served: AbstractAsyncContextManager[Addresses] = serve(world) if world else market()
    async with environment(served, root, discord=discord) as found:
        settings = Settings.from_env({**found, "COMMANDS_PER_MINUTE": "100000"})
        async with open_app(settings, now=now) as app:
            yield app


@asynccontextmanager
async def environment(
    served: AbstractAsyncContextManager[Addresses],
    root: str | None = None,
    *,
    discord: bool = False,
) -> AsyncIterator[dict[str, str]]:
    """The settings of a bot over the market that is `served`, with a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        async with served as addresses:
            at = addresses.model_dump().items()
            found = {name.upper(): str(value) for name, value in at if value is not None}
            if root is not None:
                found |= {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": f"{root}/bot"}
            if discord:
                found |= {"DISCORD_TOKEN": "x.y.z", "DISCORD_API_URL": f"{root}/api/v10"}
            yield {**found, "DATA_DIR": folder}


class Counted:
    """A Redis client that counts what goes through it."""

    def __init__(self, client: Any) -> None:
        self._client, self.calls = client, 0

    def __getattr__(self, name: str) -> Any:
        self.calls += 1
        return getattr(self._client, name)
