"""What callers of a helpline's number go through, as one SVG that needs nothing beside it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callcentre.configuration.model import Configuration
from callcentre.drawing.panels import Panels, Wording
from callcentre.drawing.placing import KEY_SIZE, SIZES, arranged
from callcentre.menus import flows
from ivr.outline import outline
from routing.ids import HelplineId

TEMPLATE = "menus.svg.j2"
# The console's own; it gives others where the screen is dark.
INKS = {"title": "#16202c", "said": "#16202c", "goal": "#4b5868", "urgent": "#a3211a"}


def draw_menus(configuration: Configuration, helpline: HelplineId, wording: Wording) -> str:
    """The picture for *helpline*, one of the configuration's, which says of itself what *wording* has."""
    panels = Panels(configuration, wording)
    number = configuration.helplines[helpline].numbers[0]
    steps, menu = panels.journey(helpline, outline(flows(configuration)[number]))
    return (
        _template()
        .get_template(TEMPLATE)
        .render(
            picture=arranged(steps, menu),
            title=panels.title(helpline),
            name=f"menus-of-{helpline}",
            language=wording.language,
            sizes=SIZES,
            inks=INKS,
            key_size=KEY_SIZE,
        )
    )


@lru_cache(1)
def _template() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
