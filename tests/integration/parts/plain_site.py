"""A site without menus of helplines: callers choose a language, at the general number a helpline, and wait.

Most stories on real parts are about what comes after the menus; those of the menus are in ``test_menus.py``.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

ENTRY = re.compile(r"(?m)^\[\[menu\]\]\n(?P<goal>\w+) = .*\n*")
SETTINGS: Mapping[str, object] = {
    "site.languages": '["ml", "en"]',
    "menus.notice_version": '""',
    "menus.place_seconds": 0,
    "menus.rating": "false",
}


def without_menus(config: Path, folder: Path) -> Path:
    """A copy of *config* in *folder* whose menus lead to helplines and to nothing else."""
    shutil.copytree(config, folder)
    for path in folder.glob("helplines/*.toml"):
        kept = ENTRY.sub(
            lambda found: found[0] if found["goal"] == "helpline" else "", path.read_text("utf-8")
        )
        path.write_text(kept, encoding="utf-8")
    return folder
