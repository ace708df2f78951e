"""The command line: every command explains itself, and every mistake gets a sentence and an exit status."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from callcentre.cli.root import callcentre
from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.model import Configuration
from callcentre.renewal.handover import LEFT_BEHIND
from callcentre.renewal.sources import Sources, keep_copy
from callcentre.storage.engine import open_engine
from callcentre.storage.schema import CallRecord, Outcome, User
from routing.call import CallState
from tests.unit.parts.site_folder import NODE2, SiteFolder

PASSWORD = "water for everybody"
SEAT = ("--phone", "1001", "--helpline", "kwa")


class CommandLine:
    """Runs commands on a site of its own, as an operator would."""

    def __init__(self, folder: Path) -> None:
        self.site = SiteFolder(folder)
        self.data = DataFolder(folder / "data")
        self.served: list[tuple[Configuration, DataFolder, Sources]] = []

    def run(
        self, *words: str, options: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> Result:
        folders = ("--config", str(self.site.root), "--data", str(self.data.root))
        return CliRunner().invoke(
            callcentre,
            [*folders, *options, *words],
            obj=self._serve,
            env=dict(environment or {}),
            catch_exceptions=False,
        )

    def ok(self, *words: str, **environment: str) -> str:
        """What a command prints that ends well."""
        done = self.run(*words, environment=environment)
        assert done.exit_code == 0, done.output
        return done.stdout

    def wrong(self, *words: str, **environment: str) -> str:
        """What a command says that ends with 1; it prints nothing else."""
        done = self.run(*words, environment=environment)
        assert done.exit_code == 1, done.output
        assert done.stdout == ""
        return done.stderr

    def add(self, name: str, *words: str) -> Result:
        return self.run("user", "add", name, *words, environment={"CALLCENTRE_PASSWORD": PASSWORD})

    def session(self) -> Session:
        return Session(open_engine(self.data.database_url("")))

    def _serve(self, configuration: Configuration, data: DataFolder, sources: Sources) -> None:
        self.served.append((configuration, data, sources))


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.fixture
def ready(line: CommandLine) -> CommandLine:
    """With a database."""
    line.ok("db", "upgrade")
    return line


def every_command(group: click.Group, *names: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*names, name)
        if isinstance(command, click.Group):
            yield from every_command(command, *names, name)


class TestHelp:
    @pytest.mark.parametrize("words", [(), *every_command(callcentre)], ids=" ".join)
    def test_every_command_says_what_it_does_and_needs_no_site_for_it(
        self, tmp_path: Path, words: tuple[str, ...]
    ) -> None:
        for option in ("--help", "-h"):
            done = CliRunner().invoke(callcentre, ["--config", str(tmp_path / "none"), *words, option])
            assert done.exit_code == 0
            usage, _, rest = done.stdout.partition("\n\n")
            assert usage.startswith("Usage: ")
            first = rest.strip().partition("\n")[0]
            assert not first.startswith("Options"), "it does not say what it does"
        assert list(tmp_path.iterdir()) == []

    def test_the_commands_of_the_contract_are_there(self) -> None:
        names = {" ".join(words) for words in every_command(callcentre)}
        assert names >= {
            "run",
            "check",
            "asterisk render",
            "db upgrade",
            "user add",
            "user password",
            "prompts build",
            "calls",
            "agents",
            "agent",
            "health",
            "reload",
            "asterisk reload",
        }

    def test_an_unknown_command_is_a_usage_error(self, line: CommandLine) -> None:
        assert line.run("fly").exit_code == 2


class TestCheck:
    def test_a_sound_site(self, line: CommandLine) -> None:
        sound, bound = line.ok("check").splitlines()
        assert sound.endswith("no fault. 4 helplines, languages ml, en, hi, ta.")
        # Food poisoning's head start, and three places of an agent's order of helplines.
        assert bound.endswith("by one who came 390 seconds after him or later.")

    def test_callbacks_that_go_nowhere_are_said(self, line: CommandLine) -> None:
        line.site.add("helplines/kwa.toml", "[callback]\nattempts = 2")
        assert "Note: kwa has rules for callbacks" in line.ok("check")
        gateway = ("--set", "asterisk.trunk_gateway=192.0.2.7:5060")
        assert "Note:" not in line.run("check", options=gateway).stdout

    def test_every_fault_is_a_line_with_file_key_and_remedy(self, line: CommandLine) -> None:
        line.site.change("callcentre.toml", "port = 8080", 'port = "8080"')
        line.site.change("helplines/citizen.toml", '"food"', '"fod"')
        first, second = line.wrong("check").splitlines()
        assert first == (
            "callcentre.toml: http.port: '8080' is not a whole number from 1 to 65535. "
            "Write a whole number from 1 to 65535."
        )
        assert second == (
            "helplines/citizen.toml: menu[1].helpline: there is no helpline 'fod'. "
            "Use one of: citizen, food, kwa, ration."
        )

    def test_no_site_at_all(self, tmp_path: Path) -> None:
        done = CliRunner().invoke(callcentre, ["--config", str(tmp_path / "none"), "check"])
        assert done.exit_code == 1
        assert "callcentre.toml: (file): is missing" in done.stderr

    def test_a_key_overridden_by_option_and_by_environment(self, line: CommandLine) -> None:
        assert line.run("check", options=("--set", "http.port=8081")).exit_code == 0
        assert "http.port" in line.wrong("check", CALLCENTRE_SET="site.name=X http.port=0")

    def test_no_command_runs_on_a_faulty_site(self, line: CommandLine) -> None:
        line.site.change("callcentre.toml", "port = 8080", "port = 0")
        for words in (["run"], ["db", "upgrade"], ["asterisk", "render"], ["prompts", "build"], ["calls"]):
            assert "http.port" in line.wrong(*words)
        assert line.served == []
        assert not line.data.root.exists()


class TestRun:
    def test_serves_the_site_it_was_given(self, line: CommandLine) -> None:
        line.run("run", options=("--set", "http.port=8081"))
        ((configuration, data, sources),) = line.served
        assert configuration.http.port == 8081
        assert data == line.data
        assert sources == Sources(line.site.root, ("http.port=8081",), line.site.root)

    def test_a_faulty_site_is_served_as_it_was_taken_up_last(self, line: CommandLine) -> None:
        keep_copy(line.site.root, line.data.taken_up)
        line.site.change("callcentre.toml", "port = 8080", "port = 0")
        done = line.run("run")
        assert done.exit_code == 0
        told, running = done.stderr.splitlines()
        assert told.startswith("callcentre.toml: http.port: 0 is not")
        assert str(line.data.taken_up) in running
        ((configuration, _, sources),) = line.served
        assert configuration.http.port == 8080
        assert sources == Sources(line.site.root, (), line.data.taken_up)

    def test_a_sound_site_is_served_as_it_is_whatever_was_taken_up_last(self, line: CommandLine) -> None:
        keep_copy(line.site.root, line.data.taken_up)
        line.site.change("callcentre.toml", "port = 8080", "port = 8082")
        line.ok("run")
        assert line.served[0][0].http.port == 8082

    def test_one_that_stands_in_for_another_runs_what_that_one_checked(
        self, line: CommandLine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(LEFT_BEHIND, "{}")
        keep_copy(line.site.root, line.data.taken_up)
        line.site.change("callcentre.toml", "port = 8080", "port = 8082")
        line.ok("run")
        assert line.served[0][0].http.port == 8080


class TestAsteriskRender:
    def test_writes_it_and_says_how_to_start_it(self, line: CommandLine) -> None:
        said = line.ok("asterisk", "render")
        conf = line.data.asterisk.etc / "asterisk.conf"
        assert conf.exists()
        assert f"asterisk -C {conf} -f" in said

    def test_names_the_nodes_of_this_machine_and_what_to_start_them_with(self, line: CommandLine) -> None:
        line.site.add("callcentre.toml", NODE2)
        line.site.add("callcentre.toml", NODE2.replace("node2", "far").replace("127.0.0.3", "192.0.2.7"))
        assert len(line.ok("asterisk", "render").splitlines()) == 3
        assert line.ok("asterisk", "here").splitlines() == [
            f"node1 {line.data.root}/asterisk/etc/asterisk.conf",
            f"node2 {line.data.root}/asterisk-node2/etc/asterisk.conf",
        ]

    def test_has_running_ones_read_it_again(self, line: CommandLine, tmp_path: Path) -> None:
        asterisk = tmp_path / "asterisk"
        asterisk.write_text(f'#!/bin/sh\necho "$2 $4" >>{tmp_path}/asked\n', encoding="utf-8")
        asterisk.chmod(0o700)
        options = ("--set", f"asterisk.executable={asterisk}")
        assert line.run("asterisk", "reload", options=options).stdout == "read by 1 Asterisk\n"
        conf = line.data.asterisk.conf
        assert f"{conf} dialplan reload" in (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
        asterisk.unlink()
        done = line.run("asterisk", "reload", options=options)
        assert done.exit_code == 1
        assert "'dialplan reload' was not done" in done.stderr

    def test_without_templates(self, line: CommandLine) -> None:
        for template in (line.site.root / "asterisk").iterdir():
            template.unlink()
        assert "asterisk/: *.conf.j2: no template is there" in line.wrong("asterisk", "render")


class TestMenusDraw:
    def test_writes_a_picture_or_prints_it(self, line: CommandLine, tmp_path: Path) -> None:
        printed = line.ok("menus", "draw", "kwa")
        assert printed.startswith("<svg ")
        file = tmp_path / "kwa.svg"
        assert line.ok("menus", "draw", "kwa", "--output", str(file)) == ""
        assert file.read_text(encoding="utf-8") == printed.removesuffix("\n")

    def test_a_helpline_that_is_not_there(self, line: CommandLine) -> None:
        assert "there is no helpline kvwa; there are: citizen" in line.wrong("menus", "draw", "kvwa")

    def test_a_file_that_cannot_be_written(self, line: CommandLine, tmp_path: Path) -> None:
        file = str(tmp_path / "nowhere" / "kwa.svg")
        assert "cannot be written: No such file" in line.wrong("menus", "draw", "kwa", "--output", file)


class TestDatabase:
    def test_is_made_and_made_again_without_harm(self, line: CommandLine) -> None:
        first = line.ok("db", "upgrade")
        assert first.startswith("database is at revision ")
        assert line.ok("db", "upgrade") == first
        assert line.data.root.stat().st_mode & 0o077 == 0

    def test_one_that_is_away_is_a_sentence_and_shows_no_password(self, line: CommandLine) -> None:
        url = "database.url=postgresql+psycopg://cc:hunter2@127.0.0.1:1/cc"
        done = line.run("db", "upgrade", options=("--set", url))
        assert done.exit_code == 1
        assert "the database failed" in done.stderr
        assert "hunter2" not in done.output

    def test_one_that_no_url_leads_to(self, line: CommandLine) -> None:
        done = line.run("db", "upgrade", options=("--set", "database.url=postgresql+psycopg://a:b:c@/"))
        assert done.exit_code == 1
        assert "database" in done.stderr

    def test_one_without_tables_is_told_how_to_make_them(self, line: CommandLine) -> None:
        for words in (["calls"], ["user", "password", "anu"]):
            assert "callcentre db upgrade" in line.wrong(*words, CALLCENTRE_PASSWORD=PASSWORD)

    def test_one_that_is_no_database(self, line: CommandLine) -> None:
        line.data.create()
        line.data.database.write_text("this is a letter, not a database " * 40)
        assert "the database failed" in line.wrong("calls")


class TestUserAdd:
    def test_an_agent(self, ready: CommandLine) -> None:
        done = ready.add("anu.k", "--phone", "1001", "--helpline", "kwa", "--helpline", "food")
        assert (done.exit_code, done.stdout) == (0, "added agent anu.k\n")
        with ready.session() as session:
            user = session.get_one(User, "anu.k")
            assert (user.display_name, user.phone) == ("anu.k", "1001")
            assert user.helplines == {"kwa", "food"}
            assert PASSWORD not in user.password_hash

    def test_what_the_agent_brings(self, ready: CommandLine) -> None:
        skills = ("--skill", "malayalam=7", "--skill", "language:ta=5")
        places = ("--pool", "d01", "--pool", "d02", "--order", "kwa,food")
        assert ready.add("anu", *SEAT, *skills, *places).exit_code == 0
        with ready.session() as session:
            user = session.get_one(User, "anu")
            assert user.skills == {("malayalam", 7), ("language:ta", 5)}
            assert (user.pools, user.helpline_order) == ({"d01", "d02"}, ("kwa", "food"))

    def test_who_is_given_nothing_more_has_no_more_than_helplines(self, ready: CommandLine) -> None:
        assert ready.add("anu", *SEAT).exit_code == 0
        with ready.session() as session:
            user = session.get_one(User, "anu")
            assert (user.skills, user.pools, user.helpline_order) == (frozenset(), frozenset(), ())

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--skill", "malayalam"], "'malayalam' is not NAME=LEVEL"),
            (["--skill", "Malayalam=7"], "'Malayalam=7' is not NAME=LEVEL"),
            (["--skill", "language:Tamil=7"], "as in language:ta=5"),
            (["--skill", "law=0"], "'law=0': a level is a whole number from 1 to 9"),
            (["--skill", "law=10"], "a level is a whole number from 1 to 9"),
            (["--skill", "law=seven"], "a level is a whole number from 1 to 9"),
            (["--skill", "law=7", "--skill", "law=8"], "law is there twice"),
            (["--pool", "D 01"], "'D 01' is not a short name"),
            (["--order", "kwa,food,kwa"], "kwa is there twice"),
        ],
    )
    def test_abilities_that_cannot_be_are_usage_errors(
        self, ready: CommandLine, words: list[str], said: str
    ) -> None:
        done = ready.add("anu", *SEAT, *words)
        assert done.exit_code == 2
        assert said in " ".join(done.stderr.split())

    def test_a_supervisor_needs_neither_phone_nor_helpline(self, ready: CommandLine) -> None:
        assert ready.add("meera", "--role", "supervisor", "--display-name", "മീര").exit_code == 0

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (
                ["anu", "--phone", "1001", "--helpline", "kvwa"],
                "there is no helpline kvwa; there are: citizen, food, kwa, ration",
            ),
            (["anu", *SEAT, "--order", "kwa,fod"], "there is no helpline fod; there are: citizen, food"),
            (
                ["anu", *SEAT, "--pool", "food"],
                "food is a helpline, not a pool: give it with --helpline food",
            ),
            (["anu", "--phone", "999", "--helpline", "kwa"], "has 1001 to 1060"),
            (["anu", "--phone", "b1001", "--helpline", "kwa"], "there is no phone b1001"),
            (["anu", "--helpline", "kwa"], "needs a phone (--phone)"),
            (["anu", "--phone", "1001"], "at least one helpline (--helpline)"),
            (["Anu K", "--phone", "1001", "--helpline", "kwa"], "cannot be a login name"),
        ],
    )
    def test_what_cannot_be(self, ready: CommandLine, words: list[str], said: str) -> None:
        done = ready.add(*words)
        assert done.exit_code == 1
        assert said in done.stderr
        with ready.session() as session:
            assert session.query(User).count() == 0

    def test_a_role_that_is_none_is_a_usage_error(self, ready: CommandLine) -> None:
        done = ready.add("anu", "--role", "boss")
        assert done.exit_code == 2
        assert "supervisor" in done.stderr

    def test_a_name_that_is_taken(self, ready: CommandLine) -> None:
        words = ("anu", "--phone", "1001", "--helpline", "kwa")
        ready.add(*words)
        done = ready.add(*words)
        assert done.exit_code == 1
        assert "there is already a user 'anu'" in done.stderr

    def test_a_password_that_is_too_short_is_not_stored_and_not_shown(self, ready: CommandLine) -> None:
        words = ("user", "add", "anu", "--phone", "1001", "--helpline", "kwa")
        assert "hunter2" not in ready.wrong(*words, CALLCENTRE_PASSWORD="hunter2")


class TestUserChange:
    def test_what_is_given_changes_and_the_rest_stays(self, ready: CommandLine) -> None:
        ready.add("anu", "--phone", "1001", "--helpline", "kwa", "--display-name", "Anu")
        assert ready.ok("user", "change", "anu", "--phone", "1002", "--helpline", "food") == "changed anu\n"
        with ready.session() as session:
            user = session.get_one(User, "anu")
            assert (user.display_name, user.phone, user.helplines) == ("Anu", "1002", {"food"})

    def test_what_an_agent_brings_is_replaced_kind_by_kind(self, ready: CommandLine) -> None:
        ready.add("anu", *SEAT, "--skill", "law=7", "--pool", "d01", "--order", "kwa,food")
        ready.ok("user", "change", "anu", "--skill", "law=8", "--skill", "bills=2")
        with ready.session() as session:
            user = session.get_one(User, "anu")
            assert user.skills == {("law", 8), ("bills", 2)}
            assert (user.pools, user.helpline_order) == ({"d01"}, ("kwa", "food"))

    def test_an_empty_one_leaves_none(self, ready: CommandLine) -> None:
        ready.add("anu", *SEAT, "--skill", "law=7", "--pool", "d01", "--order", "kwa,food")
        ready.ok("user", "change", "anu", "--skill", "", "--pool", "", "--order", "")
        with ready.session() as session:
            user = session.get_one(User, "anu")
            assert (user.skills, user.pools, user.helpline_order) == (frozenset(), frozenset(), ())

    def test_one_is_barred_and_let_in_again(self, ready: CommandLine) -> None:
        ready.add("meera", "--role", "supervisor")
        for option, disabled in (("--disable", True), ("--enable", False)):
            ready.ok("user", "change", "meera", option)
            with ready.session() as session:
                assert session.get_one(User, "meera").disabled is disabled

    def test_what_cannot_be(self, ready: CommandLine) -> None:
        assert "there is no user 'zoe'" in ready.wrong("user", "change", "zoe", "--phone", "1001")
        assert "there is no phone 7" in ready.wrong("user", "change", "zoe", "--phone", "7")
        assert "there is no helpline fod" in ready.wrong("user", "change", "zoe", "--order", "fod")
        assert "kwa is a helpline" in ready.wrong("user", "change", "zoe", "--pool", "kwa")


class TestUserPassword:
    def test_a_new_one(self, ready: CommandLine) -> None:
        ready.add("meera", "--role", "supervisor")
        with ready.session() as session:
            before = session.get_one(User, "meera").password_hash
        said = ready.ok("user", "password", "meera", CALLCENTRE_PASSWORD="quite another one")
        assert said == "meera has a new password\n"
        with ready.session() as session:
            assert session.get_one(User, "meera").password_hash != before

    def test_nobody_of_that_name(self, ready: CommandLine) -> None:
        assert "there is no user 'zoe'" in ready.wrong(
            "user", "password", "zoe", CALLCENTRE_PASSWORD=PASSWORD
        )


class TestPromptsBuild:
    def test_a_missing_program_is_named_with_its_package(
        self, line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        done = line.run("prompts", "build")
        assert done.exit_code == 1
        assert "apt install espeak-ng" in done.stderr

    def test_a_text_that_cannot_be_spoken_is_a_fault_with_its_file_and_key(self, line: CommandLine) -> None:
        line.site.change("texts/en.toml", "please stay on the line.", "press 155300.")
        done = line.run("prompts", "build")
        assert done.exit_code == 1
        assert "texts/en.toml" in done.stderr


class TestHowto:
    def test_names_server_phones_numbers_and_the_console_with_secrets_that_stay(
        self, line: CommandLine
    ) -> None:
        said = line.ok("howto")
        kept = json.loads(line.data.secrets.read_text(encoding="utf-8"))
        for part in ("127.0.0.1:5060", "1916 (kwa)", "http://127.0.0.1:8080", kept["phones"]["1001"]):
            assert part in said
        assert line.ok("howto") == said

    def test_only_the_address(self, line: CommandLine) -> None:
        assert line.ok("howto", "--url") == "http://127.0.0.1:8080\n"

    def test_on_a_site_of_other_helplines_and_languages(self, line: CommandLine) -> None:
        for path in (line.site.root / "helplines").iterdir():
            if path.name != "ration.toml":
                path.unlink()
        said = line.ok("howto")
        assert "--helpline ration\n" in said
        assert "kwa" not in said


class TestCalls:
    def test_none_yet(self, ready: CommandLine) -> None:
        assert ready.ok("calls", "--json") == ""
        assert ready.ok("calls").split()[:2] == ["queued_at", "helpline"]

    def test_the_newest_come_last_with_their_zone(self, ready: CommandLine) -> None:
        with ready.session() as session, session.begin():
            for number, outcome in ((1, Outcome.ABANDONED), (2, Outcome.COMPLETED_BY_AGENT), (3, None)):
                session.add(_row(number, outcome))
        told = [json.loads(row) for row in ready.ok("calls", "--last", "2", "--json").splitlines()]
        assert [row["call"] for row in told] == ["node1-2", "node1-3"]
        assert told[0] == {
            "call": "node1-2",
            "helpline": "kwa",
            "language": "ml",
            "caller": "+919447012345",
            "queued_at": "2023-11-15T03:43:22.250000+05:30",
            "answered_at": None,
            "ended_at": "2023-11-15T03:44:22.250000+05:30",
            "agent": None,
            "outcome": "completed_by_agent",
            "docket": None,
            "solved": None,
            "rating": None,
        }
        table = ready.ok("calls").splitlines()
        assert [row.split()[-1] for row in table] == ["call", "node1-1", "node1-2", "node1-3"]
        assert "abandoned" in table[1]

    def test_as_many_as_there_are(self, ready: CommandLine) -> None:
        assert ready.run("calls", "--last", "0").exit_code == 2


def _row(number: int, outcome: Outcome | None) -> CallRecord:
    at = 1_700_000_000.25 + number
    return CallRecord(
        call=f"node1-{number}",
        node="node1",
        dialled="1916",
        helpline="kwa",
        language="ml",
        caller="+919447012345",
        caller_raw="9447012345",
        state=CallState.ENDED,
        seen_at=at,
        queued_at=at,
        ended_at=at + 60,
        outcome=outcome,
        folded_to="",
        offers=0,
        missed=0,
    )


class TestWithoutTheService:
    @pytest.mark.parametrize("words", [["agents"], ["agent", "anu", "available"], ["health"]], ids=" ".join)
    def test_is_told_where_it_should_be(self, line: CommandLine, words: list[str]) -> None:
        said = line.wrong(*words)
        assert "no service is running" in said
        assert str(line.data.control_socket) in said

    def test_a_wish_that_is_none_is_a_usage_error_that_names_those_there_are(self, line: CommandLine) -> None:
        done = line.run("agent", "anu", "fly")
        assert done.exit_code == 2
        assert "logout" in done.stderr
