"""./run bench           every benchmark in short form
./run bench list      their names
./run bench NAME …    these in full (broadcast --full: 3,000 chats in real time)"""

import importlib
import subprocess
import sys
import time

from benchmarks.measure import machine

NAMES = (
    "tick", "decode", "cached", "outbox", "warm", "wire", "broadcast", "due", "together", "start", "hour",
    "replay", "growth", "chart",
)  # fmt: skip
LONGEST = {True: 240, False: 3600}  # seconds that one may take, in short form or in full
CALL = "from benchmarks.{name} import main; main({short})"


def main() -> None:
    asked = [word for word in sys.argv[1:] if not word.startswith("-")]
    if asked == ["list"]:
        for name in NAMES:
            told = importlib.import_module(f"benchmarks.{name}").__doc__ or ""
            print(f"{name:<10} {told.strip().splitlines()[0]}")
        return
    if unknown := [name for name in asked if name not in NAMES]:
        sys.exit(f"no benchmark {unknown[0]!r}; there are: {', '.join(NAMES)}")
    print(machine())
    failed = [name for name in asked or NAMES if not _run(name, short=not asked)]
    if failed:
        sys.exit(f"did not run to its end: {', '.join(failed)}")


def _run(name: str, *, short: bool) -> bool:
    """Each in a process of its own, so that none pays for the memory of another."""
    print(f"\n== {name} {time.strftime('%H:%M:%S')}", flush=True)
    more = [word for word in sys.argv[1:] if word.startswith("-")]
    call = CALL.format(name=name, short=short)
    try:
        done = subprocess.run(
            [sys.executable, "-c", call, *more], check=False, timeout=LONGEST[short]
        )
    except subprocess.TimeoutExpired:
        print(f"  stopped after {LONGEST[short]} s")
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()
