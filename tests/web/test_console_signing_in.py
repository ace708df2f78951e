"""Signing in and out, as stories told over HTTP."""

from __future__ import annotations

import pytest

from agents_ui.ports import DeskError, DeskFault
from routing.agent import AgentState
from routing.ids import Instant
from tests.web.parts.browser import NOON, Stage
from tests.web.parts.console_fakes import ADMIN, DEVI, EN, ML, SIVAN


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_an_agent_signs_in_and_sits_at_her_phone(stage: Stage) -> None:
    reply = stage.sign_in()
    assert (reply.code, reply.headers["location"]) == (303, "/")
    assert stage.floor.transcript == [("authenticate", DEVI), ("log_in", DEVI)]
    page = stage.browser.get("/desk")
    assert page.code == 200
    assert "Not ready" in page.text
    assert "Devi Nair" in page.text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stage: Stage) -> None:
    cookie = stage.sign_in().cookies["desk"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie
    assert "domain" not in cookie


def test_behind_tls_cookies_are_bound_to_host_and_tls() -> None:
    cookies = Stage(secure=True).sign_in().cookies
    assert set(cookies) == {"__Host-desk", "__Host-language", "__Host-gate"}
    assert all("secure" in cookie.lower() for cookie in cookies.values())


def test_a_wrong_password_keeps_the_name_and_tells_nothing(stage: Stage) -> None:
    known = stage.sign_in(password="wr0ng")
    stranger = stage.sign_in(name="nobody", password="wr0ng")
    assert known.code == stranger.code == 401
    assert 'value="devi"' in known.text
    assert known.text.replace('"devi"', '"nobody"') == stranger.text
    assert "wr0ng" not in known.text


def test_a_locked_name_is_told_until_when_in_the_sites_time(stage: Stage) -> None:
    stage.floor.locked_until = Instant(NOON + 900)
    reply = stage.sign_in(language="en")
    assert reply.code == 429
    # 1764000000 is 2025-11-24 21:30 in Kolkata.
    assert "Try again after 21:45." in reply.text


def test_each_sign_in_has_a_new_token_and_ends_the_one_before(stage: Stage) -> None:
    stage.sign_in()
    first = stage.browser.cookies["desk"]
    stage.sign_in()
    assert stage.browser.cookies["desk"] != first
    assert ("close_session", first) in stage.floor.transcript
    assert list(stage.floor.tokens) == [stage.browser.cookies["desk"]]


def test_a_token_planted_in_the_browser_is_not_taken_over(stage: Stage) -> None:
    stage.browser.cookies["desk"] = "planted"
    stage.sign_in()
    assert stage.browser.cookies["desk"] != "planted"
    assert "planted" not in stage.floor.tokens


def test_a_form_without_its_gate_is_shown_again(stage: Stage) -> None:
    page = stage.browser.get("/login")
    stage.browser.cookies.clear()
    fields = {"csrf": page.seal, "name": DEVI, "password": "x", "language": "en"}
    reply = stage.browser.post("/login", fields)
    assert reply.code == 403
    assert "open for too long" in reply.text
    assert stage.floor.transcript == []


def test_an_agent_already_at_work_is_not_seated_again(stage: Stage) -> None:
    stage.floor.becomes(DEVI, AgentState.ON_BREAK)
    stage.sign_in()
    assert stage.floor.transcript == [("authenticate", DEVI)]


def test_without_a_phone_she_is_let_in_all_the_same(stage: Stage) -> None:
    stage.floor.refusal = DeskError(DeskFault.PHONE_TAKEN)
    assert stage.sign_in().code == 303
    assert "Start shift" in stage.browser.get("/desk").text


def test_a_supervisor_is_not_seated_unasked(stage: Stage) -> None:
    stage.sign_in(SIVAN)
    assert stage.floor.transcript == [("authenticate", SIVAN)]


def test_an_administrator_has_no_desk(stage: Stage) -> None:
    stage.sign_in(ADMIN)
    reply = stage.browser.get("/desk")
    assert reply.code == 403
    assert "Your account may not open this page." in reply.text


def test_signing_out_frees_the_phone_and_ends_the_session(stage: Stage) -> None:
    stage.sign_in()
    token = stage.browser.cookies["desk"]
    reply = stage.ask("/logout")
    assert (reply.code, reply.headers["location"]) == (303, "/signed-out")
    assert stage.floor.transcript[-2:] == [("log_out", DEVI), ("close_session", token)]
    assert "desk" not in stage.browser.cookies
    assert "You are signed out." in stage.browser.get("/signed-out").text
    assert stage.browser.get("/desk").headers["location"] == "/login"


def test_a_phone_that_cannot_be_freed_keeps_nobody_signed_in(stage: Stage) -> None:
    stage.sign_in()
    stage.floor.refusal = DeskError(DeskFault.ROUTER_AWAY)
    assert stage.ask("/logout").code == 303
    assert stage.floor.tokens == {}


class TestLanguage:
    def test_malayalam_is_for_whoever_has_not_chosen(self, stage: Stage) -> None:
        assert '<html lang="ml">' in stage.browser.get("/login").text
        assert '<html lang="ml">' in stage.browser.get("/login", accept_language="ta, fr;q=0.8").text

    def test_the_browser_may_say(self, stage: Stage) -> None:
        assert '<html lang="en">' in stage.browser.get("/login", accept_language="hi, en-IN;q=0.9").text

    def test_chosen_on_the_sign_in_page_it_is_remembered(self, stage: Stage) -> None:
        page = stage.browser.get("/login?language=ml")
        assert page.hidden("language") == "ml"
        stage.sign_in(language="ml")
        assert ("remember_language", DEVI, ML) in stage.floor.transcript
        assert '<html lang="ml">' in stage.browser.get("/desk").text

    def test_not_chosen_the_account_speaks_its_own(self, stage: Stage) -> None:
        assert stage.browser.get("/login").hidden("language") == ""
        stage.sign_in(SIVAN)
        assert '<html lang="ml">' in stage.browser.get("/desk").text
        assert not [entry for entry in stage.floor.transcript if entry[0] == "remember_language"]

    def test_switched_at_the_desk(self, stage: Stage) -> None:
        stage.sign_in()
        assert stage.ask("/language", {"language": "ml"}).headers["location"] == "/"
        assert '<html lang="ml">' in stage.browser.get("/desk").text
        assert '<html lang="ml">' in stage.browser.get("/nowhere").text

    def test_an_unknown_one_changes_nothing(self, stage: Stage) -> None:
        stage.sign_in()
        stage.ask("/language", {"language": "../../etc"})
        assert stage.floor.people[DEVI].language == EN


def test_while_the_database_is_away_the_page_says_so(stage: Stage) -> None:
    page = stage.browser.get("/login", accept_language="en")
    stage.floor.away = True
    fields = {"csrf": page.seal, "name": DEVI, "password": "x"}
    reply = stage.browser.post("/login", fields, accept_language="en")
    assert reply.code == 503
    assert "The database does not answer" in reply.text
