"""What each caller heard in the menus: read off the commands that Asterisk carried out for him."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.integration.parts.witness import Witness

STREAM = re.compile(r'STREAM FILE "(?P<file>[^"]+)"')
SOUND = re.compile(r".*/sounds/(?P<language>[a-z]+)/(?:cc/)?(?P<name>.+)")


def prompts_of(witness: Witness, caller: str) -> list[str]:
    """Every prompt begun for *caller*, as ``ml:welcome``, in order."""
    events = witness.events("AGIExecStart", CallerIDNum=caller)
    return [prompt for event in events for prompt in _prompt(event.get("Command"))]


def _prompt(command: str) -> Iterator[str]:
    streamed = STREAM.match(command)
    found = SOUND.fullmatch(streamed["file"]) if streamed else None
    if found:
        yield f"{found['language']}:{found['name']}"


def in_order(wanted: list[str], heard: list[str]) -> bool:
    """Whether all that is *wanted* was *heard*, in that order, with anything between."""
    left = iter(heard)
    return all(prompt in left for prompt in wanted)
