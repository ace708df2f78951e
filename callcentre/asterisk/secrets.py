"""The secrets Asterisk and its clients share: made once, kept in the data folder, never in the repository."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# 128 bits, as hexadecimal digits: typed into desk phones by hand, and of no meaning to any configuration.
SECRET_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The router's AMI secret and each phone's SIP password."""

    ami: str = field(repr=False)
    phones: Mapping[str, str] = field(repr=False)


def keep_secrets(path: Path, phones: Iterable[str]) -> Secrets:
    """The secrets in *path*, with new ones made for whatever has none yet.

    A phone that is no longer asked for keeps its secret there: it may come back.
    """
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    wanted = tuple(phones)
    ami = known.get("ami") or secrets.token_hex(SECRET_BYTES)
    made = {phone: secrets.token_hex(SECRET_BYTES) for phone in wanted}
    all_phones = {**made, **known.get("phones", {})}
    kept = {"ami": ami, "phones": all_phones}
    if kept != known:
        _write(path, kept)
    return Secrets(ami=ami, phones={phone: all_phones[phone] for phone in wanted})


def _write(path: Path, kept: Mapping[str, object]) -> None:
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1)
    new.replace(path)
