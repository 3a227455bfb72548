"""./run bench           every benchmark in short form
./run bench list      their names
./run bench NAME …    these in full (broadcast --full: 3,000 chats in real time)"""

import importlib
import sys
import time

from benchmarks.measure import machine

NAMES = (
    "tick", "decode", "outbox", "warm", "wire", "broadcast", "due", "together", "start", "replay",
    "growth", "chart",
)  # fmt: skip


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
    for name in asked or NAMES:
        print(f"\n== {name} {time.strftime('%H:%M:%S')}", flush=True)
        module = importlib.import_module(f"benchmarks.{name}")
        if asked or name == "chart":
            module.main()
        else:
            module.main(short=True)


if __name__ == "__main__":
    main()
