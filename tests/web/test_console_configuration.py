"""The administrator's page: what runs, what has changed in the files, and the button."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents_ui.ports import ConfigurationFault
from tests.web.parts.browser import Reply, Stage
from tests.web.parts.console_fakes import ADMIN, DEVI, SIVAN

FAULT = ConfigurationFault(
    file="helplines/kseb.toml", key="numbers", problem="<1916> already belongs to kwa", remedy="Remove it"
)


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.sign_in(ADMIN)
    return stage


def ask(stage: Stage) -> Reply:
    return stage.browser.post("/configuration/take-up", {"csrf": stage.browser.get("/configuration").seal})


def test_an_administrator_is_led_to_it(stage: Stage) -> None:
    assert 'href="/configuration"' in stage.browser.get("/announcements").text


@pytest.mark.parametrize("name", [DEVI, SIVAN])
def test_nobody_else_sees_it(name: str) -> None:
    stage = Stage()
    stage.sign_in(name)
    assert stage.browser.get("/configuration").code == 403
    assert "/configuration" not in stage.browser.get("/desk").text


def test_files_as_they_run(stage: Stage) -> None:
    page = stage.browser.get("/configuration").text
    assert "Running since 24-11-2025 21:30" in page
    assert "All files are what they were then." in page
    assert "http-equiv" not in page


def test_files_that_have_changed_are_named(stage: Stage) -> None:
    stage.floor.standing = replace(stage.floor.standing, changed=("helplines/kseb.toml", "texts/<b>.toml"))
    page = stage.browser.get("/configuration").text
    assert "<code>helplines/kseb.toml</code>" in page
    assert "texts/&lt;b&gt;.toml" in page


def test_the_button_has_them_taken_up_and_the_page_renews_itself_until_they_are(stage: Stage) -> None:
    reply = ask(stage)
    assert (reply.code, reply.headers["location"]) == (303, "/configuration")
    assert stage.floor.transcript[-1] == ("take_up",)
    page = stage.browser.get("/configuration").text
    assert "is being taken up" in page
    assert '<meta http-equiv="refresh" content="3">' in page
    assert "/configuration/take-up" not in page


def test_a_refusal_names_every_fault_with_file_key_and_remedy(stage: Stage) -> None:
    stage.floor.faults = (FAULT, replace(FAULT, file="helplines/<x>.toml"))
    ask(stage)
    page = stage.browser.get("/configuration").text
    assert "Refused at 21:30: nothing has changed" in page
    assert (
        "<code>helplines/kseb.toml</code> <code>numbers</code>: "
        "&lt;1916&gt; already belongs to kwa. Remove it" in page
    )
    assert "helplines/&lt;x&gt;.toml" in page
    assert "/configuration/take-up" in page


def test_what_is_left_to_do_by_hand_is_said(stage: Stage) -> None:
    stage.floor.standing = replace(stage.floor.standing, notes=("start node1",))
    assert "start node1" in stage.browser.get("/configuration").text


def test_speaks_malayalam_too(stage: Stage) -> None:
    stage.browser.post("/language", {"csrf": stage.browser.get("/configuration").seal, "language": "ml"})
    assert "ക്രമീകരണം" in stage.browser.get("/configuration").text
