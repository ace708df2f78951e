"""The menus of the configuration as the flows that callers go through."""

from __future__ import annotations

from callcentre.configuration.model import Configuration, Helpline
from ivr.menu import CHOICE_KEYS, Flow, MenuOption


def flows(configuration: Configuration) -> dict[str, Flow]:
    """The flow of each dialled number."""
    languages = configuration.site.languages
    return {
        number: _flow(helpline, languages)
        for helpline in configuration.helplines.values()
        for number in helpline.numbers
    }


def _flow(helpline: Helpline, languages: tuple[str, ...]) -> Flow:
    options = tuple(MenuOption(key, target) for key, target in zip(CHOICE_KEYS, helpline.menu, strict=False))
    return Flow(languages, options, helpline.id)
