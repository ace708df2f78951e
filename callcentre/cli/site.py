"""What every command shares: which configuration, which data folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.faults import ConfigurationFaulty
from callcentre.configuration.model import Configuration
from callcentre.configuration.reading import read_configuration
from callcentre.renewal.sources import Sources
from callcentre.storage.engine import DatabaseUrlInvalid, open_engine

Serve = Callable[[Configuration, DataFolder, Sources], None]


@dataclass(frozen=True, slots=True)
class SiteFolders:
    """The folders named on the command line, and how to run the service."""

    config: Path
    data: DataFolder
    overrides: tuple[str, ...]
    serve: Serve = field(repr=False)

    def configuration(self) -> Configuration:
        """The configuration; when it is faulty, every fault is printed and the command ends with 1."""
        with self.faults_told():
            return read_configuration(self.config, self.overrides)

    def to_be_run(self, *, renewed: bool) -> tuple[Configuration, Sources]:
        """What the service is to run.

        *renewed*, in the place of a process that has checked it, it runs the copy made then.  Otherwise it
        runs what is in the folder; when that is faulty, its faults are printed, and it runs the copy of what
        was taken up last, if there is one: a service that died while somebody was editing must come back.
        """
        copy = self.data.taken_up
        if not (renewed and copy.is_dir()):
            try:
                return self._read(self.config)
            except ConfigurationFaulty as faulty:
                _tell(faulty)
                if not copy.is_dir():
                    raise SystemExit(1) from None
                click.echo(f"Running what was taken up last, which is in {copy}.", err=True)
        with self.faults_told():
            return self._read(copy)

    def _read(self, folder: Path) -> tuple[Configuration, Sources]:
        read = read_configuration(folder, self.overrides)
        return read, Sources(self.config.absolute(), self.overrides, folder.absolute())

    @contextmanager
    def faults_told(self) -> Iterator[None]:
        """Whatever is wrong with the configuration is printed, and the command ends with 1."""
        try:
            yield
        except ConfigurationFaulty as faulty:
            _tell(faulty)
            raise SystemExit(1) from None

    @contextmanager
    def session(self, configuration: Configuration) -> Iterator[Session]:
        """One transaction; a database that fails is a clear message."""
        with self.database(configuration) as engine, Session(engine) as session, session.begin():
            yield session

    @contextmanager
    def database(self, configuration: Configuration) -> Iterator[Engine]:
        """The database of this site; one that fails is a clear message."""
        self.data.create()
        settings = configuration.database
        try:
            engine = open_engine(self.data.database_url(settings.url), threads=settings.threads)
        except DatabaseUrlInvalid as error:
            raise click.ClickException(str(error)) from None
        try:
            yield engine
        except SQLAlchemyError as error:
            reason = str(error).splitlines()[0]
            raise click.ClickException(
                f"the database failed: {reason}. Is it reachable, and has `callcentre db upgrade` been run?"
            ) from None
        finally:
            engine.dispose()


def _tell(faulty: ConfigurationFaulty) -> None:
    for fault in faulty.faults:
        click.echo(str(fault), err=True)


def iso(moment: float | None, zone: ZoneInfo) -> str | None:
    """A stored moment as ISO 8601 with its zone."""
    return None if moment is None else datetime.fromtimestamp(moment, zone).isoformat(timespec="microseconds")
