"""An announcement on a whole call centre: made without a database, and there again after a crash."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from callcentre.accounts.users import NewUser, add_user
from callcentre.storage.engine import open_engine
from callcentre.storage.schema import Role
from routing.ids import Instant
from tests.integration.parts.browser import browser_page
from tests.integration.parts.postgresql import PrivatePostgreSQL
from tests.integration.parts.stack import PASSWORD, QUICK, Stack, eventually


def add_supervisor(url: str) -> None:
    engine = open_engine(url)
    with Session(engine) as session, session.begin():
        supervisor = NewUser(name="sivan", display_name="Sivan K", role=Role.SUPERVISOR)
        add_user(session, supervisor, password=PASSWORD, now=Instant(0.0), passwords=QUICK)
    engine.dispose()


def test_made_without_a_database_it_is_there_after_a_crash(stack: Callable[..., Stack]) -> None:
    with PrivatePostgreSQL() as server:
        url = server.create("callcentre")
        centre = stack(menus=True, database__url=url)
        add_supervisor(url)
        centre.start()
        with browser_page() as page:
            page.goto(f"http://127.0.0.1:{centre.http_port}/")
            page.fill("#name", "sivan")
            page.fill("#password", PASSWORD)
            page.click("button[type=submit]")
            page.click("text=Announcements")
            server.stop()
            page.fill("#text-ml", "ഇന്ന് വെള്ളമില്ല.")
            page.fill("#text-en", "No water today.")
            page.click("text=Announce now")
            # Five seconds from the click to callers.
            page.wait_for_selector("text=Callers hear it now.", timeout=5_000)
            page.click("#board summary")
            playing = "async () => { const sound = document.querySelector('audio'); sound.muted = true; "
            assert page.evaluate(playing + "await sound.play(); return sound.duration; }") > 0.5
            centre.cli("surge", "on")
            page.wait_for_selector("text=switched on by command line")
        before = centre.cli("announcements", "--json")
        assert '"heard": true' in before

        server.start()
        eventually(lambda: centre.get("/health"), lambda told: '"lag_facts": 0' in told, 60.0)
        assert centre.service is not None
        centre.service.kill()
        centre.start_service()
        assert centre.cli("announcements", "--json") == before
        assert centre.cli("surge").startswith("surge mode is on (by_hand)")
        assert "callcentre_surge 1.0" in centre.get("/metrics")
