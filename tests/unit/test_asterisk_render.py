"""The rendered Asterisk: complete, private, the same twice, and nothing in it that was not configured."""

from __future__ import annotations

import configparser
import json
import re
import stat
from copy import copy
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from callcentre.asterisk.modules import MODULES, REQUIRED
from callcentre.asterisk.render import CHANNEL_VARIABLES, render, template_faults
from callcentre.asterisk.secrets import Secrets, keep_secrets
from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.faults import ConfigurationFaulty
from callcentre.configuration.model import Configuration
from callcentre.telephony.events import EVENTS_READ
from routing.ids import NodeId
from tests.unit.parts.site_folder import NODE2, SHIPPED, SiteFolder

PHONES = ("1001", "b1001")


class Rendered:
    """Every rendered file of one site, by its name."""

    def __init__(self, folder: Path, *overrides: str, kwa: str = "", further_nodes: str = "") -> None:
        """*kwa* is added to that helpline's file, *further_nodes* to the site's."""
        self.site = SiteFolder(folder)
        self.site.add("helplines/kwa.toml", kwa)
        self.site.add("callcentre.toml", further_nodes)
        self.configuration: Configuration = self.site.read("phones.count=3", *overrides)
        self.data = DataFolder(folder / "data")
        self.main = self.again()

    def again(self) -> Path:
        self.confs = render(self.configuration, self.site.root / "asterisk", self.data)
        return next(iter(self.confs.values()))

    def of(self, node: str) -> Rendered:
        """The same with the files of another *node* than the first."""
        other = copy(self)
        other.main = self.confs[NodeId(node)]
        return other

    def text(self, name: str) -> str:
        return (self.main.parent / name).read_text(encoding="utf-8")

    def files(self) -> dict[str, str]:
        return {path.name: path.read_text(encoding="utf-8") for path in self.main.parent.iterdir()}

    def value(self, name: str, key: str) -> str:
        """The first ``key = value`` or ``key => value`` of a file."""
        found = re.search(rf"(?m)^{re.escape(key)} =>? ?(.*)$", self.text(name))
        assert found is not None, f"{name} sets no {key}"
        return found[1]

    def section(self, name: str, header: str) -> list[str]:
        """The lines below the header, such as ``[node-node2](node)``, in a file."""
        _, found, below = self.text(name).partition(f"\n{header}\n")
        assert found, f"{name} has no {header}"
        return below.partition("\n[")[0].splitlines()

    def dialplan(self) -> dict[str, list[str]]:
        """The lines of each context of extensions.conf."""
        contexts: dict[str, list[str]] = {}
        lines: list[str] = []
        for line in self.text("extensions.conf").splitlines():
            if named := re.fullmatch(r"\[(.+)\]", line):
                lines = contexts.setdefault(named[1], [])
            elif line.strip() and not line.startswith(";"):
                lines.append(line.strip())
        return contexts


@pytest.fixture
def rendered(tmp_path: Path) -> Rendered:
    return Rendered(tmp_path)


class TestEveryFile:
    def test_is_there_and_the_main_one_is_returned(self, rendered: Rendered) -> None:
        templates = {path.stem for path in (SHIPPED / "asterisk").glob("*.conf.j2")}
        assert rendered.main == rendered.data.asterisk.etc / "asterisk.conf"
        assert templates <= rendered.files().keys()
        assert {"acl.conf", "stasis.conf"} <= rendered.files().keys()

    def test_is_filled_in_everywhere(self, rendered: Rendered) -> None:
        for name, text in rendered.files().items():
            assert "{{" not in text, name
            assert "{%" not in text, name
            assert "None" not in text, name

    def test_is_readable_by_its_owner_only(self, rendered: Rendered) -> None:
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in (*rendered.main.parent.iterdir(), rendered.data.secrets)
        }
        assert set(modes.values()) == {0o600}
        assert stat.S_IMODE(rendered.main.parent.stat().st_mode) == 0o700

    def test_stays_the_same_when_nothing_has_changed(self, rendered: Rendered) -> None:
        before = rendered.files()
        rendered.again()
        assert rendered.files() == before

    def test_a_value_a_template_asks_for_in_vain_is_an_error(self, rendered: Rendered) -> None:
        rendered.site.change("asterisk/rtp.conf.j2", "node.rtp_first", "node.rtp_frist")
        with pytest.raises(UndefinedError, match="rtp_frist"):
            rendered.again()

    def test_a_configuration_without_templates_is_a_fault(self, rendered: Rendered, tmp_path: Path) -> None:
        data = DataFolder(tmp_path / "other")
        with pytest.raises(ConfigurationFaulty) as caught:
            render(rendered.configuration, tmp_path / "asterisk", data)
        (fault,) = caught.value.faults
        assert (fault.file, fault.key) == ("asterisk/", "*.conf.j2")
        assert not data.root.exists()

    @pytest.mark.parametrize("evil", ["data;comment", "data\n[evil]"])
    def test_a_data_folder_whose_name_breaks_out_is_a_fault(
        self, rendered: Rendered, tmp_path: Path, evil: str
    ) -> None:
        data = DataFolder(tmp_path / evil)
        with pytest.raises(ConfigurationFaulty, match="line breaks and semicolons"):
            render(rendered.configuration, rendered.site.root / "asterisk", data)
        assert not data.root.exists()


class TestSecrets:
    def test_are_long_all_different_and_where_asterisk_needs_them(self, rendered: Rendered) -> None:
        kept = json.loads(rendered.data.secrets.read_text(encoding="utf-8"))
        everyone = [kept["ami"], *kept["phones"].values()]
        assert len(set(everyone)) == 1 + 6
        assert all(re.fullmatch(r"[0-9a-f]{32}", secret) for secret in everyone)
        assert f"secret = {kept['ami']}\n" in rendered.text("manager.conf")
        pjsip = rendered.text("pjsip.conf")
        for phone, secret in kept["phones"].items():
            assert f"username = {phone}\npassword = {secret}\n" in pjsip

    def test_are_in_no_other_file(self, rendered: Rendered) -> None:
        kept = json.loads(rendered.data.secrets.read_text(encoding="utf-8"))
        for name, text in rendered.files().items():
            if name != "manager.conf":
                assert kept["ami"] not in text
            if name != "pjsip.conf":
                assert not any(secret in text for secret in kept["phones"].values())

    def test_stay_when_more_phones_come(self, tmp_path: Path) -> None:
        path = tmp_path / "secrets.json"
        first = keep_secrets(path, PHONES)
        second = keep_secrets(path, (*PHONES, "1002"))
        assert second.ami == first.ami
        assert {phone: second.phones[phone] for phone in PHONES} == first.phones
        assert second.phones["1002"] not in first.phones.values()

    def test_stay_when_phones_go_and_come_back(self, tmp_path: Path) -> None:
        path = tmp_path / "secrets.json"
        first = keep_secrets(path, PHONES)
        assert set(keep_secrets(path, ["1001"]).phones) == {"1001"}
        assert keep_secrets(path, PHONES) == first

    def test_show_in_no_log(self) -> None:
        assert "hunter2" not in repr(Secrets(ami="hunter2", phones={"1001": "hunter2"}))


class TestTheDialplan:
    def test_every_number_leads_to_its_helpline_by_its_own_name(self, rendered: Rendered) -> None:
        lines = rendered.dialplan()["helplines"]
        for helpline in rendered.configuration.helplines.values():
            for number in helpline.numbers:
                at = lines.index(f"exten => {number},1,Set(CC_DIALLED={number})")
                assert lines[at + 1] == f"same => n,Set(CC_HELPLINE={helpline.id})"
                assert lines[at + 2] == "same => n,Goto(arrive,s,1)"

    def test_every_helpline_has_its_fallback_and_its_native_queue(self, rendered: Rendered) -> None:
        fallback, queues = rendered.dialplan()["fallback"], rendered.text("queues.conf")
        for helpline in rendered.configuration.helplines:
            assert sum(line.startswith(f"exten => {helpline},1,") for line in fallback) == 1
            assert f"same => n,Queue({helpline},c)" in fallback
            assert queues.count(f"\n[{helpline}](helpline)\n") == 1

    def test_a_helpline_with_a_limit_of_calls_counts_them_before_the_menu(self, tmp_path: Path) -> None:
        rendered = Rendered(tmp_path, kwa="[limits]\ntrunks = 30")
        lines = rendered.dialplan()["helplines"]
        assert lines[lines.index("exten => 1916,1,Set(CC_DIALLED=1916)") + 1 :][:5] == [
            "same => n,Set(CC_HELPLINE=kwa)",
            "same => n,Set(GROUP(helpline)=kwa)",
            "same => n,Set(LINES=30)",
            "same => n,GotoIf($[0${GROUP_COUNT(kwa@helpline)} > 30]?lines-busy,s,1)",
            "same => n,Goto(arrive,s,1)",
        ]
        assert sum("GROUP" in line for line in lines) == 2

    def test_whoever_finds_all_lines_busy_takes_none_of_them_and_is_told_so_by_the_dialplan_alone(
        self, rendered: Rendered
    ) -> None:
        lines = rendered.dialplan()["lines-busy"]
        assert lines[0] == "exten => s,1,Set(GROUP(helpline)=)"
        joins = lines.index("same => n,Set(GROUP(busy)=${CC_HELPLINE})")
        # Nothing in between during which others would be counted beside the limit.
        assert lines[joins + 1].endswith("> ${LINES}]?alone,1)")
        # While he is told so, he takes no place from those who may leave a message.
        alone = lines.index("exten => alone,1,Set(GROUP(busy)=)")
        assert lines[alone + 1 : alone + 10] == [
            *(
                line
                for language in ("ml", "en", "hi", "ta")
                for line in (
                    f"same => n,Set(CHANNEL(language)={language})",
                    "same => n,Playback(cc/all-lines-busy)",
                )
            ),
            "same => n,Hangup(17)",
        ]

    def test_callers_of_no_number_are_turned_away_by_a_context_of_its_own(self, rendered: Rendered) -> None:
        dialplan = rendered.dialplan()
        assert dialplan["from-trunk"] == ["include => helplines", "include => unallocated"]
        assert not any("_X" in line for line in dialplan["helplines"])

    def test_every_service_address_is_tried_in_turn(self, tmp_path: Path) -> None:
        rendered = Rendered(tmp_path, 'agi.addresses=["127.0.0.1:4573", "10.0.0.2:4573"]')
        arrive = rendered.dialplan()["arrive"]
        tried = [line for line in arrive if line.startswith("same => n,AGI(")]
        assert tried == [
            f"same => n,AGI(agi://{host}:4573/ivr,${{CC_DIALLED}},${{CC_HELPLINE}},${{CC_LANGUAGE}},${{CC_CATEGORY}})"
            for host in ("127.0.0.1", "10.0.0.2")
        ]
        assert 'same => n(asked),Goto(${IF($["${CC_NEXT}" = ""]?queue:${CC_NEXT})},1)' in arrive
        assert "exten => queue,1,Goto(waiting,s,1)" in arrive

    def test_a_menu_that_was_cut_off_is_begun_a_second_time(self, rendered: Rendered) -> None:
        arrive = rendered.dialplan()["arrive"]
        first = next(number for number, line in enumerate(arrive) if line.startswith("same => n,AGI("))
        asked = arrive[first].removeprefix("same => n,")
        again = f'same => n,ExecIf($["${{CC_NEXT}}${{AGISTATUS}}" = "SUCCESS"]?{asked})'
        assert arrive[first + 1] == again

    def test_the_limits_of_the_configuration_are_those_of_the_dialplan(self, tmp_path: Path) -> None:
        rendered = Rendered(tmp_path, "routing.ring_seconds=17", "waiting.beat_limit_seconds=9")
        assert rendered.value("extensions.conf", "RING_SECONDS") == "17"
        assert rendered.value("extensions.conf", "BEAT_LIMIT") == "9"
        assert rendered.value("queues.conf", "timeout") == "17"

    def test_a_queue_priority_fits_31_bits_until_2030(self, rendered: Rendered) -> None:
        (priority,) = {
            re.sub(r".*\$\[(.*)\]\)", r"\1", line)
            for line in rendered.dialplan()["fallback"]
            if "QUEUE_PRIO" in line
        }
        formula = re.fullmatch(r"(\d+) - \(\$\{CC_QUEUED_AT\} - (\d+)\) \* 10", priority)
        assert formula is not None
        highest, base = int(formula[1]), int(formula[2])
        assert highest < 2**31
        # 2030-01-01: who comes then still has a priority above nought, and below who came earlier.
        assert 0 < highest - (1_893_456_000 - base) * 10 < highest


NODE3 = NODE2.replace("node2", "node3").replace("127.0.0.3", "127.0.0.5").replace("5060", "5070")


@pytest.fixture
def three(tmp_path: Path) -> Rendered:
    """A site of three nodes."""
    return Rendered(tmp_path, further_nodes=NODE2 + NODE3)


class TestSeveralNodes:
    def test_each_is_rendered_whole_into_a_folder_of_its_own(self, three: Rendered) -> None:
        assert list(three.confs) == ["node1", "node2", "node3"]
        assert three.main == three.data.asterisk.conf
        assert {frozenset(three.of(node).files()) for node in three.confs} == {frozenset(three.files())}

    def test_each_listens_at_its_own_address_and_gives_calls_its_own_name(self, three: Rendered) -> None:
        third = three.of("node3")
        assert third.value("asterisk.conf", "systemname") == "node3"
        assert third.value("pjsip.conf", "bind") == "127.0.0.5:5070"
        assert third.value("manager.conf", "bindaddr") == "127.0.0.5"
        assert third.value("http.conf", "bindaddr") == "127.0.0.5"

    def test_all_read_the_sounds_of_the_first_and_write_nowhere_near_it(self, three: Rendered) -> None:
        second = three.of("node2")
        for key, folder in re.findall(r"(?m)^(ast\w+dir) => (.+)$", second.text("asterisk.conf")):
            if key != "astmoddir":
                first = Path(folder).is_relative_to(three.data.asterisk.root)
                assert first == (key == "astdatadir"), key

    def test_each_has_a_trunk_to_every_other_and_knows_it_by_where_it_speaks_from(
        self, three: Rendered
    ) -> None:
        second = three.of("node2")
        for other, where in (("node1", "127.0.0.1:5060"), ("node3", "127.0.0.5:5070")):
            assert f"aors = node-{other}" in second.section("pjsip.conf", f"[node-{other}](node)")
            assert f"contact = sip:{where}" in second.section("pjsip.conf", f"[node-{other}](asked)")
            assert f"match = {where}" in second.text("pjsip.conf")
        assert "node-node2" not in second.text("pjsip.conf")

    def test_from_there_a_phone_is_rung_and_nothing_else(self, three: Rendered) -> None:
        endpoint = three.section("pjsip.conf", "[node](!)")
        assert "context = from-nodes" in endpoint
        assert "identify_by = ip" in endpoint
        lines = three.dialplan()["from-nodes"]
        assert not any("include" in line or "Goto(" in line for line in lines)
        # Whatever is dialled: digits are a phone's name, and no other endpoint has such a one.
        assert all("PJSIP/${FILTER(0-9," in line for line in lines if "PJSIP/" in line)

    def test_a_node_that_is_alone_has_none_of_it(self, rendered: Rendered) -> None:
        for name, text in rendered.files().items():
            assert "from-nodes" not in text, name
            assert "[node" not in text, name

    def test_the_manager_lets_in_every_service_and_nobody_else(self, tmp_path: Path) -> None:
        agi = 'agi.addresses=["10.0.0.2:4573", "10.0.0.3:4573"]'
        rendered = Rendered(tmp_path, agi, further_nodes=NODE2)
        permitted = [
            re.findall(r"(?m)^permit = (.*)$", rendered.of(node).text("manager.conf"))
            for node in rendered.confs
        ]
        assert permitted == [["10.0.0.2/255.255.255.255", "10.0.0.3/255.255.255.255"]] * 2


class TestCallbacks:
    GATEWAY = 'asterisk.trunk_gateway="192.0.2.7:5062"'

    def test_without_a_gateway_nobody_is_promised_one(self, rendered: Rendered) -> None:
        waiting = rendered.dialplan()["waiting"]
        assert not any(line.startswith("exten => 1,") for line in waiting)
        assert "contact" not in rendered.text("pjsip.conf").split("[phone](!)")[0]

    def test_go_out_through_the_gateway(self, tmp_path: Path) -> None:
        rendered = Rendered(tmp_path, self.GATEWAY)
        assert "type = aor\ncontact = sip:192.0.2.7:5062\n" in rendered.text("pjsip.conf")

    @pytest.mark.parametrize(
        ("number", "callable_"),
        [
            ("9447012345", True),
            ("09447012345", True),
            ("+919447012345", True),
            ("919447012345", True),
            ("04842345678", True),
            ("", False),
            ("1001", False),
            ("0000000000", False),
            ("+882165000000", False),
            ("0044790012345678", False),
            ("+91944701234x", False),
        ],
    )
    def test_are_promised_to_numbers_of_the_country_only(
        self, tmp_path: Path, number: str, callable_: bool
    ) -> None:
        waiting = Rendered(tmp_path, self.GATEWAY).dialplan()["waiting"]
        (asked,) = [line for line in waiting if line.startswith("exten => 1,1,")]
        pattern = re.search(r'REGEX\("(.+)" \$\{CC_CALLER\}\)', asked)
        assert pattern is not None
        assert bool(re.search(pattern[1], number)) is callable_

    def test_who_is_not_in_line_is_not_told_that_he_keeps_his_place(self, rendered: Rendered) -> None:
        lines = rendered.dialplan()["call-me-back"]
        before_the_end = lines[lines.index("same => n,Hangup(16)") - 1]
        assert before_the_end == "same => n(not),Playback(cc/callback-not-noted)"


class TestTheManager:
    def test_every_channel_carries_the_whole_state(self, rendered: Rendered) -> None:
        listed = rendered.value("manager.conf", "channelvars").split(",")
        assert listed == list(CHANNEL_VARIABLES)
        # Whatever the dialplan writes that a router may need: CC_TOLD and CC_NEXT are its own memory.
        written = set(re.findall(r"Set\(_?(CC_[A-Z_]+)=", rendered.text("extensions.conf"))) - {
            "CC_TOLD",
            "CC_NEXT",
        }
        # Of those it does not write, the menus write two, the service one, and the native queue the last.
        assert written | {"CC_CATEGORY", "CC_PREFERRED", "CC_DOCKET", "MEMBERNAME"} == set(listed)

    def test_listens_to_this_machine_only_and_gives_no_console(self, rendered: Rendered) -> None:
        manager = configparser.ConfigParser(strict=False, comment_prefixes=";")
        manager.read_string(rendered.text("manager.conf"))
        assert manager["general"]["bindaddr"] == "127.0.0.1"
        assert manager["callcentre"]["permit"] == "127.0.0.1/255.255.255.255"
        rights = set(manager["callcentre"]["write"].split(","))
        assert not rights & {"command", "system", "config", "all"}

    def test_sends_every_event_the_router_reads(self, rendered: Rendered) -> None:
        text = rendered.text("manager.conf")
        filters = re.findall(r"(?m)^eventfilter\(action\(include\),name\((\w+)\)\) =$", text)
        read = {"UserEvent", "DialEnd", "HangupRequest", "Hangup", "ContactStatus", "FullyBooted"}
        assert read <= set(filters)

    def test_makes_no_event_that_nobody_reads(self, rendered: Rendered) -> None:
        disabled = rendered.value("manager.conf", "disabledevents").split(",")
        assert {"Newexten", "Newstate"} <= set(disabled)
        assert not set(disabled) & set(EVENTS_READ)


class TestTheRest:
    def test_asterisk_touches_nothing_outside_its_folder_but_its_modules(self, rendered: Rendered) -> None:
        folders = dict(re.findall(r"(?m)^(ast\w+dir) => (.+)$", rendered.text("asterisk.conf")))
        assert folders.pop("astmoddir") == rendered.configuration.asterisk.modules_dir
        assert len(folders) == 10
        assert all(Path(folder).is_relative_to(rendered.data.asterisk.root) for folder in folders.values())

    def test_ids_of_calls_carry_the_nodes_name(self, rendered: Rendered) -> None:
        assert rendered.value("asterisk.conf", "systemname") == "node1"

    def test_a_missing_required_module_stops_asterisk(self, rendered: Rendered) -> None:
        lines = rendered.text("modules.conf").splitlines()
        assert set(REQUIRED) <= set(MODULES)
        assert len(set(MODULES)) == len(MODULES)
        for module in MODULES:
            kind = "require" if module in REQUIRED else "load"
            assert f"{kind} = {module}.so" in lines

    def test_every_phone_is_there_twice_and_only_the_trunk_comes_without_password(
        self, rendered: Rendered
    ) -> None:
        pjsip = rendered.text("pjsip.conf")
        for phone in rendered.configuration.phones.endpoints():
            assert re.search(rf"(?m)^\[{phone}\]\((desk|browser)\)\nauth = {phone}$", pjsip)
        assert "[1004]" not in pjsip
        assert "match = 127.0.0.2\n" in pjsip

    def test_nobody_becomes_the_trunk_by_writing_its_name(self, rendered: Rendered) -> None:
        trunk = rendered.text("pjsip.conf").split("[trunk]")[1]
        assert "identify_by = ip\n" in trunk

    def test_the_router_may_load_no_module_and_run_no_command(self, rendered: Rendered) -> None:
        user = rendered.text("manager.conf").split("[callcentre]")[1]
        [granted] = re.findall(r"(?m)^write = (.*)$", user)
        assert set(granted.split(",")) == {"call", "agent", "reporting", "originate"}

    def test_the_documentation_follows_the_configuration(self, rendered: Rendered, tmp_path: Path) -> None:
        link = rendered.data.asterisk.data / "documentation"
        assert str(link.readlink()) == "/usr/share/asterisk/documentation"
        other = rendered.site.read(f"asterisk.documentation_dir={tmp_path}")
        render(other, rendered.site.root / "asterisk", rendered.data)
        assert link.readlink() == tmp_path


def test_a_template_that_is_none_is_a_fault_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "rtp.conf.j2").write_text("[general]\n{{ nonsense\n", encoding="utf-8")
    [fault] = template_faults(tmp_path)
    assert (fault.file, fault.key) == ("asterisk/rtp.conf.j2", "line 2")
