"""Somebody at the console without a browser: signs in, opens pages, hands in forms, keeps a desk open."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping


class Visitor:
    """One browser's cookies at the console of *url*."""

    def __init__(self, url: str) -> None:
        self._url = url
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def sign_in(self, name: str, password: str) -> None:
        """An agent takes her place at her phone by it."""
        self.post("/login", {"csrf": field(self.get("/login"), "csrf"), "name": name, "password": password})

    def get(self, path: str) -> str:
        """The page."""
        with self._opener.open(self._url + path, timeout=10) as answer:
            page: str = answer.read().decode()
        return page

    def post(self, path: str, fields: Mapping[str, str]) -> None:
        """Hand in a form."""
        request = urllib.request.Request(self._url + path, urllib.parse.urlencode(fields).encode())
        request.add_header("Origin", self._url)
        self._opener.open(request, timeout=10).close()

    def desk_events(self) -> Iterator[str]:
        """The name of each event of the desk's stream, as it comes, until the service ends it."""
        with self._opener.open(self._url + "/desk/events", timeout=60) as stream:
            for line in stream:
                if line.startswith(b"event: "):
                    yield line.removeprefix(b"event: ").decode().strip()


def field(page: str, name: str) -> str:
    """The value of the page's field of that name; empty when there is none."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    return found.group(1) if found else ""
