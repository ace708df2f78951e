"""A site without menus of helplines: callers choose a language, at the general number a helpline, and wait.

Most stories on real parts are about what comes after the menus; those of the menus are in ``test_menus.py``.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

ENTRY = re.compile(r"(?m)^\[\[menu\]\]\n(?P<goal>\w+) = .*\n*")
FURTHER_LANGUAGE = re.compile(r"(?m)^(\w+\.)?(hi|ta) = .*\n")
SETTINGS: Mapping[str, object] = {
    "site.languages": '["ml", "en"]',
    "menus.notice_version": '""',
    "menus.place_seconds": 0,
    "menus.rating": "false",
}


def without_menus(config: Path, folder: Path) -> Path:
    """A copy of *config* in *folder* in two languages, whose menus lead to helplines and to nothing else."""
    shutil.copytree(config, folder)
    for path in folder.glob("helplines/*.toml"):
        text = FURTHER_LANGUAGE.sub("", path.read_text("utf-8"))
        path.write_text(ENTRY.sub(_kept, text), encoding="utf-8")
    return folder


def _kept(entry: re.Match[str]) -> str:
    return entry[0] if entry["goal"] == "helpline" else ""
