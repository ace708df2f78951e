"""The key by which a service of another department knows us: in the data folder, never in the configuration.

CredentialsRefused    the operator's: says which file, what is wrong with it, and what to do
"""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Both stand in a header as they are.
PRINTABLE = r"[!-~]{1,500}"
# Two short texts; whatever is longer is another file.
LONGEST_FILE = 4_096


class CredentialsRefused(Exception):
    """There are none that could be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What API Setu gives to a consumer."""

    client: str
    key: str = field(repr=False)


def read_api_key(path: Path) -> ApiKey:
    """The key in *path*: ``{"client_id": "…", "api_key": "…"}``, readable by its owner only.

    Raises CredentialsRefused.
    """
    try:
        content = json.loads(_private_text(path))
        client, key = content["client_id"], content["api_key"]
    except OSError as error:
        raise CredentialsRefused(f"{path}: {error.strerror}: write the service's key there") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        # Not repeated: it may hold the key.
        raise CredentialsRefused(f'{path}: is not {{"client_id": "…", "api_key": "…"}}') from None
    if not all(isinstance(text, str) and re.fullmatch(PRINTABLE, text) for text in (client, key)):
        raise CredentialsRefused(f"{path}: client_id and api_key are printable characters without spaces")
    return ApiKey(client=client, key=key)


def _private_text(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        # Asked of the open file: it could be exchanged after any earlier look.
        mode = os.fstat(file.fileno()).st_mode
        if mode & OTHERS:
            raise CredentialsRefused(f"{path}: others may read it: chmod 600, and have the key changed")
        return file.read(LONGEST_FILE)
