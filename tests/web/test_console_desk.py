"""The agent's desk over HTTP, with scripts (fragments) and without (whole pages)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from agents_ui import texts
from agents_ui.ports import DeskError, DeskFault, Invalid, Registered, TicketForm
from agents_ui.submissions import REMEMBERED, Submissions
from routing.agent import AgentState, Intent
from routing.ids import AgentId, CallId, HelplineId
from tests.web.parts.browser import Reply, Stage
from tests.web.parts.console_fakes import CALLER, DEVI, DOCKET, KWA, ML, RATION, SIVAN, started

CALL = "node1-1764000000.17"
FILLED = {"category": "no-water", "citizen": "രാജൻ", "description": "മൂന്നു ദിവസമായി വെള്ളമില്ല"}


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.sign_in()
    return stage


@pytest.fixture
def talking(stage: Stage) -> Stage:
    stage.floor.rings(DEVI, CALL)
    stage.floor.answers(DEVI)
    stage.floor.transcript.clear()
    return stage


@pytest.mark.parametrize("state", AgentState)
@pytest.mark.parametrize("name", [DEVI, SIVAN])
def test_every_state_has_its_desk_in_both_languages(state: AgentState, name: AgentId) -> None:
    stage = Stage()
    stage.sign_in(name)
    stage.floor.rings(name, CALL)
    stage.floor.becomes(name, state)
    page = stage.browser.get("/desk")
    assert page.code == 200
    assert f"is-{state.value}" in page.text
    english = name == DEVI
    assert (f">{texts.STATES[state]}</strong>" in page.text) is english
    assert ("Kerala Water Authority</h2>" in page.text) is english
    assert ("കേരള വാട്ടർ അതോറിറ്റി</h2>" in page.text) is not english


def test_the_card_shows_who_calls_and_how_long_they_waited(talking: Stage) -> None:
    page = talking.browser.get("/desk").text
    assert "+91 98765 43210" in page
    assert "Malayalam" in page
    assert "1:35" in page


def test_a_withheld_number_is_said_to_be_withheld(stage: Stage) -> None:
    stage.floor.rings(DEVI, CALL, caller="")
    page = stage.browser.get("/desk").text
    assert "Number withheld" in page
    assert 'name="caller" type="tel" value=""' in page


def test_a_helpline_the_site_no_longer_has_is_shown_by_its_id(stage: Stage) -> None:
    stage.floor.rings(DEVI, CALL, helpline=HelplineId("tourism"))
    page = stage.browser.get("/desk")
    assert page.code == 200
    assert "tourism</h2>" in page.text


def test_what_callers_send_is_shown_and_never_run(stage: Stage) -> None:
    stage.floor.rings(DEVI, '"><script>alert(1)</script>', caller="<img src=x onerror=alert(1)>")
    page = stage.browser.get("/desk").text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;img src=x" in page


class TestAsking:
    @pytest.mark.parametrize(
        ("path", "fields", "asked"),
        [
            ("/desk/log-in", {}, ("log_in", DEVI)),
            ("/desk/available", {}, ("available", DEVI)),
            ("/desk/break", {"reason": "tea"}, ("take_break", DEVI, "tea")),
            ("/desk/log-out", {}, ("log_out", DEVI)),
        ],
    )
    def test_a_form_asks_and_leads_back(
        self, stage: Stage, path: str, fields: dict[str, str], asked: tuple[str, ...]
    ) -> None:
        reply = stage.ask(path, fields)
        assert (reply.code, reply.headers["location"]) == (303, "/desk")
        assert stage.floor.transcript[-1] == asked
        fragment = stage.ask(path, fields, fragment=True)
        assert (fragment.code, fragment.content) == (200, b"")
        assert stage.floor.transcript[-1] == asked

    @pytest.mark.parametrize("fault", DeskFault)
    def test_a_refusal_is_a_conflict_with_a_stable_code(self, stage: Stage, fault: DeskFault) -> None:
        stage.floor.refusal = DeskError(fault)
        page = stage.ask("/desk/available")
        fragment = stage.ask("/desk/available", fragment=True)
        assert page.code == fragment.code == 409
        assert fragment.headers["hx-retarget"] == "#notice"
        for reply in (page, fragment):
            assert f'data-fault="{fault.value}"' in reply.text
            assert texts.DESK_FAULTS[fault] in reply.text
        assert "<html" not in fragment.text

    def test_an_intent_is_shown_and_can_be_taken_back(self, talking: Stage) -> None:
        talking.ask("/desk/break", {"reason": "tea"})
        page = talking.browser.get("/desk").text
        assert "after this call: break" in page
        assert "(Tea)" in page
        assert "Stay available" in page
        talking.ask("/desk/available")
        assert "after this call" not in talking.browser.get("/desk").text

    def test_the_end_of_the_shift_after_a_call_is_shown(self, talking: Stage) -> None:
        talking.floor.shows(DEVI, intent=Intent(AgentState.LOGGED_OUT))
        assert "after this call: end of shift" in talking.browser.get("/desk").text

    def test_a_reason_of_the_sites_own_is_readable(self, stage: Stage) -> None:
        stage.ask("/desk/break", {"reason": "prayer_room"})
        assert "<li>Prayer room</li>" in stage.browser.get("/desk").text


class TestTicket:
    def test_the_form_knows_the_caller_the_helpline_and_the_districts(self, talking: Stage) -> None:
        page = talking.browser.get("/desk").text
        assert f'value="{CALLER}"' in page
        assert page.count("<option") == 1 + 2 + 1 + 14
        assert "Thiruvananthapuram" in page
        assert page.count("autofocus") == 1

    def test_saved_it_shows_the_docket_in_groups(self, talking: Stage) -> None:
        reply = talking.ticket({**FILLED, "district": "01", "place": "Vanchiyoor", "caller": CALLER})
        assert reply.code == 200
        assert ">260 001 2345</output>" in reply.text
        assert "<form" not in reply.text
        form = talking.floor.registered[0]
        assert form == TicketForm(
            call=CallId(CALL),
            helpline=KWA,
            language=ML,
            caller=CALLER,
            district="01",
            place="Vanchiyoor",
            pincode="",
            answered_only=False,
            **FILLED,
        )
        assert "260 001 2345" in talking.browser.get("/desk").text

    def test_without_scripts_the_docket_has_a_page(self, talking: Stage) -> None:
        reply = talking.ticket(FILLED, fragment=False)
        assert reply.code == 303
        page = talking.browser.get(reply.headers["location"])
        assert ">260 001 2345</output>" in page.text
        assert "<html" in page.text

    def test_that_page_is_nobody_elses(self, talking: Stage) -> None:
        location = talking.ticket(FILLED, fragment=False).headers["location"]
        talking.sign_in(SIVAN)
        reply = talking.browser.get(location)
        assert (reply.code, reply.headers["location"]) == (303, "/desk")

    @pytest.mark.parametrize("fragment", [True, False])
    def test_errors_keep_everything_as_typed(self, talking: Stage, fragment: bool) -> None:
        typed = {
            "citizen": 'O\'Brien "<b>"',
            "place": "  Kochi ",
            "pincode": "682 001",
            "district": "08",
            "description": "\nfirst\r\nsecond & third",
            "caller": "0484 2222",
        }
        reply = talking.ticket(typed, fragment=fragment)
        assert reply.code == 422
        assert 'value="O&#39;Brien &#34;&lt;b&gt;&#34;"' in reply.text
        assert 'value="  Kochi "' in reply.text
        assert 'value="682 001"' in reply.text
        # By the PIN code it would be Ernakulam; the agent has chosen otherwise.
        assert '<option value="08" selected>' in reply.text
        assert "By the PIN code: Ernakulam" in reply.text
        # A browser drops the first line end of a textarea: two keep one.
        assert ">\n\nfirst\r\nsecond &amp; third</textarea>" in reply.text
        assert 'value="0484 2222"' in reply.text
        assert 'data-typed="true"' in reply.text
        assert 'aria-describedby="category-wrong"' in reply.text
        assert reply.text.count("Please fill this in.") == 1
        assert ("<html" in reply.text) is not fragment
        assert talking.floor.registered == []

    def test_corrected_it_is_saved(self, talking: Stage) -> None:
        refused = talking.ticket({"description": "x"})
        again = {
            name: refused.hidden(name) for name in ("csrf", "submission", "call", "helpline", "language")
        }
        reply = talking.browser.post("/desk/ticket", {**again, **FILLED}, hx_request="true")
        assert reply.code == 200
        assert [form.call for form in talking.floor.registered] == [CALL]

    def test_answered_without_a_ticket_needs_only_a_category(self, talking: Stage) -> None:
        reply = talking.ticket({"category": "bill", "disposition": "answered"})
        assert "Recorded as answered" in reply.text
        assert talking.floor.registered[0].answered_only

    def test_journalled_it_says_that_the_department_sees_it_later(self, talking: Stage) -> None:
        page = talking.browser.get("/desk")
        hidden = {name: page.hidden(name) for name in ("csrf", "submission", "call", "helpline", "language")}
        visit = started(talking.floor.visit(talking.browser.cookies["desk"], touch=True)).result
        talking.floor.away = True

        async def from_memory(token: str, *, touch: bool) -> object:
            return visit

        talking.floor.visit = from_memory  # type: ignore[method-assign, assignment]
        reply = talking.browser.post("/desk/ticket", {**hidden, **FILLED}, hx_request="true")
        assert reply.code == 200
        assert "The ticket is safe" in reply.text

    def test_a_call_that_is_over_can_still_be_saved(self, talking: Stage) -> None:
        page = talking.browser.get("/desk")
        hidden = {name: page.hidden(name) for name in ("csrf", "submission", "call", "helpline", "language")}
        talking.floor.rings(DEVI, "node1-1764000100.18", helpline=RATION)
        refused = talking.browser.post("/desk/ticket", {**hidden, "citizen": "R"}, hx_request="true")
        assert refused.hidden("call") == CALL
        assert "No water or low pressure" in refused.text
        talking.browser.post("/desk/ticket", {**hidden, **FILLED}, hx_request="true")
        assert [form.call for form in talking.floor.registered] == [CALL]

    def test_another_ticket_for_the_same_call(self, talking: Stage) -> None:
        talking.ticket(FILLED)
        assert "<form class" not in talking.browser.get("/desk").text.split('id="ticket"')[1]
        for headers in ({}, {"hx_request": "true"}):
            assert 'name="submission"' in talking.browser.get("/desk/ticket", **headers).text

    def test_without_a_call_there_is_nothing_to_fill_in(self, stage: Stage) -> None:
        assert "The form appears with the next call." in stage.browser.get("/desk").text
        fragment = stage.browser.get("/desk/ticket", hx_request="true").text
        assert "The form appears with the next call." in fragment

    @pytest.mark.parametrize("fragment", [True, False])
    def test_no_docket_left_keeps_the_text(self, talking: Stage, fragment: bool) -> None:
        talking.floor.refusal = DeskError(DeskFault.NO_DOCKET_LEFT)
        reply = talking.ticket(FILLED, fragment=fragment)
        assert reply.code == 409
        assert "Your text is kept" in reply.text
        # With scripts the form is not touched at all.
        assert (reply.headers.get("hx-retarget") == "#notice") is fragment
        assert (FILLED["description"] in reply.text) is not fragment

    def test_an_old_page_saves_nothing_and_loses_nothing(self, talking: Stage) -> None:
        reply = talking.ticket({**FILLED, "csrf": "old"})
        assert reply.code == 403
        assert talking.floor.registered == []
        assert FILLED["description"] in reply.text
        fresh = {name: reply.hidden(name) for name in ("csrf", "submission", "call", "helpline", "language")}
        assert talking.browser.post("/desk/ticket", {**fresh, **FILLED}, hx_request="true").code == 200

    def test_signed_out_elsewhere_it_says_so_and_touches_nothing(self, talking: Stage) -> None:
        page = talking.browser.get("/desk")
        talking.floor.tokens.clear()
        reply = talking.browser.post("/desk/ticket", {"csrf": page.seal, **FILLED}, hx_request="true")
        assert reply.code == 401
        assert reply.headers["hx-retarget"] == "#notice"
        assert "sign in again in a new tab" in reply.text


class TestDistrict:
    def asked(self, stage: Stage, pincode: str, *, district: str = "") -> Reply:
        fields = {**FILLED, "pincode": pincode, "district": district}
        return stage.ask("/desk/ticket/district", fields, fragment=True)

    @pytest.mark.parametrize(("pincode", "code"), [("695001", "01"), (" 673 122 ", "12"), ("671-121", "14")])
    def test_a_pin_code_fills_in_its_district(self, talking: Stage, pincode: str, code: str) -> None:
        for before in ("", "07"):
            reply = self.asked(talking, pincode, district=before)
            assert reply.code == 200
            assert f'<option value="{code}" selected>' in reply.text
            assert reply.text.count(" selected>") == 1
            assert reply.text.startswith('<div id="whereabouts">')
            assert "By the PIN code: " in reply.text

    def test_one_in_two_districts_offers_both_and_chooses_neither(self, talking: Stage) -> None:
        reply = self.asked(talking, "689694", district="07").text
        offered = reply.split("</optgroup>")[0]
        assert re.findall('value="([0-9]+)"', offered) == ["02", "03"]
        assert "lies in more than one district: Kollam, Pathanamthitta." in reply
        assert reply.count("<option") == 1 + 14
        assert " selected>" not in reply

    def test_of_two_districts_the_one_chosen_before_stays(self, talking: Stage) -> None:
        assert '<option value="03" selected>' in self.asked(talking, "689694", district="03").text

    @pytest.mark.parametrize(
        ("pincode", "says"),
        [
            ("110001", "is not in Kerala"),
            ("673310", "is not in Kerala"),
            ("695999", "does not know this PIN code"),
            ("999999", "does not know this PIN code"),
            ("", '<p id="pincode-says" class="wide" role="status"></p>'),
        ],
    )
    def test_otherwise_the_district_is_left_to_the_agent(
        self, talking: Stage, pincode: str, says: str
    ) -> None:
        reply = self.asked(talking, pincode, district="07")
        assert reply.code == 200
        assert says in reply.text
        assert '<option value="07" selected>' in reply.text

    @pytest.mark.parametrize("pincode", ["69500", "0695001", "095001", "6950011", "69500x", "\u0d6c95001"])
    def test_what_cannot_be_a_pin_code_is_marked(self, talking: Stage, pincode: str) -> None:
        reply = self.asked(talking, pincode, district="07")
        assert reply.code == 422
        assert "A PIN code has six digits" in reply.text
        assert '<option value="07" selected>' in reply.text

    def test_without_scripts_the_page_keeps_everything_and_saves_nothing(self, talking: Stage) -> None:
        button = '<noscript><button type="submit" formaction="/desk/ticket/district"'
        assert button in talking.browser.get("/desk").text
        reply = talking.ask("/desk/ticket/district", {**FILLED, "pincode": "695001"})
        assert reply.code == 200
        assert "<html" in reply.text
        assert '<option value="01" selected>' in reply.text
        assert FILLED["description"] in reply.text
        assert talking.floor.registered == []
        wrong = talking.ask("/desk/ticket/district", {**FILLED, "pincode": "<69>"})
        assert wrong.code == 422
        assert 'value="&lt;69&gt;"' in wrong.text

    def test_an_old_page_loses_nothing(self, talking: Stage) -> None:
        typed = {**FILLED, "pincode": "695001", "csrf": "old"}
        page = talking.browser.post("/desk/ticket/district", typed)
        assert page.code == 403
        assert FILLED["description"] in page.text
        fragment = talking.browser.post("/desk/ticket/district", typed, hx_request="true")
        assert (fragment.code, fragment.headers["hx-retarget"]) == (403, "#notice")

    def test_a_wrong_one_is_not_saved_and_keeps_what_was_typed(self, talking: Stage) -> None:
        reply = talking.ticket({**FILLED, "pincode": "69500"})
        assert reply.code == 422
        assert 'value="69500"' in reply.text
        assert FILLED["description"] in reply.text
        assert 'aria-describedby="pincode-says" aria-invalid="true" autofocus' in reply.text
        assert reply.text.count("A PIN code has six digits") == 1

    def test_it_is_saved_as_typed(self, talking: Stage) -> None:
        talking.ticket({**FILLED, "pincode": "695 001"})
        assert [(form.pincode, form.district) for form in talking.floor.registered] == [("695 001", "")]


class TestOneFormOneTicket:
    def sent_twice(self, stage: Stage) -> tuple[str, str]:
        page = stage.browser.get("/desk")
        hidden = {name: page.hidden(name) for name in ("csrf", "submission", "call", "helpline", "language")}
        first, second = (
            stage.browser.post("/desk/ticket", {**hidden, **FILLED}, hx_request="true") for _ in range(2)
        )
        return first.text, second.text

    def test_sent_again_it_shows_the_same_docket(self, talking: Stage) -> None:
        first, second = self.sent_twice(talking)
        assert first == second
        assert len(talking.floor.registered) == 1

    def test_two_forms_are_two_tickets(self, talking: Stage) -> None:
        self.sent_twice(talking)
        talking.floor.rings(DEVI, "node1-1764000100.18")
        self.sent_twice(talking)
        assert len(talking.floor.registered) == 2

    def test_a_number_that_is_not_ours_joins_no_two_forms(self, talking: Stage) -> None:
        for number in ("", "", "../../x", "../../x"):
            talking.ticket({**FILLED, "submission": number})
            card = talking.floor.desk(DEVI).card
            assert card is not None
            talking.floor.shows(DEVI, card=replace(card, docket=""))
        assert len(talking.floor.registered) == 4

    def test_a_double_click_waits_for_the_first(self, talking: Stage) -> None:
        submissions: Submissions[Registered, Invalid] = Submissions(Registered)
        talking.floor.held = Deferred()
        form = TicketForm(
            call=CallId(CALL), helpline=KWA, language=ML, caller="", place="", pincode="", district="",
            answered_only=False, **FILLED,
        )  # fmt: skip

        def once() -> Deferred[Any]:
            return started(submissions.once(DEVI, "one", register=lambda: talking.floor.register(DEVI, form)))

        first, second = once(), once()
        # The browser of the first goes away; the ticket is made all the same.
        first.addErrback(lambda _: None)
        first.cancel()
        talking.floor.held.callback(None)
        assert [second.result, once().result] == [Registered(DOCKET)] * 2
        assert len(talking.floor.registered) == 1

    def test_a_failure_may_be_tried_again_and_memory_is_bounded(self, talking: Stage) -> None:
        submissions: Submissions[Registered, Invalid] = Submissions(Registered)
        talking.floor.refusal = DeskError(DeskFault.NO_DOCKET_LEFT)
        form = TicketForm(
            call=CallId(CALL), helpline=KWA, language=ML, caller="", place="", pincode="", district="",
            answered_only=False, **FILLED,
        )  # fmt: skip

        def once(number: str) -> Deferred[Any]:
            return started(
                submissions.once(DEVI, number, register=lambda: talking.floor.register(DEVI, form))
            )

        failed: list[object] = []
        once("one").addErrback(failed.append)
        assert len(failed) == 1
        talking.floor.refusal = None
        assert once("one").result == Registered(DOCKET)
        for number in range(REMEMBERED):
            once(str(number))
        assert submissions.saved(DEVI, "one") is None
        assert submissions.saved(DEVI, str(REMEMBERED - 1)) is not None


def test_our_own_fault_is_logged_and_shown_without_its_insides(stage: Stage) -> None:
    stage.floor.broken = True
    with capturedLogs() as logged:
        page = stage.browser.get("/desk")
        fragment = stage.browser.get("/desk/ticket", hx_request="true")
    assert page.code == fragment.code == 500
    assert "An error on our side" in page.text
    assert "RuntimeError" not in page.text + fragment.text
    assert fragment.headers["hx-retarget"] == "#notice"
    failures = [entry["log_failure"].value for entry in logged if "log_failure" in entry]
    assert [type(failure) for failure in failures] == [RuntimeError, RuntimeError]


def test_a_database_that_is_away_is_said_to_be(stage: Stage) -> None:
    stage.floor.away = True
    reply = stage.browser.get("/desk")
    assert reply.code == 503
    assert "The database does not answer" in reply.text
