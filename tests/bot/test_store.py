import asyncio
from contextlib import AsyncExitStack

import pytest

from bot.embedded import socket_path
from bot.store import (
    SHARDS,
    StoreDown,
    UnsafeStore,
    _options,
    channel_key,
    connect,
    open_store,
    own_store,
    shard_of,
)
from config.settings import Settings


@pytest.mark.parametrize("name", ["DYNO", "RENDER", "RAILWAY_ENVIRONMENT", "FLY_APP_NAME"])
async def test_a_disk_that_is_wiped_is_refused_with_what_to_do(name, tmp_path):
    settings = Settings.from_env({name: "web.1", "DATA_DIR": str(tmp_path)})
    with pytest.raises(UnsafeStore, match="set REDIS_URL") as refused:
        await AsyncExitStack().enter_async_context(open_store(settings))

    assert "ALLOW_VOLATILE_STORE=1" in str(refused.value)


async def test_whoever_accepts_the_loss_may_have_it(tmp_path):
    environment = {"DYNO": "web.1", "DATA_DIR": str(tmp_path), "ALLOW_VOLATILE_STORE": "1"}
    async with open_store(Settings.from_env(environment)) as store:
        assert await store.cmd.ping()


async def test_a_store_that_nobody_runs_is_down(unused_tcp_port):
    with pytest.raises(StoreDown):
        await connect(f"redis://127.0.0.1:{unused_tcp_port}")


async def test_a_store_whose_owner_is_killed_while_we_come_is_started_again(tmp_path):
    async def last_words(reader, writer) -> None:
        await reader.readline()
        dying.close()
        writer.write(b"+PONG\r\n")
        await writer.drain()
        writer.close()

    dying = await asyncio.start_unix_server(last_words, socket_path(tmp_path))
    async with own_store(tmp_path) as store:
        assert await store.cmd.ping()


@pytest.mark.parametrize(
    ("url", "choice", "options"),
    [
        ("redis://h", "none", {}),
        ("rediss://h", "required", {"ssl_cert_reqs": "required"}),
        ("rediss://h", "none", {"ssl_cert_reqs": "none", "ssl_check_hostname": False}),
    ],
)
def test_certificates_are_checked_unless_told_otherwise(url, choice, options):
    made = _options(url, "cmd", choice)

    assert {n: v for n, v in made.items() if n.startswith("ssl")} == options


def test_blocking_reads_have_no_time_limit_and_a_claim_is_never_repeated():
    block, once = _options("redis://h", "block", ""), _options("redis://h", "once", "")

    assert block["socket_timeout"] is None
    assert once["retry"].get_retries() == 0
    assert _options("redis://h", "cmd", "")["retry"].get_retries() == 5


def test_all_topics_of_a_chat_share_a_shard():
    shards = {shard_of(f"telegram:-100{thread}") for thread in ("", "/1", "/2")}

    assert len(shards) == 1
    assert {shard_of(f"discord:{n}") for n in range(500)} == set(range(SHARDS))
    assert channel_key("discord:5", "chat") == f"lh:{{s{shard_of('discord:5')}}}:chat:discord:5"
