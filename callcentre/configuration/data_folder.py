"""Where a running call centre keeps what it makes: one folder, readable by its owner only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AsteriskFolders:
    """Asterisk's own folders, so that it touches nothing else on the machine."""

    root: Path

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def sounds(self) -> Path:
        return self.data / "sounds"

    @property
    def music(self) -> Path:
        return self.data / "music"

    def own(self) -> tuple[Path, ...]:
        """Every folder Asterisk expects to find."""
        return (self.etc, self.var, self.data, self.spool, self.run, self.log, self.sounds, self.music)


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The data folder and the names of everything in it."""

    root: Path

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.json"

    @property
    def control_socket(self) -> Path:
        return self.root / "control.sock"

    @property
    def epoch(self) -> Path:
        return self.root / "epoch"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    @property
    def database(self) -> Path:
        return self.root / "callcentre.sqlite3"

    @property
    def asterisk(self) -> AsteriskFolders:
        return AsteriskFolders(self.root / "asterisk")

    def database_url(self, configured: str) -> str:
        """The configured database, or SQLite in this folder."""
        return configured or f"sqlite:///{self.database}"

    def create(self) -> None:
        """Make the folder; nobody else on the machine may look into it."""
        self.root.mkdir(parents=True, exist_ok=True)
        # Also one that somebody has made before with the usual rights.
        self.root.chmod(0o700)
