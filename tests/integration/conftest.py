"""Real parts for integration tests: each test gets a call centre of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.integration.parts.spoken import spoken
from tests.integration.parts.stack import CONFIG, Stack


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with all prompts built, once for many runs."""
    return spoken(otherwise=tmp_path_factory.mktemp("sounds"))


@pytest.fixture
def stack(tmp_path: Path, sounds: Path) -> Iterator[Callable[..., Stack]]:
    """Makes a call centre with the settings, or from the configuration, given; it is ended after the test.

    Whatever happened there, its router decides it again when it is told its journal.
    """
    made: list[Stack] = []

    def make(
        config: Path = CONFIG,
        further_nodes: Mapping[str, str] | None = None,
        witnessed: Sequence[str] = (),
        menus: bool = False,
        **settings: object,
    ) -> Stack:
        named = {key.replace("__", "."): value for key, value in settings.items()}
        folder = tmp_path / str(len(made))
        site = Stack(
            folder,
            sounds=sounds,
            settings=named,
            config=config,
            further_nodes=further_nodes,
            witnessed=witnessed,
            menus=menus,
        )
        made.append(site)
        return site

    yield make
    for one in made:
        one.stop()
    assert [told for one in made if one.facts() for told in one.replay()["different"]] == []
