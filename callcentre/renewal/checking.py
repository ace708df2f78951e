"""Whether a configuration is right as a whole: what can be said before anything is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from callcentre.asterisk.render import template_faults
from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.configuration.model import Configuration
from callcentre.configuration.reading import read_configuration
from callcentre.prompts.catalogue import read_catalogue


def checked(folder: Path, overrides: Sequence[str] = ()) -> Configuration:
    """The configuration in *folder*.  Raises ConfigurationFaulty with every fault."""
    configuration = read_configuration(folder, overrides)
    faults = further_faults(configuration, folder)
    if faults:
        raise ConfigurationFaulty(faults)
    return configuration


def further_faults(configuration: Configuration, folder: Path) -> list[Fault]:
    """What reading it does not show: texts that cannot be spoken, templates that are none."""
    spoken = read_catalogue(configuration.texts.values(), configuration.helplines.values())
    return [*spoken.faults, *template_faults(folder / "asterisk")]
