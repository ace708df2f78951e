"""Reads ``config/districts.toml``: the districts an agent can name in a ticket."""

from __future__ import annotations

import tomllib
from pathlib import Path

from agents_ui.options import Choice
from agents_ui.translations import INTERFACE_LANGUAGES


def read_districts(path: Path) -> tuple[Choice, ...]:
    """The districts in *path*, in its order.  Raises ValueError naming the file and what to do."""
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))["districts"]
        found = tuple(
            Choice(entry["code"], {language: entry[language] for language in INTERFACE_LANGUAGES})
            for entry in listed
        )
    except tomllib.TOMLDecodeError as wrong:
        raise ValueError(f"{path} is not TOML: {wrong}") from wrong
    except KeyError as missing:
        raise ValueError(f"{path}: give each [[districts]] the key {missing}") from missing
    if len({district.id for district in found}) < len(found):
        raise ValueError(f"{path}: two districts have the same code; give each its own")
    return found
