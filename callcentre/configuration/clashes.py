"""What two parts of a site cannot both have: a port of an address, or the address callers are known by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from itertools import combinations

from callcentre.configuration.model import Configuration, NodeSettings

Clash = tuple[str, str, str]
"""A key, what is wrong with it, and the remedy."""
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104
TRUNK = "asterisk.trunk_addresses"


@dataclass(frozen=True, slots=True)
class Claim:
    """Ports of an address from the first to the last; *keys* say which."""

    keys: tuple[str, ...]
    host: str
    first: int
    last: int

    def meets(self, other: Claim) -> bool:
        """Whether both want one port."""
        same_host = self.host == other.host or bool(EVERYWHERE & {self.host, other.host})
        return same_host and self.first <= other.last and other.first <= self.last


def clashes(configuration: Configuration, faulty: AbstractSet[str]) -> Iterator[Clash]:
    """Everything that is wanted twice; what *faulty* keys want is not known."""
    nodes = sections_of_nodes(configuration)
    yield from _met(_tcp(configuration, nodes), faulty)
    yield from _met(_udp(nodes), faulty)
    if len(nodes) > 1 and TRUNK not in faulty:
        yield from _taken_for_callers(configuration, nodes, faulty)


def sections_of_nodes(configuration: Configuration) -> Mapping[str, NodeSettings]:
    """Every node by the section of the site file that describes it."""
    first, *others = configuration.nodes
    return {"asterisk": first, **{f"nodes.{node.name}": node for node in others}}


def _met(claims: Iterable[Claim], faulty: AbstractSet[str]) -> Iterator[Clash]:
    sound = [claim for claim in claims if not faulty & set(claim.keys)]
    for earlier, later in combinations(sound, 2):
        if later.meets(earlier):
            port = max(earlier.first, later.first)
            yield later.keys[0], f"port {port} is also {' to '.join(earlier.keys)}", "Give each its own port."


def _tcp(configuration: Configuration, nodes: Mapping[str, NodeSettings]) -> Iterator[Claim]:
    http = configuration.http
    yield Claim(("http.port",), http.host, http.port, http.port)
    for section, node in nodes.items():
        yield Claim((f"{section}.ami_port",), node.address, node.ami_port, node.ami_port)
        yield Claim((f"{section}.http_port",), node.address, node.http_port, node.http_port)
    # The first is this machine's; the others are tried when it does not answer.
    for address in configuration.agi.addresses[:1]:
        host, _, port = address.rpartition(":")
        yield Claim(("agi.addresses",), host, int(port), int(port))


def _udp(nodes: Mapping[str, NodeSettings]) -> Iterator[Claim]:
    for section, node in nodes.items():
        audio = (f"{section}.rtp_first", f"{section}.rtp_last")
        yield Claim(audio, node.address, node.rtp_first, node.rtp_last)
        yield Claim((f"{section}.sip_port",), node.address, node.sip_port, node.sip_port)


def _taken_for_callers(
    configuration: Configuration, nodes: Mapping[str, NodeSettings], faulty: AbstractSet[str]
) -> Iterator[Clash]:
    """Nodes that the others would take for the trunk: both are known by where they speak from."""
    networks = [ip_network(address, strict=False) for address in configuration.asterisk.trunk_addresses]
    for section, node in nodes.items():
        if f"{section}.address" in faulty:
            continue
        if any(ip_address(node.address) in network for network in networks):
            yield TRUNK, f"{node.address} is {section}.address", "No node can be where callers come from."
