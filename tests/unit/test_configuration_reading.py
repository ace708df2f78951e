"""The configuration as read: what is shipped is sound, and one key can be overridden for one run."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.reading import read_configuration
from ivr.menu import ToHelpline
from routing.ids import HelplineId, LanguageCode, NodeId
from tests.unit.parts.site_folder import NODE2, SHIPPED, SiteFolder

KWA = HelplineId("kwa")
ML, EN, HI, TA = map(LanguageCode, ("ml", "en", "hi", "ta"))


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return SiteFolder(tmp_path)


class TestWhatIsShipped:
    def test_has_no_fault_and_says_what_the_files_say(self) -> None:
        configuration = read_configuration(SHIPPED)
        assert configuration.site.languages == (ML, EN, HI, TA)
        assert configuration.http.secure_cookies is False
        assert configuration.phones.names()[:2] == ("1001", "1002")
        assert len(configuration.phones.names()) == 60
        menu = configuration.helplines[HelplineId("citizen")].menu
        assert menu is not None
        assert [menu.goal_of(key) for key in "123"] == [*map(ToHelpline, ("kwa", "food", "ration"))]
        assert configuration.helplines[KWA].name[EN] == "Kerala Water Authority"
        assert configuration.texts[ML].press.keys() == set("12345")

    def test_a_dialled_number_finds_its_helpline(self) -> None:
        configuration = read_configuration(SHIPPED)
        found = configuration.helpline_of("1916")
        assert found is not None
        assert found.id == KWA
        assert configuration.helpline_of("1917") is None

    def test_every_desk_phone_has_a_browser_phone_beside_it(self) -> None:
        endpoints = read_configuration(SHIPPED).phones.endpoints()
        assert {"1001", "b1001", "1060", "b1060"} <= set(endpoints)
        assert len(set(endpoints)) == 120


class TestNodes:
    def test_there_is_one_unless_more_are_added(self, site: SiteFolder) -> None:
        [node] = site.read().nodes
        assert (node.name, node.address, node.sip_port) == ("node1", "127.0.0.1", 5060)

    def test_further_ones_follow_the_first_in_the_order_they_are_written(self, site: SiteFolder) -> None:
        site.add("callcentre.toml", NODE2)
        site.add("callcentre.toml", NODE2.replace("node2", "idukki").replace(".3", ".5"))
        nodes = site.read("nodes.idukki.sip_port=5070").nodes
        assert [(node.name, node.address, node.sip_port) for node in nodes] == [
            ("node1", "127.0.0.1", 5060),
            ("node2", "127.0.0.3", 5060),
            ("idukki", "127.0.0.5", 5070),
        ]

    def test_one_can_be_given_for_one_run_alone(self, site: SiteFolder) -> None:
        keys = [line.replace(" = ", "=") for line in NODE2.strip().splitlines()[1:]]
        nodes = site.read(*(f"nodes.node2.{key}" for key in keys)).nodes
        assert [node.name for node in nodes] == ["node1", "node2"]

    def test_services_are_let_in_from_each_address_once(self, site: SiteFolder) -> None:
        addresses = '["10.0.0.2:4573", "10.0.0.3:4573", "10.0.0.2:4574"]'
        assert site.read(f"agi.addresses={addresses}").agi.hosts == ("10.0.0.2", "10.0.0.3")


class TestOverrides:
    def test_a_number_a_text_a_flag_and_a_list(self, site: SiteFolder) -> None:
        configuration = site.read(
            "http.port=8081",
            "asterisk.executable=/opt/asterisk/sbin/asterisk",
            "http.secure_cookies=true",
            'agi.addresses=["127.0.0.1:4574", "127.0.0.1:4575"]',
        )
        assert configuration.http.port == 8081
        assert configuration.asterisk.executable == "/opt/asterisk/sbin/asterisk"
        assert configuration.http.secure_cookies is True
        assert configuration.agi.addresses == ("127.0.0.1:4574", "127.0.0.1:4575")

    def test_the_last_word_counts(self, site: SiteFolder) -> None:
        assert site.read("http.port=8081", "http.port=8082").http.port == 8082

    def test_a_key_that_the_file_does_not_have(self, site: SiteFolder) -> None:
        site.change("callcentre.toml", "threads = 4\n", "")
        assert site.read("database.threads=2").database.threads == 2

    @pytest.mark.parametrize("nonsense", ["http.port", "port=8081", "", "=", "http=8081"])
    def test_what_is_no_override_is_a_fault_that_shows_how_to_write_one(
        self, site: SiteFolder, nonsense: str
    ) -> None:
        fault = site.fault(nonsense)
        assert (fault.file, fault.key) == ("--set", nonsense)
        assert "http.port=8081" in fault.remedy

    def test_what_is_overridden_is_checked_like_what_is_written(self, site: SiteFolder) -> None:
        assert site.named("http.port=99999", "http.prot=1") == [
            ("callcentre.toml", "http.port"),
            ("callcentre.toml", "http.prot"),
        ]

    def test_a_line_break_brings_in_no_second_key(self, site: SiteFolder) -> None:
        fault = site.fault("http.port=8081\nsecure_cookies = true")
        assert fault.key == "http.port"
        assert "secure_cookies" in fault.problem

    def test_a_section_that_is_no_table_is_a_fault_and_no_crash(self, site: SiteFolder) -> None:
        site.change("callcentre.toml", "[site]", "database = 3\n[site]")
        site.change("callcentre.toml", "[database]", "[old]")
        assert ("callcentre.toml", "database") in site.named("database.threads=2")

    def test_nor_a_value_that_is_taken_for_one(self, site: SiteFolder) -> None:
        assert ("callcentre.toml", "http.port") in site.named("http.port=no", "http.port.number=3")


class TestTheDataFolder:
    def test_nobody_else_may_look_into_it(self, tmp_path: Path) -> None:
        data = DataFolder(tmp_path / "deep" / "data")
        data.create()
        data.create()
        assert data.root.stat().st_mode & 0o777 == 0o700
        assert data.messages.stat().st_mode & 0o777 == 0o700

    def test_sqlite_lies_in_it_unless_a_database_is_configured(self) -> None:
        data = DataFolder(Path("/srv/cc"))
        assert data.database_url("") == "sqlite:////srv/cc/callcentre.sqlite3"
        assert data.database_url("postgresql+psycopg://cc@db/cc") == "postgresql+psycopg://cc@db/cc"

    def test_asterisk_keeps_to_its_part(self) -> None:
        folders = DataFolder(Path("/srv/cc")).asterisk
        assert all(folder.is_relative_to("/srv/cc/asterisk") for folder in folders.own())

    def test_every_further_asterisk_has_a_part_of_its_own_and_reads_the_same_sounds(self) -> None:
        first, second = DataFolder(Path("/srv/cc")).asterisks([NodeId("a"), NodeId("b")]).values()
        assert (str(first.conf), str(second.conf)) == (
            "/srv/cc/asterisk/etc/asterisk.conf",
            "/srv/cc/asterisk-b/etc/asterisk.conf",
        )
        assert first.sounds == second.sounds
        assert not {first.etc, first.var, first.spool, first.run, first.log} & set(second.own())


def test_kerala_has_fourteen_districts() -> None:
    districts = read_configuration(SHIPPED).districts
    assert [district.id for district in districts] == [f"{number:02d}" for number in range(1, 15)]
    assert districts[6].name == {"en": "Ernakulam", "ml": "എറണാകുളം"}
