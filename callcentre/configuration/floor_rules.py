"""What the floor is told of the configuration: the rules of routing, and when helplines are open."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from callcentre.configuration.model import Configuration
from routing.ids import HelplineId
from routing.opening_hours import ALWAYS, OpeningHours
from routing.rules import FloorRules


def floor_rules(configuration: Configuration) -> FloorRules:
    """The rules of a configuration that has been read without a fault."""
    routing = configuration.routing
    return FloorRules(
        ring_seconds=routing.ring_seconds,
        wrap_up_seconds=routing.wrap_up_seconds,
        missed_offers_limit=routing.missed_offers_limit,
        order_step_seconds=routing.order_step_seconds,
        helplines={helpline.id: helpline.rules for helpline in configuration.helplines.values()},
    )


def opening_hours(configuration: Configuration) -> Mapping[HelplineId, OpeningHours]:
    """The hours of every helpline."""
    site = configuration.site
    zone = ZoneInfo(site.timezone)
    return {
        helpline.id: OpeningHours(ALWAYS, zone)
        if helpline.week is None
        else OpeningHours(helpline.week, zone, site.holidays)
        for helpline in configuration.helplines.values()
    }
