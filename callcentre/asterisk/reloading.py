"""Has the Asterisks of this machine take up what was rendered anew; no call ends by it.

Asked through the socket in each one's own folder, as ``asterisk -rx`` does it: whoever may write the files of
an Asterisk may have them read.  The manager's user may not, and need not (manager.conf.j2).
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

# Asterisk answers within milliseconds, on a busy machine within a second; one that hangs must not hold up
# everything else for ever.
ANSWER_SECONDS: Final = 20.0

COMMANDS: Final[Mapping[str, str]] = {
    # Endpoints before the dialplan that dials them.
    "pjsip.conf": "module reload res_pjsip.so",
    "musiconhold.conf": "moh reload",
    "queues.conf": "queue reload all",
    "extensions.conf": "dialplan reload",
}
"""The files that a running Asterisk reads again, and how it is asked to; the others it reads at its start.

One that has not changed costs it nothing.
"""

# Asterisk says it on its console, and ends with 0 all the same.
NOT_DONE: Final = ("No such command", "Unable to", "failed", "cannot be reloaded")


def have_taken_up(executable: str, conf: Path) -> Iterator[str]:
    """Have the Asterisk of *conf* read its files again; yields what it did not do, in words."""
    for command in COMMANDS.values():
        if why_not := _ask(executable, conf, command):
            yield f"{command!r} was not done by the Asterisk of {conf}: {why_not}"


def _ask(executable: str, conf: Path, command: str) -> str:
    """Empty when it was done."""
    try:
        done = subprocess.run(  # noqa: S603  # no shell; the words are the site's and ours
            [executable, "-C", conf, "-rx", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0 or any(words in said for words in NOT_DONE):
        return said.splitlines()[-1] if said else f"it ended with {done.returncode}"
    return ""
