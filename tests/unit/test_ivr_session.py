"""Callers' stories, and a walk over everything a session can ever be told."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.menu import Flow, MenuOption
from ivr.session import (
    Choose,
    Command,
    Event,
    HungUp,
    IllegalEvent,
    KeyPressed,
    Leave,
    Listen,
    Phase,
    Play,
    PromptsFinished,
    Session,
    SilencePassed,
    Started,
    advance,
    begin,
)

OPTIONS = (MenuOption("1", "kwa"), MenuOption("2", "food"), MenuOption("3", "ration"))
GENERAL = Flow(languages=("ml", "en"), options=OPTIONS, helpline="citizen")
DIRECT = Flow(languages=("ml", "en"), options=(), helpline="kwa")
ONE_LANGUAGE = Flow(languages=("ml",), options=OPTIONS, helpline="citizen")
DIRECT_ONE_LANGUAGE = Flow(languages=("ml",), options=(), helpline="kwa")
FLOWS = (GENERAL, DIRECT, ONE_LANGUAGE, DIRECT_ONE_LANGUAGE)
KEYS = "0123456789*#ABCD"

QUESTION = "ml:language ml:press/1 en:language en:press/2"
MENU = "matter/kwa press/1 matter/food press/2 matter/ration press/3 person"


def spoken(command: Command) -> str:
    match command:
        case Play(prompts):
            return " ".join(f"{prompt.language}:{prompt.name}" for prompt in prompts)
        case Listen(seconds):
            return f"({seconds:g} s)"
        case Choose(helpline, language):
            return f"→ {helpline} in {language}"
        case Leave():
            return "gone"


def menu(language: str) -> str:
    return " ".join(f"{language}:{name}" for name in MENU.split())


def story(flow: Flow, told: str) -> list[str]:
    """What happens when the caller does *told*: a key; ``.`` hears all, ``_`` is silent, ``!`` hangs up."""
    events: dict[str, Event] = {".": PromptsFinished(), "_": SilencePassed(), "!": HungUp()}
    session, command = advance(begin(flow), Started())
    transcript = [spoken(command)]
    for letter in told:
        session, command = advance(session, events.get(letter, KeyPressed(letter)))
        transcript.append(spoken(command))
    return transcript


class TestStories:
    def test_an_english_speaker_asks_for_water(self) -> None:
        assert story(GENERAL, ".2.1") == [
            f"ml:welcome {QUESTION}",
            "(5 s)",
            menu("en"),
            "(5 s)",
            "→ kwa in en",
        ]

    def test_a_regular_caller_types_ahead(self) -> None:
        assert story(GENERAL, "12") == [f"ml:welcome {QUESTION}", menu("ml"), "→ food in ml"]

    def test_whoever_says_nothing_is_brought_to_a_person_in_the_first_language(self) -> None:
        assert story(GENERAL, "._._._._") == [
            f"ml:welcome {QUESTION}",
            "(5 s)",
            menu("ml"),
            "(5 s)",
            menu("ml"),
            "(8 s)",
            menu("ml"),
            "(8 s)",
            "→ citizen in ml",
        ]

    def test_wrong_keys_are_named_and_lead_to_a_person_after_three(self) -> None:
        assert story(GENERAL, "2949")[2:] == [
            f"en:wrong-key {menu('en')}",
            f"en:wrong-key {menu('en')}",
            "→ citizen in en",
        ]

    def test_a_wrong_key_at_the_language_question_repeats_it_without_the_welcome(self) -> None:
        assert story(GENERAL, "7.8.9")[1:] == [
            f"ml:wrong-key {QUESTION}",
            "(5 s)",
            f"ml:wrong-key {QUESTION}",
            "(5 s)",
            "→ citizen in ml",
        ]

    def test_silence_and_wrong_keys_count_together(self) -> None:
        assert story(GENERAL, "1._9._")[-1] == "→ citizen in ml"

    def test_a_direct_number_asks_only_the_language(self) -> None:
        assert story(DIRECT, ".2") == [f"ml:welcome {QUESTION}", "(5 s)", "→ kwa in en"]
        assert story(DIRECT, "._")[-1] == "→ kwa in ml"

    def test_one_language_is_no_question(self) -> None:
        assert story(ONE_LANGUAGE, "3") == [f"ml:welcome {menu('ml')}", "→ ration in ml"]
        assert story(DIRECT_ONE_LANGUAGE, ".") == ["ml:welcome", "→ kwa in ml"]
        assert story(DIRECT_ONE_LANGUAGE, "4") == ["ml:welcome", "→ kwa in ml"]

    def test_a_star_repeats_the_present_question_and_costs_no_try(self) -> None:
        assert story(GENERAL, "*2.**1") == [
            f"ml:welcome {QUESTION}",
            QUESTION,
            menu("en"),
            "(5 s)",
            menu("en"),
            menu("en"),
            "→ kwa in en",
        ]

    def test_the_sixth_star_brings_a_person(self) -> None:
        assert story(GENERAL, "1*****")[-1] == menu("ml")
        assert story(GENERAL, "1******")[-1] == "→ citizen in ml"

    def test_a_hash_skips_what_is_said_and_ends_a_wait(self) -> None:
        assert story(GENERAL, "#")[-1] == "(5 s)"
        assert story(GENERAL, "##")[-1] == menu("ml")

    def test_hanging_up_leaves(self) -> None:
        assert story(GENERAL, ".2!")[-1] == "gone"


def events_for(session: Session) -> list[Event]:
    """Everything the shell may report in this phase."""
    keys: list[Event] = [KeyPressed(key) for key in KEYS]
    match session.phase:
        case Phase.READY:
            return [Started(), HungUp()]
        case Phase.WELCOMING | Phase.ASKING_LANGUAGE | Phase.OFFERING_MENU:
            return [*keys, PromptsFinished(), HungUp()]
        case Phase.AWAITING_LANGUAGE | Phase.AWAITING_MATTER:
            return [*keys, SilencePassed(), HungUp()]
        case Phase.OVER:
            return []


def reachable(flow: Flow) -> set[Session]:
    found: set[Session] = set()
    frontier = [begin(flow)]
    while frontier:
        session = frontier.pop()
        if session not in found:
            found.add(session)
            frontier.extend(advance(session, event)[0] for event in events_for(session))
    return found


@pytest.mark.parametrize("flow", FLOWS)
class TestWalkOverAllSessions:
    def test_zero_reaches_a_person_everywhere(self, flow: Flow) -> None:
        hearing = [s for s in reachable(flow) if s.phase not in (Phase.READY, Phase.OVER)]
        assert hearing
        for session in hearing:
            assert advance(session, KeyPressed("0"))[1] == Choose(flow.helpline, session.language)

    def test_every_way_ends_after_a_bounded_number_of_steps(self, flow: Flow) -> None:
        @cache
        def longest(session: Session) -> int:
            # A cycle would make this recursion endless.
            return max((1 + longest(advance(session, event)[0]) for event in events_for(session)), default=0)

        # Two questions, each heard at most 8 times (once, 2 failed tries, 5 repeats) and awaited so.
        assert longest(begin(flow)) <= 1 + 2 * 2 * 8

    def test_the_only_ways_out_are_a_helpline_of_the_flow_and_hanging_up(self, flow: Flow) -> None:
        helplines = {flow.helpline, *(option.helpline for option in flow.options)}
        for session in reachable(flow):
            for event in events_for(session):
                after, command = advance(session, event)
                match command:
                    case Leave():
                        assert isinstance(event, HungUp)
                    case Choose(helpline, language):
                        assert helpline in helplines
                        assert language in flow.languages
                    case Play(prompts):
                        assert set(prompts) <= flow.every_prompt()
                assert (after.phase is Phase.OVER) == isinstance(command, Choose | Leave)

    def test_wrong_keys_only_lead_to_a_person(self, flow: Flow) -> None:
        session, command = advance(begin(flow), Started())
        pressed = 0
        while not isinstance(command, Choose):
            session, command = advance(session, KeyPressed("9"))
            pressed += 1
        assert command == Choose(flow.helpline, "ml")
        assert pressed <= 3


@given(flow=st.sampled_from(FLOWS), keys=st.text(alphabet=KEYS + "_", max_size=60))
def test_whatever_is_pressed_a_patient_caller_reaches_somebody(flow: Flow, keys: str) -> None:
    session, command = advance(begin(flow), Started())
    # After the keys, silence.
    for key in keys + "_" * 40:
        if isinstance(command, Choose):
            return
        done = PromptsFinished() if isinstance(command, Play) else SilencePassed()
        session, command = advance(session, done if key == "_" else KeyPressed(key))
    raise AssertionError(f"still at {session.phase} after {keys!r}")


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ("", SilencePassed()),
        ("", Started()),
        (".", PromptsFinished()),
        ("0", KeyPressed("1")),
        ("0", PromptsFinished()),
    ],
)
def test_what_cannot_have_happened_is_our_error(told: str, event: Event) -> None:
    session, _ = advance(begin(GENERAL), Started())
    for letter in told:
        session, _ = advance(session, PromptsFinished() if letter == "." else KeyPressed(letter))
    with pytest.raises(IllegalEvent, match=type(event).__name__):
        advance(session, event)
