"""Where the running configuration lies, and the copy of the one that was taken up last.

A service that dies while somebody is editing must not stay away for it: it comes up again with the copy.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

# All that a configuration is read from.
TEXTS = frozenset({".toml", ".j2"})
RECORDINGS = frozenset({".wav"})


@dataclass(frozen=True, slots=True)
class Sources:
    """The folder that administrators edit, and the keys overridden on the command line."""

    folder: Path
    overrides: tuple[str, ...]
    read_from: Path
    """What runs was read from there: *folder*, or the copy."""


def fingerprints(folder: Path) -> dict[str, str]:
    """A hash of each text, by its path below *folder*; empty for one that cannot be read."""
    return {path.relative_to(folder).as_posix(): _hash_of(path) for path in _files(folder, TEXTS)}


def recordings(folder: Path) -> dict[str, str]:
    """The size and the time of the last change of each recording, by its path below *folder*.

    Not a hash: a site's recordings are hundreds of megabytes, and every start would read them all.
    """
    return {path.relative_to(folder).as_posix(): _state_of(path) for path in _files(folder, RECORDINGS)}


def keep_copy(folder: Path, copy: Path) -> None:
    """Put the texts of *folder* into *copy*, in place of what is there.  Raises OSError."""
    shutil.rmtree(copy, ignore_errors=True)
    for path in _files(folder, TEXTS):
        target = copy / path.relative_to(folder)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def promote(new: Path, copy: Path) -> None:
    """Put the folder *new* in the place of *copy*.  Raises OSError."""
    shutil.rmtree(copy, ignore_errors=True)
    new.rename(copy)


def _files(folder: Path, kind: AbstractSet[str]) -> Iterator[Path]:
    # Editors' own files, such as .kwa.toml.swp, come and go while others are read.
    return (
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in kind and path.is_file() and not path.name.startswith(".")
    )


def _state_of(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"


def _hash_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
