"""The console's preview, served for real browsers: every scene of it with no call centre behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[3]

# A loaded machine may take its time; what is waited for still has to happen.
expect.set_options(timeout=20_000)

Scene = Callable[[str], None]


@contextmanager
def preview() -> Iterator[tuple[str, Scene]]:
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


@contextmanager
def faultless_page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of its own at *address*, in English.

    A script that stops, or anything the Content-Security-Policy refuses, fails the test.
    """
    context = browser.new_context(locale="en-IN")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Security" in line.text else None)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(address)
    yield page
    context.close()
    assert faults == []
