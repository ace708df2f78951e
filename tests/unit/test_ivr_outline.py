"""The tree of a flow: every key of every menu a caller can come to, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ivr.exchange import Arrived, Command, Finish, KeyPressed, Next, Started
from ivr.menu import Flow, Manners, Menu, Option, Service, ToCategory, ToHelpline, ToService
from ivr.outline import Branch, Choice, InLine, Served, Stop, outline
from ivr.walk import advance, begin

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


def ways(stop: Stop, keys: str = "") -> Iterator[tuple[str, Stop]]:
    """Every row of keys that leads out of *stop*, and where to."""
    if not isinstance(stop, Choice):
        yield keys, stop
        return
    yield keys + "0", stop.person
    for branch in stop.branches:
        yield from ways(branch.stop, keys + branch.key)


def pressed(flow: Flow, keys: str) -> Command:
    """What a session does last for a caller who presses *keys*."""
    session, command = advance(begin(flow, Arrived(today=date(2026, 7, 1))), Started())
    for key in keys:
        session, command = advance(session, KeyPressed(key))
    return command


def test_a_caller_who_presses_the_keys_comes_to_where_the_tree_says() -> None:
    walked = flow("citizen")
    found = list(ways(outline(walked).start))
    assert [keys for keys, _ in found] == ["0", "10", "11", "12", "2", "3"]
    for keys, stop in found:
        # Malayalam, then the menu: typed while the notice is said.
        command = pressed(walked, f"1{keys}")
        if isinstance(stop, InLine):
            assert isinstance(command, Finish)
            assert (command.next, command.helpline, command.category) == (
                Next.QUEUE,
                stop.helpline,
                stop.category,
            )
        else:
            assert not isinstance(command, Finish)
