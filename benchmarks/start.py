"""What starting costs: the import of everything, and memory before anything is asked."""

import subprocess
import sys

from benchmarks.measure import middle, spread, told

SCRIPT = """
import time
began = time.perf_counter()
import bot.app, bot.__main__
took = time.perf_counter() - began
import os
with open('/proc/self/statm') as f: pages = int(f.read().split()[1])
print(took, pages * os.sysconf('SC_PAGE_SIZE') / 1e6)
"""


def main(short: bool = False) -> None:
    seconds, megabytes = [], []
    for _ in range(3 if short else 7):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
        )
        took, memory = done.stdout.split()
        seconds.append(float(took))
        megabytes.append(float(memory))
    print(f" import {spread(seconds)} s")
    told("import of everything", middle(seconds), 0.8, "s")
    told("resident after import, before anything is asked", middle(megabytes), 100, "MB")


if __name__ == "__main__":
    main()
