"""A changed configuration is taken up under load: nobody is dropped, and a new helpline has its callers."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.integration.parts.plain_site import ENTRY, FURTHER_LANGUAGE
from tests.integration.parts.programs import Program
from tests.integration.parts.sipp_scenarios import Press, Stay
from tests.integration.parts.stack import PASSWORD, ROOT, Stack, eventually
from tests.integration.parts.visitor import Visitor, field

MakeStack = Callable[..., Stack]
AGENTS, WAITING, IN_MENUS = 5, 15, 45
NAMES = [f"agent{n}" for n in range(AGENTS)]
NUMBER = "2100"
TALK_SECONDS = 5.0


def new_helpline() -> str:
    """The file that the documentation shows, as sites of tests are: open, without menus, in two languages."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    example = re.search(r"(?s)## A new helpline\n.*?```toml\n(.*?)```", text)
    assert example is not None
    always_open = re.sub(r"(?s)\[hours\]\n.*?\n\n", "", example[1])
    return ENTRY.sub("", FURTHER_LANGUAGE.sub("", always_open))


def talk_seconds(call: dict[str, Any]) -> float:
    """From the answer to the end of the call, which comes after the farewell."""
    answered, ended = (datetime.fromisoformat(call[key]) for key in ("answered_at", "ended_at"))
    return (ended - answered).total_seconds()


def begun_anew(service: Program, times: int) -> None:
    """The service, the same process, serves once more."""
    eventually(
        lambda: sum("node1 is being served" in line for line in service.lines), lambda n: n == times, 60
    )
    assert service.process.poll() is None


def test_a_new_helpline_under_load(stack: MakeStack) -> None:
    centre = stack(routing__wrap_up_seconds=0).start()
    assert centre.service is not None
    witness = centre.witness
    phones = centre.add_agents(NAMES) | centre.add_agents(
        ["shiny"], helplines=["transport"], first_phone=1020
    )
    centre.sipp.phones(phones, hang_up_after=TALK_SECONDS)
    centre.make_available(NAMES)
    numbers = [f"94470{n:05}" for n in range(AGENTS + WAITING + IN_MENUS)]
    waiting = centre.sipp.call("1916", [Press("1"), Stay()], callers=numbers[:-IN_MENUS], rate=20)
    witness.wait_for_events(AGENTS + WAITING, "UserEvent", UserEvent="CallQueued")
    # So many so fast that there is no quiet moment of the menus: some are cut off in the middle.
    menus = centre.sipp.call(
        "1916", [Press("1", after=6.0), Stay(180)], callers=numbers[-IN_MENUS:], rate=1.5
    )
    witness.wait_for_events(AGENTS + WAITING + 5, "UserEvent", UserEvent="CallArrived")
    before = centre.service.process.pid

    (centre.config / "helplines" / "transport.toml").write_text(new_helpline(), encoding="utf-8")
    centre.service.process.send_signal(signal.SIGHUP)
    begun_anew(centre.service, 2)
    assert centre.service.process.pid == before
    centre.make_available(["shiny"])
    first = centre.sipp.call(NUMBER, [Press("1"), Stay(30)], callers=["9447199999"])
    assert first.wait(60) == 0
    assert [waiting.wait(120), menus.wait(180)] == [0, 0]
    calls = centre.wait_for_calls(lambda found: all(call["ended_at"] for call in found))
    assert len(calls) == AGENTS + WAITING + IN_MENUS + 1
    # Who hung up first in the moment without a service, or that a talk ended then, nobody has seen.
    assert {call["outcome"] for call in calls} <= {"completed_by_agent", "completed_by_caller", "lost"}
    assert all(call["answered_at"] for call in calls)
    # No talk was cut short, and no caller gave the router up.
    assert [call for call in calls if talk_seconds(call) < TALK_SECONDS] == []
    assert witness.events("UserEvent", UserEvent="CallFellBack") == []
    assert [call["agent"] for call in calls if call["helpline"] == "transport"] == ["shiny"]


def test_a_faulty_file_changes_nothing_and_a_mended_one_is_taken_up(stack: MakeStack) -> None:
    centre = stack().start()
    assert centre.service is not None
    centre.cli("user", "add", "meera", "--role", "admin", "--password", PASSWORD)
    helpline = centre.config / "helplines" / "transport.toml"
    helpline.write_text(
        new_helpline().replace(NUMBER, "1916").replace('en = "For buses and driving licences,"', "en = 5"),
        encoding="utf-8",
    )
    rendered = (centre.data / "asterisk" / "etc" / "extensions.conf").read_bytes()
    epoch = json.loads(centre.get("/health"))["router"]
    said = centre.cli_fails("reload")
    assert [line.split(": ")[:2] for line in said.splitlines()] == [
        ["helplines/transport.toml", "matter.en"],
        ["helplines/transport.toml", "numbers"],
    ]
    assert (centre.data / "asterisk" / "etc" / "extensions.conf").read_bytes() == rendered
    assert json.loads(centre.get("/health"))["router"] == epoch
    assert not (
        centre.data / "asterisk" / "data" / "sounds" / "en" / "cc" / "matter" / "transport.wav"
    ).exists()

    visitor = Visitor(f"http://127.0.0.1:{centre.http_port}")
    visitor.sign_in("meera", PASSWORD)
    page = visitor.get("/configuration")
    assert "helplines/transport.toml" in page and "matter.en" in page
    helpline.write_text(new_helpline(), encoding="utf-8")
    visitor.post("/configuration/take-up", {"csrf": field(page, "csrf")})
    begun_anew(centre.service, 2)
    assert "transport" not in visitor.get("/configuration")
    assert any("Goto(arrive" in line for line in centre.witness.command(f"dialplan show {NUMBER}@from-trunk"))
    helpline.unlink()
    assert centre.cli("reload").endswith("taken up\n")
    begun_anew(centre.service, 3)
    assert not any(
        "Goto(arrive" in line for line in centre.witness.command(f"dialplan show {NUMBER}@from-trunk")
    )
