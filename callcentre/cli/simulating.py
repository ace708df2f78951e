"""The command that asks what would be: simulate."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from callcentre.cli.site import SiteFolders
from callcentre.simulation.picture import draw
from callcentre.simulation.reading import read_scenario
from callcentre.simulation.report import as_json, as_text, staffing_as_json, staffing_as_text
from routing.ids import Seconds
from routing.service_level import Target
from routing.simulation.scenario import Scenario
from routing.simulation.staffing import Staffing, TargetOutOfReach, staff
from routing.simulation.trial import Results, simulate


def _target(context: click.Context, option: click.Parameter, value: str | None) -> Target | None:
    """A share of callers and seconds, such as ``80/20``."""
    if value is None:
        return None
    match = re.fullmatch(r"(\d{1,2}(?:\.\d+)?)/(\d{1,4})", value)
    if match is None or not float(match[1]) > 0:
        raise click.BadParameter(f"{value!r} is not percent and seconds such as 80/20", context, option)
    return Target(float(match[1]) / 100, Seconds(float(match[2])))


@click.command("simulate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_one_json", is_flag=True, help="One JSON object.")
@click.option(
    "--staff",
    "target",
    metavar="PERCENT/SECONDS",
    callback=_target,
    help="Find the smallest roster that meets this target, such as 80/20.",
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Also draw the day into this SVG file.",
)
@click.pass_obj
def simulation(
    site: SiteFolders, file: Path, *, as_one_json: bool, target: Target | None, picture: Path | None
) -> None:
    """Try out the scenario in FILE on the router itself, without a telephone: docs/simulation.md."""
    with site.faults_told():
        scenario = read_scenario(file)
    if target is None:
        results = simulate(scenario)
        told = json.dumps(as_json(results)) if as_one_json else as_text(results)
    else:
        found = _staffed(scenario, target)
        results = found.results
        told = json.dumps(staffing_as_json(found)) if as_one_json else staffing_as_text(found)
    if picture is not None:
        _draw(results, picture)
    click.echo(told)


def _staffed(scenario: Scenario, target: Target) -> Staffing:
    """The roster; what is tried meanwhile goes to the error stream, as it can take minutes."""
    try:
        return staff(scenario, target, told=lambda tried: click.echo(tried, err=True))
    except TargetOutOfReach as reason:
        raise click.ClickException(str(reason)) from None


def _draw(results: Results, picture: Path) -> None:
    try:
        draw(results, picture)
    except OSError as error:
        raise click.ClickException(f"{picture} cannot be written: {error.strerror}") from None
