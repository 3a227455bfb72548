"""An environment for the peers alone, in var/; the bot never sees it."""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "var" / "bench-venv"
PYTHON = FOLDER / "bin" / "python"
PEERS = ("aiogram", "cryptofeed", "ccxt", "matplotlib")


def peer(script: str, *args: str, needs: str) -> str | None:
    """What a script of benchmarks/peers prints; None, and said so, when its package cannot be had."""
    if not _installed(needs):
        print(f"  {needs} cannot be installed here (no package index?): not compared", flush=True)
        return None
    path = Path(__file__).parent / "peers" / script
    done = subprocess.run(
        [PYTHON, str(path), *args], capture_output=True, text=True, check=False, timeout=180
    )
    if done.returncode:
        last = done.stderr.strip().rsplit("\n", 1)[-1]
        print(f"  {needs} does not run here: {last}", flush=True)
        return None
    return done.stdout


def _installed(package: str) -> bool:
    if not PYTHON.exists():
        print(f"  one-time set-up of the peers in {FOLDER.relative_to(ROOT)} …", file=sys.stderr)
        venv.create(FOLDER, with_pip=True)
    if _imports(package):
        return True
    install = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
    subprocess.run(install, check=False, capture_output=True)
    return _imports(package)


def _imports(package: str) -> bool:
    tried = subprocess.run([PYTHON, "-c", f"import {package}"], check=False, capture_output=True)
    return tried.returncode == 0
