"""Appends facts to the journal.  A fact appended survives our death; a fact synced, a power cut.

JournalInUse      the operator's: another service process writes in the same folder
JournalUnwritable the machine's: the disk is full or broken; nothing of the fact was kept
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from threading import Lock
from uuid import uuid4

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from callcentre.journal.codec import encode
from callcentre.journal.position import START, Position
from callcentre.journal.reading import JournalReader
from callcentre.journal.segments import DAY, RETENTION_DAYS, name_after, path_of, remove_old, segment_names
from routing.facts import Fact
from routing.ids import Instant

log = Logger()

# About a day of a busy state centre: small enough to copy, large enough that files stay few.
SEGMENT_BYTES = 64 * 1024 * 1024
# Citizens' names and numbers: nobody else on the machine reads them.
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


class JournalInUse(RuntimeError):
    """Another process holds the journal's folder."""


class JournalUnwritable(RuntimeError):
    """The fact could not be written, or not be made safe; it must be taken as not kept."""


class Journal:
    """The journal in one folder, for one process.

    ``append`` belongs to one thread, the reactor's; ``sync`` may be called in any.
    """

    def __init__(self, folder: Path, *, clock: IReactorTime, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Raises JournalInUse.  A *folder* that is not there is made."""
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        self.folder = folder
        self.appended = 0
        """Facts appended in this run."""
        self._clock = clock
        self._segment_bytes = segment_bytes
        self._lock_fd = _held(folder)
        self.id = _identity(folder)
        """Tells this journal from one in another place, or from one that was lost."""
        self._names = segment_names(folder)
        self._end = _end(folder, self._names)
        self._fd: int | None = None
        self._day = 0.0
        self._finished: list[int] = []
        self._synced = 0
        self._descriptors = Lock()
        self._syncing = Lock()

    @property
    def end(self) -> Position:
        """The place after the last fact appended."""
        return self._end

    def append(self, fact: Fact) -> Position:
        """Write *fact*, and return the place after it.  Raises JournalUnwritable, FactUnwritable."""
        line = encode(fact)
        fd = self._segment(len(line))
        _write(fd, line, self._end.offset)
        self._end = Position(self._end.segment, self._end.offset + len(line))
        self.appended += 1
        return self._end

    def sync(self) -> None:
        """Return when everything appended before the call is on the disk.

        Blocks for a disk's time, so call it in a thread; callers that wait together share one flush.
        Raises JournalUnwritable.
        """
        wanted = self.appended
        with self._syncing:
            if self._synced < wanted:
                self._synced = self._flush()

    @property
    def reader(self) -> JournalReader:
        """What reads this journal."""
        return JournalReader(self.folder, self.id)

    def remove_old(self, *, projected: Position, days: int = RETENTION_DAYS) -> list[str]:
        """Remove segments that were *projected* and are older than *days*; return their names."""
        return remove_old(self.folder, projected=projected, now=Instant(self._clock.seconds()), days=days)

    def close(self) -> None:
        """Sync, and give the folder up."""
        try:
            self.sync()
        finally:
            if self._fd is not None:
                os.close(self._fd)
                self._fd = None
            os.close(self._lock_fd)

    def _segment(self, size: int) -> int:
        """The file to write *size* bytes to: a new one in each run, each day, and when one is full."""
        now = Instant(self._clock.seconds())
        full = self._end.offset + size > self._segment_bytes
        if self._fd is None or full or now // DAY > self._day:
            self._begin(now)
        assert self._fd is not None  # noqa: S101  # _begin opened it
        return self._fd

    def _begin(self, now: Instant) -> None:
        name = name_after(self._names, now)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        try:
            fd = os.open(path_of(self.folder, name), flags, PRIVATE_FILE)
        except OSError as error:
            raise JournalUnwritable(f"cannot begin {name} in {self.folder}: {error}") from error
        with self._descriptors:
            if self._fd is not None:
                self._finished.append(self._fd)
            self._fd = fd
        self._names.append(name)
        self._end, self._day = Position(name, 0), now // DAY

    def _flush(self) -> int:
        """Flush finished segments, the present one and the folder; return how many facts that made safe."""
        with self._descriptors:
            upto, finished, self._finished = self.appended, self._finished, []
            present = [] if self._fd is None else [os.dup(self._fd)]
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            for fd in (*finished, *present, folder):
                os.fsync(fd)
        except OSError as error:
            raise JournalUnwritable(f"cannot flush the journal in {self.folder}: {error}") from error
        finally:
            for fd in (*finished, *present, folder):
                os.close(fd)
        return upto


def _write(fd: int, line: bytes, offset: int) -> None:
    """Write all of *line* at the end, or nothing."""
    try:
        written = os.write(fd, line)
        if written < len(line):
            raise OSError(f"only {written} of {len(line)} bytes were taken")
    except OSError as error:
        os.ftruncate(fd, offset)
        raise JournalUnwritable(f"cannot write to the journal: {error}") from error


def _held(folder: Path) -> int:
    """A lock on *folder* that ends with the process, however it ends."""
    fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise JournalInUse(
            f"another service writes to {folder}; stop it, or use another data folder"
        ) from None
    return fd


def _identity(folder: Path) -> str:
    path = folder / "id"
    if not path.exists():
        path.write_text(uuid4().hex + "\n", encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def _end(folder: Path, names: list[str]) -> Position:
    return Position(names[-1], path_of(folder, names[-1]).stat().st_size) if names else START
