"""Ration cards over real sockets: the address, TLS that nobody vouches for, and nobody there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet import reactor, ssl  # noqa: TID251
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase
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

    def ask(self, url: str, number: str) -> Deferred[Any]:
        cards = RationCards(
            card_agent(reactor),
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
        url = f"https://127.0.0.1:{self.listen(_own_certificate())}"
        self.assertEqual(await self.ask(url, "1000000001"), Unanswered())
        self.assertEqual((self.faults, self.office.exchanges), (["ration-away"], []))


def _own_certificate() -> ssl.CertificateOptions:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both = pem + certificate.public_bytes(serialization.Encoding.PEM)
    return ssl.PrivateCertificate.loadPEM(both).options()
