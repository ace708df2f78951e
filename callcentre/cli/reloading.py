"""The command that has the running service take up its configuration: reload."""

from __future__ import annotations

import time
from typing import Any, Final, NoReturn

import click

from callcentre.cli.site import SiteFolders
from callcentre.control.client import RequestRefused, ServiceAway, ask

# The prompts of a whole language take a minute or two; whoever has waited so long should look at the log.
LONGEST_SECONDS: Final = 600.0
LOOK_SECONDS: Final = 0.5
# Where one process makes way for the next, a question may be left without an answer; it is asked again.
AWAY_SECONDS: Final = 30.0
# The service reads everything before it answers, or the next process of it begins meanwhile.
ANSWER_SECONDS: Final = 60.0

STAGES: Final = {
    "speaking": "speaking what is new",
    "quiet": "waiting for a quiet moment of the menus",
    "beginning": "having Asterisk read it, and beginning anew",
}


@click.command("reload")
@click.pass_obj
def reload(site: SiteFolders) -> None:
    """Have the running service take up its configuration; no call is dropped.

    With a single fault nothing changes; every fault is printed, and the command ends with 1.
    """
    try:
        before = ask(site.data.control_socket, "POST", "/configuration", within=ANSWER_SECONDS)
        after = _followed(site, before)
    except (ServiceAway, RequestRefused) as refusal:
        _end(str(refusal))
    if after["since"] == before["since"]:
        _end("\n".join(after["faults"]) or "it was not taken up: see the service's log")
    for note in after["notes"]:
        click.echo(f"Note: {note}", err=True)
    click.echo(f"{site.config}: taken up")


def _followed(site: SiteFolders, told: Any) -> Any:
    """What the service says when it is done, telling people what it is at."""
    deadline = time.monotonic() + LONGEST_SECONDS
    since, stage = told["since"], None
    while told["since"] == since and told["stage"] is not None and time.monotonic() < deadline:
        if told["stage"] != stage:
            stage = told["stage"]
            click.echo(STAGES.get(stage, stage), err=True)
        time.sleep(LOOK_SECONDS)
        told = _looked(site)
    return told


def _looked(site: SiteFolders) -> Any:
    deadline = time.monotonic() + AWAY_SECONDS
    while True:
        try:
            return ask(site.data.control_socket, "GET", "/configuration", within=ANSWER_SECONDS)
        except ServiceAway:
            if time.monotonic() > deadline:
                raise
        time.sleep(LOOK_SECONDS)


def _end(why: str) -> NoReturn:
    """Each fault is a line of its own, as `check` prints it."""
    click.echo(why, err=True)
    raise SystemExit(1)
