"""Ports that cannot be had are named before anything is started."""

from __future__ import annotations

import socket
from dataclasses import replace

from callcentre.configuration.ports import ports_in_use
from callcentre.configuration.reading import read_configuration
from tests.unit.parts.site_folder import SHIPPED


def test_a_port_somebody_has_is_a_fault_with_its_key() -> None:
    configuration = read_configuration(SHIPPED)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.bind(("127.0.0.1", 0))
        port = somebody.getsockname()[1]
        taken = replace(configuration, asterisk=replace(configuration.asterisk, sip_port=port))
        faults = [fault for fault in ports_in_use(taken) if fault.key == "asterisk.sip_port"]
        [fault] = faults
        assert f"127.0.0.1:{port} cannot be had: Address already in use" in str(fault)
    assert [fault for fault in ports_in_use(taken) if fault.key == "asterisk.sip_port"] == []
