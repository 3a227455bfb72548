"""What every test may ask for."""

import os
from pathlib import Path

import pytest

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
