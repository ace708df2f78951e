"""Debian's Chromium under Playwright."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
# As root, without a GPU, and without Chromium's own errands in a closed network.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser; fails with the package's name when there is none."""
    if not CHROMIUM.exists():
        raise AssertionError("Chromium is missing: install the Debian package chromium, or use bin/test")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def browser_page(*, width: int = 1366, height: int = 768) -> Iterator[Page]:
    """A page of a browser of its own."""
    with chromium() as browser:
        yield browser.new_page(viewport={"width": width, "height": height})
