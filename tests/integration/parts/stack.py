"""A whole call centre of its own: data folder, ports, Asterisk, service; for one test or one benchmark."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from callcentre.accounts.passwords import Passwords
from callcentre.accounts.users import NewUser, add_user
from callcentre.configuration.data_folder import DataFolder
from callcentre.control.client import RequestRefused, ask
from callcentre.journal.position import START
from callcentre.journal.reading import read
from callcentre.storage.engine import open_engine
from callcentre.storage.schema import Role
from routing.facts import Fact
from routing.ids import HelplineId, Instant, Phone
from tests.integration.parts.node import Node
from tests.integration.parts.plain_site import SETTINGS, without_menus
from tests.integration.parts.ports import free_port
from tests.integration.parts.programs import Program
from tests.integration.parts.sipp import TRUNK, Sipp
from tests.integration.parts.witness import Witness

ROOT = Path(__file__).resolve().parents[3]
CONFIG = ROOT / "config"
PASSWORD = "a good long password"
# At the usual cost the agents of a large centre would take a minute.
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
NEEDED = ("ASTERISK", "ASTERISK_MODULES", "ASTERISK_DOCS")


T = TypeVar("T")


def eventually(look: Callable[[], T], fits: Callable[[T], bool], seconds: float = 10.0) -> T:
    """What *look* shows once it fits; fails with what it showed last.  For what tells nobody."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if fits(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s still: {seen!r}")
        time.sleep(0.05)


def link(source: str, target: str) -> str:
    """As `shutil.copy2`, without copying where it can be avoided: sounds are replaced, never written into."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


class Stack:
    """Everything that ``bin/run`` starts, each part to be started and ended on its own."""

    def __init__(
        self,
        folder: Path,
        *,
        sounds: Path,
        settings: Mapping[str, object] | None = None,
        config: Path = CONFIG,
        further_nodes: Mapping[str, str] | None = None,
        witnessed: Sequence[str] = (),
        menus: bool = False,
    ) -> None:
        """*sounds* is a data folder in which the prompts have been built.

        *menus*: with the menus of the configuration; without, callers choose where to wait, and wait.

        *further_nodes*: more Asterisks than the first, each by its name with its address.
        *witnessed* names the only events the first one's witness is to hear; none: all of them.
        """
        missing = [name for name in NEEDED if name not in os.environ]
        if missing:
            raise AssertionError(
                f"{', '.join(missing)} not set: start the tests with bin/test, which brings Asterisk"
            )
        self.data = folder / "data"
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.config = config if menus else without_menus(config, folder / "config")
        self.agi_port, self.http_port, self.gateway_port = free_port(), free_port(), free_port()
        self.first = self._node("node1", "127.0.0.1", section="asterisk", etc="asterisk/etc")
        further = [
            self._node(name, address, section=f"nodes.{name}", etc=f"asterisk-{name}/etc")
            for name, address in (further_nodes or {}).items()
        ]
        self.first.witnessed = witnessed
        self.nodes = {node.name: node for node in (self.first, *further)}
        self._settings = {
            "asterisk.executable": os.environ["ASTERISK"],
            "asterisk.modules_dir": os.environ["ASTERISK_MODULES"],
            "asterisk.documentation_dir": os.environ["ASTERISK_DOCS"],
            "asterisk.trunk_gateway": f"{TRUNK}:{self.gateway_port}",
            # Tests look at everything; where a few events are named, Asterisk makes what it does on any site.
            **({} if witnessed else {"asterisk.disabled_events": "[]"}),
            "http.port": self.http_port,
            "agi.addresses": f'["127.0.0.1:{self.agi_port}"]',
            **{key: value for node in self.nodes.values() for key, value in node.settings().items()},
            **({} if menus else SETTINGS),
            **(settings or {}),
        }
        self.service: Program | None = None
        self._runs = 0
        self._prepare(sounds)

    def _node(self, name: str, address: str, *, section: str, etc: str) -> Node:
        sipp = self.folder / f"sipp-{name}"
        return Node(name, address=address, section=section, etc=self.data / etc, sipp_folder=sipp)

    def _prepare(self, sounds: Path) -> None:
        self.cli("asterisk", "render")
        spoken, own = sounds / "asterisk" / "data", self.data / "asterisk" / "data"
        shutil.copytree(spoken, own, dirs_exist_ok=True, symlinks=True, copy_function=link)
        for node in self.nodes.values():
            node.let_witness_in()
        self.cli("db", "upgrade")

    @property
    def database_url(self) -> str:
        """The site's database."""
        return DataFolder(self.data).database_url(str(self._settings.get("database.url", "")))

    # --- the first Asterisk, which for most tests is the only one ---------------------------------------

    @property
    def asterisk(self) -> Program | None:
        """Its process."""
        return self.first.asterisk

    @property
    def sipp(self) -> Sipp:
        """Callers and phones."""
        return self.first.sipp

    @property
    def witness(self) -> Witness:
        """Sees everything it says from the first use on."""
        return self.first.witness

    def start_asterisk(self) -> None:
        """Returns when it is fully booted."""
        self.first.start()

    def new_witness(self) -> Witness:
        """After a restart of Asterisk the old one hears nothing any more."""
        return self.first.new_witness()

    # --- the service --------------------------------------------------------------------------------

    def start_service(self, *, serving: bool = True) -> Program:
        """Returns when every node is served, or, with *serving* False, at once."""
        self._runs += 1
        self.service = Program([*self.command(), "run"], cwd=ROOT)
        for name in self.nodes if serving else ():
            self.service.wait_for_line(f"{name} is being served")
        return self.service

    def start(self) -> Stack:
        """Every Asterisk and the service, all ready."""
        for node in self.nodes.values():
            node.start()
        self.start_service()
        return self

    def stop(self) -> None:
        """End everything of this stack."""
        if self.service is not None:
            self.service.stop()
        for node in self.nodes.values():
            node.stop()

    def get(self, path: str) -> str:
        """What the service answers to GET."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=10) as answer:
            text: str = answer.read().decode()
        return text

    def now(self) -> Instant:
        """The moment, as the service sees it."""
        return Instant(time.time())  # noqa: TID251

    # --- the command line ---------------------------------------------------------------------------

    def cli(self, *words: str, check: bool = True) -> str:
        """The output of a ``callcentre`` command on this site."""
        done = self._done(*words)
        if check and done.returncode != 0:
            raise AssertionError(
                f"callcentre {' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def cli_fails(self, *words: str) -> str:
        """What a ``callcentre`` command says that ends with 1."""
        done = self._done(*words)
        assert done.returncode == 1, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done.stderr

    def _done(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command(), *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    def calls(self, last: int = 1000) -> list[dict[str, Any]]:
        """The call log, oldest first."""
        lines = self.cli("calls", "--last", str(last), "--json").splitlines()
        return [json.loads(line) for line in lines]

    def facts(self) -> list[Fact]:
        """The journal so far."""
        found = [entry.fact for entry in read(self.data / "journal", START, limit=1_000_000).entries]
        assert all(isinstance(fact, Fact) for fact in found), found
        return found

    def replay(self) -> dict[str, Any]:
        """What the router, told this site's journal again, decides otherwise than it did."""
        told: dict[str, Any] = json.loads(self.cli("replay", "--json", check=False))
        return told

    def wait_for_calls(
        self, fits: Callable[[list[dict[str, Any]]], bool], seconds: float = 10.0
    ) -> list[dict[str, Any]]:
        """The call log once it fits: facts reach it some milliseconds after they happened."""
        return eventually(self.calls, fits, seconds)

    def wait_for_agent(self, name: str, state: str, seconds: float = 10.0) -> dict[str, Any]:
        """The agent once in that state."""
        agents = eventually(self.agents, lambda found: found[name]["state"] == state, seconds)
        return agents[name]

    def agents(self) -> dict[str, dict[str, Any]]:
        """Every agent by name."""
        return {row["agent"]: row for row in ask(self.data / "control.sock", "GET", "/agents")}

    def add_agents(
        self, names: Sequence[str], *, helplines: Sequence[str] = ("kwa",), first_phone: int = 1001
    ) -> dict[str, str]:
        """Accounts at phones 1001, 1002, …; the phones' secrets by number."""
        phones = [str(first_phone + n) for n in range(len(names))]
        engine = open_engine(self.database_url)
        with Session(engine) as session, session.begin():
            for name, phone in zip(names, phones, strict=True):
                served = frozenset(HelplineId(helpline) for helpline in helplines)
                user = NewUser(
                    name=name,
                    display_name=name.title(),
                    role=Role.AGENT,
                    phone=Phone(phone),
                    helplines=served,
                )
                add_user(session, user, password=PASSWORD, now=self.now(), passwords=QUICK)
        engine.dispose()
        secrets = self.phone_secrets()
        return {phone: secrets[phone] for phone in phones}

    def phone_secrets(self) -> dict[str, str]:
        """Every phone's secret."""
        secrets: dict[str, str] = json.loads((self.data / "secrets.json").read_text(encoding="utf-8"))[
            "phones"
        ]
        return secrets

    def make_available(self, names: Sequence[str]) -> None:
        """All of them take calls when this returns."""
        for name in names:
            eventually(partial(self._available, name), bool)

    def wait_for_phone(self, phone: str) -> None:
        """The phone is registered, and has answered the switch's first question, when this returns."""
        eventually(lambda: self.witness.command("pjsip show contacts"), lambda lines: _avails(lines, phone))

    def _available(self, name: str) -> bool:
        """Whether the wish was granted; not while the phone has not answered the switch's first question."""
        try:
            ask(self.data / "control.sock", "POST", f"/agents/{name}/available")
        except RequestRefused as refusal:
            if "not registered" not in str(refusal):
                raise
            return False
        return True

    def command(self) -> list[str]:
        """``callcentre`` with this site's folders and settings."""
        settings = [word for key, value in self._settings.items() for word in ("--set", f"{key}={value}")]
        return [
            sys.executable,
            "-m",
            "callcentre",
            "--config",
            str(self.config),
            "--data",
            str(self.data),
            *settings,
        ]


def _avails(lines: Sequence[str], phone: str) -> bool:
    return any(f"{phone}/" in line and "Avail" in line for line in lines)
