"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """The caller on whose behalf the menus ask."""

    call: str
    # Kept out of repr, and so out of tracebacks and logs.
    caller: str = field(repr=False)
    """His number in E.164 or as it came; empty when withheld."""
    helpline: str
    """Where he is in the menus."""
    language: str = ""
    """What he hears; empty when he has not chosen."""
