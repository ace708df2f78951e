"""The command line's side of the control socket.

Errors::

    ServiceAway       the operator's: no service runs in this data folder
    RequestRefused    the operator's: the service said no; the text says why
"""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any

# The service answers from memory; anything slower is a service in trouble.
ANSWER_SECONDS = 10.0


class ServiceAway(Exception):
    """Nobody listens at the control socket."""


class RequestRefused(Exception):
    """The service did not do what was asked."""


class _SocketFile(http.client.HTTPConnection):
    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__("callcentre", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def ask(control_socket: Path, method: str, path: str, *, within: float = ANSWER_SECONDS) -> Any:
    """The service's JSON answer; *path* is quoted already.  Raises ServiceAway, RequestRefused."""
    connection = _SocketFile(control_socket, within)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        status, content = answer.status, answer.read()
    except (FileNotFoundError, ConnectionRefusedError):
        raise ServiceAway(f"no service is running: nobody listens at {control_socket}") from None
    except TimeoutError:
        raise ServiceAway(f"the service at {control_socket} does not answer") from None
    except (OSError, http.client.HTTPException) as error:
        # It ended in the middle, the socket is somebody else's, or its path is too long for one.
        raise ServiceAway(f"the service at {control_socket} cannot be asked: {error}") from None
    finally:
        connection.close()
    return _understood(status, content)


def _understood(status: int, content: bytes) -> Any:
    try:
        body = json.loads(content)
    except ValueError:
        # What is no wish at all is answered by the web framework itself, and not in JSON.
        raise RequestRefused(f"the service answered {status}") from None
    if status >= http.client.BAD_REQUEST:
        raise RequestRefused(body.get("error", f"the service answered {status}"))
    return body
