"""The prompts of a site, spoken once for all test runs: kept under a hash of all that they are made from."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from callcentre.prompts.manifest import fingerprint
from tests.integration.parts.stack import CONFIG, ROOT, link

INGREDIENTS = ("callcentre/prompts/*.py", "callcentre/configuration/*.py", "ivr/*.py")
# A file that is there only when all has been spoken.
READY = "ready"
# Of other branches, which may be in use, and of days gone by; most of each is linked to the others.
KEPT = 12


def spoken(otherwise: Path) -> Path:
    """A data folder in which all prompts have been built; it must not be written into.

    It is below the folder that ``bin/`` keeps from run to run, and below *otherwise* when there is none.
    """
    kept = os.environ.get("CACHE")
    cache = Path(kept) / "test-sounds" if kept else otherwise
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        # Several workers of one run, and several runs, want them at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        data = cache / fingerprint(*_ingredients())[:16]
        if not (data / READY).exists():
            _speak(data, _newest_first(cache))
        (data / READY).touch()
        for old in _newest_first(cache)[KEPT:]:
            shutil.rmtree(old)
    return data


def _speak(data: Path, others: list[Path]) -> None:
    if others and not data.exists():
        # Only what differs from the last ones is spoken again.
        shutil.copytree(others[0] / "asterisk", data / "asterisk", copy_function=link)
    words = [sys.executable, "-m", "callcentre", "--config", str(CONFIG), "--data", str(data)]
    subprocess.run([*words, "prompts", "build"], cwd=ROOT, check=True, capture_output=True)


def _newest_first(cache: Path) -> list[Path]:
    ready = sorted(cache.glob(f"*/{READY}"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [file.parent for file in ready]


def _ingredients() -> Iterator[str | bytes]:
    modules = [file for pattern in INGREDIENTS for file in ROOT.glob(pattern)]
    texts = [file for file in CONFIG.rglob("*") if file.suffix in {".toml", ".wav"}]
    for file in sorted([*modules, *texts]):
        yield file.relative_to(ROOT).as_posix()
        yield file.read_bytes()
