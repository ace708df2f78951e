"""The AMI session machine: what it says and when, without a connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from callcentre.telephony.ami.codec import Message, encode
from callcentre.telephony.ami.errors import AuthenticationRefused
from callcentre.telephony.ami.session import (
    AmiCredentials,
    Close,
    LoggedIn,
    Say,
    Session,
    Steps,
    Up,
    new_session,
)

SECRET = "s3cret-of-kerala"
CHALLENGE = Message.of(("Response", "Success"), ("Challenge", "107532649"))
ACCEPTED = Message.of(("Response", "Success"), ("Message", "Authentication accepted"))
REFUSED = Message.of(("Response", "Error"), ("Message", "Authentication failed"))


def session() -> Session:
    return new_session(AmiCredentials(username="router", secret=SECRET))


def after(*inputs: Callable[[Session], Steps]) -> tuple[Session, Steps]:
    """A session that met these inputs, and the steps of the last."""
    machine = session()
    steps: Steps = ()
    for each in inputs:
        steps = each(machine)
    return machine, steps


def greeted(machine: Session) -> Steps:
    return machine.greeted()


def challenged(machine: Session) -> Steps:
    return machine.accepted(CHALLENGE)


def accepted(machine: Session) -> Steps:
    return machine.accepted(ACCEPTED)


def refused(machine: Session) -> Steps:
    return machine.refused(REFUSED)


def booted(machine: Session) -> Steps:
    return machine.booted()


def leave(machine: Session) -> Steps:
    return machine.leave()


def lost(machine: Session) -> Steps:
    return machine.lost()


def said(steps: Steps) -> bytes:
    return b"".join(encode(step.action) for step in steps if isinstance(step, Say))


LOGIN_STORY = (greeted, challenged, accepted, booted)


def test_the_way_in() -> None:
    assert said(after(greeted)[1]) == b"Action: Challenge\r\nAuthType: MD5\r\n\r\n"
    # md5("107532649" + secret), computed with md5sum.
    assert said(after(greeted, challenged)[1]) == (
        b"Action: Login\r\nAuthType: MD5\r\nUsername: router\r\nKey: 660e08b79413eab578999d920fb4ce63\r\n\r\n"
    )
    assert after(greeted, challenged, accepted)[1] == (LoggedIn(),)
    assert after(*LOGIN_STORY)[1] == (Up(),)


def test_the_secret_is_neither_sent_nor_shown() -> None:
    everything = b"".join(said(after(*LOGIN_STORY[:count], leave)[1]) for count in range(5))
    everything += b"".join(said(after(*LOGIN_STORY[:count])[1]) for count in range(1, 5))
    assert b"Key: " in everything
    assert SECRET.encode() not in everything
    assert SECRET not in repr(AmiCredentials(username="router", secret=SECRET))


@pytest.mark.parametrize("story", [(greeted, refused), (greeted, challenged, refused)])
def test_a_refusal_says_who_and_why(story: tuple[Callable[[Session], Steps], ...]) -> None:
    (close,) = after(*story)[1]
    assert isinstance(close, Close)
    assert isinstance(close.fault, AuthenticationRefused)
    assert "'router'" in str(close.fault)
    assert "Authentication failed" in str(close.fault)
    assert SECRET not in str(close.fault)


def test_a_challenge_of_nothing_is_not_answered() -> None:
    (close,) = after(greeted, accepted)[1]
    assert isinstance(close, Close)
    assert isinstance(close.fault, AuthenticationRefused)


def test_a_second_report_of_the_boot_changes_nothing() -> None:
    assert after(*LOGIN_STORY, booted)[1] == ()


@pytest.mark.parametrize("count", range(5))
def test_leaving_logs_off_after_a_login_and_just_closes_before(count: int) -> None:
    machine, steps = after(*LOGIN_STORY[:count], leave)
    if count < 3:
        assert steps == (Close(),)
    else:
        assert said(steps) == b"Action: Logoff\r\n\r\n"
    assert machine.leave() == ()


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("last", [booted, leave, lost])
def test_nothing_is_said_on_a_lost_connection(count: int, last: Callable[[Session], Steps]) -> None:
    assert after(*LOGIN_STORY[:count], lost, last)[1] == ()
