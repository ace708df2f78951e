"""The database goes away under the running service, on a real PostgreSQL: no call and no ticket is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.integration.parts.browser import browser_page
from tests.integration.parts.postgresql import PrivatePostgreSQL
from tests.integration.parts.sipp_scenarios import Press, Stay
from tests.integration.parts.stack import PASSWORD, Stack


def test_calls_and_tickets_go_on_and_are_in_the_database_afterwards(stack: Callable[..., Stack]) -> None:
    with PrivatePostgreSQL() as server:
        url = server.create("callcentre")
        centre = stack(routing__wrap_up_seconds=600, database__url=url).start()
        centre.sipp.phones(centre.add_agents(["anu"]), answer_after=0.5, hang_up_after=12.0)
        with browser_page() as page:
            page.goto(f"http://127.0.0.1:{centre.http_port}/")
            page.fill("#name", "anu")
            page.fill("#password", PASSWORD)
            page.click("button[type=submit]")
            centre.make_available(["anu"])
            page.wait_for_selector("text=The next call appears here.")
            server.stop()
            caller = centre.sipp.call("1916", [Press("1"), Stay()])
            page.wait_for_selector("#description")
            page.select_option("#category", "no-water")
            page.fill("#description", "No water in the whole street.")
            page.click("text=Save ticket")
            page.wait_for_selector("text=The database is away at the moment.")
            shown = page.wait_for_selector("#ticket .docket")
            assert shown is not None
            docket = re.sub(r"\D", "", shown.inner_text())
        assert caller.wait(60) == 0
        assert '"database": "down"' in centre.get("/health")
        server.start()
        [call] = centre.wait_for_calls(lambda calls: bool(calls and calls[0]["docket"]), 60)
        assert (call["docket"], call["outcome"], call["agent"]) == (docket, "completed_by_agent", "anu")
        centre.stop()
