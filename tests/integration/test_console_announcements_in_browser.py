"""The page of announcements in a real browser: scripts, a list that renews itself, keys, two widths."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.integration.parts.browser import chromium
from tests.integration.parts.preview import Scene, faultless_page, preview
from tests.web.parts.console_fakes import PASSWORD


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Scene]]:
    """The preview's address, and a way to set its scenes."""
    with preview() as address_and_scene:
        yield address_and_scene


@pytest.fixture
def scene(served: tuple[str, Scene]) -> Scene:
    return served[1]


@pytest.fixture
def page(served: tuple[str, Scene], scene: Scene) -> Iterator[Page]:
    """The page of an administrator who reads English, with nothing announced."""
    scene("nothing_announced")
    with chromium() as browser, faultless_page(browser, served[0]) as page:
        page.fill("#name", "admin.one")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        expect(page.locator("#board")).to_contain_text("Callers hear no announcement.")
        yield page


def test_put_up_seen_in_the_list_and_ended_without_leaving_the_page(page: Page) -> None:
    page.evaluate("window.neverReloaded = true")
    page.fill("#text-ml", "ഇന്ന് വെള്ളമില്ല.")
    page.fill("#text-en", "No water today.")
    page.get_by_label("Kerala Water Authority").check()
    page.click("text=Announce now")
    expect(page.locator("#new .done")).to_have_text("Callers hear it now.")
    expect(page.locator("#text-en")).to_have_value("")
    expect(page.locator("#board .words")).to_have_text("No water today.")
    page.click("text=End now")
    expect(page.locator("#board")).to_contain_text("Callers hear no announcement.")
    assert page.evaluate("window.neverReloaded")


def test_it_can_all_be_done_with_keys(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Kerala Water Authority")).to_be_checked()
    for text in ("വെള്ളമില്ല.", "No water."):
        while not page.evaluate("document.activeElement.matches('textarea')"):
            page.keyboard.press("Tab")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    while not page.evaluate("document.activeElement.matches('#new button')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#board .words")).to_have_text("No water.")


def test_what_others_do_appears_while_what_is_typed_stays(page: Page, scene: Scene) -> None:
    page.fill("#text-en", "half a senten")
    scene("announced")
    expect(page.locator("#surge")).to_contain_text("by itself: 93 callers were waiting")
    expect(page.locator("#board .announcement")).to_have_count(2)
    expect(page.locator("#text-en")).to_have_value("half a senten")


def test_surge_mode_is_switched_and_focus_stays_at_the_switch(page: Page) -> None:
    page.focus("#surge-switch")
    page.keyboard.press("Enter")
    expect(page.locator("#surge h2")).to_have_text("Surge mode is on")
    expect(page.locator("#surge-switch")).to_be_focused()


@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize("name", ["nothing_announced", "announced", "too_much_announced"])
def test_nothing_is_wider_than_the_screen(page: Page, scene: Scene, width: int, name: str) -> None:
    scene(name)
    page.set_viewport_size({"width": width, "height": 768})
    page.reload()
    expect(page.locator("#board")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
