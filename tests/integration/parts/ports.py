"""Ports nobody else on this machine is using."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator

# Tests run in several processes side by side: each keeps to ports of its own.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
# Below Linux's ephemeral range, so that no outgoing connection takes one between our look and our use.
SHARE = 12_000 // WORKERS // 2 * 2
FIRST = 20_000 + WORKER * SHARE
LAST = FIRST + SHARE - 1
# RTP takes an even port and the next; keeping to even ones serves everybody.
STEP = 2


def _candidates() -> Iterator[int]:
    """Every port for ever; each process begins elsewhere, so that two test runs rarely try the same one."""
    begin = FIRST + os.getpid() * 98 % SHARE
    return itertools.chain(range(begin, LAST, STEP), itertools.cycle(range(FIRST, LAST, STEP)))


_ports = _candidates()


def free_port() -> int:
    """A port of the loopback address that is free for both TCP and UDP."""
    return next(port for port in _ports if _is_free(port))


def free_range(count: int) -> tuple[int, int]:
    """First and last of *count* ports in a row that this run has not handed out lately."""
    first = free_port()
    taken = list(itertools.islice(_ports, count // STEP))
    if taken[-1] < first:
        # Wrapped around at the end of the range.
        return free_range(count)
    return first, first + count - 1


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
