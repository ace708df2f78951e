"""The whole way of a changed configuration: refused as a whole, or prepared for the process that will run it.

::

    take_up ─▶ checked ─▶ spoken ─▶ a quiet moment of the menus ─▶ Asterisk has read it ─▶ prepared
                  │          │                                          │
                  ▼          ▼                                          ▼
               refused: nothing has changed, every fault is logged, shown and told to whoever asked

Errors::

    ConfigurationFaulty    the administrator's: what was asked for is refused
    AlreadyUnderWay        the administrator's: ask again when what is under way is done
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from callcentre.asterisk.reloading import COMMANDS, have_taken_up
from callcentre.asterisk.render import render_anew, write_anew
from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.configuration.model import Configuration
from callcentre.configuration.ports import nodes_here
from callcentre.in_thread import InThread
from callcentre.prompts.errors import PromptsError, PromptsFaulty
from callcentre.renewal.checking import checked
from callcentre.renewal.lasting import lasting_faults
from callcentre.renewal.sources import Sources, fingerprints, keep_copy, promote, recordings
from callcentre.tasks import Tasks
from routing.ids import Instant

log = Logger()

# Most callers are through the menus by then; those who are not begin them again (docs/decisions/0016).
QUIET_SECONDS = 20.0
# Nobody notices that much; a moment without anybody in the menus may be as short.
LOOK_SECONDS = 0.1


class AlreadyUnderWay(Exception):
    """A configuration is being taken up."""

    def __init__(self) -> None:
        super().__init__("a configuration is being taken up already: ask again when that is done")


class Stage(Enum):
    """What is being done with a changed configuration."""

    CHECKING = "checking"
    SPEAKING = "speaking"
    QUIET = "quiet"
    BEGINNING = "beginning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How what runs compares to what is in the files."""

    since: Instant
    """When what runs was taken up."""
    changed: Sequence[str]
    """Files that are not what they were then."""
    stage: Stage | None
    refused_at: Instant | None
    faults: Sequence[Fault]
    """Why the last one was refused; none when it was not."""
    notes: Sequence[str]
    """What was not done when what runs was taken up."""


class NextNeeds(Protocol):
    """Knows whether the next process could work."""

    async def faults(self) -> Sequence[Fault]:
        """Why it could not; none when it could."""


class Renewal:
    """Takes up a changed configuration.  ``prepared`` fires, with notes, when a new process should run it."""

    def __init__(
        self,
        sources: Sources,
        running: Configuration,
        data: DataFolder,
        *,
        clock: IReactorTime,
        in_thread: InThread,
        speak: Callable[[Configuration], object],
        menus_open: Callable[[], int],
        next_needs: NextNeeds,
        tasks: Tasks,
        on_fault: Callable[[str], None],
        notes: Sequence[str] = (),
    ) -> None:
        """*speak* makes all prompts of a configuration, or raises PromptsError and makes none."""
        self.prepared: Deferred[Sequence[str]] = Deferred()
        self._sources, self._running, self._data = sources, running, data
        self._clock, self._in_thread, self._tasks = clock, in_thread, tasks
        self._speak, self._menus_open = speak, menus_open
        self._next_needs = next_needs
        self._on_fault = on_fault
        self._notes = notes
        self.asked_again = False
        """Somebody who cannot be answered has asked while another change was under way."""
        self._since = Instant(clock.seconds())
        self._texts = fingerprints(sources.read_from)
        self._recordings = recordings(sources.folder)
        self._stage: Stage | None = None
        self._refused_at: Instant | None = None
        self._faults: Sequence[Fault] = ()

    async def standing(self) -> Standing:
        """How things are."""
        changed = await self._in_thread(self._changed)
        return Standing(
            since=self._since,
            changed=changed,
            stage=self._stage,
            refused_at=self._refused_at,
            faults=self._faults,
            notes=self._notes,
        )

    async def take_up(self) -> None:
        """Return when what is in the files was found right; what follows goes on by itself.

        Raises ConfigurationFaulty, AlreadyUnderWay.
        """
        if self._stage is not None:
            raise AlreadyUnderWay()
        self._stage = Stage.CHECKING
        self._refused_at, self._faults = None, ()
        found = None
        try:
            await self._check_next_needs()
            wanted, files = found = await self._in_thread(self._checked)
        except ConfigurationFaulty as faulty:
            self._refuse(faulty.faults)
            raise
        except OSError as error:
            faults = [_away(error)]
            self._refuse(faults)
            raise ConfigurationFaulty(faults) from error
        finally:
            # Whatever it failed of: the next one who asks is heard.
            if found is None and self._stage is Stage.CHECKING:
                self._stage = None
        self._tasks.start(self._prepare(wanted, files), what="taking up the configuration")

    async def asked(self) -> None:
        """As ``take_up``, for who cannot be answered; while one is under way, once more when it is refused.

        When it is not, what has changed since is the next process's to take up: ``asked_again`` says so.
        """
        try:
            await self.take_up()
        except AlreadyUnderWay:
            self.asked_again = True
        except ConfigurationFaulty:
            # Every fault has been logged.
            return

    async def keep(self) -> None:
        """Keep a copy of what runs, for a start at which the files have a fault."""
        await self._in_thread(self._kept)

    # --- stage by stage -----------------------------------------------------------------------------

    async def _prepare(self, wanted: Configuration, files: Mapping[Path, str]) -> None:
        try:
            self._stage = Stage.SPEAKING
            await self._in_thread(lambda: self._speak(wanted))
            self._stage = Stage.QUIET
            await self._quiet()
            # The database may have gone in the meantime; with the old process calls go on all the same.
            await self._check_next_needs()
            self._stage = Stage.BEGINNING
            notes = await self._in_thread(lambda: self._read_by_switches(wanted, files))
        except (ConfigurationFaulty, PromptsFaulty) as faulty:
            self._refuse(faulty.faults)
        except PromptsError as error:
            self._refuse([Fault("texts/", "(prompts)", str(error), "Mend that, and ask again.")])
        except OSError as error:
            self._refuse([_away(error)])
        else:
            log.info("the configuration of {folder} is taken up", folder=self._sources.folder)
            self.prepared.callback(notes)
        finally:
            if not self.prepared.called:
                self._stage = None

    async def _check_next_needs(self) -> None:
        """Raises ConfigurationFaulty when the next process could not work."""
        faults = await self._next_needs.faults()
        if faults:
            raise ConfigurationFaulty(faults)

    def _refuse(self, faults: Sequence[Fault]) -> None:
        self._stage = None
        self._refused_at, self._faults = Instant(self._clock.seconds()), tuple(faults)
        self._on_fault("configuration_refused")
        for fault in faults:
            log.error("the configuration is refused: {fault}", fault=str(fault))
        if self.asked_again:
            self.asked_again = False
            self._tasks.start(self._once_more(), what="taking up the configuration")

    async def _once_more(self) -> None:
        # The one that is being refused ends first.
        await deferLater(self._clock, 0.0)
        await self.asked()

    async def _quiet(self) -> None:
        """Wait, for a bounded time, until nobody is in the menus: the next process knows no place there."""
        deadline = self._clock.seconds() + QUIET_SECONDS
        while self._menus_open() and self._clock.seconds() < deadline:
            await deferLater(self._clock, LOOK_SECONDS)

    # --- in a thread --------------------------------------------------------------------------------

    @property
    def _new(self) -> Path:
        return self._data.taken_up.with_suffix(".new")

    def _checked(self) -> tuple[Configuration, Mapping[Path, str]]:
        """What is in the files, and Asterisk's own files made of it."""
        folder = self._sources.folder
        seen = fingerprints(folder)
        wanted = checked(folder, self._sources.overrides)
        faults = lasting_faults(self._running, wanted)
        if faults:
            raise ConfigurationFaulty(faults)
        # From here on nobody edits it: what was found right is what will run.
        keep_copy(folder, self._new)
        if fingerprints(self._new) != seen:
            raise ConfigurationFaulty([_edited(folder)])
        return wanted, render_anew(wanted, self._new / "asterisk", self._data, only=COMMANDS)

    def _read_by_switches(self, wanted: Configuration, files: Mapping[Path, str]) -> Sequence[str]:
        """What was not done by an Asterisk of this machine; others' are their machines' business."""
        write_anew(wanted, self._data, files)
        promote(self._new, self._data.taken_up)
        folders = self._data.asterisks([node.name for node in wanted.nodes])
        confs = [folders[node.name].conf for node in nodes_here(wanted)]
        notes = [note for conf in confs for note in have_taken_up(wanted.asterisk.executable, conf)]
        for note in notes:
            log.error("{note}", note=note)
        return notes

    def _changed(self) -> Sequence[str]:
        folder = self._sources.folder
        then = {**self._texts, **self._recordings}
        now = {**fingerprints(folder), **recordings(folder)}
        return sorted(file for file in then.keys() | now.keys() if then.get(file) != now.get(file))

    def _kept(self) -> None:
        kept = self._data.taken_up.with_suffix(".kept")
        if self._sources.read_from != self._data.taken_up:
            keep_copy(self._sources.folder, kept)
            if fingerprints(kept) == self._texts:
                promote(kept, self._data.taken_up)


def _away(error: OSError) -> Fault:
    where = error.filename or "the data folder"
    return Fault(str(where), "(file)", error.strerror or str(error), "Mend that, and ask again.")


def _edited(folder: Path) -> Fault:
    return Fault(f"{folder.name}/", "(files)", "was edited while it was read", "Ask again when that is done.")
