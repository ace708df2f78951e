"""Scenario files: those that are shipped are sound, and every mistake has its key and its remedy."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.configuration.faults import ConfigurationFaulty, Fault
from callcentre.simulation.reading import read_scenario
from routing.ids import Seconds
from routing.rules import CallbackRules, Limits, Outlet, Strategy
from routing.service_level import Formula, Target
from routing.simulation.chance import Constant, Exponential, Lognormal
from routing.simulation.scenario import Break, Callbacks, Scenario, Shift
from tests.unit.parts.site_folder import SHIPPED

SCENARIOS = sorted((SHIPPED / "scenarios").glob("*.toml"))
STEADY, VARIED = (SHIPPED / "scenarios" / f"{name}.toml" for name in ("erlang-c", "three-helplines"))
RULED = SHIPPED / "scenarios" / "monsoon-evening.toml"


class ScenarioFile:
    """A scenario file to be spoilt; each change says what it replaces, so that it cannot miss."""

    def __init__(self, folder: Path, shipped: Path) -> None:
        self.path = folder / "monday.toml"
        self.path.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        text = self.path.read_text(encoding="utf-8")
        assert old in text, f"the file holds no {old!r}"
        self.path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def read(self) -> Scenario:
        return read_scenario(self.path)

    def faults(self) -> list[Fault]:
        try:
            self.read()
        except ConfigurationFaulty as faulty:
            return list(faulty.faults)
        return []


@pytest.fixture
def steady(tmp_path: Path) -> ScenarioFile:
    return ScenarioFile(tmp_path, STEADY)


@pytest.fixture
def varied(tmp_path: Path) -> ScenarioFile:
    return ScenarioFile(tmp_path, VARIED)


NONSENSE = [
    "0",
    "-1",
    "1e999",
    "nan",
    "true",
    '""',
    '"x"',
    "[]",
    "{}",
    "[[1], 'a']",
    "{ a = {} }",
    "1979-05-27",
]


class TestWhatIsShipped:
    @pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
    def test_has_no_fault(self, path: Path) -> None:
        assert read_scenario(path).agents > 0

    def test_the_day_of_madhya_pradesh_has_its_size(self) -> None:
        scenario = read_scenario(SHIPPED / "scenarios" / "madhya-pradesh-181.toml")
        assert sum(demand.curve[quarter] for demand in scenario.demands for quarter in range(96)) == 60_000
        shifts = [(group.shift, group.count) for group in scenario.groups]
        there = [sum(n for shift, n in shifts if shift and shift.covers(hour * 3600)) for hour in range(24)]
        assert max(there) == 411


class TestWhatIsSaid:
    def test_is_what_is_read(self, varied: ScenarioFile) -> None:
        scenario = varied.read()
        water, food, ration = scenario.demands
        assert (scenario.quarters, scenario.replications, scenario.seed) == (96, 10, 7)
        assert water.curve[9 * 4 : 9 * 4 + 4] == (30.0,) * 4
        assert water.talking == Lognormal(190, 140)
        assert food.writing is None
        assert (food.formula, food.target) == (Formula.OFFERED, Target(0.9, 10))
        assert water.languages.of == {"ml": 85, "en": 10, "ta": 5}
        assert water.categories.of == {"no-water": 6, "leak": 3, "bill": 1}
        night, early, *_ = scenario.groups
        assert night.shift == Shift(22 * 3600, 6 * 3600)
        assert early.breaks[1] == Break("lunch", 11 * 3600, 1800, 4)
        assert early.skills == {("malayalam", 9), ("english", 5)}
        assert ration.patience == Lognormal(200, 250)

    def test_the_routers_rules_are_those_of_a_helplines_file(self) -> None:
        scenario = read_scenario(RULED)
        water, food, general = scenario.demands
        assert water.rules.strategy is Strategy.MOST_SKILLED
        assert [step.after for step in water.rules.steps] == [0, 20, 60]
        assert water.rules.limits == Limits(max_waiting=40, when_full=Outlet(general.helpline))
        assert water.rules.category_head_starts == {"leak-main": 120}
        assert water.categories.of == {"no-water": 6, "leak-main": 3, "bill": 1}
        assert water.rules.callback == CallbackRules(attempts=2, retry_seconds=Seconds(600))
        assert water.callbacks == Callbacks(share=0.25, after=Seconds(90), reached=0.75)
        assert (food.rules.head_start, food.rules.reserve, food.callbacks) == (60, 2, None)
        desk = scenario.groups[3]
        assert (desk.order, desk.pools) == (("food",), {"any-desk"})
        assert desk.skills == {("language:ml", 9), ("language:en", 8)}

    def test_what_may_be_left_out_has_its_usual_value(self, steady: ScenarioFile) -> None:
        steady.change("target = { percent = 80, seconds = 15 }\n", "")
        (demand,), (group,) = steady.read().demands, steady.read().groups
        assert demand.talking == Exponential(240)
        assert demand.patience is None
        assert (demand.formula, demand.target) == (Formula.LATE_ABANDONS, Target(0.8, 20))
        assert demand.short == 5
        assert (group.answering, group.shift, group.breaks) == (Constant(0), None, ())

    def test_calls_by_quarter_hour(self, steady: ScenarioFile) -> None:
        steady.change("calls_per_hour = 720", f"calls_per_quarter = {[*range(96)]}")
        steady.change("replications = 1", "replications = 2")
        assert steady.read().demands[0].curve == tuple(range(96))


# file, what is there, what a hurried planner writes instead, the key of the one fault, a word of it
MISTAKES = [
    (STEADY, "hours = 101", "hours = 0", "hours", "from 1"),
    (STEADY, "hours = 101", "hours = 10", "hours", "needs 20 hours after its warm-up"),
    (STEADY, "hours = 101\n", "", "hours", "is missing"),
    (STEADY, "hours = 101", "hours = 101\nhuors = 1", "huors", "unknown key"),
    (STEADY, "warm_up_minutes = 60", "warm_up_minutes = 20", "warm_up_minutes", "quarter hours"),
    (STEADY, "warm_up_minutes = 60", "warm_up_minutes = 6060", "warm_up_minutes", "nothing to count"),
    (STEADY, "wrap_up_seconds = 0\n", "", "routing.wrap_up_seconds", "is missing"),
    (STEADY, 'id = "kwa"', 'id = "KWA"', "helplines[0].id", "short name"),
    (STEADY, "= 720", "= -1", "helplines[0].calls_per_hour", "from 0"),
    (STEADY, "= 720", "= nan", "helplines[0].calls_per_hour", "is not a number"),
    (STEADY, "= 720", '= "720"', "helplines[0].calls_per_hour", "is not a number"),
    (STEADY, "= 720", "= true", "helplines[0].calls_per_hour", "is not a number"),
    (STEADY, "= 720", "= [720]", "helplines[0].calls_per_hour", "list of 24 numbers"),
    (STEADY, "calls_per_hour = 720\n", "", "helplines[0].calls_per_hour", "either calls_per_hour or"),
    (STEADY, "= 720", "= 720\ncalls_per_quarter = [1]", "helplines[0].calls_per_hour", "either"),
    (STEADY, '"exponential", mean = 240', '"gamma", mean = 240', "helplines[0].talking.kind", "lognormal"),
    (STEADY, '"exponential", mean = 240', '"exponential"', "helplines[0].talking.mean", "is missing"),
    (STEADY, '"exponential", mean = 240', '"exponential", mean = 0', "helplines[0].talking.mean", "0.1"),
    (STEADY, '"exponential", mean', '"constant", mean', "helplines[0].talking.mean", "unknown key"),
    (STEADY, '"exponential", mean = 240', '"empirical", seconds = []', "helplines[0].talking.seconds", "or"),
    (STEADY, "languages = { ml = 1 }\n", "", "helplines[0].languages", "is missing"),
    (STEADY, "{ ml = 1 }", "{ ml = 0 }", "helplines[0].languages", "no share above nought"),
    (STEADY, "{ ml = 1 }", "{ Malayalam = 1 }", "helplines[0].languages.Malayalam", "language code"),
    (STEADY, "percent = 80", "percent = 0.8", "helplines[0].target.percent", "from 1 to 100"),
    (STEADY, "percent = 80,", "percent = 80, soconds = 1,", "helplines[0].target.soconds", "unknown key"),
    (STEADY, "count = 55", "count = 0", "agents[0].count", "from 1"),
    (STEADY, 'helplines = ["kwa"]', 'helplines = ["kva"]', "agents", "there is no helpline 'kva'"),
    (VARIED, 'service_level = "offered"', 'service_level = "offerd"', "helplines[1].service_level", "late_"),
    (VARIED, '["22:00", "06:00"]', '["22:00"]', "agents[0].shift", "a beginning and an end"),
    (VARIED, '["22:00", "06:00"]', '["22:00", "6:00"]', "agents[0].shift", "'6:00' is not a time"),
    (VARIED, 'at = "08:30"', 'at = "13:30"', "agents[1].breaks[0].at", "not within the shift"),
    (VARIED, 'at = "08:30"', 'at = "25:30"', "agents[1].breaks[0].at", "time of the day"),
    (VARIED, "minutes = 15, waves = 3", "minutes = 15, waves = 30", "agents[1].breaks[0].at", "waves"),
    (VARIED, "malayalam = 9", "malayalam = 10", "agents[1].skills.malayalam", "from 1 to 9"),
    (VARIED, 'group = "early"', 'group = "night"', "agents", "'night' is there twice"),
    (RULED, '"most_skilled"', '"longest"', "helplines[0].routing.strategy", "longest_idle"),
    (RULED, "after_seconds = 20", "after_seconds = 90", "helplines[0].routing.steps", "not in the order"),
    (RULED, '"general"\n\n[h', '"kwa"\n\n[h', "helplines[0].limits.when_full", "not another helpline"),
    (RULED, '"general"\n\n[h', '"bills"\n\n[h', "helplines[0].limits.when_full", "not another helpline"),
    (RULED, "head_start_seconds = 120", "head = 1", "helplines[0].categories.leak-main.head", "unknown key"),
    (RULED, "after_seconds = 90\n", "", "helplines[0].callback.after_seconds", "is missing"),
    (RULED, "= 75", "= 175", "helplines[0].callback.reached_percent", "from 0 to 100"),
    (RULED, "reserve = 2", "reserves = 2", "helplines[1].routing.reserves", "unknown key"),
    (RULED, 'order = ["food"]', 'order = ["foot"]', "agents", "there is no helpline 'foot'"),
    (RULED, "ml = 8,", "ml = 10,", "agents[0].languages.ml", "from 1 to 9"),
    (VARIED, 'id = "ration"', 'id = "food"', "helplines", "'food' is there twice"),
]  # fmt: skip


class TestOneMistake:
    @pytest.mark.parametrize(("file", "there", "written", "key", "word"), MISTAKES)
    def test_is_named_with_its_key(
        self, tmp_path: Path, file: Path, there: str, written: str, key: str, word: str
    ) -> None:
        spoilt = ScenarioFile(tmp_path, file)
        spoilt.change(there, written)
        faults = [fault for fault in spoilt.faults() if fault.key == key]
        assert len(faults) == 1, spoilt.faults()
        assert faults[0].file == "monday.toml"
        assert word in str(faults[0])
        assert faults[0].remedy

    def test_all_mistakes_are_named_at_once(self, steady: ScenarioFile) -> None:
        steady.change("seed = 1", "seed = -1")
        steady.change("= 720", "= -720")
        steady.change("count = 55", 'count = "all"')
        assert [fault.key for fault in steady.faults()] == [
            "agents[0].count",
            "helplines[0].calls_per_hour",
            "seed",
        ]


class TestASingleRun:
    """It is cut into batches, which must be like each other."""

    @pytest.mark.parametrize(
        ("there", "written", "word"),
        [
            ("= 720", f"= {[720] * 23 + [1]}", "the same calls in every hour"),
            ("count = 55", 'count = 55\nshift = ["08:00", "20:00"]', "without shifts"),
            ("count = 55", 'count = 55\nbreaks = [{ reason = "tea", at = "09:00", minutes = 9 }]', "breaks"),
        ],
    )
    def test_must_be_steady(self, steady: ScenarioFile, there: str, written: str, word: str) -> None:
        steady.change(there, written)
        (fault,) = steady.faults()
        assert fault.key == "replications"
        assert word in fault.problem
        steady.change("replications = 1", "replications = 2")
        assert steady.faults() == []


class TestAFile:
    def test_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationFaulty, match=r"none\.toml: \(file\): is missing"):
            read_scenario(tmp_path / "none.toml")

    def test_that_is_no_toml_is_one_fault(self, steady: ScenarioFile) -> None:
        steady.change('name = "', "name = ")
        (fault,) = steady.faults()
        assert "is not TOML" in fault.problem

    @given(st.integers(0, 200), st.sampled_from(NONSENSE))
    def test_of_any_nonsense_is_a_fault_or_a_scenario_and_never_a_crash(self, nth: int, value: str) -> None:
        with TemporaryDirectory() as folder:
            spoilt = ScenarioFile(Path(folder), VARIED)
            text = spoilt.path.read_text(encoding="utf-8")
            values = list(re.finditer(r"(?<== )(\[.*\]|\{.*\}|[^\s,{}\[\]]+)", text))
            found = values[nth % len(values)]
            spoilt.path.write_text(text[: found.start()] + value + text[found.end() :], encoding="utf-8")
            assert spoilt.faults() or spoilt.read()
