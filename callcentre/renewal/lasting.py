"""What lasts as long as Asterisk and its calls do: a change of it is refused while they go on.

Asterisk has its ports, its manager's settings and its modules from its start to its end; the service hands
its own ports on from process to process; and two databases would each hold half of the tickets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from callcentre.configuration.clashes import sections_of_nodes
from callcentre.configuration.faults import Fault
from callcentre.configuration.model import Configuration, NodeSettings
from callcentre.configuration.reading import SITE_FILE

PROBLEM = "is not what it was when the call centre was started, and cannot change while calls go on"
REMEDY = "Set it back; or end the whole call centre, and start it again, when no call is there."


def lasting_faults(running: Configuration, wanted: Configuration) -> list[Fault]:
    """One fault for each key that lasts and that *wanted* has otherwise than *running*."""
    before, after = _lasting(running), _lasting(wanted)
    changed = [key for key in before if after.get(key) != before[key]]
    added = [key for key in after if key not in before]
    return [Fault(SITE_FILE, key, PROBLEM, REMEDY) for key in (*changed, *added)]


def _lasting(configuration: Configuration) -> Mapping[str, object]:
    asterisk, http = configuration.asterisk, configuration.http
    return {
        "http.host": http.host,
        "http.port": http.port,
        "database.url": configuration.database.url,
        "agi.addresses": configuration.agi.addresses,
        "asterisk.executable": asterisk.executable,
        "asterisk.modules_dir": asterisk.modules_dir,
        "asterisk.documentation_dir": asterisk.documentation_dir,
        "asterisk.disabled_events": asterisk.disabled_events,
        **dict(_of_nodes(sections_of_nodes(configuration))),
    }


def _of_nodes(nodes: Mapping[str, NodeSettings]) -> Iterator[tuple[str, object]]:
    """The first node key by key, as it is in a section with others; a further one as a whole."""
    (section, first), *others = nodes.items()
    for field in fields(first):
        yield f"{section}.{'node' if field.name == 'name' else field.name}", getattr(first, field.name)
    yield from others
