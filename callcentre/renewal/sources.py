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

# All that a configuration is read from; recordings are as large as the rest a hundred times.
TEXTS = frozenset({".toml", ".j2"})
RECORDINGS = frozenset({".wav"})


@dataclass(frozen=True, slots=True)
class Sources:
    """The folder that administrators edit, and the keys overridden on the command line."""

    folder: Path
    overrides: tuple[str, ...]
    read_from: Path
    """What runs was read from there: *folder*, or the copy."""


def fingerprints(folder: Path, kind: AbstractSet[str] = TEXTS) -> dict[str, str]:
    """A hash of each file of that *kind*, by its path below *folder*; one that cannot be read has none."""
    return {path.relative_to(folder).as_posix(): _hash_of(path) for path in _files(folder, kind)}


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


def _hash_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
