"""Which changes are refused, with every fault named, and which files count as changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcentre.configuration.faults import ConfigurationFaulty
from callcentre.renewal.checking import checked
from callcentre.renewal.lasting import lasting_faults
from callcentre.renewal.sources import fingerprints, keep_copy, promote, recordings
from tests.unit.parts.site_folder import NODE2, SiteFolder


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return SiteFolder(tmp_path)


class TestChecking:
    def test_faults_of_texts_and_templates_are_named_together(self, site: SiteFolder) -> None:
        site.change("texts/en.toml", "please stay on the line.", "press 155300.")
        site.write("asterisk/rtp.conf.j2", "{{ nonsense\n")
        with pytest.raises(ConfigurationFaulty) as refused:
            checked(site.root)
        assert {fault.file for fault in refused.value.faults} == {"texts/en.toml", "asterisk/rtp.conf.j2"}

    def test_overrides_count(self, site: SiteFolder) -> None:
        assert checked(site.root, ["routing.ring_seconds=9"]).routing.ring_seconds == 9


class TestWhatLasts:
    @pytest.mark.parametrize(
        "override",
        [
            "http.port=8081",
            "http.host=127.0.0.7",
            "database.url=postgresql+psycopg://cc@127.0.0.1/cc",
            'agi.addresses=["127.0.0.1:4574"]',
            "asterisk.executable=/opt/asterisk",
            "asterisk.sip_port=5070",
            "asterisk.rtp_last=12000",
            "asterisk.node=node9",
            'asterisk.disabled_events=["Newexten"]',
        ],
    )
    def test_a_change_of_it_is_refused_by_its_key(self, site: SiteFolder, override: str) -> None:
        [fault] = lasting_faults(site.read(), site.read(override))
        assert (fault.file, fault.key) == ("callcentre.toml", override.partition("=")[0])

    def test_a_node_more_or_less_is_refused(self, site: SiteFolder) -> None:
        alone = site.read()
        site.add("callcentre.toml", NODE2)
        for running, wanted in ((alone, site.read()), (site.read(), alone)):
            assert [fault.key for fault in lasting_faults(running, wanted)] == ["nodes.node2"]

    @pytest.mark.parametrize(
        "override",
        [
            "site.name=Another",
            "phones.count=80",
            "routing.ring_seconds=9",
            "waiting.music=other",
            'asterisk.codecs=["ulaw"]',
            'asterisk.trunk_addresses=["192.0.2.0/24"]',
            "asterisk.trunk_gateway=192.0.2.7:5060",
            "agi.max_sessions=9",
            "http.secure_cookies=true",
        ],
    )
    def test_everything_else_can_change(self, site: SiteFolder, override: str) -> None:
        assert site.read() != site.read(override)
        assert lasting_faults(site.read(), site.read(override)) == []

    def test_every_change_is_named_at_once(self, site: SiteFolder) -> None:
        changed = site.read("http.port=8081", "asterisk.sip_port=5070")
        assert len(lasting_faults(site.read(), changed)) == 2


class TestFiles:
    def test_a_copy_is_the_same_configuration(self, site: SiteFolder, tmp_path: Path) -> None:
        site.write("helplines/.kwa.toml.swp", "half")
        copy = tmp_path / "copy"
        keep_copy(site.root, copy)
        assert fingerprints(copy) == fingerprints(site.root)
        assert checked(copy) == site.read()

    def test_a_copy_holds_nothing_of_an_earlier_one(self, site: SiteFolder, tmp_path: Path) -> None:
        new, copy = tmp_path / "new", tmp_path / "copy"
        keep_copy(site.root, copy)
        (site.root / "helplines" / "ration.toml").unlink()
        keep_copy(site.root, new)
        promote(new, copy)
        assert "helplines/ration.toml" not in fingerprints(copy)
        assert not new.exists()

    def test_recordings_are_looked_at_and_not_copied(self, site: SiteFolder, tmp_path: Path) -> None:
        recording = site.root / "recordings" / "ml" / "welcome.wav"
        recording.parent.mkdir(parents=True)
        recording.write_bytes(b"RIFF")
        assert list(recordings(site.root)) == ["recordings/ml/welcome.wav"]
        before = recordings(site.root)
        recording.write_bytes(b"RIFF, and more")
        assert recordings(site.root) != before
        keep_copy(site.root, tmp_path / "copy")
        assert recordings(tmp_path / "copy") == {}
