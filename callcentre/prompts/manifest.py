"""What a sounds folder was made from, so that only what changed is made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

FILE = ".built.json"


def read_manifest(folder: Path) -> dict[str, str]:
    """Fingerprints by file name; none when there is no manifest or it is spoilt: all is made again then."""
    try:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_manifest(folder: Path, fingerprints: Mapping[str, str]) -> None:
    """Replace the manifest of *folder* in one step."""
    text = json.dumps(dict(sorted(fingerprints.items())), indent=1, ensure_ascii=False)
    new = folder / f"{FILE}.new"
    new.write_text(text + "\n", encoding="utf-8")
    new.replace(folder / FILE)


def fingerprint(*ingredients: str | bytes) -> str:
    """A hash that changes with any of *ingredients*, and with where one ends and the next begins."""
    digest = hashlib.sha256()
    for ingredient in ingredients:
        content = ingredient.encode() if isinstance(ingredient, str) else ingredient
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()
