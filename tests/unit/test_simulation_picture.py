"""The picture of a day: well-formed, to scale, and twice in one file for two widths."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest

from callcentre.simulation.picture import svg
from routing.ids import Seconds
from routing.service_level import Target
from routing.simulation.scenario import Scenario, Shift
from routing.simulation.trial import Results, simulate
from tests.unit.parts.imagined import FOOD, KWA, agents, callers, exponential, hour, scenario

SVG = "{http://www.w3.org/2000/svg}"


def rush() -> Scenario:
    """120 calls between nine and ten; two agents from half past nine, one before."""
    an_hour = [0.0] * 9 + [120.0] + [0.0] * 14
    return scenario(
        callers(an_hour=an_hour, talking=exponential(60), patience=exponential(90)),
        agents(1, name="always"),
        agents(1, name="later", shift=Shift(hour(9.5), hour(18))),
        replications=3,
    )


@pytest.fixture(scope="module")
def results() -> Results:
    return simulate(rush())


def layouts(results: Results) -> dict[str, Xml.Element]:
    """The two pictures in the file by their class."""
    root = Xml.fromstring(svg(results))  # noqa: S314 -- our own
    return {page.attrib["class"]: page for page in root.findall(f"{SVG}svg")}


def texts(page: Xml.Element) -> list[str]:
    return ["".join(element.itertext()) for element in page.iter(f"{SVG}text")]


def columns(page: Xml.Element, kind: str) -> list[Xml.Element]:
    """Without the square in the key."""
    found = [rect for rect in page.iter(f"{SVG}rect") if rect.get("class") == kind]
    return [rect for rect in found if (rect.get("width"), rect.get("height")) != ("12.0", "12.0")]


def test_both_layouts_have_every_panel_headline_and_time(results: Results) -> None:
    pages = layouts(results)
    assert pages.keys() == {"wide", "narrow"}
    for page in pages.values():
        told = texts(page)
        assert {"Calls in a quarter hour", "Callers waiting", "Agents", "Service level"} <= set(told)
        assert {"service level", "average speed of answer", "abandonment", "occupancy", "12:00"} <= set(told)
        assert sum("±" in words for words in told) == 5, "four figures and what it means"
    assert "03:00" in texts(pages["wide"])
    assert "03:00" not in texts(pages["narrow"])


def test_a_column_is_as_high_as_its_value(results: Results) -> None:
    for page in layouts(results).values():
        heights = [float(column.attrib["height"]) for column in columns(page, "calls")]
        calls = [at.calls for at in results.quarters if at is not None and at.calls]
        assert len(heights) == len(calls) == 4
        assert [h / heights[0] for h in heights] == pytest.approx([c / calls[0] for c in calls], abs=0.01)


def test_quarters_below_the_target_stand_out(results: Results) -> None:
    levels = [at.service_level for at in results.quarters if at is not None and at.service_level is not None]
    missed = sum(level < 0.8 for level in levels)
    assert missed > 0
    for page in layouts(results).values():
        assert len(columns(page, "missed")) == missed
        assert len(columns(page, "met")) == len(levels) - missed


def test_without_a_common_target_none_is_drawn() -> None:
    other = callers(FOOD, target=Target(0.9, Seconds(10)))
    page = layouts(simulate(scenario(callers(), other, agents(9, KWA, FOOD), hours=2)))["wide"]
    assert "target met" not in texts(page)
    assert any(words.startswith("least ") for words in texts(page))


def test_agents_on_duty_are_a_line_with_gaps_where_no_run_came() -> None:
    warm = simulate(scenario(callers(), agents(4), hours=6, warm_up_hours=5))
    (line,) = [
        path.attrib["d"]
        for path in layouts(warm)["wide"].iter(f"{SVG}path")
        if path.get("class") == "duty" and "h14" not in path.attrib["d"]
    ]
    assert line.count("M") == 1
    assert line.count("H") == 4


def test_a_name_is_text_whatever_is_in_it(results: Results) -> None:
    odd = replace(results, scenario=replace(results.scenario, name='കേരളം <script> & "water"'))
    for page in layouts(odd).values():
        assert 'കേരളം <script> & "water"' in texts(page)


def test_comes_again_the_same(results: Results) -> None:
    assert svg(results) == svg(simulate(rush()))
