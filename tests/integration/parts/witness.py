"""An AMI client of the tests' own: sees everything Asterisk says, and waits for it."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Sequence

from asterisk.ami.action import SimpleAction

from callcentre.telephony.ami.codec import AmiDecoder, Message, encode

USER = "witness"
SECRET = "of-no-use-outside-a-test"
MANAGER_SECTION = f"""
[{USER}]
secret = {SECRET}
read = all
write = all
"""


class Witness:
    """Every AMI event since it connected, in order; only those of the names given, where some are."""

    def __init__(self, port: int, *, address: str = "127.0.0.1", only: Sequence[str] = ()) -> None:
        self.messages: list[Message] = []
        self._news = threading.Condition()
        self._numbers = itertools.count(1)
        self._socket = socket.create_connection((address, port), timeout=10)
        self._socket.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()
        self.ask(SimpleAction("Login", Username=USER, Secret=SECRET))
        for name in only:
            # Cut at the source: a witness of everything would cost Asterisk more than what is measured.
            self.ask(SimpleAction("Filter", Operation="Add", MatchCriteria=f"action(include),name({name})"))

    def close(self) -> None:
        self._socket.close()

    def ask(self, action: SimpleAction) -> Message:
        """The response to *action*."""
        # Not the action's id(): a later action may have it again, and would be given the earlier answer.
        identity = f"ask-{next(self._numbers)}"
        self._socket.sendall(encode(action, action_id=identity))
        return self.wait_for(lambda m: m.is_response and m.action_id == identity)

    def command(self, text: str) -> list[str]:
        """The output lines of a console command."""
        return self.ask(SimpleAction("Command", Command=text)).all("Output")

    def events(self, name: str, **headers: str) -> list[Message]:
        """Events of that name and those headers so far."""
        with self._news:
            return [m for m in self.messages if _fits(m, name, headers)]

    def wait_for(self, fits: Callable[[Message], bool], seconds: float = 30.0) -> Message:
        """The first message that fits, past or to come."""
        return self.wait_for_count(fits, 1, seconds)[0]

    def wait_for_event(self, name: str, seconds: float = 30.0, **headers: str) -> Message:
        """The first event of that name and those headers, past or to come."""
        return self.wait_for_count(lambda m: _fits(m, name, headers), 1, seconds, what=name)[0]

    def wait_for_events(self, count: int, name: str, seconds: float = 60.0, **headers: str) -> list[Message]:
        """As many events of that name and those headers, past or to come."""
        return self.wait_for_count(lambda m: _fits(m, name, headers), count, seconds, what=name)

    def wait_for_count(
        self, fits: Callable[[Message], bool], count: int, seconds: float, what: str = "message"
    ) -> list[Message]:
        """As many messages that fit; fails when they do not come in time."""
        found: list[Message] = []
        with self._news:
            seen = 0

            def enough() -> bool:
                nonlocal seen
                found.extend(m for m in self.messages[seen:] if fits(m))
                seen = len(self.messages)
                return len(found) >= count

            if not self._news.wait_for(enough, seconds):
                raise AssertionError(f"{len(found)} of {count} {what} came within {seconds} s")
        return found[:count]

    def _read(self) -> None:
        decoder = AmiDecoder()
        while True:
            try:
                chunk = self._socket.recv(65536)
            except OSError:
                return
            if not chunk:
                return
            arrived = decoder.feed(chunk)
            with self._news:
                self.messages.extend(arrived)
                self._news.notify_all()


def _fits(message: Message, name: str, headers: dict[str, str]) -> bool:
    return message.name == name and all(message.get(key) == value for key, value in headers.items())
