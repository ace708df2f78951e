"""Runs the two programs that make sounds: espeak-ng and sox."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

from callcentre.prompts.errors import ToolFailed, ToolMissing

ESPEAK = "espeak-ng"
SOX = "sox"
# The Debian package of each program.
PACKAGES = {ESPEAK: "espeak-ng", SOX: "sox"}
# Asterisk's format_wav takes plain 16-bit PCM only; sox must be told, or it may write an extensible header.
WAV_FORM = ("-t", "wav", "-e", "signed", "-b", "16", "-c", "1")
# A prompt takes a tenth of a second, the music two; a program that hangs must not hang the build.
TOOL_SECONDS = 60
# The last words of a program that failed; sox can be talkative.
QUOTED_CHARACTERS = 300


def require(*tools: str) -> None:
    """Raise `ToolMissing` unless all *tools* are installed."""
    for tool in tools:
        _find(tool)


def run(tool: str, arguments: Sequence[str], *, spoken: str = "") -> None:
    """Run *tool*, with *spoken* on its standard input.  Raises `ToolMissing` or `ToolFailed`."""
    try:
        # No shell, a fixed program, and texts go in by standard input: nothing of them can be an option.
        done = subprocess.run(  # noqa: S603
            [_find(tool), *arguments],
            input=spoken.encode(),
            capture_output=True,
            timeout=TOOL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        raise ToolFailed(f"{tool} did not end within {TOOL_SECONDS} s") from expired
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-QUOTED_CHARACTERS:]
        raise ToolFailed(f"{tool} ended with {done.returncode}: {said}")


def _find(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        raise ToolMissing(tool, PACKAGES[tool])
    return found
