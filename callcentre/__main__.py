"""The program: the only file that says ``reactor``."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # At runtime nothing of ours is imported before SIGHUP is held.
    from callcentre.configuration.data_folder import DataFolder
    from callcentre.configuration.model import Configuration
    from callcentre.renewal.sources import Sources


def serve(configuration: Configuration, data: DataFolder, sources: Sources) -> None:
    """Run the service until it is told to stop, or is replaced by a process with another configuration."""
    # Before anything imports klein or prometheus_client.twisted, which would install the default reactor.
    from twisted.internet import asyncioreactor

    asyncioreactor.install()
    # The database's threads would otherwise hold the interpreter for 5 ms at a time while a call is offered.
    sys.setswitchinterval(0.0001)
    from twisted.internet import reactor  # noqa: TID251

    from callcentre.app import CallCentre
    from callcentre.journal.journal import JournalInUse
    from callcentre.logs import begin_logging
    from callcentre.renewal import handover
    from callcentre.service import Service, SiteNotReady
    from callcentre.storage.engine import DatabaseUrlInvalid

    begin_logging(configuration.site.timezone)
    left = handover.received()
    try:
        centre = CallCentre(configuration, data, reactor, sources=sources, notes=left.notes)
        service = Service(centre, reactor, doors=left.doors)
        signal.signal(signal.SIGHUP, service.take_up)
        handover.hear_signals()
        # What is there now stays: a collector that looked through it again would hold up offers for 0.1 s.
        gc.freeze()
        making_way = service.run()
    except (SiteNotReady, JournalInUse, DatabaseUrlInvalid) as reason:
        sys.exit(f"callcentre run: {reason}")
    if making_way is not None:
        making_way.begin_anew()


def main() -> None:
    """The ``callcentre`` command."""
    # By default it would end a service that is just being started; held, it is heard when there is a handler.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    from callcentre.cli.root import callcentre

    # Everything we write holds citizens' data or secrets.
    os.umask(0o077)
    callcentre(obj=serve)


if __name__ == "__main__":
    main()
