"""Counting what happened lately; the key that another department's service knows us by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callcentre.enquiries.credentials import ApiKey, CredentialsRefused, read_api_key
from callcentre.enquiries.recent import Recent


class TestRecent:
    def test_what_is_long_ago_is_not_counted(self) -> None:
        recent = Recent(seconds=60, most=10)
        for at in (0.0, 30.0, 61.0):
            recent.note("a", at=at)
        assert [recent.count("a", now=now) for now in (61.0, 90.0, 121.0)] == [2, 1, 0]
        assert recent.count("b", now=61.0) == 0

    def test_it_counts_no_further_than_it_must(self) -> None:
        recent = Recent(seconds=60, most=3)
        for _ in range(1000):
            recent.note("a", at=1.0)
        assert recent.count("a", now=1.0) == 3

    def test_of_too_many_those_are_forgotten_that_were_silent_longest(self) -> None:
        recent = Recent(seconds=60, most=3, keys=2)
        for key in ("a", "b", "a", "c"):
            recent.note(key, at=1.0)
        assert [recent.count(key, now=1.0) for key in ("a", "b", "c")] == [2, 0, 1]


class TestTheKey:
    def written(self, folder: Path, content: object, mode: int = 0o600) -> Path:
        path = folder / "ration.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        path.chmod(mode)
        return path

    def test_it_is_read_from_a_file_of_ours_alone(self, tmp_path: Path) -> None:
        path = self.written(tmp_path, {"client_id": "in.gov.kerala", "api_key": "s3cret"})
        key = read_api_key(path)
        assert key == ApiKey(client="in.gov.kerala", key="s3cret")
        assert "s3cret" not in repr(key)

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
    def test_one_that_others_may_read_is_refused(self, tmp_path: Path, mode: int) -> None:
        path = self.written(tmp_path, {"client_id": "a", "api_key": "b"}, mode)
        with pytest.raises(CredentialsRefused, match="chmod 600"):
            read_api_key(path)

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "s3cret",
            [],
            {"client_id": "a"},
            {"client_id": "a", "api_key": 7},
            {"client_id": "a", "api_key": "s3cret\r\nX-Other: 1"},
            {"client_id": "", "api_key": "s3cret"},
            "[" * 5_000,
        ],
    )
    def test_what_is_no_key_is_refused_without_being_repeated(self, tmp_path: Path, content: object) -> None:
        with pytest.raises(CredentialsRefused) as refused:
            read_api_key(self.written(tmp_path, content))
        assert "s3cret" not in str(refused.value)
        assert "ration.json" in str(refused.value)

    def test_one_that_is_missing_is_asked_for(self, tmp_path: Path) -> None:
        with pytest.raises(CredentialsRefused, match="write the service's key there"):
            read_api_key(tmp_path / "ration.json")
