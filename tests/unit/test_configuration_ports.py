"""Ports that cannot be had are named before anything is started."""

from __future__ import annotations

import socket
from dataclasses import replace

from callcentre.configuration.model import Configuration
from callcentre.configuration.ports import nodes_here, ports_in_use
from callcentre.configuration.reading import read_configuration
from routing.ids import NodeId
from tests.unit.parts.site_folder import SHIPPED


def test_a_port_somebody_has_is_a_fault_with_its_key() -> None:
    configuration = read_configuration(SHIPPED)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.bind(("127.0.0.1", 0))
        port = somebody.getsockname()[1]
        taken = replace(configuration, nodes=(replace(configuration.nodes[0], sip_port=port),))
        faults = [fault for fault in ports_in_use(taken) if fault.key == "asterisk.sip_port"]
        [fault] = faults
        assert f"127.0.0.1:{port} cannot be had: Address already in use" in str(fault)
    assert [fault for fault in ports_in_use(taken) if fault.key == "asterisk.sip_port"] == []


# Of a network that is kept for documentation: no machine has it.
FAR_AWAY = "192.0.2.7"


def with_a_node_at(address: str) -> Configuration:
    configuration = read_configuration(SHIPPED)
    [first] = configuration.nodes
    return replace(configuration, nodes=(first, replace(first, name=NodeId("node2"), address=address)))


def test_a_node_is_here_when_its_address_is_this_machines() -> None:
    assert [node.name for node in nodes_here(with_a_node_at("127.0.0.3"))] == ["node1", "node2"]
    assert [node.name for node in nodes_here(with_a_node_at(FAR_AWAY))] == ["node1"]


def test_another_machines_ports_are_not_looked_at() -> None:
    assert not any("nodes." in fault.key for fault in ports_in_use(with_a_node_at(FAR_AWAY)))


def test_each_node_of_this_machine_needs_its_own() -> None:
    configuration = with_a_node_at("127.0.0.3")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.bind(("127.0.0.3", configuration.nodes[1].sip_port))
        assert "nodes.node2.sip_port" in {fault.key for fault in ports_in_use(configuration)}
