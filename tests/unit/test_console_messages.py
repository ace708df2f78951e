"""Spoken messages from the database: to those who serve their helplines, as files that are really there."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.logger import LogEvent, LogLevel, capturedLogs, formatEvent

from agents_ui.ports import StorageAway
from callcentre.accounts.users import NewUser, add_user
from callcentre.console.messages import AT_ONCE, ConsoleMessages
from callcentre.storage.schema import MessageRecord, Role, TicketRecord, TicketState
from routing.ids import AgentId, HelplineId, Instant
from tests.unit.parts.inline_database import InlineDatabase, memory_engine

ANU, SIVAN, ADMIN = AgentId("anu"), AgentId("sivan"), AgentId("admin.one")
PASSWORD = "monsoon-at-dawn"
CALLER = "+919447000001"
T = TypeVar("T")


def now(asked: Coroutine[Any, Any, T]) -> T:
    """What is known at once."""
    found: list[T] = []
    Deferred.fromCoroutine(asked).addCallback(found.append)
    return found[0]


class Floor:
    """Three people, and whatever is left for them."""

    def __init__(self, database: InlineDatabase, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.messages = ConsoleMessages(folder, database)
        for name, role, helplines in (
            (ANU, Role.AGENT, {"kwa", "ration"}),
            (SIVAN, Role.SUPERVISOR, set()),
            (ADMIN, Role.ADMIN, set()),
        ):
            user = NewUser(
                name=name, display_name=name, role=role, helplines=frozenset(map(HelplineId, helplines))
            )
            database.ask(lambda s, u=user: add_user(s, u, password=PASSWORD, now=Instant(1.0)))

    def left(
        self, docket: str, *, helpline: str = "kwa", at: float = 100.0, file: str = "", **ticket: Any
    ) -> None:
        """A message, with its ticket and its recording."""
        name = file or f"n1-{docket}.wav"
        if not file:
            (self.folder / name).write_bytes(b"RIFF")
        usual = {
            **{"agent": "menu", "call": f"n1-{docket}", "category": "bill", "caller": CALLER, "citizen": ""},
            **{"place": "", "description": "", "language": "ml", "answered_only": False},
            **{"state": TicketState.REGISTERED, "registered_at": at},
        }

        def keep(session: Session) -> None:
            session.add(TicketRecord(docket=docket, helpline=helpline, **{**usual, **ticket}))
            session.add(MessageRecord(docket=docket, call=f"n1-{docket}", file=name, seconds=9, left_at=at))

        self.database.ask(keep)

    def seen(self, reader: AgentId, *, before: str = "") -> list[str]:
        return [one.docket for one in now(self.messages.newest(reader, before=before)).messages]


@pytest.fixture
def floor(tmp_path: Path) -> Any:
    with memory_engine() as engine:
        folder = tmp_path / "messages"
        folder.mkdir()
        yield Floor(InlineDatabase(engine), folder)


def told(events: list[LogEvent]) -> list[tuple[LogLevel, str]]:
    return [(event["log_level"], formatEvent(event)) for event in events]


def test_an_agent_sees_her_helplines_and_who_is_in_charge_all(floor: Floor) -> None:
    floor.left("1", helpline="kwa", at=1.0)
    floor.left("2", helpline="food", at=2.0)
    floor.left("3", helpline="ration", at=3.0)
    assert floor.seen(ANU) == ["3", "1"]
    assert floor.seen(SIVAN) == floor.seen(ADMIN) == ["3", "2", "1"]
    assert floor.seen(AgentId("nobody")) == []


def test_a_message_is_told_with_its_ticket(floor: Floor) -> None:
    floor.left("1", at=12.5)
    (one,) = now(floor.messages.newest(ANU, before="")).messages
    assert (one.helpline, one.category, one.caller) == ("kwa", "bill", CALLER)
    assert (one.left_at, one.seconds, one.kept) == (12.5, 9, True)
    assert CALLER not in repr(one)


def test_many_are_told_page_by_page_each_once(floor: Floor) -> None:
    # All at one moment: their dockets alone tell them apart.
    dockets = [f"{number:010}" for number in range(2 * AT_ONCE + 1)]
    for docket in dockets:
        floor.left(docket)
    pages, before, more = [], "", True
    while more:
        found = now(floor.messages.newest(ANU, before=before))
        pages.append([one.docket for one in found.messages])
        before, more = found.messages[-1].docket, found.more
    assert [len(page) for page in pages] == [AT_ONCE, AT_ONCE, 1]
    assert [docket for page in pages for docket in page] == dockets[::-1]
    assert floor.seen(ANU, before="made up") == pages[0]


def test_hearing_one_is_noted_without_the_callers_number(floor: Floor) -> None:
    floor.left("1")
    with capturedLogs() as events:
        assert now(floor.messages.recording(ANU, "1")) == floor.folder / "n1-1.wav"
    assert told(events) == [(LogLevel.info, "anu hears the recording of 1, a message from *********0001")]
    assert (events[0]["agent"], events[0]["docket"]) == (ANU, "1")


def test_that_of_another_helpline_is_not_heard_and_the_attempt_is_noted(floor: Floor) -> None:
    floor.left("2", helpline="food")
    with capturedLogs() as events:
        assert now(floor.messages.recording(ANU, "2")) is None
        assert now(floor.messages.recording(ANU, "7" * 4000)) is None
    assert told(events)[0] == (LogLevel.info, "anu may not hear 2, or it is gone")
    assert events[1]["docket"] == "7" * 10
    assert now(floor.messages.recording(SIVAN, "2")) is not None


def test_a_deleted_recording_is_said_to_be_gone(floor: Floor) -> None:
    floor.left("1")
    (floor.folder / "n1-1.wav").unlink()
    (one,) = now(floor.messages.newest(ANU, before="")).messages
    assert not one.kept
    assert now(floor.messages.recording(ANU, "1")) is None


@pytest.mark.parametrize(
    "file", ["../secrets.json", "/etc/passwd", "..", "a/b.wav", "secrets.json", "folder.wav", "link.wav"]
)
def test_no_row_leads_out_of_the_folder(floor: Floor, file: str) -> None:
    (floor.folder.parent / "secrets.json").write_text("{}")
    (floor.folder / "folder.wav").mkdir()
    (floor.folder / "link.wav").symlink_to(floor.folder.parent / "secrets.json")
    floor.left("1", file=file)
    assert now(floor.messages.recording(ANU, "1")) is None


def test_while_the_database_is_away_nothing_is_known(floor: Floor) -> None:
    floor.database.away = True
    for asked in (floor.messages.newest(ANU, before=""), floor.messages.recording(ANU, "1")):
        failed = Deferred.fromCoroutine(asked)
        failed.addErrback(lambda failure: failure.trap(StorageAway))
        assert failed.result is StorageAway
