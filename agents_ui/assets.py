"""The console's style sheets, scripts and fonts: read once, served from memory, named by their content.

No path of a request ever reaches the file system.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STATIC: Final = Path(__file__).parent / "static"
MOUNTED_AT: Final = "/static/"

CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as it is served."""

    content: bytes
    content_type: str
    version: str


class Assets:
    """Every file below *folder* that a browser may have."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._assets = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in CONTENT_TYPES
        }

    def find(self, name: str) -> Asset | None:
        """The file of that name, None when there is none."""
        return self._assets.get(name)

    def url(self, name: str) -> str:
        """Where a page finds *name*; another content has another address.  Raises KeyError."""
        return f"{MOUNTED_AT}{name}?v={self._assets[name].version}"


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(content, CONTENT_TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:12])
