"""Facts as lines: what goes in comes out, what is not ours is refused in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.announcements import facts as announcement_facts
from callcentre.enquiries import facts as enquiry_facts
from callcentre.journal.codec import BY_NAME, FACTS, FactUnwritable, LineUnreadable, decode, encode
from callcentre.tickets import facts as ticket_facts
from routing import facts
from routing.facts import AgentLoggedIn, CallEnded, CallQueued, Fact, Party
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone, Skill

LOGIN = b'{"fact":"AgentLoggedIn","at":1.0,"agent":"a","phone":"1","helplines":["kwa"]'
ENDED = CallEnded(at=Instant(1764000000.000001), call=CallId("n1-17"), by=Party.CALLER)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
# Half surrogate pairs and noughts too: the switch passes on what a telephone network sent.
st.register_type_strategy(str, st.text(st.characters(exclude_categories=())))
any_fact = st.sampled_from(FACTS).flatmap(st.from_type)


@given(any_fact)
def test_every_fact_comes_back_as_it_was(fact: Fact) -> None:
    line = encode(fact)
    assert decode(line) == fact
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


@given(any_fact, st.data())
def test_a_line_cut_anywhere_is_no_fact(fact: Fact, data: st.DataObject) -> None:
    line = encode(fact)
    with pytest.raises(LineUnreadable):
        decode(line[: data.draw(st.integers(0, len(line) - 2))])


@given(
    st.binary() | st.text().map(str.encode) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps)
)
def test_rubbish_is_refused_in_words(rubbish: bytes | str) -> None:
    with pytest.raises(LineUnreadable, match=r"\w"):
        decode(rubbish if isinstance(rubbish, bytes) else rubbish.encode())


def test_a_line_is_readable() -> None:
    assert encode(ENDED) == b'{"fact":"CallEnded","at":1764000000.000001,"call":"n1-17","by":"caller"}\n'


def test_a_set_has_one_spelling() -> None:
    at_phone = AgentLoggedIn(
        at=Instant(0.0),
        agent=AgentId("anju"),
        phone=Phone("1001"),
        helplines=frozenset(map(HelplineId, ("kwa", "food", "citizen"))),
    )
    assert b'"helplines":["citizen","food","kwa"]' in encode(at_phone)


def test_skills_are_pairs_in_one_spelling_and_an_order_keeps_its_own() -> None:
    at_phone = AgentLoggedIn(
        at=Instant(0.0),
        agent=AgentId("anju"),
        phone=Phone("1001"),
        helplines=frozenset({HelplineId("kwa")}),
        skills=frozenset({(Skill("law"), 7), (Skill("language:ta"), 5)}),
        order=(HelplineId("kwa"), HelplineId("food")),
    )
    assert b'"skills":[["language:ta",5],["law",7]],"order":["kwa","food"]' in encode(at_phone)


@pytest.mark.parametrize("module", [facts, ticket_facts, enquiry_facts, announcement_facts])
def test_no_fact_is_forgotten(module: Any) -> None:
    defined = {
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Fact) and thing is not Fact
    }
    assert defined <= set(FACTS)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"\xff\xfe", "not JSON"),
        (b"{}", "not a fact this version knows"),
        (b'{"fact":"CallTeleported","at":1.0}', "not a fact this version knows"),
        (b'{"fact":["CallEnded"],"at":1.0}', "not a fact this version knows"),
        (b'{"fact":"CallLost","at":1.0,"call":"a","why":"b"}', "CallLost has no field why"),
        (b'{"fact":"CallLost","at":1.0}', "CallLost lacks its field call"),
        (b'{"fact":"CallLost","at":"1","call":"a"}', "str where a number belongs"),
        (b'{"fact":"CallLost","at":true,"call":"a"}', "bool where a number belongs"),
        (b'{"fact":"CallLost","at":NaN,"call":"a"}', "NaN is not a number"),
        (b'{"fact":"CallLost","at":1.0,"call":7}', "int where str belongs"),
        (b'{"fact":"CallEnded","at":1.0,"call":"a","by":"nobody"}', "'nobody' is not a valid Party"),
        (b'{"fact":"AgentLoggedIn","at":1.0,"agent":"a","phone":"1","helplines":"kwa"}', "list belongs"),
        (LOGIN + b',"skills":[["law"]]}', "shorter"),
        (LOGIN + b',"skills":[["law",7,7]]}', "longer"),
        (LOGIN + b',"skills":[["law","7"]]}', "str where int belongs"),
        (LOGIN + b',"skills":{"law":7}}', "dict where list belongs"),
        (LOGIN + b',"order":["kwa",1]}', "int where str belongs"),
    ],
)
def test_a_wrong_line_says_what_is_wrong(line: bytes, reason: str) -> None:
    with pytest.raises(LineUnreadable, match=reason):
        decode(line)


def test_an_older_line_may_lack_a_field_with_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    from callcentre.journal import codec

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Rang(Fact):
        call: str
        times: int = 1

    Rang.__annotations__ = {"at": float, "call": str, "times": int}
    monkeypatch.setitem(BY_NAME, "Rang", Rang)
    monkeypatch.setitem(codec.SHAPES, "Rang", codec._shape(Rang))
    assert decode(b'{"fact":"Rang","at":1.0,"call":"a"}') == Rang(at=Instant(1.0), call="a")


def test_lines_of_the_first_version_are_read() -> None:
    """Before there were skills, pools, orders, categories, preferred agents and PIN codes."""
    at = Instant(1.0)
    ticket = decode(
        b'{"fact":"TicketRegistered","at":1.0,"docket":"2600012345","call":null,"helpline":"kwa",'
        b'"category":"bill","agent":"a","caller":"","citizen":"","place":"","district":"01",'
        b'"description":"","language":"ml","answered_only":false}'
    )
    assert isinstance(ticket, ticket_facts.TicketRegistered)
    assert (ticket.pincode, ticket.district) == (None, "01")
    assert decode(LOGIN + b"}") == AgentLoggedIn(
        at=at, agent=AgentId("a"), phone=Phone("1"), helplines=frozenset({HelplineId("kwa")})
    )
    assert decode(
        b'{"fact":"CallQueued","at":1.0,"call":"n1-17","node":"n1","helpline":"kwa","language":"ml",'
        b'"queued_at":1.0,"caller":""}'
    ) == CallQueued(
        at=at,
        call=CallId("n1-17"),
        node=NodeId("n1"),
        helpline=HelplineId("kwa"),
        language=LanguageCode("ml"),
        queued_at=at,
        caller="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLost(Fact):
    """A fact of the same name as one of ours."""

    call: str


@pytest.mark.parametrize(
    "fact",
    [
        CallLost(at=Instant(1.0), call="a"),
        Fact(at=Instant(1.0)),
        facts.CallLost(at=Instant(float("nan")), call=CallId("a")),
        facts.CallLost(at=Instant(1.0), call=CallId("a" * 200_000)),
        facts.CallLost(at=Instant(1.0), call=b"a"),  # type: ignore[arg-type]
    ],
)
def test_a_fact_that_cannot_be_written_is_refused(fact: Fact) -> None:
    with pytest.raises(FactUnwritable):
        encode(fact)
