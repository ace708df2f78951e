"""A program under test: started by us, watched by its output, ended by its own process id."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 15.0


class Program:
    """A running program whose output lines can be waited for."""

    def __init__(
        self, command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        self.name = Path(str(command[0])).name
        self.process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for_line(self, pattern: str, seconds: float = 30.0) -> str:
        """The first line that matches *pattern*; fails with what was printed when it does not come."""
        with self._news:
            found = self._news.wait_for(lambda: self._find(pattern) or self._ended, seconds)
            line = self._find(pattern)
        if not found or line is None:
            raise AssertionError(f"{self.name} never printed {pattern!r}:\n" + "\n".join(self.lines[-40:]))
        return line

    def wait(self, seconds: float) -> int:
        """Its exit status; fails when it has not ended in time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.name} did not end within {seconds} s:\n" + "\n".join(self.lines[-40:])
            ) from None

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def stop(self) -> int:
        """End it in its own time; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.returncode
        self._reader.join()
        return status

    def _find(self, pattern: str) -> str | None:
        return next((line for line in self.lines if re.search(pattern, line)), None)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                with self._news:
                    self.lines.append(line.rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()
