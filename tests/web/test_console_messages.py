"""Spoken messages: who sees which, and who can hear them."""

from __future__ import annotations

from pathlib import Path

import pytest
from twisted.internet import task

from routing.ids import AgentId, HelplineId
from tests.web.parts.browser import Stage
from tests.web.parts.console_fakes import ADMIN, DEVI, FOOD, KWA, SIVAN
from tests.web.parts.messages_fake import AT_ONCE, SECOND


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    # Twisted sends files piece by piece, driven by a cooperator that would wait for a running reactor.
    driven = task.Cooperator(scheduler=lambda tick: stage.clock.callLater(0, tick))
    monkeypatch.setattr(task, "_theCooperator", driven)
    return stage


def left(stage: Stage, folder: Path, *, helpline: HelplineId = KWA) -> str:
    """A message that can be heard; its docket."""
    docket = stage.floor.messages.add(helpline=helpline).docket
    stage.floor.messages.recordings[docket] = path = folder / f"{docket}.wav"
    path.write_bytes(SECOND)
    return docket


def test_a_message_is_shown_with_all_that_is_known_of_it(stage: Stage) -> None:
    stage.floor.messages.add()
    stage.sign_in()
    page = stage.browser.get("/messages").text
    for told in (
        *("Kerala Water Authority</strong> · No water or low pressure", "+91 94470 00001"),
        *("24-11-2025 21:30", "1:05 long", "docket 260 000 0000", 'preload="none"'),
    ):
        assert told in page
    stage.sign_in(SIVAN)
    assert "വെള്ളമില്ല അല്ലെങ്കിൽ മർദ്ദം കുറവ്" in stage.browser.get("/messages").text


def test_what_is_not_known_is_said(stage: Stage) -> None:
    stage.floor.messages.add(caller="", category="other", kept=False)
    stage.floor.messages.add(category="<b>")
    stage.sign_in()
    page = stage.browser.get("/messages").text
    assert all(
        told in page
        for told in ("Number withheld", "Another matter", "The recording has been deleted.", "· &lt;b&gt;")
    )
    assert page.count("<audio") == 1


def test_the_newest_come_first_and_the_others_by_the_page(stage: Stage) -> None:
    dockets = [stage.floor.messages.add().docket for _ in range(AT_ONCE + 1)]
    stage.sign_in()
    page = stage.browser.get("/messages").text
    assert [page.index(docket) for docket in dockets[:0:-1]] == sorted(
        page.index(docket) for docket in dockets[1:]
    )
    assert dockets[0] not in page
    older = stage.browser.get(f"/messages?before={dockets[1]}").text
    assert dockets[0] in older
    assert "Older messages" in page
    assert "Older messages" not in older
    assert "There are no older messages." in stage.browser.get(f"/messages?before={dockets[0]}").text


@pytest.mark.parametrize("name", [DEVI, SIVAN, ADMIN])
def test_everybody_finds_the_page_and_it_says_when_it_is_empty(stage: Stage, name: AgentId) -> None:
    stage.sign_in(name)
    page = stage.browser.get("/messages")
    assert page.code == 200
    assert 'href="/messages" aria-current="page"' in page.text
    assert ("There are no messages." in page.text) is (name != SIVAN)
    if name != ADMIN:
        assert 'href="/messages"' in stage.browser.get("/desk").text


class TestRecording:
    def test_it_is_sent_whole_and_kept_by_nobody(self, stage: Stage, tmp_path: Path) -> None:
        docket = left(stage, tmp_path)
        stage.sign_in()
        reply = stage.browser.get(f"/messages/{docket}.wav")
        assert (reply.code, reply.content) == (200, SECOND)
        assert reply.headers["content-type"] == "audio/wav"
        assert reply.headers["cache-control"] == "no-store"
        assert stage.floor.transcript[-1] == ("recording", DEVI, docket)

    def test_a_listener_may_go_back_and_forth(self, stage: Stage, tmp_path: Path) -> None:
        docket = left(stage, tmp_path)
        stage.sign_in()
        reply = stage.browser.get(f"/messages/{docket}.wav", range="bytes=0-43")
        assert (reply.code, reply.content) == (206, SECOND[:44])
        assert reply.headers["content-range"] == f"bytes 0-43/{len(SECOND)}"
        assert reply.headers["cache-control"] == "no-store"

    def test_whoever_asks_for_many_parts_at_once_gets_the_whole(self, stage: Stage, tmp_path: Path) -> None:
        docket = left(stage, tmp_path)
        stage.sign_in()
        many = "bytes=" + ",".join(["0-"] * 3000)
        reply = stage.browser.get(f"/messages/{docket}.wav", range=many)
        assert (reply.code, reply.content) == (200, SECOND)

    def test_that_of_another_helpline_is_nothing_to_an_agent(self, stage: Stage, tmp_path: Path) -> None:
        docket = left(stage, tmp_path, helpline=FOOD)
        for name, code in ((DEVI, 404), (SIVAN, 200), (ADMIN, 200)):
            stage.sign_in(name)
            assert stage.browser.get(f"/messages/{docket}.wav").code == code
            assert (docket in stage.browser.get("/messages").text) is (code == 200)

    def test_one_deleted_meanwhile_is_not_found(self, stage: Stage, tmp_path: Path) -> None:
        docket = left(stage, tmp_path)
        (tmp_path / f"{docket}.wav").unlink()
        stage.sign_in()
        assert stage.browser.get(f"/messages/{docket}.wav").code == 404

    @pytest.mark.parametrize(
        "name",
        ["../secrets.json", "..%2f..%2fetc%2fpasswd", "%2e%2e", "2600000000", "a/b.wav", ".wav", "%00.wav"],
    )
    def test_no_address_leads_elsewhere(self, stage: Stage, tmp_path: Path, name: str) -> None:
        left(stage, tmp_path)
        stage.sign_in()
        assert stage.browser.get(f"/messages/{name}").code == 404

    @pytest.mark.parametrize("docket", ["26%00", "26%0A", "%C2%85", "%D9%A3", "26a", "2" * 21])
    def test_what_no_docket_can_be_is_asked_of_no_database(self, stage: Stage, docket: str) -> None:
        stage.sign_in()
        before = list(stage.floor.transcript)
        assert stage.browser.get(f"/messages/{docket}.wav").code == 404
        assert stage.browser.get(f"/messages?before={docket}").code == 400
        assert stage.floor.transcript == before

    def test_while_the_database_is_away_it_says_so(self, stage: Stage) -> None:
        stage.sign_in()
        stage.floor.away = True
        assert stage.browser.get("/messages").code == 503
