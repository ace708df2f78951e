"""Asks the Civil Supplies Department's service for ration cards.

Whatever goes wrong there brings the caller to a person: the answer is Unanswered, and the fault is counted
as ``ration-away`` (nobody there, late, or not to be trusted), ``ration-refused`` (an error of the contract),
``ration-malformed`` (not an answer) or ``ration-busy`` (too many asked already).  No card number is logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import uuid4

from twisted.internet.defer import Deferred, TimeoutError, succeed
from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.internet.interfaces import IConsumer, IPushProducer, IReactorTime
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import (
    Agent,
    BrowserLikePolicyForHTTPS,
    HTTPConnectionPool,
    ResponseDone,
    ResponseFailed,
)
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from zope.interface import implementer

from callcentre.configuration.model import RationSettings
from callcentre.enquiries.credentials import ApiKey
from callcentre.enquiries.ration_contract import (
    CLIENT_HEADER,
    KEY_HEADER,
    LONGEST_ANSWER,
    PATH,
    CardAnswer,
    Malformed,
    Refused,
    answer,
    question,
)
from ivr.exchange import Unanswered

log = Logger()

# A service that hangs holds so many connections of ours at most; one that works has one or two of them.
MOST_AT_ONCE = 20
# ResponseFailed is also whatever is wrong with TLS.
AWAY = (ResponseFailed, ConnectError, ConnectionClosed, DNSLookupError, TimeoutError)


class AnswerTooLong(Malformed):
    """More came than any answer has."""


def card_agent(reactor: object) -> Agent:
    """The client: TLS with the machine's own authorities and the name checked; no redirects."""
    # A kept connection would be quicker for some and stale for others: no POST is sent again by itself.
    pool = HTTPConnectionPool(reactor, persistent=False)
    return Agent(reactor, contextFactory=BrowserLikePolicyForHTTPS(), pool=pool)


class RationCards:
    """The service as the menus need it; with an empty URL there is none."""

    def __init__(
        self,
        agent: IAgent,
        settings: RationSettings,
        key: ApiKey | None,
        *,
        clock: IReactorTime,
        on_fault: Callable[[str], None],
    ) -> None:
        """*key*: None when there is none that could be used, and nobody is asked then."""
        self._agent = agent
        self._settings = settings
        self._key = key
        self._clock = clock
        self._on_fault = on_fault
        self._under_way = 0

    async def find(self, number: str) -> CardAnswer | Unanswered:
        """What is known of card *number*, within the time-out."""
        if not self._settings.url or self._key is None:
            return Unanswered()
        if self._under_way >= MOST_AT_ONCE:
            return self._unanswered("busy", "too many are asked for")
        self._under_way += 1
        try:
            return await self._find(number, self._key)
        except Refused as refused:
            return self._unanswered("refused", str(refused))
        except Malformed as malformed:
            return self._unanswered("malformed", str(malformed))
        except AWAY as error:
            return self._unanswered("away", type(error).__name__)
        finally:
            self._under_way -= 1

    async def _find(self, number: str, key: ApiKey) -> CardAnswer:
        asking = Deferred.fromCoroutine(self._ask(question(number, transaction=str(uuid4())), key))
        status, body = await asking.addTimeout(self._settings.timeout_seconds, self._clock)
        return answer(status, body, number=number)

    async def _ask(self, body: bytes, key: ApiKey) -> tuple[int, bytes]:
        headers = {
            "Content-Type": ["application/json"],
            "Accept": ["application/json"],
            "User-Agent": ["callcentre"],
            KEY_HEADER: [key.key],
            CLIENT_HEADER: [key.client],
        }
        url = f"{self._settings.url.rstrip('/')}{PATH}".encode("ascii")
        response = await self._agent.request(b"POST", url, Headers(headers), _Body(body))
        return response.code, await _read(response)

    def _unanswered(self, kind: str, why: str) -> Unanswered:
        self._on_fault(f"ration-{kind}")
        log.warn("a ration card could not be asked for: {why}", why=why, kind=kind)
        return Unanswered()


@implementer(IBodyProducer)
class _Body:
    """A body that is small enough to be written at once."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.length = len(body)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        consumer.write(self._body)
        return succeed(None)

    def pauseProducing(self) -> None:
        """It is all written."""

    def resumeProducing(self) -> None:
        """It is all written."""

    def stopProducing(self) -> None:
        """It is all written."""


def _read(response: IResponse) -> Deferred[bytes]:
    reader = _Reader()
    response.deliverBody(reader)
    return reader.done


class _Reader(Protocol):
    """Collects an answer, and hangs up on one that does not end."""

    def __init__(self) -> None:
        self.done: Deferred[bytes] = Deferred(lambda _: self._hang_up())
        self._parts: list[bytes] = []
        self._length = 0

    def dataReceived(self, data: bytes) -> None:
        self._parts.append(data)
        self._length += len(data)
        if self._length > LONGEST_ANSWER and not self.done.called:
            self._hang_up()
            self.done.errback(AnswerTooLong(f"more than {LONGEST_ANSWER} bytes"))

    def connectionLost(self, reason: Failure = Failure(ConnectionClosed())) -> None:  # noqa: B008
        if self.done.called:
            return
        if reason.check(ResponseDone):
            self.done.callback(b"".join(self._parts))
        else:
            self.done.errback(ResponseFailed([reason]))

    def _hang_up(self) -> None:
        # Not loseConnection, which waits for the other side to agree when there is TLS between us.
        if self.transport is not None:
            cast(IPushProducer, self.transport).stopProducing()
