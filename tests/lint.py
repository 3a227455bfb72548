"""Everything that is checked without running the bot: `./run lint`."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("lint-imports", "--no-logo"),
)


def main() -> int:
    failed = [c for c in CHECKS if subprocess.run([BIN / c[0], *c[1:]], check=False).returncode]
    for check in failed:
        print(f"FAILED: {' '.join(check)}", file=sys.stderr)  # noqa: T201 # a script reports
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
