"""The one store: Redis 6.2 or newer, Valkey, a cluster of them, or the Valkey of our own."""

import asyncio
import logging
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import redis.asyncio as aio
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import RedisError

from bot import embedded
from config.settings import Settings
from handlers.command import UserError

log = logging.getLogger(__name__)

SHARDS = 16
CONNECTIONS = 6  # for short commands; small plans of hosted stores allow 20 in all
KEEP_EVERY = 0.5  # seconds between looks at whether our own server still answers


class StoreDown(UserError):
    """The store did not answer."""

    def __init__(self) -> None:
        super().__init__(
            "My memory is not reachable just now, so I cannot look that up or change it. "
            "Nothing is lost; please try again in a minute."
        )


class UnsafeStore(Exception):
    """The store could lose what people entrust to it; the text says what to do."""


@contextmanager
def reachable() -> Iterator[None]:
    """
    Every error of the store's client becomes StoreDown. The client may turn our cancellation into an error of its own,
    or swallow one that meets it between two awaits; whoever is stopped must stop, so it is raised all the same.
    """
    before = _told_to_stop()
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        if not wanted():
            raise asyncio.CancelledError from error
        raise StoreDown from error
    if _told_to_stop() > before:
        raise asyncio.CancelledError


def wanted() -> bool:
    """Whether nobody has told us to stop. Every loop that asks the store asks this too, for what `reachable` misses."""
    return _told_to_stop() == 0


def _told_to_stop() -> int:
    """How many times."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


def shard_of(channel: str) -> int:
    """The shard of a channel key. All topics of a chat share one, so that one consumer keeps their pace."""
    return crc32(channel.partition("/")[0].encode()) % SHARDS


def shard_key(shard: int, *parts: str) -> str:
    return ":".join(("lh", f"{{s{shard}}}", *parts))


def channel_key(channel: str, *parts: str) -> str:
    """A key that lives on the channel's shard."""
    return shard_key(shard_of(channel), *parts, channel)


@dataclass(slots=True)
class Store:
    """
    Three clients: `cmd` repeats a command whose answer was lost, so it is for what may be repeated;
    `once` never repeats; `block` waits without a read limit and never repeats either. `kind` says in words what this
    is.
    """

    cmd: Any
    once: Any
    block: Any
    kind: str
    cluster: bool = False
    _scripts: dict[str, Any] = field(default_factory=dict)

    async def run(self, script: str, keys: Sequence[str], args: Sequence[object] = ()) -> Any:
        """Run a Lua script that may safely run twice. Its keys share one shard."""
        return await self._known(script)(keys=list(keys), args=list(args))

    def digest(self, script: str) -> str:
        """The name by which the store knows a script that it has run once."""
        return str(self._known(script).sha)

    def _known(self, script: str) -> Any:
        if script not in self._scripts:
            self._scripts[script] = self.cmd.register_script(script)
        return self._scripts[script]

    async def close(self) -> None:
        for client in (self.cmd, self.once, self.block):
            with suppress(RedisError, OSError):
                await client.aclose()


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The store the settings name, or our own in `data_dir`. Raises UnsafeStore, NoServer or StoreDown."""
    if settings.redis_url is None:
        async with _own(settings) as store:
            yield store
        return
    store = await connect(settings.redis_url.get_secret_value(), settings.redis_ssl_cert_reqs)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def _own(settings: Settings) -> AsyncIterator[Store]:
    if settings.ephemeral_disk and not settings.allow_volatile_store:
        raise UnsafeStore(
            "This platform's disk is wiped at each restart, so the store cannot live on it: set REDIS_URL "
            "to a Redis or Valkey, or ALLOW_VOLATILE_STORE=1 to accept that everything is forgotten."
        )
    async with own_store(settings.data_dir / "store") as store:
        yield store


@asynccontextmanager
async def own_store(folder: Path) -> AsyncIterator[Store]:
    """Our own Valkey in this folder, shared with every process that asks for the same, kept alive by each."""
    owned = [await embedded.ensure(folder)]
    # Nothing is asked of it here: its owner may be killed this very moment, and the keeper starts it again.
    store = _store(f"unix://{embedded.socket_path(folder)}", "own Valkey")
    keeper = asyncio.create_task(_keep(folder, owned))
    try:
        yield store
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        await store.close()
        for server in filter(None, owned):
            embedded.stop(server)


async def _keep(folder: Path, owned: list[subprocess.Popen[bytes] | None]) -> None:
    """The server ends with its owner: whoever notices first starts it again."""
    path = embedded.socket_path(folder)
    while True:
        await asyncio.sleep(KEEP_EVERY)
        if await embedded.answers(path):
            continue
        try:
            server = await embedded.ensure(folder)
        except (embedded.NoServer, TimeoutError, OSError) as error:
            log.warning("store_not_started", extra={"detail": type(error).__name__})
            continue
        if server is not None:
            log.warning("store_restarted")
            owned[:] = [p for p in owned if p is not None and p.poll() is None] + [server]


async def connect(url: str, cert_reqs: str = "required") -> Store:
    """Clients for this address; "redis+cluster://" and "rediss+cluster://" name a cluster. Raises StoreDown."""
    plain = url.replace("+cluster", "")
    cluster = plain != url or await _says_cluster(plain, cert_reqs)
    store = _store(plain, "cluster" if cluster else "Redis", cert_reqs, cluster=cluster)
    if cluster:
        # Asked for the first time by many at once, the client may close connections that are being made.
        with reachable():
            for client in (store.cmd, store.once, store.block):
                await client.initialize()
    return store


def _store(url: str, kind: str, cert_reqs: str = "required", *, cluster: bool = False) -> Store:
    make = _cluster_client if cluster else _client
    cmd, once, block = (make(url, role, cert_reqs) for role in ("cmd", "once", "block"))
    return Store(cmd, once, block, kind, cluster)


async def _says_cluster(url: str, cert_reqs: str) -> bool:
    client = _client(url, "once", cert_reqs)
    with reachable():
        try:
            return bool((await client.info("cluster")).get("cluster_enabled"))
        finally:
            await client.aclose()


def _client(url: str, role: str, cert_reqs: str) -> Any:
    options = _options(url, role, cert_reqs)
    if url.startswith("unix://"):
        del options["socket_keepalive"]
    pool = aio.BlockingConnectionPool.from_url(
        url, max_connections=2 if role == "block" else CONNECTIONS, timeout=10, **options
    )
    return aio.Redis.from_pool(pool)


def _cluster_client(url: str, role: str, cert_reqs: str) -> Any:
    return RedisCluster.from_url(url, **_options(url, role, cert_reqs))


def _options(url: str, role: str, cert_reqs: str) -> dict[str, Any]:
    # from_url() repeats nothing unless told to, and the plain constructor ten times: say it, always.
    retry = Retry(_backoff(), 5) if role == "cmd" else Retry(NoBackoff(), 0)
    options: dict[str, Any] = {
        "decode_responses": True,
        "retry": retry,
        "socket_connect_timeout": 5,
        "socket_timeout": None if role == "block" else 5,
        "socket_keepalive": True,
        # Hosted stores close idle connections after 300 s.
        "health_check_interval": 0 if role == "block" else 30,
        "client_name": f"levelhead-{role}",
    }
    return options | _tls(url, cert_reqs)


def _backoff() -> Any:
    return ExponentialWithJitterBackoff(base=0.05, cap=1)


def _tls(url: str, cert_reqs: str) -> dict[str, Any]:
    if not url.startswith("rediss://"):
        return {}
    checked: dict[str, Any] = {"ssl_cert_reqs": cert_reqs}
    return checked | ({"ssl_check_hostname": False} if cert_reqs == "none" else {})
