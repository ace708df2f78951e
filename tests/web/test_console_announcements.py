"""The page of announcements: put up, heard, taken down; surge mode; nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from twisted.internet.defer import Deferred

from agents_ui import announcement_ports as ports
from agents_ui import texts
from agents_ui.announcements import LONGEST_TEXT
from callcentre.announcements import facts, form
from callcentre.prompts.catalogue import MAX_TEXT_CHARACTERS
from tests.web.parts.board_fake import SOUND
from tests.web.parts.browser import NOON, Reply, Stage
from tests.web.parts.console_fakes import ADMIN, DEVI, KWA, SIVAN

TYPED = {
    "kind": "outage",
    "helpline": "kwa",
    "text-ml": "ഇന്ന് വെള്ളമില്ല.",
    "text-en": "No water <today> & tomorrow.",
    "text-hi": "आज पानी नहीं है।",
    "until": "2026-12-01T14:30",
}


@pytest.fixture
def stage() -> Stage:
    """An administrator, who reads English, is signed in."""
    stage = Stage()
    stage.sign_in(ADMIN)
    return stage


def page(stage: Stage) -> Reply:
    return stage.browser.get("/announcements")


def send(stage: Stage, path: str = "", *, fragment: bool = False, **fields: str) -> Reply:
    shown = page(stage)
    hidden = {name: shown.hidden(name) for name in ("csrf", "submission")}
    headers = {"hx_request": "true"} if fragment else {}
    return stage.browser.post(f"/announcements{path}", {**hidden, **fields}, **headers)


def announce(stage: Stage, *, fragment: bool = False) -> Reply:
    return send(stage, fragment=fragment, **TYPED)


class TestPuttingUp:
    def test_with_scripts_the_form_is_empty_again_and_the_list_is_told(self, stage: Stage) -> None:
        reply = announce(stage, fragment=True)
        assert stage.floor.transcript[-1] == ("put_up", ADMIN, "outage", (KWA,), "2026-12-01T14:30")
        assert reply.code == 200
        assert reply.headers["hx-trigger"] == "board-changed"
        assert "Callers hear it now." in reply.text
        assert "No water" not in reply.text
        assert "No water &lt;today&gt; &amp; tomorrow." in page(stage).text

    def test_without_scripts_the_page_says_so(self, stage: Stage) -> None:
        reply = announce(stage)
        assert (reply.code, reply.headers["location"]) == (303, "/announcements?done=1")
        assert "Callers hear it now." in stage.browser.get(reply.headers["location"]).text

    def test_several_helplines_may_be_chosen(self, stage: Stage) -> None:
        csrf, body = page(stage).seal, "kind=broadcast&helpline=kwa&helpline=food&text-en=x&csrf="
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        stage.browser.open("POST", "/announcements", (body + csrf).encode(), kind).received()
        assert stage.floor.transcript[-1] == ("put_up", ADMIN, "broadcast", ("kwa", "food"), "")

    @pytest.mark.parametrize("fragment", [True, False])
    @pytest.mark.parametrize("fault", ports.SpokenFault)
    def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
        self, stage: Stage, fault: ports.SpokenFault, fragment: bool
    ) -> None:
        stage.floor.board.errors = {"text-en": fault, "until": fault}
        reply = announce(stage, fragment=fragment)
        assert reply.code == 422
        assert ("<html" in reply.text) is not fragment
        assert reply.text.count(texts.SPOKEN_FAULTS[fault]) == 2
        assert 'aria-describedby="text-en-wrong" autofocus' in reply.text
        assert_kept(reply)

    def test_a_page_that_was_open_for_too_long_loses_nothing_either(self, stage: Stage) -> None:
        stale = {**TYPED, "csrf": "old"}
        reply = stage.browser.post("/announcements", stale, hx_request="true")
        assert reply.code == 403
        assert "nothing was announced yet" in reply.text
        assert_kept(reply)
        assert stage.floor.board.up == []

    @pytest.mark.parametrize("fault", ports.BoardFault)
    def test_what_cannot_be_done_now_is_a_conflict_with_a_stable_code(
        self, stage: Stage, fault: ports.BoardFault
    ) -> None:
        stage.floor.board.refusal = ports.BoardError(fault)
        for reply in (announce(stage), announce(stage, fragment=True)):
            assert reply.code == 409
            assert f'data-fault="{fault.value}"' in reply.text
            assert texts.BOARD_FAULTS[fault] in reply.text
        assert_kept(announce(stage))

    def test_a_double_click_is_one_announcement(self, stage: Stage) -> None:
        stage.floor.board.held = Deferred()
        sent = {**TYPED, **{name: page(stage).hidden(name) for name in ("csrf", "submission")}}
        body = "&".join(f"{name}={value}" for name, value in sent.items()).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        waiting = [stage.browser.open("POST", "/announcements", body, kind) for _ in range(2)]
        waiting[0].lose()
        stage.floor.board.held.callback(None)
        assert b"303" in waiting[1].received()
        assert len(stage.floor.board.up) == 1


def assert_kept(reply: Reply) -> None:
    for kept in ("ഇന്ന് വെള്ളമില്ല.", "No water &lt;today&gt; &amp; tomorrow.", "आज पानी नहीं है।"):
        assert kept in reply.text
    assert 'value="2026-12-01T14:30"' in reply.text
    assert 'value="outage" checked' in reply.text
    assert 'value="kwa" checked' in reply.text


class TestInForce:
    def test_who_entered_it_until_when_and_for_whom(self, stage: Stage) -> None:
        stage.floor.board.add(until=NOON + 3600, helplines=(KWA,))
        shown = page(stage).text
        assert "until 24-11-2025 22:30" in shown
        assert "entered 24-11-2025 21:30 by sivan" in shown
        assert "Kerala Water Authority" in shown
        assert 'src="/announcements/sound/0000000000000001/ta.wav"' in shown

    def test_one_that_is_not_spoken_yet_says_so(self, stage: Stage) -> None:
        stage.floor.board.add(heard=False)
        assert "Not heard: it is not spoken in every language yet." in page(stage).text
        assert "<audio" not in page(stage).text

    def test_it_is_ended_at_once(self, stage: Stage) -> None:
        one = stage.floor.board.add()
        reply = send(stage, "/end", announcement=one.id)
        assert (reply.code, reply.headers["location"]) == (303, "/announcements")
        assert stage.floor.transcript[-1] == ("take_down", ADMIN, one.id)
        fragment = send(stage, "/end", fragment=True, announcement=one.id)
        assert fragment.text.startswith('<section id="board"')
        assert "Callers hear no announcement." in fragment.text

    def test_it_can_be_heard(self, stage: Stage) -> None:
        one = stage.floor.board.add()
        reply = stage.browser.get(f"/announcements/sound/{one.id}/ml.wav")
        assert (reply.code, reply.content) == (200, SOUND)
        assert reply.headers["content-type"] == "audio/wav"

    @pytest.mark.parametrize("address", ["1/ml.wav", "0000000000000001/xx.wav", "..%2f..%2fml/cc/welcome"])
    def test_no_other_file_can(self, stage: Stage, address: str) -> None:
        stage.floor.board.add()
        assert stage.browser.get(f"/announcements/sound/{address}").code == 404

    def test_a_part_that_shows_what_is_is_not_sent_again(self, stage: Stage) -> None:
        for part in ("board", "surge"):
            address = re.search(rf'hx-get="(/announcements/now/{part}[^"]*)"', page(stage).text)
            assert address is not None
            assert stage.browser.get(address[1], hx_request="true").code == 204
            stage.floor.board.add()
            stage.floor.board.waiting += 1
            assert stage.browser.get(address[1], hx_request="true").code == 200
        assert stage.browser.get("/announcements/now/desk").code == 404


class TestSurge:
    def test_it_is_switched_by_hand(self, stage: Stage) -> None:
        assert "Surge mode is off" in page(stage).text
        reply = send(stage, "/surge", surge="on")
        assert (reply.code, reply.headers["location"]) == (303, "/announcements")
        assert stage.floor.transcript[-1] == ("switch_surge", ADMIN, True)
        assert "switched on by admin.one" in page(stage).text
        off = send(stage, "/surge", fragment=True, surge="off")
        assert off.text.startswith('<section id="surge"')
        assert "Surge mode is off" in off.text

    @pytest.mark.parametrize(
        ("cause", "why"),
        [
            (ports.SurgeCause.WAITING, "by itself: 93 callers were waiting"),
            (ports.SurgeCause.ARRIVALS, "by itself: 93 callers came within a minute"),
        ],
    )
    def test_why_it_began_by_itself(self, stage: Stage, cause: ports.SurgeCause, why: str) -> None:
        stage.floor.board.declared = stage.floor.board.surge_of(cause, count=93)
        assert why in page(stage).text
        assert "Keep it on" in page(stage).text

    def test_how_near_it_is(self, stage: Stage) -> None:
        assert "4 waiting now (limit 80)" in re.sub(r"\s+", " ", page(stage).text)


class TestTheWayThere:
    def test_an_administrator_has_no_desk_and_begins_here(self, stage: Stage) -> None:
        assert stage.browser.get("/").headers["location"] == "/announcements"
        assert 'href="/desk"' not in page(stage).text

    def test_a_supervisor_goes_to_and_fro(self) -> None:
        stage = Stage()
        stage.sign_in(SIVAN)
        assert stage.browser.get("/").headers["location"] == "/desk"
        assert 'href="/announcements"' in stage.browser.get("/desk").text
        assert "പുതിയ അറിയിപ്പ്" in page(stage).text

    def test_an_agent_sees_no_way(self) -> None:
        stage = Stage()
        stage.sign_in(DEVI)
        assert "/announcements" not in stage.browser.get("/desk").text
        assert page(stage).code == 403


def test_the_codes_are_those_of_the_announcements() -> None:
    pairs = ((ports.Kind, facts.Kind), (ports.SurgeCause, facts.SurgeCause), (ports.SpokenFault, form.Fault))
    for shown, stored in pairs:
        assert {code.value for code in shown} == {code.value for code in stored}
    assert set(texts.SPOKEN_FAULTS) == set(ports.SpokenFault)
    assert set(texts.BOARD_FAULTS) == set(ports.BoardFault)
    assert set(texts.KINDS) == set(ports.Kind)
    assert LONGEST_TEXT == MAX_TEXT_CHARACTERS
