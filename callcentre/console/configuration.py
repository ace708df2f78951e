"""What runs and what is in the files, for the console's page."""

from __future__ import annotations

from agents_ui.ports import ConfigurationFault, ConfigurationView
from callcentre.configuration.faults import ConfigurationFaulty
from callcentre.renewal.renewal import AlreadyUnderWay, Renewal


class ConsoleConfiguration:
    """``agents_ui.ports.SiteConfiguration``."""

    def __init__(self, renewal: Renewal) -> None:
        self._renewal = renewal

    async def view(self) -> ConfigurationView:
        """How things are now."""
        standing = await self._renewal.standing()
        return ConfigurationView(
            since=standing.since,
            changed=tuple(standing.changed),
            under_way=standing.stage is not None,
            refused_at=standing.refused_at,
            faults=tuple(
                ConfigurationFault(file=fault.file, key=fault.key, problem=fault.problem, remedy=fault.remedy)
                for fault in standing.faults
            ),
            notes=tuple(standing.notes),
        )

    async def take_up(self) -> None:
        """Take up what is in the files; what came of it is in the view."""
        try:
            await self._renewal.take_up()
        except (ConfigurationFaulty, AlreadyUnderWay):
            # The view says it.
            return
