"""What callers choose from, in a helpline's file: what it becomes, and every fault named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from callcentre.configuration.model import MenuSettings
from callcentre.menus import flows
from ivr.menu import Manners, Menu, Option, Service, ToCategory, ToHelpline, ToService
from routing.ids import CategoryId, HelplineId, Seconds
from tests.unit.parts.site_folder import SiteFolder

ROADS, CITIZEN = "helplines/roads.toml", "helplines/citizen.toml"
TOP = "callcentre.toml"
# A helpline with all that a menu may hold; what follows it is added below.
HELPLINE = """
id = "roads"
numbers = ["2114"]
[name]
{each}
[matter]
{each}
[[categories]]
id = "landslide"
emergency = true
{each}
{matter}
[[categories]]
id = "pothole"
{each}
{matter}
[[categories]]
id = "lights"
{each}
"""
OFFICE = "[office]\n{each}\n"
ALL = ('category = "landslide"', 'category = "pothole"', 'service = "docket"', 'service = "office"')


def menu(*entries: str) -> str:
    """The list [[menu]] with these entries."""
    return "".join(f"[[menu]]\n{entry}\n" for entry in entries)


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return SiteFolder(tmp_path)


def add_roads(site: SiteFolder, toml: str, *, office: bool = True) -> None:
    """The helpline roads, with *toml* below; in the site's languages."""
    spoken = site.read().site.languages
    each = "\n".join(f'{language} = "words"' for language in spoken)
    matter = "\n".join(f'matter.{language} = "words"' for language in spoken)
    whole = HELPLINE + (OFFICE if office else "")
    site.write(ROADS, whole.format(each=each, matter=matter) + toml)


class TestAMenu:
    def test_has_its_options_in_order_with_their_places_as_keys(self, site: SiteFolder) -> None:
        add_roads(site, menu(*ALL, 'service = "ration-card"'))
        roads = site.read().helplines[HelplineId("roads")]
        assert roads.menu == Menu(
            "roads",
            (
                Option("1", ToCategory("landslide")),
                Option("2", ToCategory("pothole")),
                Option("3", ToService(Service.DOCKET)),
                Option("4", ToService(Service.OFFICE)),
                Option("5", ToService(Service.RATION_CARD)),
            ),
        )

    def test_says_what_is_before_each_key_and_knows_emergencies(self, site: SiteFolder) -> None:
        add_roads(site, menu(*ALL))
        landslide, pothole, lights = site.read().helplines[HelplineId("roads")].categories
        assert (landslide.id, landslide.emergency, pothole.emergency) == (
            CategoryId("landslide"),
            True,
            False,
        )
        assert landslide.matter is not None
        assert set(landslide.matter.values()) == {"words"}
        assert lights.matter is None

    def test_is_there_only_for_a_helpline_that_has_one(self, site: SiteFolder) -> None:
        add_roads(site, "", office=False)
        roads = site.read().helplines[HelplineId("roads")]
        assert (roads.menu, roads.office) == (None, None)

    def test_of_the_general_number_has_room_for_five(self, site: SiteFolder) -> None:
        add_roads(site, menu(*ALL))
        site.change(CITIZEN, 'helpline = "food"', 'helpline = "roads"')
        assert site.faults() == []


# the menu, the key of the one fault, a word of it
MISTAKES = [
    (menu(*ALL, "helpline = 3"), "menu[4].helpline", "the id of a helpline"),
    (menu(*ALL, 'helpline = "rods"'), "menu[4].helpline", "there is no helpline 'rods'"),
    (menu(*ALL, 'helpline = "roads"'), "menu[4]", "leads to itself"),
    (menu(*ALL, 'category = "bridge"'), "menu[4].category", "Use one of: landslide, pothole, lights"),
    (menu(*ALL, 'category = "Pothole"'), "menu[4].category", "the id of a category"),
    (menu(*ALL, 'category = "lights"'), "categories[2].matter", "nothing is said before its key"),
    (menu(*ALL, 'service = "weather"'), "menu[4].service", "one of docket, ration-card, office, message"),
    (menu(*ALL, 'service = "docket"'), "menu[4]", "offers the same twice"),
    (menu(*ALL, 'category = "pothole"'), "menu[4]", "offers the same twice"),
    (menu(*ALL, 'service = "message"\ncategory = "lights"'), "menu[4]", "category and service"),
    (menu(*ALL, ""), "menu[4]", "this one to nothing"),
    (menu(*ALL, 'service = "message"\nkey = 7'), "menu[4].key", "unknown key"),
    (menu(*ALL, 'helpline = "kwa"', 'helpline = "food"'), "menu", "6 options are too many"),
    (menu(*ALL[1:]), "menu", "'landslide' is an emergency, and the menu does not offer it"),
    (menu(ALL[1], ALL[0]), "menu[1]", "comes after what is none"),
    (menu('service = "docket"', ALL[0]), "menu[1]", "Put emergencies first"),
    ("[menu]\ncategory = 'landslide'", "menu", "list of tables [[menu]]"),
]  # fmt: skip


class TestOneMistake:
    @pytest.mark.parametrize(("toml", "key", "word"), MISTAKES)
    def test_is_named_with_its_file_its_key_and_a_remedy(
        self, site: SiteFolder, toml: str, key: str, word: str
    ) -> None:
        add_roads(site, toml)
        fault = site.fault()
        assert (fault.file, fault.key) == (ROADS, key)
        assert word in str(fault)
        assert fault.remedy.endswith(".")

    def test_a_menu_of_before_is_told_how_one_is_written_now(self, site: SiteFolder) -> None:
        add_roads(site, "")
        site.change(ROADS, 'id = "roads"', 'id = "roads"\nmenu = ["kwa"]')
        fault = site.fault()
        assert (fault.file, fault.key) == (ROADS, "menu[0]")
        assert 'helpline = "…"' in fault.remedy

    def test_a_menu_without_an_option_is_a_dead_end(self, site: SiteFolder) -> None:
        add_roads(site, "")
        site.change(ROADS, 'id = "roads"', 'id = "roads"\nmenu = []')
        assert (site.faults()[-1].key, site.faults()[-1].problem[-13:]) == ("menu", "has no option")

    def test_offices_are_offered_that_nobody_has_described(self, site: SiteFolder) -> None:
        add_roads(site, menu(*ALL), office=False)
        fault = site.fault()
        assert (fault.file, fault.key) == (ROADS, "menu[3]")
        assert "[office]" in fault.remedy

    def test_a_menu_that_is_chosen_in_a_menu_leads_to_no_third(self, site: SiteFolder) -> None:
        add_roads(site, menu(*ALL, 'helpline = "kwa"'))
        assert site.faults() == []
        site.change(CITIZEN, 'helpline = "food"', 'helpline = "roads"')
        fault = site.fault()
        assert (fault.file, fault.key) == (ROADS, "menu[4]")
        assert "a third level" in fault.problem

    @pytest.mark.parametrize("matter", ["matter", "office"])
    def test_words_that_are_missing_in_a_language(self, site: SiteFolder, matter: str) -> None:
        add_roads(site, menu(*ALL))
        words = 'matter.en = "words"\n' if matter == "matter" else '[office]\nml = "words"\n'
        site.change(ROADS, words, "[office]\n" if matter == "office" else "")
        key = "categories[0].matter.en" if matter == "matter" else "office.ml"
        assert (site.fault().key, site.fault().problem) == (key, "is missing")

    def test_words_of_a_language_that_the_site_does_not_speak(self, site: SiteFolder) -> None:
        add_roads(site, menu(*ALL))
        site.change(ROADS, "matter.en", 'matter.fr = "mots"\nmatter.en')
        assert (site.fault().key, site.fault().problem) == ("categories[0].matter.fr", "unknown key")

    def test_whether_it_is_an_emergency_is_a_flag(self, site: SiteFolder) -> None:
        add_roads(site, menu(*ALL))
        site.change(ROADS, "emergency = true", 'emergency = "very"')
        assert site.fault().key == "categories[0].emergency"


class TestTheSettingsOfAllMenus:
    def test_every_key(self, site: SiteFolder) -> None:
        keys = ("notice_version=v2", "place_seconds=0", "callback_offered_minutes=0", "message_seconds=90")
        configuration = site.read(*(f"menus.{key}" for key in keys), "menus.rating=false")
        assert configuration.menus == MenuSettings(
            notice_version="v2",
            place_seconds=Seconds(0),
            callback_offered_minutes=0,
            message_seconds=Seconds(90),
            rating=False,
        )

    def test_what_is_left_out_has_its_usual_value(self, site: SiteFolder) -> None:
        text = (site.root / TOP).read_text(encoding="utf-8")
        site.write(TOP, re.sub(r"(?s)\n\[menus\].*?(?=\n\[|\Z)", "", text))
        assert site.read().menus == MenuSettings()

    @pytest.mark.parametrize(
        ("override", "word"),
        [
            ('notice_version="two words"', "empty, or a short word"),
            ("notice_version=2", "empty, or a short word"),
            ("place_seconds=5", "20 or more, or 0 for never"),
            ("place_seconds=-1", "from 0 to 3600"),
            ("callback_offered_minutes=121", "from 0 to 120"),
            ("message_seconds=9", "from 10 to 600"),
            ("message_seconds=6000", "from 10 to 600"),
            ("rating=1", "true or false"),
            ("solved=true", "unknown key"),
        ],
    )
    def test_a_mistake(self, site: SiteFolder, override: str, word: str) -> None:
        fault = site.fault(f"menus.{override}")
        assert (fault.file, fault.key) == (TOP, f"menus.{override.partition('=')[0]}")
        assert word in str(fault)


class TestTheFlowOfANumber:
    def test_has_the_menus_and_offices_that_its_callers_can_come_to(self, site: SiteFolder) -> None:
        add_roads(site, menu(*ALL))
        site.change(CITIZEN, 'helpline = "food"', 'helpline = "roads"')
        found = flows(site.read())
        general = found["155300"]
        assert general.helpline == "citizen"
        assert "roads" in general.helplines()
        assert general.menus["roads"].goal_of("2") == ToCategory("pothole")
        assert "roads" in general.offices
        assert found["2114"].helpline == "roads"
        assert general.menus["citizen"].goal_of("2") == ToHelpline("roads")

    def test_keeps_the_manners_of_the_site(self, site: SiteFolder) -> None:
        configuration = site.read("menus.notice_version=3a", "menus.message_seconds=60", "menus.rating=true")
        assert flows(configuration)["1916"].manners == Manners(notice="3a", message_seconds=60)
