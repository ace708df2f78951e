"""The console's part of the configuration, in the console's words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from agents_ui.options import Choice, ConsoleOptions, Helpline
from callcentre.configuration.model import Configuration


def console_options(configuration: Configuration) -> ConsoleOptions:
    """Names, choices, and how cookies are kept."""
    return ConsoleOptions(
        site_name=configuration.site.name,
        timezone=ZoneInfo(configuration.site.timezone),
        helplines={
            helpline.id: Helpline(
                helpline.id,
                helpline.name,
                tuple(Choice(category.id, category.name) for category in helpline.categories),
            )
            for helpline in configuration.helplines.values()
        },
        districts=tuple(Choice(d.id, d.name) for d in configuration.districts),
        break_reasons=configuration.routing.break_reasons,
        secure_cookies=configuration.http.secure_cookies,
    )
