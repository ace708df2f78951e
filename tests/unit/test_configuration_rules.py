"""The rules of routing in a helpline's file: what they become, and every fault named."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcentre.configuration.faults import Fault
from callcentre.configuration.floor_rules import floor_rules, opening_hours
from callcentre.configuration.helpline_file import helpline
from callcentre.configuration.model import Helpline
from callcentre.configuration.reading import read_configuration
from callcentre.configuration.table import Table
from callcentre.menus import flows
from callcentre.prompts.catalogue import read_catalogue
from routing.ids import CategoryId, HelplineId, Pool, Seconds, Skill
from routing.opening_hours import ALWAYS, DAY, OpeningHours, Span
from routing.rules import (
    OUT,
    PLAIN,
    CallbackRules,
    FloorRules,
    HelplineRules,
    Limits,
    Outlet,
    Step,
    Strategy,
)
from tests.unit.parts.site_folder import SHIPPED, SiteFolder

KWA, FOOD, CITIZEN = HelplineId("kwa"), HelplineId("food"), HelplineId("citizen")
FILE = "helplines/kwa.toml"


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return SiteFolder(tmp_path)


def kwa(site: SiteFolder, toml: str) -> Helpline:
    """The helpline with *toml* added to its file."""
    site.add(FILE, toml)
    return site.read().helplines[KWA]


class TestRouting:
    def test_every_key(self, site: SiteFolder) -> None:
        rules = kwa(
            site,
            """
            [routing]
            strategy = "most_skilled"
            head_start_seconds = 30
            reserve = 2
            preferred_agent_seconds = 45
            liked = ["plumbing"]
            """,
        ).rules
        assert rules.strategy is Strategy.MOST_SKILLED
        assert (rules.head_start, rules.reserve, rules.preferred_agent_seconds) == (30, 2, 45)
        assert rules.liked == {Skill("plumbing")}

    def test_steps_relax_from_the_first_second(self, site: SiteFolder) -> None:
        steps = kwa(
            site,
            """
            [[routing.steps]]
            language = 7
            skills = { plumbing = 5 }
            [[routing.steps]]
            after_seconds = 20
            language = 4
            [[routing.steps]]
            after_seconds = 40
            pools = ["d01", "food"]
            """,
        ).rules.steps
        assert steps == (
            Step(language=7, skills=frozenset({(Skill("plumbing"), 5)})),
            Step(after=Seconds(20), language=4),
            Step(after=Seconds(40), pools=frozenset({Pool("d01"), Pool("food")})),
        )

    def test_before_a_first_step_that_comes_later_any_agent_of_the_helpline_will_do(
        self, site: SiteFolder
    ) -> None:
        toml = '[[routing.steps]]\nafter_seconds = 60\npools = ["food"]'
        later = Step(after=Seconds(60), pools=frozenset({Pool("food")}))
        assert kwa(site, toml).rules.steps == (Step(), later)

    def test_a_category_starts_ahead_of_its_helpline(self, site: SiteFolder) -> None:
        rules = kwa(site, "[routing]\nhead_start_seconds = 10").rules
        assert rules.head_start_of(CategoryId("leak-main")) == 120
        assert rules.head_start_of(CategoryId("bill")) == 10


class TestLimits:
    def test_every_key(self, site: SiteFolder) -> None:
        found = kwa(
            site,
            """
            [limits]
            max_waiting = 50
            when_full = "citizen"
            max_wait_seconds = 900
            when_late = "food"
            join_unstaffed = false
            stay_unstaffed = false
            when_unstaffed = "citizen"
            stay_closed = false
            when_closed = "out"
            trunks = 30
            """,
        )
        assert found.rules.limits == Limits(
            max_waiting=50,
            when_full=Outlet(CITIZEN),
            max_wait=Seconds(900),
            when_late=Outlet(FOOD),
            join_unstaffed=False,
            stay_unstaffed=False,
            when_unstaffed=Outlet(CITIZEN),
            stay_closed=False,
            when_closed=OUT,
        )
        assert found.trunks == 30


class TestCallback:
    def test_every_key(self, site: SiteFolder) -> None:
        toml = '[callback]\nattempts = 2\nretry_seconds = 600\ncaller_id = "1600000001"'
        rules = kwa(site, toml).rules
        assert rules.callback == CallbackRules(attempts=2, retry_seconds=Seconds(600))
        assert site.read().caller_id_of(KWA) == "1600000001"

    def test_the_sites_number_is_shown_for_a_helpline_without_its_own(self, site: SiteFolder) -> None:
        configuration = site.read('callback.caller_id="1600123456"', "callback.ring_seconds=20")
        assert configuration.caller_id_of(FOOD) == "1600123456"
        assert configuration.callback.ring_seconds == 20


class TestHours:
    def test_days_and_several_days_with_one_span_or_more(self, site: SiteFolder) -> None:
        week = kwa(
            site,
            """
            [hours]
            mon_thu = ["08:00-13:00", "14:00-20:00"]
            fri = "08:00-12:30"
            sat = []
            """,
        ).week
        whole_day = (Span(480, 780), Span(840, 1200))
        assert week == (whole_day, whole_day, whole_day, whole_day, (Span(480, 750),), (), ())

    def test_days_over_the_end_of_the_week(self, site: SiteFolder) -> None:
        week = kwa(site, '[hours]\nsat_mon = "00:00-24:00"').week
        assert week is not None
        assert [bool(day) for day in week] == [True, False, False, False, False, True, True]
        assert week[0] == (Span(0, DAY),)

    def test_a_night(self, site: SiteFolder) -> None:
        assert kwa(site, '[hours]\nmon_sun = "22:00-06:00"').week == ((Span(1320, DAY + 360),),) * 7
        site.change(FILE, "22:00-06:00", "22:00-00:00")
        assert site.read().helplines[KWA].week == ((Span(1320, DAY),),) * 7

    def test_holidays_are_the_sites_and_no_matter_to_whoever_is_open_always(self, site: SiteFolder) -> None:
        site.add(FILE, '[hours]\nmon_fri = "08:00-20:00"')
        configuration = site.read("site.holidays=[2027-01-26]")
        zone = ZoneInfo("Asia/Kolkata")
        hours = opening_hours(configuration)
        holidays = frozenset({date(2027, 1, 26)})
        assert hours[KWA] == OpeningHours(((Span(480, 1200),),) * 5 + ((),) * 2, zone, holidays)
        assert hours[FOOD] == OpeningHours(ALWAYS, zone)


class TestTheFloor:
    def test_a_helpline_that_says_nothing_is_plain(self) -> None:
        found = read_configuration(SHIPPED).helplines[CITIZEN]
        assert found.rules == PLAIN
        assert (found.trunks, found.caller_id, found.week) == (None, "", None)

    def test_has_the_rules_of_the_site_and_of_every_helpline(self, site: SiteFolder) -> None:
        configuration = site.read("routing.ring_seconds=17", "routing.order_step_seconds=10")
        poisoning = {CategoryId("poisoning"): Seconds(300)}
        assert floor_rules(configuration) == FloorRules(
            ring_seconds=Seconds(17),
            wrap_up_seconds=Seconds(30),
            missed_offers_limit=1,
            order_step_seconds=Seconds(10),
            helplines={
                CITIZEN: PLAIN,
                FOOD: HelplineRules(category_head_starts=poisoning),
                KWA: HelplineRules(category_head_starts={CategoryId("leak-main"): Seconds(120)}),
                HelplineId("ration"): PLAIN,
            },
        )
        assert floor_rules(configuration).overtaking_bound == 300 + 3 * 10


DOCUMENTED = (SHIPPED.parent / "docs" / "configuration.md").read_text(encoding="utf-8")


def examples(of: str) -> list[str]:
    """The TOML in a part of the documentation."""
    return re.findall(r"(?s)```toml\n(.*?)```", of)


def test_the_examples_of_the_documentation_are_sound(site: SiteFolder) -> None:
    node, whole_file, *additions = examples(DOCUMENTED.partition("## A new helpline")[0])
    site.add("callcentre.toml", node)
    site.write(FILE, whole_file + "".join(additions))
    assert site.faults() == []
    found = site.read().helplines[KWA]
    assert len(found.rules.steps) == 3
    assert found.week is not None
    assert found.menu is not None


def test_the_documented_helpline_of_a_new_department_is_taken_as_it_stands(site: SiteFolder) -> None:
    file, option = examples(DOCUMENTED.partition("## A new helpline")[2])
    site.write("helplines/transport.toml", file)
    assert site.faults() == []
    site.change("helplines/citizen.toml", '[[menu]]\nservice = "message"\n', option)
    configuration = site.read()
    transport = configuration.helplines[HelplineId("transport")]
    assert transport.office is not None
    spoken = read_catalogue(configuration.texts.values(), configuration.helplines.values())
    assert spoken.faults == ()
    assert "transport" in flows(configuration)["155300"].helplines()


# what is added to the file, the key of the one fault, a word of it
MISTAKES = [
    ('[routing]\nstrategy = "random"', "routing.strategy", "longest_idle, fewest_calls, most_skilled"),
    ("[routing]\nhead_start_seconds = -1", "routing.head_start_seconds", "from 0 to 3600"),
    ("[routing]\nreserve = -1", "routing.reserve", "from 0"),
    ("[routing]\nreserve = 1.5", "routing.reserve", "whole number"),
    ("[routing]\npreferred_agent_seconds = 3601", "routing.preferred_agent_seconds", "from 0 to 3600"),
    ('[routing]\nliked = ["Hindi!"]', "routing.liked", "is not the name of a skill"),
    ("[routing]\npriority = 3", "routing.priority", "unknown key"),
    ("[[routing]]\nreserve = 1", "routing", "is not a table"),
    ("[[routing.steps]]\nafter_seconds = 0\n[[routing.steps]]", "routing.steps", "not in the order"),
    (
        "[[routing.steps]]\nafter_seconds = 9\n[[routing.steps]]\nafter_seconds = 5",
        "routing.steps",
        "after the one before",
    ),
    ("[[routing.steps]]\nlanguage = 10", "routing.steps[0].language", "from 1 to 9"),
    ("[[routing.steps]]\nskills = { plumbing = 0 }", "routing.steps[0].skills.plumbing", "from 1 to 9"),
    ("[[routing.steps]]\nskills = { 'a b' = 1 }", "routing.steps[0].skills.a b", "small letters"),
    ("[[routing.steps]]\nskills = ['a']", "routing.steps[0].skills", "is not a table"),
    ('[[routing.steps]]\npools = "d01"', "routing.steps[0].pools", "is not a list"),
    ("[[routing.steps]]\nafter = 5", "routing.steps[0].after", "unknown key"),
    ("[limits]\nmax_waiting = 0", "limits.max_waiting", "from 1"),
    ("[limits]\nmax_wait_seconds = 1", "limits.max_wait_seconds", "from 10"),
    ('[limits]\nwhen_full = "fod"', "limits.when_full", "Use one of: citizen, food, kwa, ration"),
    ('[limits]\nwhen_late = "kwa"', "limits.when_late", "'kwa' is this helpline itself"),
    ('[limits]\nwhen_closed = "Out!"', "limits.when_closed", "\"out\" or a helpline's id"),
    ("[limits]\njoin_unstaffed = 1", "limits.join_unstaffed", "true or false"),
    ("[limits]\ntrunks = 0", "limits.trunks", "from 1"),
    ("[limits]\nmax_waitng = 5", "limits.max_waitng", "unknown key"),
    ("[callback]\nattempts = 0", "callback.attempts", "from 1"),
    ("[callback]\nretry_seconds = 5", "callback.retry_seconds", "from 30"),
    ('[callback]\ncaller_id = "1600 x"', "callback.caller_id", "digits only"),
    ("[callback]\nring_seconds = 30", "callback.ring_seconds", "unknown key"),
    ("[hours]", "hours", "no day is named"),
    ('[hours]\nmonday = "08:00-20:00"', "hours.monday", "is no day"),
    ('[hours]\nmon = "8-20"', "hours.mon", 'hours such as "08:00-20:00"'),
    ('[hours]\nmon = "08:00-24:01"', "hours.mon", "hours such as"),
    ("[hours]\nmon = 8", "hours.mon", "hours such as"),
    ('[hours]\nmon = "08:00-08:00"', "hours.mon", '"00:00-24:00"'),
    ('[hours]\nmon_fri = "08:00-20:00"\nwed = "08:00-12:00"', "hours.wed", "wed is there twice"),
    ("[[hours]]", "hours", "is not a table"),
    ('[[categories]]\nid = "x"\nen = "x"\nml = "x"\nhi = "x"\nta = "x"\nhead_start_seconds = -5',
     "categories[8].head_start_seconds", "from 0"),
]  # fmt: skip


class TestOneMistake:
    @pytest.mark.parametrize(("toml", "key", "word"), MISTAKES)
    def test_is_named_with_its_file_its_key_and_a_remedy(
        self, site: SiteFolder, toml: str, key: str, word: str
    ) -> None:
        site.add(FILE, toml)
        fault = site.fault()
        assert (fault.file, fault.key) == (FILE, key)
        assert word in str(fault)
        assert fault.remedy.endswith(".")

    @pytest.mark.parametrize("day", ['"2027-01-26"', "2027-01-26T00:00:00", "20270126", "9999-12-31", "[]"])
    def test_a_holiday_that_is_no_day(self, site: SiteFolder, day: str) -> None:
        fault = site.fault(f"site.holidays=[{day}]")
        assert (fault.key, fault.remedy) == ("site.holidays", "Write e.g. 2027-01-26, no quotes.")

    def test_no_helpline_has_the_name_of_the_way_out(self, site: SiteFolder) -> None:
        site.change(FILE, 'id = "kwa"', 'id = "out"')
        assert (FILE, "id") in site.named()

    @pytest.mark.parametrize(
        ("override", "key"),
        [
            ("callback.caller_id=1600", "callback.caller_id"),
            ("callback.ring_seconds=5", "callback.ring_seconds"),
            ("routing.order_step_seconds=-1", "routing.order_step_seconds"),
            ("site.holidays=2027-01-26", "site.holidays"),
            ("callers.often_calls=0", "callers.often_calls"),
            ("callers.often_minutes=1441", "callers.often_minutes"),
            ("ration.timeout_seconds=3", "ration.timeout_seconds"),
            ("ration.url=http://cards.example/api", "ration.url"),
            ("ration.url=http://127.0.0.1.example/", "ration.url"),
            ("ration.url=https://cards.example:https/api", "ration.url"),
            ("ration.url=https://us:word@cards.example/api", "ration.url"),
            ("ration.url=https://cards.example:65536/api", "ration.url"),
            ("ration.url=https://cards.example:0", "ration.url"),
            ("ration.url=https://[::1/api", "ration.url"),
            ("ration.url=https://[::::]:1/api", "ration.url"),
            ("ration.url=http://127.0.0.1:70000", "ration.url"),
        ],
    )
    def test_of_the_site(self, site: SiteFolder, override: str, key: str) -> None:
        assert site.fault(override).key == key

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "https://apisetu.gov.in/civilsupplieskerala/v3",
            "https://cards.example:8443/api",
            "https://[2001:db8::1]:8443",
            "http://127.0.0.1:8091",
        ],
    )
    def test_ration_cards_are_asked_for_over_tls_or_on_this_machine(self, site: SiteFolder, url: str) -> None:
        assert site.read(f"ration.url={url}").ration.url == url


numbers = st.integers(-10, 100_001) | st.floats(allow_nan=False) | st.booleans() | st.just("x")
whole = numbers | st.integers(0, 60)
tables: dict[str, st.SearchStrategy[Any]] = {
    "routing": st.fixed_dictionaries(
        {},
        optional={
            "strategy": st.sampled_from([*(s.value for s in Strategy), "", 1]),
            "head_start_seconds": whole,
            "reserve": whole,
            "preferred_agent_seconds": whole,
            "liked": st.lists(st.sampled_from(["a", "B", 1]), max_size=3),
            "steps": st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "after_seconds": whole,
                        "language": whole,
                        "skills": st.dictionaries(st.sampled_from(["a", "B"]), whole),
                        "pools": st.lists(st.sampled_from(["d01", "food", "?"]), max_size=2),
                    },
                ),
                max_size=4,
            ),
        },
    ),
    "limits": st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("max_waiting", "max_wait_seconds", "trunks"), whole),
            **dict.fromkeys(("join_unstaffed", "stay_unstaffed", "stay_closed"), whole),
            **dict.fromkeys(("when_full", "when_late"), st.sampled_from(["out", "food", "kwa", "!", 1])),
        },
    ),
    "callback": st.fixed_dictionaries({}, optional={"attempts": whole, "retry_seconds": whole}),
    "hours": st.dictionaries(
        st.sampled_from(["mon", "mon_fri", "sat_mon", "Monday"]),
        st.sampled_from(["08:00-20:00", "22:00-06:00", "08:00-08:00", "8", 8, [], ["00:00-24:00", "x"]]),
    ),
    "categories": st.lists(
        st.fixed_dictionaries({"id": st.just("a")}, optional={"head_start_seconds": whole}), max_size=2
    ),
}


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({}, optional=tables))
def test_whatever_is_written_the_floor_can_keep_the_rules_that_are_read(content: dict[str, Any]) -> None:
    faults: list[Fault] = []
    found = helpline(Table({"id": "ration", **content}, file=FILE, faults=faults), ())
    FloorRules(
        ring_seconds=Seconds(20),
        wrap_up_seconds=Seconds(0),
        missed_offers_limit=1,
        helplines={found.id: found.rules},
    )
    assert all(fault.file == FILE and fault.remedy for fault in faults)
