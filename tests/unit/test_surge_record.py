"""What the surge's drill reads from Asterisk's events and SIPp's log, in stories of one or two callers."""

from __future__ import annotations

from pathlib import Path

from callcentre.telephony.ami.codec import Message
from tests.drills.parts.surge_record import SurgeRecord, invited

RAMA, UMA = "9447100000", "9447100001"
TALK = 10.0


def event(at: float, name: str, number: str = RAMA, **headers: str) -> Message:
    named = {"Timestamp": f"{at:.6f}", "CallerIDNum": number, "Uniqueid": f"n1-{number}", **headers}
    return Message.of(("Event", name), *named.items())


def extension(at: float, context: str, application: str = "NoOp", number: str = RAMA) -> Message:
    return event(at, "Newexten", number, Context=context, Application=application)


def prompt(at: float, number: str = RAMA) -> Message:
    return event(at, "AGIExecStart", number, Command='STREAM FILE "ml/cc/welcome" "0"')


def answered(at: float) -> Message:
    return event(at, "DialEnd", DialStatus="ANSWER", DestUniqueid="n1-agent")


def agent_hangs_up(at: float) -> Message:
    return event(at, "Hangup", "1001", Uniqueid="n1-agent")


def record(*events: Message) -> SurgeRecord:
    return SurgeRecord({RAMA: 0.0}, events)


def harmed(*events: Message) -> int:
    return len(record(extension(0.1, "arrive"), *events).harmed(talk_seconds=TALK))


class TestWhoIsHarmed:
    def test_not_one_who_has_talked_to_the_end(self) -> None:
        assert harmed(answered(5), agent_hangs_up(15), event(20, "Hangup")) == 0

    def test_one_whose_talk_was_cut(self) -> None:
        assert harmed(answered(5), agent_hangs_up(9), event(9, "Hangup")) == 1

    def test_one_who_was_sent_away_before_he_talked(self) -> None:
        assert harmed(event(20, "Hangup")) == 1

    def test_not_one_who_hung_up_himself(self) -> None:
        assert harmed(event(20, "HangupRequest"), event(20, "Hangup")) == 0

    def test_one_who_lost_our_router_though_he_was_served(self) -> None:
        lost = event(3, "UserEvent", UserEvent="CallFellBack")
        assert harmed(lost, answered(5), agent_hangs_up(15), event(20, "Hangup")) == 1

    def test_not_one_for_whom_there_was_no_line(self) -> None:
        found = record(extension(0.1, "lines-busy"), event(20, "Hangup"))
        assert (found.accepted, found.harmed(talk_seconds=TALK)) == ([], [])


class TestTheFirstSound:
    def test_is_a_prompt_of_the_menus_or_of_the_dialplan(self) -> None:
        found = SurgeRecord(
            {RAMA: 0.0, UMA: 0.5},
            [
                extension(0.1, "arrive"),
                event(0.2, "AGIExecStart", Command='SET VARIABLE "CC_NEXT" "queue"'),
                prompt(0.3),
                prompt(7.0),
                extension(1.2, "lines-busy", "Playback", UMA),
            ],
        )
        assert found.longest_silence() == 1.2 - 0.5

    def test_who_never_hears_one_has_waited_to_the_end(self) -> None:
        assert record(extension(0.1, "arrive"), event(8.0, "Hangup")).longest_silence() == 8.0


def test_an_invite_counts_from_the_first_time_it_was_sent(tmp_path: Path) -> None:
    trace = tmp_path / "trace.log"
    lines = [
        ("100.25", "S", "1-77@127.0.0.2", "CSeq:1 INVITE", "INVITE sip:1916@127.0.0.1 SIP/2.0"),
        ("100.75", "S", "1-77@127.0.0.2", "CSeq:1 INVITE", "INVITE sip:1916@127.0.0.1 SIP/2.0"),
        ("100.80", "R", "1-77@127.0.0.2", "CSeq:1 INVITE", "SIP/2.0 200 OK"),
        ("100.81", "S", "1-77@127.0.0.2", "CSeq:1 ACK", "ACK sip:1916@127.0.0.1 SIP/2.0"),
        ("101.00", "S", "2-77@127.0.0.2", "CSeq:1 INVITE", "INVITE sip:1916@127.0.0.1 SIP/2.0"),
    ]
    trace.write_text("".join("\t".join(["2026-11-28", "10:31:12", *line]) + "\n" for line in lines))
    assert invited(trace, [RAMA, UMA, "9447100002"]) == {RAMA: 100.25, UMA: 101.0}
