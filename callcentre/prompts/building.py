"""Everything a site's callers hear, made in one go: what `callcentre prompts build` does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from callcentre.configuration.data_folder import AsteriskFolders
from callcentre.configuration.model import Configuration
from callcentre.prompts.catalogue import read_catalogue
from callcentre.prompts.errors import PromptsFaulty
from callcentre.prompts.music import build_music
from callcentre.prompts.sounds import Report, build_sounds


def build_prompts(
    configuration: Configuration,
    config_dir: Path,
    folders: AsteriskFolders,
    *,
    progress: Callable[[str], None] = lambda line: None,
    whole: bool = False,
) -> Report:
    """Bring the sounds and the music of *folders* up to date with the texts and recordings.

    *progress* is called with a line for people after each sound.  Raises `PromptsError`; with
    `PromptsFaulty`, every prompt without a fault has been made all the same, or none when *whole*.
    """
    catalogue = read_catalogue(configuration.texts.values(), configuration.helplines.values())
    if catalogue.faults:
        raise PromptsFaulty(catalogue.faults)
    report = build_sounds(
        catalogue.prompts,
        sounds_dir=folders.sounds,
        recordings_dir=config_dir / "recordings",
        progress=lambda done, total, name: progress(f"{done}/{total} {name}"),
        whole=whole,
    )
    if build_music(folders.music, configuration.waiting.music):
        progress(f"music {configuration.waiting.music}")
    if report.faults:
        raise PromptsFaulty(report.faults)
    progress(f"{len(report.built)} prompts made, {report.kept} kept, {len(report.removed)} removed")
    return report
