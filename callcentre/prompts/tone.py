"""What is no speech: the tone after which a caller speaks, and the pause in which he writes.

Every language has its own copy, because Asterisk looks for a sound in the language of the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from callcentre.prompts.measure import RATE_HZ
from callcentre.prompts.tools import SOX, WAV_FORM, run
from ivr.wording import BEEP, PAUSE

# Half a breath: long enough to write three digits down.
PAUSE_SECONDS = "0.6"
BEEP_SECONDS = "0.3"
# No tone of a keypad (697 to 1633 Hz in pairs) or of a fax (1100, 2100 Hz) lies near it.
BEEP_HERTZ = "1000"
# A steady tone sounds louder than speech of the same peak.
BEEP_PEAK_DBFS = "-9"
# Without a soft edge it clicks.
EDGE_SECONDS = "0.02"

TONES: Mapping[str, tuple[str, ...]] = {
    BEEP: (
        "synth",
        BEEP_SECONDS,
        "sine",
        BEEP_HERTZ,
        "fade",
        EDGE_SECONDS,
        BEEP_SECONDS,
        "norm",
        BEEP_PEAK_DBFS,
    ),
    PAUSE: ("trim", "0", PAUSE_SECONDS),
}
"""The effects of sox that make each."""
SILENT = frozenset({PAUSE})
"""What alone may be silent."""


def make_tone(name: str, file: Path) -> None:
    """Make *file* the tone *name*.  Raises `ToolMissing`, `ToolFailed`."""
    run(SOX, ["-R", "-D", "-n", "-r", str(RATE_HZ), *WAV_FORM, str(file), *TONES[name]])
