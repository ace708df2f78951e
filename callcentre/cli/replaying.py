"""The command that asks whether the router would decide again what it decided: replay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from callcentre.cli.site import SiteFolders
from callcentre.configuration.floor_rules import floor_rules
from callcentre.journal.position import START
from callcentre.journal.reading import Unreadable, read
from routing.facts import Fact, FloorTakenUp
from routing.replay import Difference, Replay

# Behind the first difference the floors go different ways: more of them say little.
DIFFERENCES_TOLD = 20


@click.command()
@click.argument("journal", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def replay(site: SiteFolders, journal: Path | None, *, as_json: bool) -> None:
    """Tell the router a JOURNAL again, and see that it decides what it decided; ends with 1 if not.

    JOURNAL is the folder of a journal, or a copy of one, complete from its beginning; without it, that of
    this site.  The rules are those of the configuration now.
    """
    facts = _facts(journal or site.data.journal)
    again = Replay(floor_rules(site.configuration()))
    different = list(islice(filter(None, map(again.tell, facts)), DIFFERENCES_TOLD))
    click.echo(json.dumps(_result(again, different)) if as_json else _told(again, different))
    if different:
        raise SystemExit(1)


def _facts(folder: Path) -> Iterator[Fact]:
    """Every fact of a journal; one that cannot be replayed is a clear message."""
    place, first = START, True
    while entries := (batch := read(folder, place)).entries:
        for entry in entries:
            if isinstance(entry.fact, Unreadable):
                raise click.ClickException(f"cannot be read: {entry.fact.reason}")
            if first and not isinstance(entry.fact, FloorTakenUp):
                raise click.ClickException(
                    f"{folder} does not begin where a router began: older segments were removed"
                )
            first = False
            yield entry.fact
        place = batch.after


def _told(again: Replay, different: list[Difference]) -> str:
    lines = [f"fact {one.number}, {type(one.fact).__name__} at {one.fact.at}: {one.why}" for one in different]
    facts, runs = _count(again.facts, "fact"), _count(again.runs, "run")
    decisions = _count(again.decisions, "decision")
    if len(different) == DIFFERENCES_TOLD:
        lines.append(f"the rest was not compared, after {facts}")
    return "\n".join([*lines, f"{facts}, {runs}: {decisions} made again as in the journal"])


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _result(again: Replay, different: list[Difference]) -> dict[str, object]:
    return {
        "facts": again.facts,
        "runs": again.runs,
        "decisions": again.decisions,
        "different": [
            {"number": one.number, "fact": type(one.fact).__name__, "at": one.fact.at, "why": one.why}
            for one in different
        ],
    }
