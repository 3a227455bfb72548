"""Whether the store keeps what people entrust to it: asked once at the start, and by doctor."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from redis.exceptions import ResponseError

from bot.store import Store, reachable

BORN = "lh:{meta}:born"
FULL = 0.8  # of the memory limit


class Level(StrEnum):
    FATAL = "fatal"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    text: str


EMPTY = Finding(
    Level.INFO,
    "This store is empty: a first start, or someone emptied it. After the first start of this bot "
    "this means that subscriptions and alerts are gone.",
)


async def audit(store: Store, now: datetime) -> tuple[Finding, ...]:
    """
    What is wrong with this store, worst first; empty when all is well. Needs INFO only; CONFIG is used where it is
    allowed. Marks a store that it sees for the first time, so that an emptied one is noticed. Raises StoreDown.
    """
    with reachable():
        info = await _info(store)
        config = await _config(store)
        born = await store.cmd.set(BORN, now.isoformat(), nx=True)
    found = [*_eviction(info), *_persistence(info, config), *_place(info)]
    if born:
        found.append(EMPTY)
    return tuple(sorted(found, key=lambda finding: list(Level).index(finding.level)))


async def _info(store: Store) -> dict[str, Any]:
    """Everything INFO says; of a cluster what its first node says."""
    answer = await store.cmd.info()
    if "redis_version" in answer:
        return dict(answer)
    return dict(next(iter(answer.values())))


async def _config(store: Store) -> dict[str, str]:
    """Hosted stores forbid CONFIG: then nothing is known."""
    try:
        return {**await store.cmd.config_get("appendfsync"), **await store.cmd.config_get("save")}
    except ResponseError:
        return {}


def _eviction(info: dict[str, Any]) -> list[Finding]:
    policy = str(info.get("maxmemory_policy", "noeviction"))
    found = []
    if policy.startswith("allkeys"):
        text = f"maxmemory-policy is {policy}: a full memory throws subscriptions away. Set noeviction."
        found.append(Finding(Level.FATAL, text))
    elif policy not in ("noeviction", "volatile-ttl"):
        text = f"maxmemory-policy is {policy}: marks against doubled messages may go early. Set volatile-ttl."
        found.append(Finding(Level.WARNING, text))
    limit, used = int(info.get("maxmemory", 0)), int(info.get("used_memory", 0))
    if limit and used > FULL * limit:
        text = f"The store uses {used * 100 // limit} % of its memory; when it is full, new alerts are refused."
        found.append(Finding(Level.WARNING, text))
    return found


def _persistence(info: dict[str, Any], config: dict[str, str]) -> list[Finding]:
    found = []
    if not int(info.get("aof_enabled", 0)):
        snapshots = bool(config["save"]) if "save" in config else int(info.get("rdb_saves", 0)) > 0
        if snapshots:
            text = "The store writes snapshots only: a crash loses the last minutes. Turn on appendonly."
            found.append(Finding(Level.WARNING, text))
        else:
            text = "The store keeps nothing on disk: a restart loses every subscription and alert. Turn on appendonly."
            found.append(Finding(Level.FATAL, text))
    elif config.get("appendfsync", "always") != "always":
        text = f"appendfsync is {config['appendfsync']}: a power cut may lose the last two seconds."
        found.append(Finding(Level.INFO, text))
    if "err" in (info.get("aof_last_write_status"), info.get("rdb_last_bgsave_status")):
        found.append(
            Finding(Level.FATAL, "The store could not write to its disk. Is the disk full?")
        )
    return found


def _place(info: dict[str, Any]) -> list[Finding]:
    if info.get("role", "master") == "master":
        return []
    return [
        Finding(Level.FATAL, "REDIS_URL names a replica, which takes no writes. Name the primary.")
    ]
