"""The bytes of every action we send."""

from __future__ import annotations

import pytest
from asterisk.ami.action import Action

from callcentre.telephony.ami import actions
from callcentre.telephony.ami.codec import encode

WRITTEN = [
    (actions.challenge(), "Action: Challenge|AuthType: MD5"),
    (actions.ping(), "Action: Ping"),
    (actions.logoff(), "Action: Logoff"),
    (
        actions.redirect("PJSIP/trunk-1", context="connect", exten="anil"),
        "Action: Redirect|Channel: PJSIP/trunk-1|Context: connect|Exten: anil|Priority: 1",
    ),
    (actions.set_variable(None, "CC_BEAT", "1.5"), "Action: Setvar|Variable: CC_BEAT|Value: 1.5"),
    (
        actions.set_variable("PJSIP/trunk-1", "CC_AGENT", "anil"),
        "Action: Setvar|Variable: CC_AGENT|Value: anil|Channel: PJSIP/trunk-1",
    ),
    (actions.core_show_channels(), "Action: CoreShowChannels"),
    (
        actions.queue_add(
            "kwa", "Local/anil@agents", member="anil", state_interface="PJSIP/1001", paused=True
        ),
        "Action: QueueAdd|Queue: kwa|Interface: Local/anil@agents|MemberName: anil"
        "|StateInterface: PJSIP/1001|Paused: true",
    ),
    (actions.queue_remove("kwa", "PJSIP/1001"), "Action: QueueRemove|Queue: kwa|Interface: PJSIP/1001"),
    (
        actions.queue_pause("PJSIP/1001", paused=False),
        "Action: QueuePause|Interface: PJSIP/1001|Paused: false",
    ),
    (
        actions.queue_pause("PJSIP/1001", paused=True, queue="kwa", reason="tea"),
        "Action: QueuePause|Interface: PJSIP/1001|Paused: true|Queue: kwa|Reason: tea",
    ),
    (actions.queue_status(), "Action: QueueStatus"),
    (actions.queue_status("kwa"), "Action: QueueStatus|Queue: kwa"),
]


# pytest asks a value for its __name__ to name the case; Action answers that with a KeyError.
@pytest.mark.parametrize(("action", "lines"), WRITTEN, ids=[lines for _, lines in WRITTEN])
def test_action_is_written_as_asterisk_documents_it(action: Action, lines: str) -> None:
    assert encode(action).decode() == lines.replace("|", "\r\n") + "\r\n\r\n"


def test_the_secret_is_not_in_the_login() -> None:
    login = encode(actions.login("router", "s3cret", challenge="107532649"))
    assert b"s3cret" not in login
    # printf 107532649s3cret | md5sum, and accepted by Asterisk 22.10.
    assert b"Key: 30c9aa3da77c6e15f2c82b2a0b3953bf\r\n" in login
