"""The tree of a flow: every key of every menu a caller can come to, and where it leads."""

from __future__ import annotations

from ivr.menu import Flow, Manners, Menu, Option, Service, ToCategory, ToHelpline, ToService
from ivr.outline import Branch, Choice, InLine, Served, outline

WATER = Menu("kwa", (Option("1", ToCategory("leak")), Option("2", ToService(Service.OFFICE))))
GENERAL = Menu(
    "citizen",
    (Option("1", ToHelpline("kwa")), Option("2", ToHelpline("food")), Option("3", ToService(Service.DOCKET))),
)


def flow(helpline: str, *, languages: tuple[str, ...] = ("ml", "en")) -> Flow:
    return Flow(
        languages=languages,
        helpline=helpline,
        menus={"citizen": GENERAL, "kwa": WATER},
        offices=frozenset({"kwa"}),
        manners=Manners(notice="3"),
    )


WATER_CHOICE = Choice(
    "kwa",
    (
        Branch("1", "matter/kwa/leak", InLine("kwa", "leak")),
        Branch("2", "service/office", Served(Service.OFFICE, "kwa")),
    ),
    person=InLine("kwa"),
)


def test_languages_and_the_notice_come_first() -> None:
    found = outline(flow("kwa"))
    assert (found.languages, found.notice) == ((("1", "ml"), ("2", "en")), "3")
    assert found.start == WATER_CHOICE


def test_a_menu_holds_the_menus_and_the_people_that_it_leads_to() -> None:
    assert outline(flow("citizen")).start == Choice(
        "citizen",
        (
            Branch("1", "matter/kwa", WATER_CHOICE),
            Branch("2", "matter/food", InLine("food")),
            Branch("3", "service/docket", Served(Service.DOCKET, "citizen")),
        ),
        person=InLine("citizen"),
    )


def test_a_helpline_without_a_menu_is_its_people() -> None:
    assert outline(flow("food")).start == InLine("food")


def test_one_language_is_no_question() -> None:
    assert outline(flow("food", languages=("ml",))).languages == ()
