"""The life of one AMI session, from Asterisk's greeting to the end, as a machine without I/O.

Inputs come from the connection; every input returns the steps the connection has to take, in order::

    silent ──greeted──▶ challenging ──accepted──▶ logging in ──accepted──▶ booting ──booted──▶ up
                             │ refused                │ refused                │ leave        │ leave
                             └──────────▶ closed ◀────┘                        └──▶ leaving ◀─┘
    leave before login, and lost from anywhere, lead to closed

The secret is never sent: the login is MD5(challenge + secret).
A login can succeed before Asterisk has loaded its modules; the session is up when FullyBooted was seen.
Asterisk sends it right after a login when it is up already, to users with ``read = system``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from asterisk.ami.action import Action
from automat import TypeMachineBuilder

from callcentre.telephony.ami import actions
from callcentre.telephony.ami.codec import Message
from callcentre.telephony.ami.errors import AuthenticationRefused, SessionFault

# The ActionID of what a session sends for itself: challenge, login and logoff, never two at a time.
HANDSHAKE: Final = "handshake"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiCredentials:
    """Who we are to Asterisk: a user of its ``manager.conf``."""

    username: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Say:
    """Send this action now, under this ActionID."""

    action: Action
    action_id: str = HANDSHAKE


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Asterisk accepted the login; its modules may still be loading."""


@dataclass(frozen=True, slots=True)
class Up:
    """Asterisk is fully booted: the session is of use from now on."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection: because of *fault*, or in good order when there is none."""

    fault: SessionFault | None = None


Step = Say | LoggedIn | Up | Close
Steps = tuple[Step, ...]


class Session(Protocol):
    """What can happen to a session."""

    def greeted(self) -> Steps:
        """The peer introduced itself as Asterisk."""

    def accepted(self, answer: Message) -> Steps:
        """Asterisk answered a handshake action with success."""

    def refused(self, answer: Message) -> Steps:
        """Asterisk answered a handshake action with an error."""

    def booted(self) -> Steps:
        """Asterisk reported FullyBooted."""

    def leave(self) -> Steps:
        """We want to go."""

    def lost(self) -> Steps:
        """The connection is gone."""


_builder = TypeMachineBuilder(Session, AmiCredentials)

_silent = _builder.state("silent")
_challenging = _builder.state("challenging")
_logging_in = _builder.state("logging in")
_booting = _builder.state("booting")
_up = _builder.state("up")
_leaving = _builder.state("leaving")
_closed = _builder.state("closed")

_booting.upon(Session.booted).to(_up).returns((Up(),))
for _early in (_silent, _challenging, _logging_in):
    _early.upon(Session.leave).to(_closed).returns((Close(),))
    # FullyBooted is an event, and events come only after a login; one out of place changes nothing.
    _early.upon(Session.booted).loop().returns(())
for _late in (_up, _leaving, _closed):
    # Asterisk also broadcasts FullyBooted to sessions that have it from their login.
    _late.upon(Session.booted).loop().returns(())
for _after_login in (_booting, _up, _leaving, _closed):
    # The answer to Logoff, or a late answer to nothing.
    _after_login.upon(Session.accepted).loop().returns(())
    _after_login.upon(Session.refused).loop().returns(())
for _logged_in in (_booting, _up):
    _logged_in.upon(Session.leave).to(_leaving).returns((Say(actions.logoff()),))
for _gone in (_leaving, _closed):
    _gone.upon(Session.leave).loop().returns(())
for _any in (_silent, _challenging, _logging_in, _booting, _up, _leaving, _closed):
    _any.upon(Session.lost).to(_closed).returns(())


@_silent.upon(Session.greeted).to(_challenging)
def _ask_for_challenge(session: Session, credentials: AmiCredentials) -> Steps:
    return (Say(actions.challenge()),)


@_challenging.upon(Session.accepted).to(_logging_in)
def _log_in(session: Session, credentials: AmiCredentials, answer: Message) -> Steps:
    nonce = answer.get("Challenge")
    if not nonce:
        # MD5 of the secret alone would be the same every time, and good for whoever hears it.
        return (Close(AuthenticationRefused("the peer sent no challenge to log in with")),)
    return (Say(actions.login(credentials.username, credentials.secret, challenge=nonce)),)


@_logging_in.upon(Session.accepted).to(_booting)
def _wait_for_boot(session: Session, credentials: AmiCredentials, answer: Message) -> Steps:
    return (LoggedIn(),)


@_challenging.upon(Session.refused).to(_closed)
@_logging_in.upon(Session.refused).to(_closed)
def _give_up(session: Session, credentials: AmiCredentials, answer: Message) -> Steps:
    reason = answer.get("Message", "no reason given").strip()
    return (
        Close(
            AuthenticationRefused(
                f"Asterisk refused user {credentials.username!r}: {reason}; "
                "compare name, secret and permit with its manager.conf"
            )
        ),
    )


new_session = _builder.build()
"""``new_session(credentials)``: a session that waits for the greeting."""
