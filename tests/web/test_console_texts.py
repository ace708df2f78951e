"""The console speaks both languages whole: code, templates, .po and .mo agree."""

from __future__ import annotations

import re

import pytest

from agents_ui import texts
from agents_ui.forms import LONGEST
from agents_ui.ports import DeskFault, FieldFault
from agents_ui.translations import ENGLISH, MALAYALAM, catalogue, named, preferred
from callcentre.configuration.reading import read_configuration
from callcentre.tickets.desk import LONGEST as LONGEST_STORED
from callcentre.tickets.desk import Fault
from routing.agent import AgentState
from tests.web.catalogue import extracted, kept
from tests.web.parts.console_fakes import CONFIG

RENEW = "run: python -m tests.web.catalogue"
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def test_every_text_of_code_and_templates_is_in_the_catalogue_and_no_other() -> None:
    wanted = {message.id for message in extracted() if message.id}
    assert {message.id for message in kept() if message.id} == wanted, RENEW
    assert len(wanted) > 100


def test_every_text_is_translated_and_none_is_doubtful() -> None:
    for message in kept():
        assert message.string, message.id
        assert not message.fuzzy or not message.id, message.id


def test_placeholders_survive_translation() -> None:
    for message in kept():
        if message.id:
            english, malayalam = str(message.id), str(message.string)
            assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(malayalam))


def test_translations_are_malayalam() -> None:
    for message in kept():
        if message.id:
            assert re.search("[\u0d00-\u0d7f]", str(message.string)), message.id


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    malayalam = catalogue(MALAYALAM)
    for message in kept():
        if message.id:
            assert malayalam.gettext(str(message.id)) == message.string, RENEW
    assert catalogue(MALAYALAM).gettext("Available") == "കോളിന് തയ്യാർ"
    assert catalogue(ENGLISH).gettext("Available") == "Available"


def test_every_code_has_a_text() -> None:
    assert set(texts.STATES) == set(AgentState)
    assert set(texts.DESK_FAULTS) == set(DeskFault)
    assert set(texts.FIELD_FAULTS) == set(FieldFault)
    assert set(texts.ERROR_TITLES) == set(texts.ERROR_TEXTS)


def test_the_field_faults_and_lengths_are_those_of_the_tickets() -> None:
    assert {fault.value for fault in FieldFault} == {fault.value for fault in Fault}
    assert {name: LONGEST_STORED[name] for name in LONGEST} == dict(LONGEST)


def test_the_sites_break_reasons_are_translated() -> None:
    assert set(read_configuration(CONFIG).routing.break_reasons) <= set(texts.BREAK_REASONS)


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [("", "ml"), ("en", "en"), ("en-IN,ml;q=0.9", "en"), ("fr, ML-in", "ml"), ("*", "ml"), (";;,,-", "ml")],
)
def test_the_language_a_browser_prefers(accepted: str, expected: str) -> None:
    assert preferred(accepted) == expected


def test_a_name_missing_in_one_language_is_shown_in_another() -> None:
    assert named({ENGLISH: "Water"}, MALAYALAM, otherwise="kwa") == "Water"
    assert named({}, MALAYALAM, otherwise="kwa") == "kwa"
