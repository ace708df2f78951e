"""A private PostgreSQL for one test run: real, empty, reachable through a socket in its own folder only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import psycopg

# Where Debian and Ubuntu put each version's programs, which are not on the PATH.
DEBIAN = Path("/usr/lib/postgresql")
# initdb refuses to work for root; Debian's package brings this user.
SERVER_USER = "postgres"
SUPERUSER = "postgres"
# The upgraded, empty database of which each test gets a copy.
TEMPLATE = "upgraded"


class PostgreSQLMissing(RuntimeError):
    """The server's programs are not installed."""


class PrivatePostgreSQL:
    """One server.  ``stop`` and ``start`` may be called in turn, to see what happens while it is away."""

    def __init__(self) -> None:
        """Raises PostgreSQLMissing."""
        self._programs = _programs()
        # Not in pytest's own folder, through which the server's user may not pass.
        self.folder = Path(tempfile.mkdtemp(prefix="cc-pg-"))
        self._user = SERVER_USER if os.geteuid() == 0 else None
        if self._user:
            entry = pwd.getpwnam(self._user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        self._data = self.folder / "data"
        self._run("initdb", "-D", str(self._data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-sync")

    def __enter__(self) -> PrivatePostgreSQL:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """SQLAlchemy's name for *database*."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server and return when it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self._control("start", "-o", options, "-l", str(self.folder / "log"))

    def stop(self) -> None:
        """Stop the server at once; every connection breaks."""
        self._control("stop", "-m", "immediate")

    def create(self, database: str, *, template: str = "template1") -> str:
        """Make *database*, a copy of *template*, and return its URL."""
        self._ask(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove *database*, whoever is connected."""
        self._ask(f'DROP DATABASE "{database}" WITH (FORCE)')

    def _ask(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", "30", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        # Files, not pipes: the server inherits them and would keep a pipe open for ever.
        with (self.folder / "setup.log").open("ab") as output:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                user=self._user,
                group=self._user,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode:
            said = "\n".join(path.read_text(errors="replace") for path in self.folder.glob("*log"))
            raise RuntimeError(f"{program} {' '.join(arguments)} failed ({done.returncode}):\n{said}")


def _programs() -> Path:
    folders = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in reversed(folders):
        if (folder / "initdb").exists():
            return folder
    raise PostgreSQLMissing(
        f"no PostgreSQL server in {DEBIAN} or on the PATH; Debian's package is: apt-get install postgresql"
    )
