"""What an administrator gets wrong: every fault at once, each with its file, its key and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.configuration.reading import read_configuration
from tests.unit.parts.site_folder import NODE2, SiteFolder

TOP = "callcentre.toml"
KWA = "helplines/kwa.toml"
CITIZEN = "helplines/citizen.toml"
DISTRICTS = "districts.toml"
LANGUAGES = '["ml", "en", "hi", "ta"]'


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return SiteFolder(tmp_path)


# file, what is there, what a hurried administrator writes instead, the key of the one fault, a word of it
MISTAKES = [
    (TOP, "port = 8080", 'port = "8080"', "http.port", "whole number from 1 to 65535"),
    (TOP, "port = 8080", "port = true", "http.port", "whole number"),
    (TOP, "port = 8080", "port = 80.5", "http.port", "whole number"),
    (TOP, "port = 8080", "port = 0", "http.port", "from 1"),
    (TOP, "port = 8080\n", "", "http.port", "is missing"),
    (TOP, "port = 8080", "port = 8080\nprot = 8081", "http.prot", "unknown key"),
    (TOP, "secure_cookies = false", "secure_cookies = 0", "http.secure_cookies", "true or false"),
    (TOP, "[http]", "[htpp]\nport = 1\n[http]", "htpp", "unknown key"),
    (TOP, '"Asia/Kolkata"', '"Asia/Calcuta"', "site.timezone", "is not a time zone"),
    (TOP, '"Asia/Kolkata"', '"Asia"', "site.timezone", "is not a time zone"),
    (TOP, '"Asia/Kolkata"', '"../../etc/passwd"', "site.timezone", "is not a time zone"),
    (TOP, '"Asia/Kolkata"', '""', "site.timezone", "is not some text"),
    (TOP, LANGUAGES, "[]", "site.languages", "nothing is listed"),
    (TOP, LANGUAGES, '["ml", "ml"]', "site.languages", "twice"),
    (TOP, LANGUAGES, '["ml", "English"]', "site.languages", "'English' is not a language code"),
    (TOP, LANGUAGES, '["ml", ["en"], ["en"]]', "site.languages", "is not a language code"),
    (TOP, LANGUAGES, '"ml"', "site.languages", "is not a list"),
    (TOP, LANGUAGES, '["ml", "en", "hi", "ta", "kn", "bn"]', "site.languages", "6 are too many"),
    (TOP, 'url = ""', 'url = "mysql://db/cc"', "database.url", "sqlite:///PATH"),
    (TOP, 'url = ""', 'url = "sqlite://"', "database.url", "sqlite:///PATH"),
    (TOP, 'node = "node1"', 'node = "Node 1"', "asterisk.node", "node1"),
    (TOP, 'address = "127.0.0.1"', 'address = "sip.example"', "asterisk.address", "IPv4"),
    (TOP, 'address = "127.0.0.1"', 'address = "127.0.0.256"', "asterisk.address", "IPv4"),
    (TOP, 'address = "127.0.0.1"', 'address = "0.0.0.0"', "asterisk.address", "of this machine"),
    (TOP, "rtp_last = 12999", "rtp_last = 10002", "asterisk.rtp_last", "no room"),
    (TOP, '["127.0.0.2"]', '["127.0.0.1/64"]', "asterisk.trunk_addresses", "not an address"),
    (TOP, '["127.0.0.2"]', '["gateway"]', "asterisk.trunk_addresses", "IP address"),
    (TOP, '["127.0.0.1:4573"]', '["127.0.0.1"]', "agi.addresses", "host:port"),
    (TOP, '["127.0.0.1:4573"]', '["127.0.0.1:70000"]', "agi.addresses", "no such port"),
    (TOP, '["127.0.0.1:4573"]', '["localhost:4573"]', "agi.addresses", "IPv4"),
    (TOP, '["127.0.0.1:4573"]', '["0.0.0.0:4573"]', "agi.addresses", "no address of a service"),
    (TOP, "count = 60", "count = 1", "phones.count", "from 2"),
    (TOP, "ring_seconds = 20", "ring_seconds = 0", "routing.ring_seconds", "from 3 to 120"),
    (TOP, '"meal"', '"Meal!"', "routing.break_reasons", "small letters"),
    (KWA, '["1916"]', '["19-16"]', "numbers", "digits only"),
    (KWA, '["1916"]', '["൧൯൧൬"]', "numbers", "digits only"),
    (KWA, '["1916"]', "[1916]", "numbers", "1916 is not a dialled number"),
    (KWA, '["1916"]', '["1916", "1916"]', "numbers", "twice"),
    (KWA, 'en = "Kerala Water Authority"\n', "", "name.en", "is missing"),
    (KWA, '"Kerala Water Authority"', '"  "', "name.en", "text in en"),
    (KWA, '"Kerala Water Authority"', '"KWA"\nkn = "ಕೇರಳ"', "name.kn", "unknown key"),
    (KWA, 'id = "quality"', 'id = "meter"', "categories", "'meter' is there twice"),
    (KWA, 'id = "meter"', 'id = "Meter"', "categories[6].id", "'Meter'"),
    (CITIZEN, 'line = "food"', 'line = "fod"', "menu[1].helpline", "Use one of: citizen, food, kwa, ration"),
    (DISTRICTS, 'code = "02"', 'code = "01"', "districts", "'01' is given twice"),
    (DISTRICTS, 'code = "02"', 'code = "൦൨"', "districts[1].code", "two digits"),
    (DISTRICTS, 'code = "02"', 'code = "KL-02"', "districts[1].code", "'KL-02'"),
    (DISTRICTS, 'code = "02"', 'code = "02"\ncapital = "Kollam"', "districts[1].capital", "unknown key"),
    (DISTRICTS, 'en = "Kollam"', "", "districts[1].en", "is missing"),
    (DISTRICTS, "[[districts]]", "state = 32\n[[districts]]", "state", "unknown key"),
    ("texts/en.toml", '5 = "press five."', "", "press.5", "is missing"),
    ("texts/ml.toml", "voice = ", 'voice = "ml; rm -rf /" #', "voice", "espeak-ng"),
]  # fmt: skip


class TestOneMistake:
    @pytest.mark.parametrize(("file", "there", "written", "key", "word"), MISTAKES)
    def test_is_named_with_its_file_its_key_and_a_remedy(
        self, site: SiteFolder, file: str, there: str, written: str, key: str, word: str
    ) -> None:
        site.change(file, there, written)
        fault = site.fault()
        assert (fault.file, fault.key) == (file, key)
        assert word in str(fault)
        assert fault.remedy.endswith(".")

    def test_a_misspelt_key_is_two_faults_of_what_is_there_and_of_what_is_missing(
        self, site: SiteFolder
    ) -> None:
        site.change("texts/en.toml", 'connecting = "', 'conecting = "')
        unknown, missing = site.faults()
        assert (missing.key, missing.problem) == ("prompts.connecting", "is missing")
        assert (unknown.key, unknown.problem) == ("prompts.conecting", "unknown key")
        assert "connecting" in unknown.remedy

    def test_reads_as_one_line(self) -> None:
        fault = Fault("callcentre.toml", "http.port", "is missing", "Add it.")
        assert str(fault) == "callcentre.toml: http.port: is missing. Add it."


class TestManyMistakes:
    def test_are_all_named_at_once(self, site: SiteFolder) -> None:
        site.change(TOP, "port = 8080", "port = 0")
        site.change(TOP, "count = 60", "count = -1")
        site.change(KWA, 'id = "leak-main"', "")
        site.change("texts/en.toml", 'voice = "en"', "voice = 3")
        site.change(CITIZEN, '"kwa"', '"kvwa"')
        assert site.named() == [
            (TOP, "http.port"),
            (TOP, "phones.count"),
            (CITIZEN, "menu[0].helpline"),
            (KWA, "categories[1].id"),
            ("texts/en.toml", "voice"),
        ]

    def test_are_the_text_of_the_exception_line_by_line(self, site: SiteFolder) -> None:
        with pytest.raises(ConfigurationFaulty) as caught:
            site.read("http.port=0", "phones.count=1")
        assert [line.partition(": ")[0] for line in str(caught.value).splitlines()] == [TOP, TOP]

    def test_a_whole_section_that_is_missing_is_named_key_by_key_and_makes_no_others(
        self, site: SiteFolder
    ) -> None:
        for section in ("http", "asterisk", "phones", "agi"):
            site.change(TOP, f"[{section}]", f"[x.{section}]")
        found = {key for _, key in site.named()}
        assert {"http", "http.port", "asterisk", "asterisk.ami_port", "phones", "agi", "x"} <= found
        invented = [f for f in site.faults() if f.key != "x" and f.problem != "is missing"]
        assert invented == []


class TestAFileThatCannotBeRead:
    def test_is_one_fault_and_the_others_are_read_all_the_same(self, site: SiteFolder) -> None:
        site.write(TOP, "[site\nname = 1")
        site.change(KWA, 'id = "quality"', 'id = "meter"')
        top, kwa = site.faults()
        assert (top.file, top.key) == (TOP, "(file)")
        assert "is not TOML" in top.problem
        assert "line 1" in top.problem
        assert (kwa.file, kwa.key) == (KWA, "categories")

    def test_a_missing_one_says_where_to_create_it(self, site: SiteFolder) -> None:
        (site.root / TOP).unlink()
        (site.root / "texts" / "ml.toml").unlink()
        fault = site.fault("http.port=8081")
        assert (fault.file, fault.problem) == (TOP, "is missing")
        assert str(site.root) in fault.remedy
        # Which languages there are nobody knows now; mended, the next fault shows.
        site.write(TOP, (Path(__file__).parents[2] / "config" / TOP).read_text(encoding="utf-8"))
        assert site.named() == [("texts/ml.toml", "(file)")]

    def test_a_helpline_that_is_not_toml_does_not_make_the_menu_wrong(self, site: SiteFolder) -> None:
        site.write(KWA, "id = kwa")
        assert site.named() == [(KWA, "(file)")]

    def test_two_helplines_without_an_id_are_not_the_same_helpline(self, site: SiteFolder) -> None:
        site.change(KWA, 'id = "kwa"\n', "")
        site.change("helplines/food.toml", 'id = "food"\n', "")
        assert site.named() == [("helplines/food.toml", "id"), (KWA, "id")]

    def test_bytes_that_are_no_text(self, site: SiteFolder) -> None:
        (site.root / KWA).write_bytes(b'id = "\xff"')
        assert site.named() == [(KWA, "(file)")]

    def test_a_folder_in_its_place(self, site: SiteFolder) -> None:
        (site.root / TOP).unlink()
        (site.root / TOP).mkdir()
        assert "cannot be read" in site.fault().problem

    def test_no_configuration_at_all(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationFaulty) as caught:
            read_configuration(tmp_path / "nowhere")
        found = [(fault.file, fault.key) for fault in caught.value.faults]
        assert found == [(TOP, "(file)"), ("districts.toml", "(file)"), ("helplines/", "*")]


class TestSideBySide:
    def test_a_number_of_two_helplines(self, site: SiteFolder) -> None:
        site.change("helplines/ration.toml", '"1967"', '"1967", "1916"')
        fault = site.fault()
        assert (fault.file, fault.key) == ("helplines/ration.toml", "numbers")
        assert "1916 already belongs to helplines/kwa.toml" in fault.problem

    def test_an_id_of_two_helplines(self, site: SiteFolder) -> None:
        site.change("helplines/ration.toml", 'id = "ration"', 'id = "kwa"')
        assert ("helplines/ration.toml", "id") in site.named()

    @pytest.mark.parametrize(
        ("override", "key", "other"),
        [
            ("asterisk.ami_port=8080", "asterisk.ami_port", "http.port"),
            ("asterisk.http_port=5038", "asterisk.http_port", "asterisk.ami_port"),
            ('agi.addresses=["127.0.0.1:8088"]', "agi.addresses", "asterisk.http_port"),
        ],
    )
    def test_two_parts_on_one_port(self, site: SiteFolder, override: str, key: str, other: str) -> None:
        fault = site.fault(override)
        assert (fault.file, fault.key) == (TOP, key)
        assert other in fault.problem

    def test_menus_on_other_machines_may_have_any_port(self, site: SiteFolder) -> None:
        assert site.faults('agi.addresses=["127.0.0.1:4573", "10.0.0.2:8080"]') == []

    def test_other_addresses_have_ports_of_their_own(self, site: SiteFolder) -> None:
        assert site.faults("http.host=10.0.0.1", "http.port=5038") == []
        assert site.fault("http.host=0.0.0.0", "http.port=5038").key == "asterisk.ami_port"

    def test_sip_among_the_ports_of_audio(self, site: SiteFolder) -> None:
        assert site.fault("asterisk.sip_port=12999").key == "asterisk.sip_port"
        assert site.faults("asterisk.sip_port=13000") == []

    def test_a_phone_with_a_helplines_number(self, site: SiteFolder) -> None:
        fault = site.fault("phones.first=1910", "phones.count=10")
        assert (fault.key, fault.problem) == ("phones", "1916 is a helpline's number")

    def test_more_phones_than_there_are_numbers_are_refused_without_being_counted(
        self, site: SiteFolder
    ) -> None:
        assert site.fault("phones.count=1000000000000").key == "phones.count"

    def test_phones_whose_first_is_not_known_have_nobodys_number(self, site: SiteFolder) -> None:
        site.change(KWA, '"1916"', '"112"')
        site.change(TOP, "first = 1001\n", "")
        assert site.fault().key == "phones.first"


class TestFurtherNodes:
    """A second Asterisk, with the mistakes that can be made about it."""

    @pytest.mark.parametrize(
        ("there", "written", "key", "word"),
        [
            ("ami_port = 5038\n", "", "nodes.node2.ami_port", "is missing"),
            ("ami_port = 5038", "ami_port = 0", "nodes.node2.ami_port", "whole number"),
            ("ami_port", "trunk_addresses = []\nami_port", "nodes.node2.trunk_addresses", "unknown key"),
            ('"127.0.0.3"', '"node2.example"', "nodes.node2.address", "IPv4"),
            ("rtp_last = 12999", "rtp_last = 10002", "nodes.node2.rtp_last", "no room"),
            ("nodes.node2", 'nodes."Node 2"', "nodes.Node 2", "short name"),
            ("nodes.node2", "nodes.node1", "nodes.node1", "already asterisk.node"),
            # Callers come from there.
            ("127.0.0.3", "127.0.0.2", "asterisk.trunk_addresses", "nodes.node2.address"),
        ],
    )
    def test_one_mistake(self, site: SiteFolder, there: str, written: str, key: str, word: str) -> None:
        assert there in NODE2
        site.add(TOP, NODE2.replace(there, written))
        fault = site.fault()
        assert (fault.file, fault.key) == (TOP, key)
        assert word in str(fault)
        assert fault.remedy.endswith(".")

    def test_one_that_is_no_table_lacks_every_key(self, site: SiteFolder) -> None:
        site.add(TOP, "[nodes]\nnode2 = 3\n")
        assert {fault.problem for fault in site.faults()} == {"is missing"}
        site.change(TOP, "[site]", "nodes = 3\n[site]")
        site.change(TOP, "[nodes]\nnode2 = 3\n", "")
        assert (TOP, "nodes") in site.named()

    def test_on_the_address_of_the_first_every_port_clashes_with_its_own(self, site: SiteFolder) -> None:
        site.add(TOP, NODE2.replace("127.0.0.3", "127.0.0.1"))
        assert {(fault.key, fault.problem) for fault in site.faults()} == {
            ("nodes.node2.ami_port", "port 5038 is also asterisk.ami_port"),
            ("nodes.node2.http_port", "port 8088 is also asterisk.http_port"),
            ("nodes.node2.sip_port", "port 5060 is also asterisk.sip_port"),
            ("nodes.node2.rtp_first", "port 10000 is also asterisk.rtp_first to asterisk.rtp_last"),
        }

    def test_there_it_needs_other_ports_and_no_more(self, site: SiteFolder) -> None:
        moved = NODE2.replace("127.0.0.3", "127.0.0.1").replace("10000", "13000").replace("12999", "15999")
        for port in ("5038", "8088", "5060"):
            moved = moved.replace(port, str(int(port) + 1))
        site.add(TOP, moved)
        assert site.faults() == []

    def test_a_network_of_callers_that_holds_a_node_is_a_fault_once_there_are_several(
        self, site: SiteFolder
    ) -> None:
        assert site.faults('asterisk.trunk_addresses=["127.0.0.0/8"]') == []
        site.add(TOP, NODE2)
        problems = [fault.problem for fault in site.faults('asterisk.trunk_addresses=["127.0.0.0/8"]')]
        assert problems == ["127.0.0.1 is asterisk.address", "127.0.0.3 is nodes.node2.address"]


# Where a value goes into an Asterisk file, and what breaks out of a line, a section or a comment there.
MODULES = "/usr/lib/x86_64-linux-gnu/asterisk/modules"
RENDERED = [
    (TOP, 'node = "node1"', "node", "asterisk.node"),
    (TOP, 'music = "waiting"', "music", "waiting.music"),
    (TOP, 'executable = "asterisk"', "executable", "asterisk.executable"),
    (TOP, 'name = "Kerala Citizens\' Call Centre"', "name", "site.name"),
    (TOP, 'address = "127.0.0.1"', "address", "asterisk.address"),
    (TOP, f'modules_dir = "{MODULES}"', "modules_dir", "asterisk.modules_dir"),
    (KWA, 'id = "kwa"', "id", "id"),
]
LISTED = [
    (TOP, 'codecs = ["alaw", "ulaw"]', "codecs", "asterisk.codecs"),
    (TOP, 'trunk_addresses = ["127.0.0.2"]', "trunk_addresses", "asterisk.trunk_addresses"),
    (TOP, 'addresses = ["127.0.0.1:4573"]', "addresses", "agi.addresses"),
    (TOP, f"languages = {LANGUAGES}", "languages", "site.languages"),
    (KWA, 'numbers = ["1916"]', "numbers", "numbers"),
]
EVIL = [r"/x\n[evil]\nsecret=1", "/x;comment", r"/x\u0000"]


class TestNothingBreaksOutOfAnAsteriskFile:
    @pytest.mark.parametrize("evil", EVIL)
    @pytest.mark.parametrize(("file", "line", "name", "key"), RENDERED)
    def test_by_a_value(self, site: SiteFolder, file: str, line: str, name: str, key: str, evil: str) -> None:
        site.change(file, line, f'{name} = "{evil}"')
        assert (file, key) in site.named()

    @pytest.mark.parametrize("evil", [*EVIL, "x]", "alaw\\n", "1916\\n", "127.0.0.1\\n"])
    @pytest.mark.parametrize(("file", "line", "name", "key"), LISTED)
    def test_by_one_of_a_list(
        self, site: SiteFolder, file: str, line: str, name: str, key: str, evil: str
    ) -> None:
        site.change(file, line, f'{name} = ["{evil}"]')
        assert (file, key) in site.named()

    @pytest.mark.parametrize("line", ["kwa]\\n", "kw a", "kwa,1", "${EVIL}", "kwa]"])
    def test_by_a_helplines_name(self, site: SiteFolder, line: str) -> None:
        site.change(KWA, 'id = "kwa"', f'id = "{line}"')
        assert (KWA, "id") in site.named()

    @pytest.mark.parametrize("taken", ["general", "helpline", "h", "i", "t", "s"])
    def test_nor_means_something_else_there(self, site: SiteFolder, taken: str) -> None:
        site.change(KWA, 'id = "kwa"', f'id = "{taken}"')
        assert (KWA, "id") in site.named()

    def test_music_is_no_section_with_a_meaning_of_its_own(self, site: SiteFolder) -> None:
        assert site.fault("waiting.music=general").key == "waiting.music"


@pytest.mark.parametrize("event", ["DialEnd", "dialend"])
def test_an_event_that_the_service_lives_on_cannot_be_disabled(site: SiteFolder, event: str) -> None:
    fault = site.fault(f'asterisk.disabled_events=["Newexten", "{event}"]')
    assert fault.key == "asterisk.disabled_events"
    assert event in str(fault)


def test_a_password_in_a_faulty_database_url_is_not_shown(site: SiteFolder) -> None:
    fault = site.fault("database.url=postgres://cc:hunter2@db/cc")
    assert fault.key == "database.url"
    assert "hunter2" not in str(fault)
