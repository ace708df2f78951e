"""Whether the ports a configuration names can be had on this machine now."""

from __future__ import annotations

import socket

from callcentre.configuration.faults import Fault
from callcentre.configuration.model import Configuration


def ports_in_use(configuration: Configuration) -> list[Fault]:
    """One fault for each port that cannot be listened at: somebody else has it, or we may not."""
    asterisk, http = configuration.asterisk, configuration.http
    agi_host, _, agi_port = configuration.agi.addresses[0].rpartition(":")
    wanted = (
        ("http.port", socket.SOCK_STREAM, http.host, http.port),
        ("asterisk.ami_port", socket.SOCK_STREAM, asterisk.address, asterisk.ami_port),
        ("asterisk.http_port", socket.SOCK_STREAM, asterisk.address, asterisk.http_port),
        ("asterisk.sip_port", socket.SOCK_DGRAM, asterisk.address, asterisk.sip_port),
        ("agi.addresses", socket.SOCK_STREAM, agi_host, int(agi_port)),
    )
    return [
        Fault(
            "callcentre.toml",
            key,
            f"{host}:{port} cannot be had: {why}",
            "Free it, or take another.",
        )
        for key, kind, host, port in wanted
        if (why := _why_not(kind, host, port))
    ]


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
