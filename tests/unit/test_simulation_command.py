"""``callcentre simulate``: what it prints, what it draws, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from callcentre.cli.root import callcentre
from callcentre.simulation.report import time_of
from routing.simulation.figures import FIGURES

SMALL = """
name = "A small centre"
seed = 3
hours = 3
replications = 4

[routing]
ring_seconds = 20
wrap_up_seconds = 0
missed_offers_limit = 2

[[helplines]]
id = "kwa"
calls_per_hour = 60
talking = { kind = "exponential", mean = 120 }
languages = { ml = 1 }

[[helplines]]
id = "food"
calls_per_hour = 30
talking = { kind = "exponential", mean = 120 }
patience = { kind = "exponential", mean = 60 }
languages = { ml = 1 }
service_level = "offered"
target = { percent = 90, seconds = 10 }

[[agents]]
group = "desk"
count = 5
helplines = ["kwa", "food"]
"""


class Planner:
    """Somebody with a scenario file and the command line; no site, no service."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "small.toml"
        self.file.write_text(SMALL, encoding="utf-8")

    def run(self, *words: str) -> Result:
        nowhere = ("--config", str(self.folder / "none"), "--data", str(self.folder / "data"))
        return CliRunner().invoke(
            callcentre, [*nowhere, "simulate", str(self.file), *words], obj=None, catch_exceptions=False
        )

    def told(self, *words: str) -> str:
        done = self.run(*words)
        assert done.exit_code == 0, done.output
        return done.stdout


@pytest.fixture
def planner(tmp_path: Path) -> Planner:
    return Planner(tmp_path)


class TestText:
    def test_has_every_figure_with_its_interval_and_each_service_level_with_its_formula(
        self, planner: Planner
    ) -> None:
        told = planner.told()
        assert told.startswith("A small centre\n4 replications of 3 h")
        total, water, food = told.split("\n\n")[1:]
        assert [part.splitlines()[0] for part in (total, water, food)] == ["total", "kwa", "food"]
        assert "each helpline by its own formula" in total
        assert "late_abandons, target 80 % in 20 s" in water
        assert "offered, target 90 % in 10 s" in food
        for part in (total, water, food):
            # What never happened here is not told: limits and callbacks.
            assert part.count("±") == len(part.splitlines()) - 1 == len(FIGURES) - 4

    def test_a_single_helpline_is_the_total(self, planner: Planner) -> None:
        only = SMALL[: SMALL.index('[[helplines]]\nid = "food"')] + SMALL[SMALL.index("[[agents]]") :]
        planner.file.write_text(only.replace(', "food"', ""), encoding="utf-8")
        assert planner.told().count("service level") == 1

    def test_what_was_not_observed_is_a_dash(self, planner: Planner) -> None:
        planner.file.write_text(SMALL.replace("calls_per_hour = 30", "calls_per_hour = 0"), encoding="utf-8")
        food = planner.told().split("\n\n")[3]
        assert [line.split("–")[0].strip() for line in food.splitlines() if "–" in line] == [
            "service level",
            "average speed of answer",
            "abandonment",
            "average handling time",
        ]


class TestJson:
    def test_has_value_and_interval_of_every_figure(self, planner: Planner) -> None:
        told = json.loads(planner.told("--json"))
        assert (told["scenario"], told["seed"], told["hours"]) == ("A small centre", 3, 3)
        assert (told["method"], told["replications"], told["roster"]) == ("replications", 4, {"desk": 5})
        assert told["total"]["formula"] is None
        assert told["helplines"]["food"]["formula"] == "offered"
        assert told["helplines"]["food"]["target"] == {"percent": 90, "seconds": 10}
        for figures in (told["total"], *told["helplines"].values()):
            for name in FIGURES:
                low, high = figures[name]["ci95"]
                assert low <= figures[name]["value"] <= high

    def test_has_the_day_by_quarter_hour(self, planner: Planner) -> None:
        quarters = json.loads(planner.told("--json"))["quarters"]
        assert [quarter["at"] for quarter in quarters] == [time_of(quarter) for quarter in range(12)]
        assert quarters[0].keys() == {"at", "calls", "waiting", "busy", "on_duty", "service_level"}

    def test_comes_again_with_the_same_seed(self, planner: Planner) -> None:
        assert planner.told("--json") == planner.told("--json")


class TestStaff:
    def test_names_the_roster_and_what_one_fewer_would_mean(self, planner: Planner) -> None:
        told = planner.told("--staff", "80/20")
        assert told.startswith("80 % in 20 s needs ")
        assert "One agent fewer, " in told

    def test_as_json(self, planner: Planner) -> None:
        told = json.loads(planner.told("--staff", "80/20", "--json"))
        assert told["target"] == {"percent": 80, "seconds": 20}
        assert told["results"]["roster"] == told["roster"] == {"desk": told["agents"]}
        assert set(told["unsure"]) <= {"kwa", "food"}
        assert told["one_below"]["agents"] == told["agents"] - 1
        for helpline, figures in told["results"]["helplines"].items():
            assert figures["service_level"]["value"] >= 0.8, helpline

    @pytest.mark.parametrize("nonsense", ["80", "80/", "0/20", "120/20", "eighty/20", "80/20s"])
    def test_a_target_that_is_none_is_a_usage_error(self, planner: Planner, nonsense: str) -> None:
        done = planner.run("--staff", nonsense)
        assert done.exit_code == 2
        assert "such as 80/20" in done.stderr

    def test_a_target_out_of_reach_says_who_misses_it(self, planner: Planner) -> None:
        slow = SMALL + 'answering = { kind = "constant", seconds = 15 }\n'
        planner.file.write_text(slow, encoding="utf-8")
        done = planner.run("--staff", "80/10")
        assert done.exit_code == 1
        assert "reach 80% within 10 s: kwa 0.0%, food 0.0%" in done.stderr
        assert done.stdout == ""


class TestPicture:
    def test_is_an_svg_of_the_four_curves(self, planner: Planner) -> None:
        path = planner.folder / "day.svg"
        assert planner.told("--picture", str(path)).startswith("A small centre")
        picture = ElementTree.parse(path)  # noqa: S314 -- our own
        texts = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
        labels = ("A small centre", "calls", "callers waiting", "agents", "service level", "12:00")
        assert texts.issuperset(labels)

    def test_without_matplotlib_says_how_to_install_it_before_it_begins(
        self, planner: Planner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("callcentre.cli.simulating.can_draw", lambda: False)
        done = planner.run("--picture", str(planner.folder / "day.svg"))
        assert done.exit_code == 1
        assert "pip install 'callcentre[pictures]'" in done.stderr
        assert done.stdout == ""

    def test_that_cannot_be_written_is_a_sentence(self, planner: Planner) -> None:
        done = planner.run("--picture", str(planner.folder / "no" / "day.svg"))
        assert done.exit_code == 1
        assert "day.svg cannot be written: No such file or directory" in done.stderr


class TestFaults:
    def test_each_is_a_line_with_file_key_and_remedy(self, planner: Planner) -> None:
        spoilt = SMALL.replace("hours = 3", "hours = 0").replace("count = 5", "count = -5")
        planner.file.write_text(spoilt, encoding="utf-8")
        done = planner.run()
        assert done.exit_code == 1
        lines = done.stderr.splitlines()
        assert [line.split(": ")[:2] for line in lines] == [
            ["small.toml", "agents[0].count"],
            ["small.toml", "hours"],
        ]
        assert done.stdout == ""

    def test_a_file_that_is_not_there(self, planner: Planner) -> None:
        planner.file.unlink()
        done = planner.run()
        assert done.exit_code == 1
        assert "is missing" in done.stderr
