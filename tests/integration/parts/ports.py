"""Ports nobody else on this machine is using."""

from __future__ import annotations

import itertools
import os
import socket

# Below Linux's ephemeral range, so that no outgoing connection takes one between our look and our use.
# Each process starts elsewhere, so that two test runs side by side rarely try the same port.
FIRST, LAST = 20_000, 31_000
_candidates = itertools.cycle(range(FIRST + os.getpid() * 98 % 8_000, LAST, 2))


def free_port() -> int:
    """A port of the loopback address that is free for both TCP and UDP."""
    return next(port for port in _candidates if _is_free(port))


def free_range(count: int) -> tuple[int, int]:
    """First and last of *count* UDP ports in a row that this run has not handed out."""
    first = free_port()
    # Candidates are two apart and even: what RTP wants.
    while next(_candidates) < first + count:
        pass
    return first, first + count - 1


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
