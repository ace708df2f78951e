"""The desk in a real browser: what only scripts, a stream and a style sheet together can show."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

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


@pytest.fixture(scope="module", name="chromium")
def _chromium() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(served: tuple[str, Scene], chromium: Browser) -> Iterator[Page]:
    with faultless_page(chromium, served[0]) as page:
        yield page


def sign_in(page: Page, name: str = "devi") -> None:
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("#state .name")).to_be_visible()


def state(page: Page, text: str) -> None:
    expect(page.locator("#state .name")).to_have_text(text)


def test_a_shift_from_signing_in_to_the_docket(page: Page, scene: Scene) -> None:
    scene("off_duty")
    sign_in(page)
    state(page, "Not ready")
    page.get_by_role("button", name="Available", exact=True).click()
    state(page, "Available")
    page.evaluate("window.neverReloaded = true")

    scene("ringing")
    state(page, "Ringing")
    expect(page.locator("#card .caller")).to_contain_text("+91 98765 43210")
    expect(page.locator("#category")).to_be_focused()
    expect(page).to_have_title("Ringing – Kerala Citizens' Call Centre")

    page.select_option("#category", "no-water")
    page.fill("#citizen", "രാജൻ")
    page.locator("#description").press_sequentially("No water since")
    scene("talking")
    state(page, "Talking")
    expect(page.locator("#description")).to_be_focused()
    page.keyboard.type(" Monday")
    expect(page.locator("#description")).to_have_value("No water since Monday")
    expect(page.locator("#citizen")).to_have_value("രാജൻ")

    page.click("text=Save ticket")
    expect(page.locator(".docket")).to_have_text(re.compile(r"^\d{3} \d{3} \d{4}$"))
    expect(page.locator("#card")).to_contain_text(page.locator(".docket").inner_text())
    assert page.evaluate("window.neverReloaded")


def test_typed_text_outlives_its_call_and_the_next(page: Page, scene: Scene) -> None:
    scene("talking")
    sign_in(page)
    page.fill("#description", "not saved yet")
    scene("idle")
    state(page, "Available")
    held = page.locator("#held p:visible")
    expect(held).to_contain_text("The call is over.")
    scene("withheld")
    expect(held).to_contain_text("A new call is here. This form holds text of the earlier")
    expect(page.locator("#description")).to_have_value("not saved yet")

    page.click("text=Save ticket")
    expect(page.locator(".wrong").first).to_be_visible()
    expect(page.locator("#description")).to_have_value("not saved yet")
    page.select_option("#category", "bill")
    page.click("text=Save ticket")
    expect(page.locator(".docket")).to_be_visible()
    page.click("text=Show its form")
    expect(page.locator("#description")).to_have_value("")
    expect(page.locator("#held")).to_be_hidden()


def test_leaving_a_pin_code_fills_in_its_district_and_the_hand_wins(page: Page, scene: Scene) -> None:
    scene("talking")
    sign_in(page)
    page.fill("#description", "typed before")
    page.fill("#pincode", "695001")
    page.press("#pincode", "Tab")
    expect(page.locator("#pincode-says")).to_have_text("By the PIN code: Thiruvananthapuram")
    expect(page.locator("#district")).to_have_value("01")
    expect(page.locator("#district")).to_be_focused()

    # The answer for the second is held back until the agent has chosen for herself.
    page.route("**/desk/ticket/district", lambda route: held.append(route))
    held: list[Route] = []
    page.fill("#pincode", "682001")
    with page.expect_request("**/desk/ticket/district"):
        page.press("#pincode", "Tab")
    page.select_option("#district", "08")
    with page.expect_response("**/desk/ticket/district"):
        held[0].continue_()
    page.unroute("**/desk/ticket/district")
    page.fill("#pincode", "6820")
    page.press("#pincode", "Tab")
    expect(page.locator("#pincode-says")).to_contain_text("A PIN code has six digits")
    expect(page.locator("#district")).to_have_value("08")
    expect(page.locator("#description")).to_have_value("typed before")


def test_a_district_that_comes_after_its_call_touches_no_other_form(page: Page, scene: Scene) -> None:
    scene("talking")
    sign_in(page)
    held: list[Route] = []
    page.route("**/desk/ticket/district", lambda route: held.append(route))
    page.fill("#pincode", "695001")
    with page.expect_request("**/desk/ticket/district"):
        page.press("#pincode", "Tab")
    # Untouched again, the form follows the next call; by the keyboard this would ask anew.
    page.evaluate("document.getElementById('pincode').value = ''")
    scene("withheld")
    expect(page.locator("#caller")).to_have_value("")
    with page.expect_response("**/desk/ticket/district"):
        held[0].continue_()
    page.fill("#citizen", "the next one")
    expect(page.locator("#pincode-says")).to_have_text("")
    expect(page.locator("#district")).to_have_value("")


def test_a_message_is_heard_and_one_may_go_forward_in_it(page: Page, scene: Scene) -> None:
    scene("messages_left")
    sign_in(page)
    page.click("text=Messages")
    player = page.locator("audio").first
    expect(player).to_be_visible()
    length = player.evaluate(
        """async (player) => {
          const told = (name) => new Promise((tell) => player.addEventListener(name, tell, { once: true }));
          const loaded = told("loadedmetadata");
          player.load();
          player.preload = "auto";
          await loaded;
          const moved = told("seeked");
          player.currentTime = 60;
          await moved;
          return [Math.round(player.duration), player.currentTime];
        }"""
    )
    assert length == [65, 60]


@pytest.mark.parametrize("width", [1366, 390])
def test_no_message_is_wider_than_the_screen(page: Page, scene: Scene, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    scene("too_much_said")
    sign_in(page, "sivan")
    page.goto(f"{page.url.removesuffix('desk')}messages")
    expect(page.locator("audio").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_untouched_form_follows_the_call(page: Page, scene: Scene) -> None:
    scene("talking")
    sign_in(page)
    expect(page.locator("#caller")).to_have_value("+919876543210")
    scene("withheld")
    expect(page.locator("#caller")).to_have_value("")
    scene("idle")
    expect(page.locator("#ticket")).to_contain_text("The form appears with the next call.")
    expect(page.locator("#held")).to_be_hidden()


def test_timers_run(page: Page, scene: Scene) -> None:
    scene("on_break")
    sign_in(page)
    timer = page.locator("#state .timer")
    expect(timer).to_have_text(re.compile(r"^0:\d\d$"))
    expect(timer).not_to_have_text(timer.inner_text())


def test_a_break_is_two_keys_away(page: Page, scene: Scene) -> None:
    scene("idle")
    sign_in(page)
    page.locator("#break-reasons summary").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    state(page, "On break")
    expect(page.locator("#state")).to_contain_text("Tea")


def test_a_session_that_ends_takes_the_desk_off_the_screen(page: Page, scene: Scene) -> None:
    scene("ringing")
    sign_in(page)
    second = page.context.new_page()
    second.goto(page.url)
    second.click("text=Sign out")
    expect(second.locator("h1")).to_have_text("Signed out")
    expect(page.locator("#password")).to_be_visible()


def test_unsaved_text_survives_signing_in_again_elsewhere(page: Page, scene: Scene) -> None:
    scene("talking")
    sign_in(page)
    page.select_option("#category", "bill")
    page.fill("#description", "kept through it all")
    second = page.context.new_page()
    second.goto(page.url)
    second.click("text=Sign out")
    expect(page.locator("#gone")).to_be_visible()
    second.goto(page.url)
    sign_in(second)
    expect(page.locator("#gone")).to_be_hidden(timeout=15_000)
    page.click("text=Save ticket")
    expect(page.locator(".docket")).to_be_visible()


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_is_wider_than_the_screen(page: Page, scene: Scene, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    scene("too_much")
    sign_in(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_the_desk_still_works(
    chromium: Browser, scene: Scene, served: tuple[str, Scene]
) -> None:
    scene("talking")
    plain = chromium.new_context(java_script_enabled=False, locale="en-IN").new_page()
    plain.goto(served[0])
    sign_in(plain)
    plain.fill("#description", "typed without scripts")
    plain.click("text=Save ticket")
    expect(plain.locator("#description")).to_have_value("typed without scripts")
    plain.select_option("#category", "bill")
    plain.click("text=Save ticket")
    expect(plain.locator(".docket")).to_be_visible()
    plain.click("text=End shift after the call")
    expect(plain.locator("#state")).to_contain_text("after this call: end of shift")
    plain.context.close()
