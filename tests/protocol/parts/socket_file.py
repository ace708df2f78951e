"""A web site behind a socket file, without a reactor: one thread that carries bytes to and fro."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from twisted.internet.testing import StringTransport
from twisted.web.server import Site

Answer = Callable[[bytes], bytes]


@contextmanager
def listening(path: Path, answer: Answer) -> Iterator[None]:
    """Answer each connection to *path*, one request each, until the block ends."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()
    thread = threading.Thread(target=_serve, args=(listener, answer))
    thread.start()
    try:
        yield
    finally:
        # A connection with nothing in it is the last.
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as last:
            last.connect(str(path))
        thread.join()
        listener.close()
        path.unlink()


def from_site(site: Site) -> Answer:
    """Have *site* answer, as it would over a real connection."""

    def answer(request: bytes) -> bytes:
        channel = site.buildProtocol(None)
        transport = StringTransport()
        channel.makeConnection(transport)
        channel.dataReceived(request)
        return bytes(transport.value())

    return answer


def _serve(listener: socket.socket, answer: Answer) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            request = connection.recv(65_536)
            if not request:
                return
            connection.sendall(answer(request))
