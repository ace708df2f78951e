"""The program's first moments: a SIGHUP that comes before its handler is set ends no service."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.unit.parts.site_folder import SiteFolder

# Run by an interpreter of its own: the signals of the one that runs tests are pytest's.
PROGRAM = """
import os, signal, sys
import callcentre.__main__ as program

def serve(*_):
    os.kill(os.getpid(), signal.SIGHUP)
    print("held:", signal.SIGHUP in signal.sigpending())

program.serve = serve
try:
    program.main()
finally:
    print("holds it:", signal.SIGHUP in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
"""


def printed(folder: Path, *words: str) -> list[str]:
    options = ["--config", str(SiteFolder(folder).root), "--data", str(folder / "data")]
    interpreter = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        [*interpreter, *options, *words], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_service_that_is_being_started_hears_it_later(tmp_path: Path) -> None:
    assert printed(tmp_path, "run") == ["held: True", "holds it: True"]


def test_any_other_command_ends_with_its_terminal(tmp_path: Path) -> None:
    assert printed(tmp_path, "menus", "--help")[-1] == "holds it: False"
