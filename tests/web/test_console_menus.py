"""What supervisors and administrators see of the menus."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from twisted.internet.defer import Deferred

from agents_ui.texts import FLOW
from callcentre.configuration.reading import read_configuration
from callcentre.console.menus import ConsoleMenus
from tests.web.parts.browser import Stage
from tests.web.parts.console_fakes import ADMIN, CONFIG, DEVI, EN, KWA, SIVAN


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_the_way_of_every_helplines_callers_is_drawn_in_the_visitors_language(stage: Stage) -> None:
    stage.sign_in(ADMIN)
    english = stage.browser.get("/menus").text
    assert '<svg lang="en"><title>Menu kwa</title></svg>' in english
    assert english.index('id="line-kwa"') < english.index('id="line-food"')
    stage.sign_in(SIVAN)
    assert '<svg lang="ml"><title>മെനു kwa</title></svg>' in stage.browser.get("/menus").text


def test_who_is_in_charge_finds_it_from_every_page_and_agents_do_not(stage: Stage) -> None:
    stage.sign_in(SIVAN)
    assert 'href="/menus"' in stage.browser.get("/desk").text
    stage.sign_in(DEVI)
    assert 'href="/menus"' not in stage.browser.get("/desk").text
    assert stage.browser.get("/menus").code == 403


def test_the_picture_is_the_configurations_and_drawn_once() -> None:
    thread: list[tuple[Callable[[], str], Deferred[str]]] = []

    def in_thread(draw: Callable[[], str]) -> Deferred[str]:
        thread.append((draw, Deferred()))
        return thread[-1][1]

    menus = ConsoleMenus(read_configuration(CONFIG), in_thread=in_thread)
    assert set(menus.helplines) == {"citizen", "food", "kwa", "ration"}
    asked = Deferred.fromCoroutine(menus.picture(KWA, EN, FLOW))
    # Nobody in the reactor waits for it.
    assert not asked.called
    [(draw, drawn)] = thread
    drawn.callback(draw())
    assert "Menu: Kerala Water Authority" in str(asked.result)
    assert Deferred.fromCoroutine(menus.picture(KWA, EN, FLOW)).result is asked.result
    assert len(thread) == 1
