"""The actions we send to Asterisk, one small function each; nothing else builds an action.

They return the ``asterisk-ami`` package's own classes; `codec.encode` checks and writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import md5

from asterisk.ami.action import Action, LogoffAction, SimpleAction


def challenge() -> Action:
    """Asks for the challenge of an MD5 login."""
    return SimpleAction("Challenge", AuthType="MD5")


def login(username: str, secret: str, *, challenge: str) -> Action:
    """Logs in with MD5(challenge + secret), so that the secret itself is never sent."""
    # AMI knows no other digest; what protects the link is loopback, a private network or TLS.
    key = md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
    return SimpleAction("Login", AuthType="MD5", Username=username, Key=key)


def logoff() -> Action:
    """Ends the session."""
    return LogoffAction()


def ping() -> Action:
    """Answered at once with Asterisk's clock in ``Timestamp``, in seconds since 1970."""
    return SimpleAction("Ping")


def redirect(channel: str, *, context: str, exten: str) -> Action:
    """Sends a channel to the first priority of an extension."""
    return SimpleAction("Redirect", Channel=channel, Context=context, Exten=exten, Priority=1)


def originate(
    channel: str,
    *,
    channel_id: str,
    context: str,
    exten: str,
    caller_id: str,
    ring_seconds: float,
    variables: Mapping[str, str],
) -> Action:
    """Calls *channel*, and sends it to the first priority of an extension once it is answered.

    Accepted at once, whatever becomes of it: OriginateResponse tells, and Hangup of a channel that was made.
    """
    action = SimpleAction(
        "Originate",
        Channel=channel,
        ChannelId=channel_id,
        Context=context,
        Exten=exten,
        Priority=1,
        CallerID=caller_id,
        Timeout=int(ring_seconds * 1000),
        Async="true",
    )
    action.variables.update(variables)
    return action


def set_variable(channel: str | None, name: str, value: str) -> Action:
    """Sets a variable of a channel, or a global one when *channel* is None."""
    action = SimpleAction("Setvar", Variable=name, Value=value)
    if channel is not None:
        action.keys["Channel"] = channel
    return action


def get_variable(channel: str | None, name: str) -> Action:
    """Asks for a variable of a channel, or a global one when *channel* is None; the answer has ``Value``."""
    action = SimpleAction("Getvar", Variable=name)
    if channel is not None:
        action.keys["Channel"] = channel
    return action


def core_show_channels() -> Action:
    """Lists every channel with its ``channelvars``: one CoreShowChannel event each."""
    return SimpleAction("CoreShowChannels")


def queue_add(
    queue: str, interface: str, *, member: str, state_interface: str, paused: bool = False
) -> Action:
    """Makes a phone a member of a native fallback queue."""
    return SimpleAction(
        "QueueAdd",
        Queue=queue,
        Interface=interface,
        MemberName=member,
        StateInterface=state_interface,
        Paused=_yes_or_no(paused),
    )


def queue_remove(queue: str, interface: str) -> Action:
    """Takes a phone out of a native fallback queue."""
    return SimpleAction("QueueRemove", Queue=queue, Interface=interface)


def queue_pause(interface: str, *, paused: bool, queue: str | None = None, reason: str = "") -> Action:
    """Pauses or unpauses a member in one native queue, or in all of them."""
    action = SimpleAction("QueuePause", Interface=interface, Paused=_yes_or_no(paused))
    if queue is not None:
        action.keys["Queue"] = queue
    if reason:
        action.keys["Reason"] = reason
    return action


def queue_status(queue: str | None = None) -> Action:
    """Lists parameters, members and entries of one native queue, or of all."""
    action = SimpleAction("QueueStatus")
    if queue is not None:
        action.keys["Queue"] = queue
    return action


def _yes_or_no(value: bool) -> str:
    return "true" if value else "false"
