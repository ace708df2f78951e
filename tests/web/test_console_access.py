"""Every route has a rule and keeps it; forms and frames of strangers stay out."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from twisted.web.resource import Resource

from agents_ui.access import ADMINISTRATORS, AT_DESKS, IN_CHARGE, PUBLIC, RULES
from agents_ui.ports import Role
from agents_ui.security import LONGEST_BODY, PAGE_HEADERS, is_sealed, seal
from tests.web.parts.browser import HOST, Connection, Stage
from tests.web.parts.console_fakes import ADMIN, DEVI, PASSWORD


@pytest.fixture
def stage() -> Stage:
    return Stage()


def routes() -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and an address of every route klein knows."""
    for rule in Stage().root.app.url_map.iter_rules():
        address = rule.rule.replace("<path:name>", "console.css").replace("<submission>", "a" * 22)
        address = address.replace("<docket>", "2600012345")
        address = address.replace("<part>", "board").replace("<announcement>/<spoken>", "1/en.wav")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


ROUTES = list(routes())
GUARDED = [route for route in ROUTES if RULES[route[0]] != PUBLIC]


def test_the_table_and_the_routes_agree() -> None:
    assert {endpoint for endpoint, _, _ in ROUTES} == set(RULES)


def test_only_these_are_public() -> None:
    public = {endpoint for endpoint, rule in RULES.items() if rule == PUBLIC}
    assert public == {"static", "sign_in_page", "sign_in", "signed_out_page"}
    assert AT_DESKS.roles == frozenset({Role.AGENT, Role.SUPERVISOR})
    assert ADMINISTRATORS.roles == frozenset({Role.ADMIN})
    assert IN_CHARGE.roles == frozenset({Role.SUPERVISOR, Role.ADMIN})


@pytest.mark.parametrize(("endpoint", "method", "address"), GUARDED)
def test_nobody_passes_without_a_session(stage: Stage, endpoint: str, method: str, address: str) -> None:
    for cookies in ({}, {"desk": "made up"}):
        stage.browser.cookies = dict(cookies)
        reply = stage.browser.get(address) if method == "GET" else stage.browser.post(address, {"csrf": ""})
        assert (reply.code, reply.headers.get("location")) in {(303, "/login"), (401, None)}
        assert stage.floor.transcript == []


@pytest.mark.parametrize(("endpoint", "method", "address"), GUARDED)
def test_roles_are_kept(stage: Stage, endpoint: str, method: str, address: str) -> None:
    stage.sign_in(ADMIN)
    # The seal is no help where the role does not fit.
    sealed = {"csrf": seal(f"secret of {stage.browser.cookies['desk']}")}
    reply = stage.browser.get(address) if method == "GET" else stage.browser.post(address, sealed)
    assert (reply.code == 403) is (Role.ADMIN not in (RULES[endpoint].roles or set()))


@pytest.mark.parametrize(
    ("endpoint", "method", "address"), [route for route in GUARDED if RULES[route[0]] == IN_CHARGE]
)
def test_agents_announce_nothing(stage: Stage, endpoint: str, method: str, address: str) -> None:
    stage.sign_in(DEVI)
    before = list(stage.floor.transcript)
    sealed = {"csrf": seal(f"secret of {stage.browser.cookies['desk']}")}
    reply = stage.browser.get(address) if method == "GET" else stage.browser.post(address, sealed)
    assert reply.code == 403
    assert stage.floor.transcript == before


@pytest.mark.parametrize(("endpoint", "address"), [(e, a) for e, method, a in ROUTES if method == "POST"])
def test_no_form_is_taken_without_its_seal(stage: Stage, endpoint: str, address: str) -> None:
    stage.sign_in()
    before = list(stage.floor.transcript)
    for wrong in ("", "0" * 64, "ü", seal("another secret")):
        reply = stage.browser.post(address, {"csrf": wrong, "name": DEVI, "password": PASSWORD})
        assert reply.code == 403
    assert stage.floor.transcript == before


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 303),
        ({"sec_fetch_site": "same-origin", "origin": f"http://{HOST}"}, 303),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "none"}, 403),
        ({"origin": f"https://{HOST}"}, 303),
        ({"origin": f"http://{HOST}.evil.example"}, 403),
        ({"origin": f"http://{HOST}:8081"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_a_sealed_form_from_another_site_is_refused(stage: Stage, headers: dict[str, str], code: int) -> None:
    stage.sign_in()
    sealed = {"csrf": stage.browser.get("/desk").seal}
    assert stage.browser.post("/desk/available", sealed, **headers).code == code
    assert (("available", DEVI) in stage.floor.transcript) is (code == 303)


def test_seals_differ_by_secret() -> None:
    assert is_sealed("a", seal("a"))
    assert not is_sealed("a", seal("b"))
    assert not is_sealed("a", "")


@pytest.mark.parametrize(
    "path", ["/login", "/desk", "/nowhere", "/static/console.css", "/static/nothing.css"]
)
def test_every_answer_carries_the_protective_headers(stage: Stage, path: str) -> None:
    stage.sign_in()
    reply = stage.browser.get(path)
    for name, value in PAGE_HEADERS.items():
        if name == "Cache-Control" and path == "/static/console.css":
            continue
        assert reply.headers[name.lower()] == value
    assert "unsafe" not in reply.headers["content-security-policy"]


class TestBodies:
    def test_one_as_long_as_allowed_is_taken(self, stage: Stage) -> None:
        stage.sign_in()
        fields = {"csrf": stage.browser.get("/desk").seal, "padding": ""}
        fields["padding"] = "x" * (LONGEST_BODY - len(urlencode(fields)))
        assert stage.browser.post("/desk/available", fields).code == 303

    def test_a_longer_one_is_refused_before_it_is_sent(self, stage: Stage) -> None:
        head = {"Content-Length": str(LONGEST_BODY + 1), "Content-Type": "application/x-www-form-urlencoded"}
        connection = stage.browser.open("POST", "/login", b"", head)
        assert connection.received().startswith(b"HTTP/1.1 413 ")
        assert connection.transport.disconnecting

    def test_one_of_unknown_length_is_refused_when_it_grows(self, stage: Stage) -> None:
        chunk = b"%x\r\n%s\r\n" % (40_000, b"x" * 40_000)
        head = f"POST /login HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        connection = Connection(stage.browser, head + chunk + chunk + b"0\r\n\r\n")
        assert connection.received().startswith(b"HTTP/1.1 413 ")
        assert connection.transport.disconnecting
        assert stage.floor.transcript == []
        connection.lose()


class TestAddresses:
    @pytest.mark.parametrize(
        "path",
        [
            "/static/../ports.py",
            "/static/%2e%2e/ports.py",
            "/static/..%2f..%2fpyproject.toml",
            "/static//etc/passwd",
            "/static/vendor/",
            "/static/vendor/VENDOR.toml",
            "/static/",
        ],
    )
    def test_nothing_but_assets_is_served(self, stage: Stage, path: str) -> None:
        assert stage.browser.get(path).code == 404

    @pytest.mark.parametrize(
        "path", ["//evil.example/desk", "//evil.example/..", "//desk", "/desk//", "/login/"]
    )
    def test_no_address_redirects_elsewhere(self, stage: Stage, path: str) -> None:
        location = stage.browser.get(path).headers.get("location", "")
        assert location in {"", "/login"}

    def test_what_is_not_utf8_is_a_bad_request(self, stage: Stage) -> None:
        assert stage.browser.get("/%ff%fe").code == 400
        assert stage.browser.get("/login?language=%ff").code == 400

    @pytest.mark.parametrize("host", ["..", "a" * 80 + ".example", "\u00e4"])
    def test_an_impossible_host_is_a_bad_request(self, stage: Stage, host: str) -> None:
        assert stage.browser.get("/login", Host=host).code in {200, 400}

    def test_an_unknown_one_is_a_page_of_ours(self, stage: Stage) -> None:
        reply = stage.browser.get("/nowhere", accept_language="en")
        assert reply.code == 404
        assert "Page not found" in reply.text

    def test_a_wrong_method_is_one_too(self, stage: Stage) -> None:
        assert stage.browser.get("/logout", accept_language="en").code == 405


def test_assets_with_their_version_are_kept_for_ever(stage: Stage) -> None:
    page = stage.browser.get("/login").text
    address = page.split('href="/static/console.css')[1].split('"')[0]
    reply = stage.browser.get(f"/static/console.css{address}")
    assert "immutable" in reply.headers["cache-control"]
    assert reply.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" not in stage.browser.get("/static/console.css?v=old").headers["cache-control"]
    etag = reply.headers["etag"]
    assert stage.browser.get("/static/console.css", if_none_match=etag).code == 304


def test_other_resources_stand_beside_the_console(stage: Stage) -> None:
    class Health(Resource):
        isLeaf = True

        def render_GET(self, request: object) -> bytes:
            return b"well"

    stage.root.putChild(b"health", Health())
    assert stage.browser.get("/health").content == b"well"
    assert stage.browser.get("/login").code == 200
