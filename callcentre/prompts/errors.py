"""What can go wrong while prompts are made.

Errors::

    PromptsError
    ├── ToolMissing     the administrator's: espeak-ng or sox is not installed; names the Debian package
    ├── ToolFailed      theirs: a program refused what it was given; carries its own words
    ├── NotPlayable     theirs: a file is not the plain WAV that Asterisk plays; says what it is
    └── PromptsFaulty   the administrator's: texts or recordings are no good; names every fault
"""

from __future__ import annotations

from collections.abc import Sequence

from callcentre.configuration.faults import Fault


class PromptsError(Exception):
    """The prompts could not be made, or not all of them."""


class ToolMissing(PromptsError):
    """A program is not installed."""

    def __init__(self, tool: str, package: str) -> None:
        super().__init__(f"{tool} is not installed; on Debian: apt install {package}")


class ToolFailed(PromptsError):
    """A program ended with an error, or did not end."""


class NotPlayable(PromptsError):
    """A file is not plain 8 kHz, 16-bit, one-channel WAV."""


class PromptsFaulty(PromptsError):
    """Texts or recordings that cannot be put before callers; ``faults`` says which, and what to do."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)
