"""What Asterisk tells becomes facts: recorded from a real one, and the cases it has not shown us yet."""

from __future__ import annotations

import pytest

from callcentre.telephony.ami.codec import Message
from callcentre.telephony.channel_state import ChannelState, carried
from callcentre.telephony.translate import DEPOSED, HANG_UPS_REMEMBERED, Translator
from routing.call import first_seen
from routing.facts import (
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallEnded,
    CallOffered,
    CallQueued,
    Fact,
    OfferDeclined,
    OfferMissed,
    OfferRefused,
    OfferUnreachable,
    Party,
    TalkEnded,
)
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone
from tests.unit.parts.asterisk_scenes import events, scenes

NODE = NodeId("node1")
ANU, BEA = AgentId("anu"), AgentId("bea")
SEATED = {Phone("1001"): ANU, Phone("1002"): BEA}


def translator() -> Translator:
    return Translator(NODE, agent_at=SEATED.get)


def told(scene: str) -> list[Fact]:
    """The facts of a recorded scene."""
    listening = translator()
    return [fact for event in events(scene) for fact in listening.facts(event)]


def in_short(facts: list[Fact]) -> list[str]:
    """Each fact in two or three words."""
    return [" ".join([type(f).__name__, *(str(p) for p in _points(f))]) for f in facts]


def _points(fact: Fact) -> list[str]:
    match fact:
        case CallEnded(by=by):
            return [by.value]
        case TalkEnded(agent=agent, by=by):
            return [agent, by.value]
        case OfferMissed(agent=agent, reason=reason) | OfferRefused(agent=agent, reason=reason):
            return [agent, reason]
        case (
            CallAnswered(agent=agent)
            | CallOffered(agent=agent)
            | OfferDeclined(agent=agent)
            | OfferUnreachable(agent=agent)
        ):
            return [agent]
        case _:
            return []


class TestRecordedScenes:
    def test_a_caller_arrives_waits_talks_and_hangs_up(self) -> None:
        facts = told("offered, answered, caller hangs up")
        assert in_short(facts) == [
            "CallArrived",
            "CallQueued",
            "CallAnswered anu",
            "CallEnded caller",
            # Asterisk reports the leg after the caller, and still knows who hung up.
            "TalkEnded anu caller",
        ]

    def test_each_fact_carries_what_the_channel_carries(self) -> None:
        arrived, queued, answered, *_ = told("offered, answered, caller hangs up")
        call = CallId("node1-1795475170.0")
        assert arrived == CallArrived(
            at=Instant(1795475170.497362),
            call=call,
            node=NODE,
            dialled="1916",
            caller="+919447012345",
            caller_raw="9447012345",
        )
        assert queued == CallQueued(
            at=Instant(1795475170.497522),
            call=call,
            node=NODE,
            helpline=HelplineId("kwa"),
            language=LanguageCode("ml"),
            queued_at=Instant(1795475170.496702),
            caller="+919447012345",
        )
        assert answered == CallAnswered(at=Instant(1795475170.910161), call=call, agent=ANU)

    def test_an_agent_hangs_up_and_the_caller_hears_the_farewell(self) -> None:
        facts = told("agent hangs up")
        assert in_short(facts)[2:] == ["CallAnswered bea", "TalkEnded bea agent", "CallEnded agent"]
        assert facts[-1].at - facts[-2].at > 1

    def test_a_phone_that_is_not_answered_brings_the_caller_back_to_her_place(self) -> None:
        facts = told("never answered")
        assert in_short(facts) == [
            "CallArrived",
            "CallQueued",
            "OfferMissed anu NOANSWER",
            "CallQueued",
            "CallEnded caller",
        ]
        first, again = (fact for fact in facts if isinstance(fact, CallQueued))
        assert again.queued_at == first.queued_at
        assert again.at > first.at

    def test_a_phone_that_is_not_there(self) -> None:
        assert in_short(told("phone not registered"))[2] == "OfferUnreachable anu"

    def test_a_deposed_router_is_told_that_its_offer_was_refused(self) -> None:
        facts = told("offer of a deposed router")
        assert in_short(facts)[2:] == [f"OfferRefused anu {DEPOSED}", "CallEnded caller"]

    def test_a_caller_who_hangs_up_while_it_rings_was_neither_answered_nor_missed(self) -> None:
        facts = told("caller hangs up while it rings")
        assert in_short(facts) == ["CallArrived", "CallQueued", "CallEnded caller"]

    def test_a_leg_of_the_native_queue_says_no_agent_and_is_known_by_its_phone(self) -> None:
        assert in_short(told("native queue, agent hangs up"))[2:] == [
            "CallAnswered bea",
            "TalkEnded bea agent",
            "CallEnded agent",
        ]
        assert in_short(told("native queue, caller hangs up"))[2:] == [
            "CallAnswered anu",
            "CallEnded caller",
            "TalkEnded anu caller",
        ]

    def test_a_phone_of_nobody_who_is_logged_in_answers_for_no_agent(self) -> None:
        strangers = Translator(NODE, agent_at=lambda phone: None)
        facts = [f for event in events("native queue, agent hangs up") for f in strangers.facts(event)]
        assert [type(f) for f in facts] == [CallArrived, CallQueued, CallEnded]

    def test_in_every_scene_a_call_ends_exactly_once(self) -> None:
        for name in scenes():
            assert sum(isinstance(fact, CallEnded) for fact in told(name)) == 1, name


def event(name: str, *headers: tuple[str, str], side: str = "", **variables: str) -> Message:
    carried = ((f"{side}ChanVariable", f"CC_{key.upper()}={value}") for key, value in variables.items())
    return Message.of(("Event", name), ("Timestamp", "1000.5"), *headers, *carried)


def caller(name: str, *headers: tuple[str, str], call: str = "node1-1", **variables: str) -> Message:
    known = {"call": call, "leg_of": call, "helpline": "kwa", "language": "ml", **variables}
    return event(name, ("Channel", "PJSIP/trunk-1"), ("ChannelState", "6"), *headers, **known)


def leg(name: str, *, call: str = "node1-1", up: bool = True) -> Message:
    state = ("ChannelState", "6" if up else "5")
    return event(name, ("Channel", "PJSIP/1001-0000002a"), state, leg_of=call, agent="anu")


class TestWhoHungUp:
    def test_nobody_asked_for_it(self) -> None:
        (ended,) = translator().facts(caller("Hangup"))
        assert ended == CallEnded(at=Instant(1000.5), call=CallId("node1-1"), by=Party.SYSTEM)

    def test_the_first_who_asked_counts(self) -> None:
        listening = translator()
        assert listening.facts(leg("HangupRequest")) == []
        assert listening.facts(caller("HangupRequest")) == []
        assert in_short(listening.facts(leg("Hangup"))) == ["TalkEnded anu agent"]

    def test_an_agent_who_declines_has_ended_nothing(self) -> None:
        listening = translator()
        assert listening.facts(leg("HangupRequest", up=False)) == []
        assert listening.facts(leg("Hangup", up=False)) == []
        assert in_short(listening.facts(caller("Hangup"))) == ["CallEnded system"]

    def test_one_callers_hang_up_says_nothing_of_another(self) -> None:
        listening = translator()
        listening.facts(caller("HangupRequest", call="node1-1"))
        assert in_short(listening.facts(caller("Hangup", call="node1-2"))) == ["CallEnded system"]

    def test_a_lost_link_forgets_who_asked(self) -> None:
        listening = translator()
        listening.facts(caller("HangupRequest"))
        listening.forget_hangups()
        assert in_short(listening.facts(caller("Hangup"))) == ["CallEnded system"]

    def test_not_everybody_is_remembered_for_ever(self) -> None:
        listening = translator()
        for number in range(HANG_UPS_REMEMBERED + 1):
            listening.facts(caller("HangupRequest", call=f"node1-{number}"))
        assert in_short(listening.facts(caller("Hangup", call="node1-0"))) == ["CallEnded system"]
        assert in_short(listening.facts(caller("Hangup", call="node1-1"))) == ["CallEnded caller"]


class TestOffersThatWereNotTaken:
    """As Dial said of real phones that answered with the status named, or not at all."""

    @pytest.mark.parametrize(
        ("reason", "cause", "fact"),
        [
            ("NOANSWER", "0", "OfferMissed anu NOANSWER"),
            # 480, what a browser phone answers whose agent declines.
            ("NOANSWER", "19", "OfferMissed anu NOANSWER"),
            # 486.
            ("BUSY", "17", "OfferDeclined anu"),
            # 603 and 403.
            ("CHANUNAVAIL", "21", "OfferDeclined anu"),
            # Not registered; 404; 500; 503.
            ("CHANUNAVAIL", "3", "OfferUnreachable anu"),
            ("CHANUNAVAIL", "1", "OfferUnreachable anu"),
            ("CHANUNAVAIL", "38", "OfferUnreachable anu"),
            ("CONGESTION", "34", "OfferUnreachable anu"),
        ],
    )
    def test_say_why(self, reason: str, cause: str, fact: str) -> None:
        told = caller(
            "UserEvent", ("UserEvent", "OfferMissed"), ("Reason", reason), ("Cause", cause), agent="anu"
        )
        assert in_short(translator().facts(told)) == [fact]


class TestCallbacks:
    def test_a_caller_asks_for_one_at_her_number_in_one_form(self) -> None:
        asked = caller("UserEvent", ("UserEvent", "CallbackAsked"), caller="09447012345")
        assert translator().facts(asked) == [
            CallbackAsked(
                at=Instant(1000.5),
                call=CallId("node1-1"),
                number="+919447012345",
                helpline=HelplineId("kwa"),
                language=LanguageCode("ml"),
            )
        ]

    def test_the_agents_phone_is_called_when_the_citizen_has_answered(self) -> None:
        answered = caller("UserEvent", ("UserEvent", "CitizenAnswered"), agent="anu")
        assert in_short(translator().facts(answered)) == ["CallOffered anu"]

    def test_a_citizen_who_could_not_be_called_or_did_not_answer_ends_the_try(self) -> None:
        failed = originated("Failure")
        assert translator().facts(failed) == [
            CallEnded(at=Instant(1000.5), call=CallId("node1-1"), by=Party.SYSTEM)
        ]

    def test_one_who_did_is_told_of_by_the_dialplan(self) -> None:
        assert translator().facts(originated("Success")) == []

    def test_what_somebody_else_originates_is_none_of_ours(self) -> None:
        assert translator().facts(originated("Failure", context="elsewhere")) == []

    def test_who_hung_up_the_first_channel_says_nothing_of_the_second(self) -> None:
        listening = translator()
        listening.facts(caller("HangupRequest"))
        listening.facts(caller("UserEvent", ("UserEvent", "CitizenAnswered"), agent="anu"))
        listening.facts(leg("HangupRequest"))
        assert in_short(listening.facts(leg("Hangup"))) == ["TalkEnded anu agent"]


def originated(response: str, *, context: str = "call-back") -> Message:
    where = (("Context", context), ("Exten", "7*anu*1001"))
    return event("OriginateResponse", ("Response", response), *where, ("Uniqueid", "node1-1"))


class TestWhatIsNoneOfOurs:
    @pytest.mark.parametrize(
        "stray",
        [
            Message.of(("Event", "ContactStatus"), ("URI", "sip:1001@x")),
            Message.of(("Response", "Success")),
            event("UserEvent", ("UserEvent", "SomethingElse")),
            event("UserEvent", ("UserEvent", "CallFellBack"), call="node1-1"),
            event("Hangup", ("Channel", "PJSIP/1001-1"), ("ChannelState", "6")),
            event("HangupRequest", ("Channel", "PJSIP/1001-1"), ("ChannelState", "6")),
            event("DialEnd", ("DialStatus", "ANSWER"), ("DestChannel", "PJSIP/1001-1")),
            caller("DialEnd", ("DialStatus", "BUSY"), agent="anu"),
        ],
    )
    def test_is_no_fact(self, stray: Message) -> None:
        assert translator().facts(stray) == []

    def test_an_event_without_its_moment_is_an_error(self) -> None:
        with pytest.raises(KeyError, match="Timestamp"):
            translator().facts(Message.of(("Event", "Hangup"), ("ChanVariable", "CC_CALL=node1-1")))

    @pytest.mark.parametrize("nonsense", ["yesterday", "1.2.3"])
    def test_a_place_that_is_no_moment_is_an_error(self, nonsense: str) -> None:
        with pytest.raises(ValueError, match=nonsense.split(".")[0]):
            translator().facts(caller("UserEvent", ("UserEvent", "CallQueued"), queued_at=nonsense))


class TestWhatAChannelSays:
    @pytest.mark.parametrize(
        ("name", "phone"),
        [
            ("PJSIP/1001-0000002a", "1001"),
            ("PJSIP/b1001-00000001", "b1001"),
            ("PJSIP/node-2-00000001", "node-2"),
            ("", ""),
        ],
    )
    def test_its_phone_is_in_its_name(self, name: str, phone: str) -> None:
        assert ChannelState.of(Message.of(("Channel", name))).phone == phone

    def test_a_channel_that_says_nothing_is_nobodys(self) -> None:
        silent = ChannelState.of(Message.of(("Channel", "PJSIP/1001-1")))
        assert not silent.is_caller
        assert not silent.is_leg
        assert silent.queued_at is None

    def test_a_caller_is_no_leg_of_herself(self) -> None:
        own = ChannelState.of(caller("Hangup"))
        assert own.is_caller
        assert not own.is_leg

    def test_a_place_without_a_moment_is_that_of_now(self) -> None:
        now = Instant(2000.0)
        assert ChannelState.of(caller("Hangup")).queued(NODE, now).queued_at == now
        placed = ChannelState.of(caller("Hangup", queued_at="1500.25"))
        assert placed.queued(NODE, now).queued_at == 1500.25

    def test_it_says_what_the_call_is_about_and_who_handled_its_caller_last(self) -> None:
        queued = ChannelState.of(caller("Hangup", category="leak-main", preferred="bea")).queued(
            NODE, Instant(1)
        )
        assert (queued.category, queued.preferred) == ("leak-main", BEA)
        plain = ChannelState.of(caller("Hangup")).queued(NODE, Instant(1))
        assert (plain.category, plain.preferred) == ("", None)

    def test_a_channel_made_for_a_call_says_the_same_as_the_one_it_had(self) -> None:
        said = {"queued_at": "1500.25", "category": "leak-main", "caller": "9447012345", "dialled": "1916"}
        had = ChannelState.of(caller("Hangup", **said))
        call = first_seen(had.arrived(NODE, Instant(1))).after(had.queued(NODE, Instant(1)))
        variables = {
            name.lstrip("_").removeprefix("CC_").lower(): value for name, value in carried(call).items()
        }
        made = ChannelState.of(caller("Hangup", **variables))
        assert made.arrived(NODE, Instant(1)).caller == had.arrived(NODE, Instant(1)).caller
        assert made.queued(NODE, Instant(1)) == had.queued(NODE, Instant(1))

    def test_a_withheld_number_is_an_empty_one(self) -> None:
        assert ChannelState.of(caller("Hangup", caller="")).arrived(NODE, Instant(1.0)).caller == ""
