"""The configuration of this repository in a folder of its own, to be spoilt by tests."""

from __future__ import annotations

import shutil
from pathlib import Path

from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.configuration.model import Configuration
from callcentre.configuration.reading import read_configuration

SHIPPED = Path(__file__).resolve().parents[3] / "config"


# As an administrator adds one: on another address, the same ports as the first.
NODE2 = """
[nodes.node2]
address = "127.0.0.3"
ami_port = 5038
http_port = 8088
sip_port = 5060
rtp_first = 10000
rtp_last = 12999
"""


class SiteFolder:
    """A copy of ``config/``; each change says what it replaces, so that it cannot miss."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "config"
        shutil.copytree(SHIPPED, self.root)

    def change(self, file: str, old: str, new: str) -> None:
        """Replace the first *old* in *file*."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} holds no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def add(self, file: str, toml: str) -> None:
        """Write *toml* below what is in *file*."""
        with (self.root / file).open("a", encoding="utf-8") as text:
            text.write(f"\n{toml}\n")

    def write(self, file: str, text: str) -> None:
        (self.root / file).write_text(text, encoding="utf-8")

    def read(self, *overrides: str) -> Configuration:
        return read_configuration(self.root, overrides)

    def faults(self, *overrides: str) -> list[Fault]:
        """Every fault; none when it is sound."""
        try:
            self.read(*overrides)
        except ConfigurationFaulty as faulty:
            return list(faulty.faults)
        return []

    def named(self, *overrides: str) -> list[tuple[str, str]]:
        """File and key of every fault."""
        return [(fault.file, fault.key) for fault in self.faults(*overrides)]

    def fault(self, *overrides: str) -> Fault:
        """The only fault there is."""
        found = self.faults(*overrides)
        assert len(found) == 1, found
        return found[0]
