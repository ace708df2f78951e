"""``callcentre replay``: what it prints of a journal, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from twisted.internet.task import Clock

from callcentre.cli.root import callcentre
from callcentre.journal.journal import Journal
from routing.facts import AgentLoggedIn, AvailabilityAsked, CallQueued, Fact, FloorTakenUp, OfferProposed
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone
from tests.unit.parts.site_folder import SHIPPED

FIRST, ANU, BEA, KWA = CallId("node1-1"), AgentId("anu"), AgentId("bea"), HelplineId("kwa")
CALLER = "+919447000001"
NOW = Instant(1764000000.25)
BEGUN = FloorTakenUp(at=NOW)
QUEUED = CallQueued(
    at=NOW,
    call=FIRST,
    node=NodeId("node1"),
    helpline=KWA,
    language=LanguageCode("ml"),
    queued_at=NOW,
    caller=CALLER,
)
FREED = (
    AgentLoggedIn(at=NOW, agent=ANU, phone=Phone("1001"), helplines=frozenset({KWA})),
    AvailabilityAsked(at=NOW, agent=ANU),
)
OFFERED = OfferProposed(at=Instant(NOW + 1), call=FIRST, agent=ANU)
OFFERED_WRONGLY = OfferProposed(at=Instant(NOW + 1), call=FIRST, agent=BEA)


class Site:
    """A data folder with nothing in it but a journal."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"

    def write(self, *facts: Fact) -> None:
        journal = Journal(self.data / "journal", clock=Clock())
        for fact in facts:
            journal.append(fact)
        journal.close()

    def replay(self, *words: str) -> Result:
        folders = ("--config", str(SHIPPED), "--data", str(self.data))
        return CliRunner().invoke(callcentre, [*folders, "replay", *words], catch_exceptions=False)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_all_is_decided_again(site: Site) -> None:
    site.write(BEGUN, QUEUED, *FREED, OFFERED)
    done = site.replay()
    assert (done.exit_code, done.stdout) == (0, "5 facts, 1 run: 1 decision made again as in the journal\n")


def test_over_several_runs(site: Site) -> None:
    site.write(BEGUN, *FREED, BEGUN, QUEUED, OFFERED)
    told = json.loads(site.replay("--json").stdout)
    assert told == {"facts": 6, "runs": 2, "decisions": 1, "different": []}


def test_a_copy_of_a_journal_can_be_anywhere(site: Site, tmp_path: Path) -> None:
    site.write(BEGUN, QUEUED)
    copy = (site.data / "journal").rename(tmp_path / "copy")
    assert site.replay(str(copy)).stdout.startswith("2 facts, 1 run: 0 decisions")


def test_what_is_decided_otherwise_is_told_without_the_callers_number(site: Site) -> None:
    site.write(BEGUN, QUEUED, *FREED, OFFERED_WRONGLY)
    done = site.replay()
    assert done.exit_code == 1
    line = "fact 5, OfferProposed at 1764000001.25: decided instead: Offer(call='node1-1', agent='anu')\n"
    assert line in done.stdout
    assert CALLER not in done.stdout
    [told] = json.loads(site.replay("--json").stdout)["different"]
    assert (told["number"], told["fact"]) == (5, "OfferProposed")


def test_a_journal_without_its_beginning_cannot_be_replayed(site: Site) -> None:
    site.write(QUEUED, BEGUN)
    done = site.replay()
    assert done.exit_code == 1
    assert "does not begin where a router began" in done.stderr


def test_a_spoilt_line_is_named(site: Site) -> None:
    site.write(BEGUN)
    [segment] = (site.data / "journal").glob("*.jsonl")
    with segment.open("a", encoding="ascii") as lines:
        lines.write("rubbish\n")
    done = site.replay()
    assert done.exit_code == 1
    assert "line 2" in done.stderr


def test_no_journal_is_none_of_which_anything_is_different(site: Site) -> None:
    site.write()
    assert site.replay().stdout.startswith("0 facts, 0 runs")
