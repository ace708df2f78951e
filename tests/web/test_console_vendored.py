"""What others wrote is unchanged and named; what we wrote keeps to the Content-Security-Policy."""

from __future__ import annotations

import hashlib
import re
import tomllib

import pytest

from agents_ui.assets import STATIC, Assets
from agents_ui.pages import TEMPLATES

VENDOR = STATIC / "vendor"
LISTED = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))["files"]
# A file's longest sensible life as a script a person still reads whole.
LONGEST_SCRIPT = 80


@pytest.mark.parametrize("entry", LISTED, ids=[entry["file"] for entry in LISTED])
def test_each_file_is_what_was_published(entry: dict[str, str]) -> None:
    content = (VENDOR / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert (VENDOR / entry["licence_text"]).read_text(encoding="utf-8").strip()
    assert set(entry) == {
        "file", "name", "version", "licence", "licence_text", "package", "path", "sha256",
    }  # fmt: skip


def test_every_file_is_listed() -> None:
    there = {path.name for path in VENDOR.iterdir() if path.is_file()} - {"VENDOR.toml"}
    assert there == {entry["file"] for entry in LISTED}


def test_no_address_of_a_mirror_is_kept() -> None:
    assert "://" not in (VENDOR / "VENDOR.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_templates_have_no_inline_script_or_style(template: object) -> None:
    text = (TEMPLATES / getattr(template, "name", "")).read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|<style|\son\w+\s*=|hx-on|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "|safe" not in text


def test_our_scripts_make_no_html_from_text() -> None:
    for script in STATIC.glob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert "innerHTML" not in text
        assert "eval" not in text
        assert len(text.splitlines()) <= LONGEST_SCRIPT


def test_every_file_the_style_sheet_names_is_there() -> None:
    named = re.findall(r'url\("([^"]+)"\)', (STATIC / "console.css").read_text(encoding="utf-8"))
    assets = Assets()
    assert len(named) == 4
    assert all(assets.find(name) is not None for name in named)


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in [*STATIC.glob("*.*"), *TEMPLATES.glob("*.html")]:
        assert not re.search(r"(src|href|url)\W{1,3}(https?:)?//", path.read_text(encoding="utf-8")), path
