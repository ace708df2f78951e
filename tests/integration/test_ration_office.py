"""Ration cards over real sockets: the address, TLS that nobody vouches for, and nobody there."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet import reactor, ssl  # noqa: TID251
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase
from twisted.web.client import Agent, BrowserLikePolicyForHTTPS, HTTPConnectionPool
from twisted.web.server import Site

from callcentre.configuration.model import RationSettings
from callcentre.enquiries.credentials import ApiKey
from callcentre.enquiries.ration import RationCards, card_agent
from ivr.exchange import CardKind, NothingFound, RationCardFound, Unanswered
from tests.integration.parts.ports import free_port
from tests.protocol.parts.ration_office import CLIENT, CUT, ENDLESS, KEY, LATE, RationOffice

AAY = RationCardFound(CardKind.AAY, active=True, members=5)
SECONDS = 1.0


class RationOfficeOverSockets(TestCase):
    timeout = 20

    def setUp(self) -> None:
        self.faults: list[str] = []
        self.office = RationOffice(later=lambda work: None)
        # The site's own timers would be left behind.
        self.site = Site(self.office, timeout=None)

    def listen(self, context: Any = None) -> int:
        where: Any = reactor
        if context is None:
            port = where.listenTCP(0, self.site, interface="127.0.0.1")
        else:
            port = where.listenSSL(0, self.site, context, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        return int(port.getHost().port)

    def listen_with_tls(self) -> tuple[str, ssl.Certificate]:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        port = self.listen(_own_certificate(Path(folder.name)))
        certificate = (Path(folder.name) / "certificate.pem").read_bytes()
        return f"https://127.0.0.1:{port}", ssl.Certificate.loadPEM(certificate)

    def ask(self, url: str, number: str, agent: Agent | None = None) -> Deferred[Any]:
        cards = RationCards(
            agent or card_agent(reactor),
            RationSettings(url=url, timeout_seconds=SECONDS),
            ApiKey(client=CLIENT, key=KEY),
            clock=reactor,  # type: ignore[arg-type]
            on_fault=self.faults.append,
        )
        return Deferred.fromCoroutine(cards.find(number))

    async def test_cards_are_found_and_not_found(self) -> None:
        url = f"http://127.0.0.1:{self.listen()}"
        self.assertEqual(await self.ask(url, "1000000001"), AAY)
        self.assertEqual(await self.ask(url, "1000000055"), NothingFound())
        self.assertEqual(self.faults, [])

    async def test_what_does_not_end_comes_late_or_is_cut_leads_to_a_person(self) -> None:
        url = f"http://127.0.0.1:{self.listen()}"
        answers = [await self.ask(url, number) for number in (ENDLESS, LATE, CUT)]
        self.assertEqual(answers, [Unanswered()] * 3)
        self.assertEqual(self.faults, ["ration-malformed", "ration-away", "ration-away"])

    async def test_nobody_there_leads_to_a_person(self) -> None:
        self.assertEqual(await self.ask(f"http://127.0.0.1:{free_port()}", "1000000001"), Unanswered())
        self.assertEqual(self.faults, ["ration-away"])

    async def test_a_certificate_that_nobody_vouches_for_is_not_told_the_key(self) -> None:
        url, _ = self.listen_with_tls()
        self.assertEqual(await self.ask(url, "1000000001"), Unanswered())
        self.assertEqual((self.faults, self.office.exchanges), (["ration-away"], []))

    async def test_over_tls_cards_are_found_and_what_does_not_end_is_hung_up_on(self) -> None:
        url, certificate = self.listen_with_tls()
        policy = BrowserLikePolicyForHTTPS(trustRoot=ssl.trustRootFromCertificates([certificate]))
        agent = Agent(reactor, contextFactory=policy, pool=HTTPConnectionPool(reactor, persistent=False))
        self.assertEqual(await self.ask(url, "1000000001", agent), AAY)
        self.assertEqual(await self.ask(url, ENDLESS, agent), Unanswered())
        self.assertEqual(self.faults, ["ration-malformed"])


def _own_certificate(folder: Path) -> ssl.DefaultOpenSSLContextFactory:
    """Of the right name, and signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    now = datetime.now(UTC)
    building = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    certificate = building.add_extension(address, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    return ssl.DefaultOpenSSLContextFactory(str(folder / "key.pem"), str(folder / "certificate.pem"))
