"""One Asterisk of a stack: where it listens, its process, what it says, who calls it and who answers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tests.integration.parts.ports import free_port, free_range
from tests.integration.parts.programs import Program
from tests.integration.parts.sipp import Sipp
from tests.integration.parts.witness import MANAGER_SECTION, Witness

RTP_PORTS = 1200


class Node:
    """To be started and ended on its own."""

    def __init__(self, name: str, *, address: str, section: str, etc: Path, sipp_folder: Path) -> None:
        """Described in a *section* of the site file, from which its configuration is rendered into *etc*."""
        self.name, self.address = name, address
        self._section = section
        self.sip_port, self.ami_port, self.ws_port = free_port(), free_port(), free_port()
        self._rtp = free_range(RTP_PORTS)
        self._etc = etc
        self.sipp = Sipp(sipp_folder, address=address, sip_port=self.sip_port)
        self.asterisk: Program | None = None
        self.witnessed: Sequence[str] = ()
        """The only events its witness is to hear; none: all of them."""
        self._witness: Witness | None = None

    def settings(self) -> dict[str, object]:
        """Its keys of the site file."""
        values = {
            "address": self.address,
            "sip_port": self.sip_port,
            "ami_port": self.ami_port,
            "http_port": self.ws_port,
            "rtp_first": self._rtp[0],
            "rtp_last": self._rtp[1],
        }
        return {f"{self._section}.{key}": value for key, value in values.items()}

    def let_witness_in(self) -> None:
        """Once the configuration has been rendered."""
        self.add_to("manager.conf", MANAGER_SECTION)

    def add_to(self, file: str, text: str) -> None:
        """Put *text* after what was rendered into one of its files."""
        with (self._etc / file).open("a", encoding="utf-8") as rendered:
            rendered.write(text)

    def start(self) -> None:
        """Returns when it is fully booted."""
        self.asterisk = Program([os.environ["ASTERISK"], "-C", self._etc / "asterisk.conf", "-f"])
        self.asterisk.wait_for_line("Asterisk Ready")

    @property
    def witness(self) -> Witness:
        """Sees everything this Asterisk says from the first use on."""
        if self._witness is None:
            self._witness = Witness(self.ami_port, address=self.address, only=self.witnessed)
        return self._witness

    def new_witness(self) -> Witness:
        """After a restart the old one hears nothing any more."""
        self._dismiss_witness()
        return self.witness

    def stop(self) -> None:
        """End it, and whoever calls it."""
        self.sipp.stop()
        self._dismiss_witness()
        if self.asterisk is not None:
            self.asterisk.stop()

    def _dismiss_witness(self) -> None:
        if self._witness is not None:
            self._witness.close()
        self._witness = None
