"""Everything that can go wrong on an AMI link, as one tree.

::

    AmiError
     ├─ UnsafeAction        ours: the action must not be sent as it is; nothing was written
     │   ├─ UnsafeHeader      CR, LF, NUL or a broken name in a header or variable
     │   └─ ActionTooLong     Asterisk would cut it, and take the rest for another action
     ├─ StreamFault         theirs: what arrived is not AMI as we bound it; closes the link
     │   ├─ NotAmi            the greeting is not Asterisk's
     │   ├─ MalformedLine     a line that is not ``Name: value``
     │   ├─ FrameTooLong      a line or a message over the limit
     │   └─ TooManyHeaders    a message with more lines than the limit
     ├─ SessionFault        theirs: well-formed, but the session cannot go on; closes the link
     │   ├─ AuthenticationRefused
     │   ├─ LoginTimedOut
     │   ├─ BootTimedOut
     │   ├─ SilentPeer
     │   ├─ Unreachable
     │   └─ ResyncFailed      ours, loudly logged: a new connection is the only way to know the floor again
     └─ ActionFailed        what ``AmiLink.send`` and ``collect`` raise; the caller answers each
         ├─ ActionRefused     Asterisk said ``Response: Error``
         ├─ ActionTimedOut    no answer within the limit; it may or may not have been done
         ├─ LinkDown          not sent, or the link was lost before the answer
         ├─ TooManyPending    not sent: too many actions wait for an answer already
         └─ ListTooLong       a list with more events than the limit
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from callcentre.telephony.ami.codec import Message


class AmiError(Exception):
    """Any failure of AMI."""


class UnsafeAction(AmiError, ValueError):
    """An action that must not be sent as it is."""


class UnsafeHeader(UnsafeAction):
    """A header or variable that could be read as more than itself."""


class ActionTooLong(UnsafeAction):
    """A line or an action longer than Asterisk reads in one piece."""


class StreamFault(AmiError):
    """What arrived breaks the protocol or its bounds; ``before`` holds the good messages ahead of it."""

    kind: ClassVar[str] = "stream"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.before: list[Message] = []


class NotAmi(StreamFault):
    """The peer did not greet as an Asterisk manager."""

    kind = "not_ami"


class MalformedLine(StreamFault):
    """A line without a header name and a colon."""

    kind = "malformed_line"


class FrameTooLong(StreamFault):
    """A line or a message over the limit."""

    kind = "frame_too_long"


class TooManyHeaders(StreamFault):
    """A message with more headers than the limit."""

    kind = "too_many_headers"


class SessionFault(AmiError):
    """The session cannot go on; ``kind`` is stable and is what faults are counted by."""

    kind: ClassVar[str] = "session"


class AuthenticationRefused(SessionFault):
    """Asterisk did not accept the user name and secret."""

    kind = "authentication_refused"


class LoginTimedOut(SessionFault):
    """The peer did not greet, challenge or accept in time."""

    kind = "login_timed_out"


class BootTimedOut(SessionFault):
    """Logged in, but Asterisk did not report that its modules are loaded."""

    kind = "boot_timed_out"


class SilentPeer(SessionFault):
    """A Ping was not answered in time."""

    kind = "silent_peer"


class Unreachable(SessionFault):
    """No connection could be made."""

    kind = "unreachable"


class ResyncFailed(SessionFault):
    """What is done after every login (``on_up``) did not succeed."""

    kind = "resync_failed"


class ActionFailed(AmiError):
    """An action without the answer it was sent for."""


class ActionRefused(ActionFailed):
    """Asterisk answered ``Response: Error``; ``message`` is its whole answer."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.get("Message", "no reason given").strip())
        self.message = message


class ActionTimedOut(ActionFailed):
    """No answer in time; Asterisk may or may not have done it."""


class LinkDown(ActionFailed):
    """There is no link, or it was lost before the answer came."""


class TooManyPending(ActionFailed):
    """Not sent: as many actions as allowed wait for an answer."""


class ListTooLong(ActionFailed):
    """The list grew over the limit."""
