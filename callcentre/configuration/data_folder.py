"""Where a running call centre keeps what it makes: one folder, readable by its owner only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from routing.ids import NodeId


@dataclass(frozen=True, slots=True)
class AsteriskFolders:
    """Asterisk's own folders, so that it touches nothing else on the machine."""

    root: Path
    data: Path
    """Sounds, music and documentation, which all nodes share: Asterisk only reads them."""

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    @property
    def conf(self) -> Path:
        """The file Asterisk is started with."""
        return self.etc / "asterisk.conf"

    @property
    def var(self) -> Path:
        return self.root / "var"

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
    def taken_up(self) -> Path:
        """A copy of the configuration that was taken up last."""
        return self.root / "configuration"

    @property
    def messages(self) -> Path:
        """What callers have spoken to nobody: Asterisk writes ``<call id>.wav`` here."""
        return self.root / "messages"

    @property
    def ration_key(self) -> Path:
        """What the service for ration cards knows us by."""
        return self.root / "ration.json"

    @property
    def asterisk(self) -> AsteriskFolders:
        """The first node's."""
        return AsteriskFolders(self.root / "asterisk", data=self.root / "asterisk" / "data")

    def asterisks(self, nodes: Sequence[NodeId]) -> dict[NodeId, AsteriskFolders]:
        """Those of every node in turn."""
        first, *others = nodes
        further = {
            node: AsteriskFolders(self.root / f"asterisk-{node}", self.asterisk.data) for node in others
        }
        return {first: self.asterisk, **further}

    def database_url(self, configured: str) -> str:
        """The configured database, or SQLite in this folder."""
        return configured or f"sqlite:///{self.database}"

    def create(self) -> None:
        """Make the folder; nobody else on the machine may look into it."""
        self.root.mkdir(parents=True, exist_ok=True)
        # Also one that somebody has made before with the usual rights.
        self.root.chmod(0o700)
        self.messages.mkdir(mode=0o700, exist_ok=True)
