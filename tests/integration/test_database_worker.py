"""Transactions in a process of their own: they commit, they fail as here, and the process may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from callcentre.storage.schema import JournalPlace
from callcentre.storage.worker import DatabaseWorker, WorkerLost
from tests.integration.parts.stack import eventually
from tests.unit.parts.hand_cranked_reactor import HandCrankedReactor
from tests.unit.parts.inline_database import InlineDatabase

pytest_plugins = ("tests.integration.parts.databases",)

# A service that is killed while its worker is at something.
KILLED_SERVICE = """
import os, signal, sys
from callcentre.storage.engine import open_engine
from tests.integration.test_database_worker import Asked
from tests.unit.parts.inline_database import InlineDatabase
if __name__ == "__main__":
    print(Asked(sys.argv[1], InlineDatabase(open_engine(sys.argv[1]))).begun(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


# --- what is asked of the process ------------------------------------------------------------------------


def process(session: Session) -> int:
    return os.getpid()


def note(session: Session, *, journal: str, offset: int = 0) -> str:
    session.add(JournalPlace(journal=journal, segment="", offset=offset))
    session.flush()
    return journal


def note_and_fail(session: Session) -> None:
    note(session, journal="rolled back")
    raise ValueError("a fault of ours")


def offset(session: Session, *, journal: str) -> int | None:
    place = session.get(JournalPlace, journal)
    return None if place is None else place.offset


class Asked:
    """A worker, and whoever waits for its answers."""

    def __init__(self, url: str, meanwhile: InlineDatabase) -> None:
        self._crank = HandCrankedReactor()
        self.worker = DatabaseWorker(url, meanwhile=meanwhile, reactor=self._crank)

    def begun(self) -> int:
        """The process, once it is there."""
        return eventually(lambda: int(self.ask(process)), lambda pid: pid != os.getpid())

    def ask(self, fn: Any) -> Any:
        """What *fn* returned there; raises what it raised."""
        answers: list[Any] = []
        Deferred.fromCoroutine(self.worker.run(fn)).addBoth(answers.append)
        while not answers:
            self._crank.turn()
        if isinstance(answers[0], Failure):
            answers[0].raiseException()
        return answers[0]


@pytest.fixture
def asked(database_url: str, engine: Engine) -> Iterator[Asked]:
    started = Asked(database_url, InlineDatabase(engine))
    yield started
    started.worker.close()


def test_a_transaction_is_committed_elsewhere(asked: Asked, sessions: sessionmaker[Session]) -> None:
    asked.begun()
    assert asked.ask(partial(note, journal="j", offset=7)) == "j"
    with sessions.begin() as session:
        assert offset(session, journal="j") == 7


def test_until_the_process_is_there_its_work_is_done_here(asked: Asked) -> None:
    assert asked.ask(process) == os.getpid()
    assert asked.begun() != os.getpid()


def test_what_fails_there_fails_here_and_leaves_nothing(asked: Asked) -> None:
    asked.begun()
    asked.ask(partial(note, journal="twice"))
    with pytest.raises(IntegrityError):
        asked.ask(partial(note, journal="twice"))
    with pytest.raises(ValueError, match="a fault of ours"):
        asked.ask(note_and_fail)
    assert asked.ask(partial(offset, journal="rolled back")) is None


def test_a_worker_that_was_killed_is_followed_by_another(asked: Asked) -> None:
    first = asked.begun()
    os.kill(first, signal.SIGKILL)
    with pytest.raises(WorkerLost):
        eventually(lambda: asked.ask(process), lambda pid: pid != first)
    assert asked.begun() != first


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_the_service_says_so_not_when_the_terminal_does(asked: Asked, told: int) -> None:
    pid = asked.begun()
    os.kill(pid, told)
    assert asked.ask(process) == pid
    asked.worker.close()
    assert not is_running(pid)


def test_it_does_not_outlive_a_service_that_was_killed(database_url: str) -> None:
    words = [sys.executable, "-c", KILLED_SERVICE, database_url]
    killed = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    eventually(lambda: is_running(int(killed.stdout)), lambda running: not running)


def is_running(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except FileNotFoundError:
        return False
    # One that has ended may lie there until somebody takes note (proc(5)).
    return fields[0] != "Z"
