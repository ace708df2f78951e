"""The menus of the configuration as the flows that callers go through."""

from __future__ import annotations

from callcentre.configuration.model import Configuration, MenuSettings
from ivr.menu import Flow, Manners, Menu


def flows(configuration: Configuration) -> dict[str, Flow]:
    """The flow of each dialled number."""
    helplines = configuration.helplines.values()
    menus: dict[str, Menu] = {helpline.id: helpline.menu for helpline in helplines if helpline.menu}
    offices = frozenset(helpline.id for helpline in helplines if helpline.office is not None)
    manners = _manners(configuration.menus)
    return {
        number: Flow(
            languages=configuration.site.languages,
            helpline=helpline.id,
            menus=menus,
            offices=offices,
            phrases=configuration.phrasebook,
            manners=manners,
        )
        for helpline in helplines
        for number in helpline.numbers
    }


def _manners(settings: MenuSettings) -> Manners:
    return Manners(
        notice=settings.notice_version,
        message_seconds=int(settings.message_seconds),
    )
