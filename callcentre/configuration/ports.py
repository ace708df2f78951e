"""Whether the ports a configuration names can be had on this machine now."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from callcentre.configuration.clashes import sections_of_nodes
from callcentre.configuration.faults import Fault
from callcentre.configuration.model import Configuration, NodeSettings

ANY_PORT = 0


def ports_in_use(configuration: Configuration) -> list[Fault]:
    """One fault for each port that cannot be listened at: somebody else has it, or we may not."""
    return [
        Fault(
            "callcentre.toml",
            key,
            f"{host}:{port} cannot be had: {why}",
            "Free it, or take another.",
        )
        for key, kind, host, port in _wanted(configuration)
        if (why := _why_not(kind, host, port))
    ]


def nodes_here(configuration: Configuration) -> tuple[NodeSettings, ...]:
    """The nodes whose address is this machine's."""
    return tuple(
        node for node in configuration.nodes if not _why_not(socket.SOCK_DGRAM, node.address, ANY_PORT)
    )


def _wanted(configuration: Configuration) -> Iterator[tuple[str, socket.SocketKind, str, int]]:
    http, here = configuration.http, nodes_here(configuration)
    agi_host, _, agi_port = configuration.agi.addresses[0].rpartition(":")
    yield "http.port", socket.SOCK_STREAM, http.host, http.port
    for section, node in sections_of_nodes(configuration).items():
        # Another machine's ports are that machine's business.
        if node in here:
            yield f"{section}.ami_port", socket.SOCK_STREAM, node.address, node.ami_port
            yield f"{section}.http_port", socket.SOCK_STREAM, node.address, node.http_port
            yield f"{section}.sip_port", socket.SOCK_DGRAM, node.address, node.sip_port
    yield "agi.addresses", socket.SOCK_STREAM, agi_host, int(agi_port)


def _why_not(kind: int, host: str, port: int) -> str:
    with socket.socket(socket.AF_INET, kind) as probe:
        # As Asterisk and Twisted do: an ended connection's leftovers do not count.
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return ""
