"""What every test may ask for."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import fakeredis
import pytest

from bot.store import Store, own_store
from tests.fakes import Clock

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material beside the project; conformance tests are skipped, loudly, without it."""
    folder = Path(os.environ.get("LEVELHEAD_SHARED", SHARED))
    if not (folder / "recorded").is_dir():
        pytest.skip(f"NOT CHECKED against real recordings: {folder} is absent")
    return folder


@pytest.fixture(params=["fake", "valkey"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """The store, once as fakeredis and once as the embedded Valkey."""
    if request.param == "valkey":
        async with own_store(tmp_path / "store") as real:
            yield real
        return
    client = fakeredis.FakeAsyncRedis(decode_responses=True, max_connections=10_000)
    yield Store(client, client, client, kind="fake")
    await client.aclose()
