"""The page of announcements in a real browser: scripts, a list that renews itself, keys, two widths."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.integration.parts.browser import chromium
from tests.web.parts.console_fakes import PASSWORD

ROOT = Path(__file__).parents[2]

# A loaded machine may take its time; what is waited for still has to happen.
expect.set_options(timeout=20_000)

Scene = Callable[[str], None]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Scene]]:
    """The preview's address, and a way to set its scenes."""
    command = [sys.executable, "-m", "tests.web.preview", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        address = server.stdout.readline().split()[0]

        def scene(name: str) -> None:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(f"{name}\n")
            server.stdin.flush()
            assert server.stdout.readline() == "set\n"

        yield address, scene
        server.terminate()


@pytest.fixture
def scene(served: tuple[str, Scene]) -> Scene:
    return served[1]


@pytest.fixture
def page(served: tuple[str, Scene], scene: Scene) -> Iterator[Page]:
    """The page of an administrator who reads English, with nothing announced."""
    scene("nothing_announced")
    with chromium() as browser:
        page = browser.new_context(locale="en-IN").new_page()
        # A script that stops, or anything the Content-Security-Policy refuses, fails the test.
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Security" in line.text else None)
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(served[0])
        page.fill("#name", "admin.one")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        expect(page.locator("#board")).to_contain_text("Callers hear no announcement.")
        yield page
    assert faults == []


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
