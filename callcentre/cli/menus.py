"""``callcentre menus``: what callers go through, drawn."""

from __future__ import annotations

from pathlib import Path

import click

from agents_ui.texts import FLOW
from callcentre.cli.site import SiteFolders
from callcentre.drawing.menus import draw_menus
from callcentre.drawing.panels import ENGLISH, Wording
from routing.ids import HelplineId


@click.group()
def menus() -> None:
    """What callers choose from."""


@menus.command()
@click.argument("helpline")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Into this file, not to the output."
)
@click.pass_obj
def draw(site: SiteFolders, helpline: str, *, output: Path | None) -> None:
    """Draw what callers of HELPLINE's number go through, as SVG."""
    configuration = site.configuration()
    if helpline not in configuration.helplines:
        known = ", ".join(configuration.helplines)
        raise click.ClickException(f"there is no helpline {helpline}; there are: {known}")
    picture = draw_menus(configuration, HelplineId(helpline), Wording(ENGLISH, FLOW))
    if output is None:
        click.echo(picture)
        return
    try:
        output.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from None
