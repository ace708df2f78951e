"""Callers' stories in the menus."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from ivr.exchange import (
    Announcement,
    Arrived,
    Ask,
    CannotWait,
    CardKind,
    DocketFound,
    DocketState,
    Done,
    FindDocket,
    FindRationCard,
    Finish,
    KeepJudgement,
    NothingFound,
    OpenDocket,
    RationCardFound,
    SendText,
    SilencePassed,
    Talked,
    Unanswered,
    Waits,
    Why,
)
from ivr.steps.step import IllegalEvent
from tests.unit.parts.imagined_menus import (
    DOCKET,
    GENERAL,
    ONE_LANGUAGE,
    PLAIN,
    SPELT,
    STRANGER,
    TODAY,
    Story,
    english,
)

QUESTION = "ml:language ml:press/1 en:language en:press/2"
TUESDAY = date(2026, 11, 24)


MENU = english("matter/kwa press/1 matter/food press/2 service/docket press/3 person")
WATER_MENU = english(
    "matter/kwa/leak press/1 service/office press/2 service/ration-card press/3 service/message press/4 "
    "person"
)


class TestTheWayToAPerson:
    def test_an_english_speaker_reports_a_leak(self) -> None:
        caller = Story(GENERAL)
        caller.does(".2..1.1")
        assert caller.transcript == [
            f"ml:welcome {QUESTION}",
            "(5 s)",
            "en:notice",
            MENU,
            "(5 s)",
            WATER_MENU,
            "(5 s)",
            "→ queue: kwa/leak in en",
        ]

    def test_a_regular_caller_types_ahead_through_the_whole_menu(self) -> None:
        caller = Story(GENERAL)
        assert caller.does("211") == "→ queue: kwa/leak in en"

    def test_a_number_without_a_menu_asks_for_the_language_only(self) -> None:
        assert Story(PLAIN).does(".2") == "→ queue: kwa in en"

    def test_with_one_language_and_no_menu_a_caller_hears_the_welcome_alone(self) -> None:
        caller = Story(ONE_LANGUAGE)
        assert caller.does(".") == "→ queue: food in ml"
        assert caller.transcript[0] == "ml:welcome"

    def test_nought_at_the_second_level_leads_to_that_helplines_people(self) -> None:
        assert Story(GENERAL).does("2.10") == "→ queue: kwa in en"

    def test_a_silent_caller_hears_each_menu_three_times_and_then_a_person(self) -> None:
        caller = Story(GENERAL)
        assert caller.does("._." + "._" * 3) == "→ queue: citizen in ml"
        assert [line for line in caller.transcript if line.startswith("(")] == [
            "(5 s)",
            "(5 s)",
            "(8 s)",
            "(8 s)",
        ]

    def test_a_wrong_key_is_said_to_be_wrong(self) -> None:
        assert Story(GENERAL).does("2.4") == f"en:wrong-key {MENU}"

    def test_star_repeats_and_hash_skips(self) -> None:
        caller = Story(GENERAL)
        assert caller.does("2.*") == MENU
        assert caller.does("#") == "(5 s)"

    def test_tries_are_counted_anew_at_the_second_level(self) -> None:
        caller = Story(GENERAL)
        caller.does("2.991")
        assert caller.does("9") == f"en:wrong-key {WATER_MENU}"

    def test_what_cannot_have_happened_is_refused(self) -> None:
        with pytest.raises(IllegalEvent, match="SilencePassed while saying at language"):
            Story(GENERAL).tell(SilencePassed())


class TestNotice:
    def test_its_version_and_the_consent_go_with_the_call(self) -> None:
        command = end_of(Story(GENERAL), "2.0")
        assert (command.notice, command.recorded) == ("2026-11", True)

    def test_whoever_presses_nine_is_not_recorded(self) -> None:
        caller = Story(GENERAL)
        assert caller.does("29") == "en:not-recorded"
        command = end_of(caller, ".0")
        assert (command.notice, command.recorded) == ("2026-11", False)

    def test_whoever_was_not_told_is_not_recorded(self) -> None:
        command = end_of(Story(GENERAL), "0")
        assert (command.notice, command.recorded) == ("", False)


class TestWhatIsKnownOfTheCaller:
    def test_his_language_is_offered_first_and_taken_on_silence(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, language="en"))
        assert caller.transcript == ["en:welcome en:language en:press/2 ml:language ml:press/1"]
        assert caller.does("._") == "en:notice"

    def test_a_language_that_is_no_longer_spoken_is_not(self) -> None:
        assert Story(GENERAL, Arrived(today=TODAY, language="kn")).transcript == [f"ml:welcome {QUESTION}"]

    def test_his_open_docket_is_offered_before_the_menu(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, docket=OpenDocket(DOCKET, "kwa", TUESDAY)))
        assert caller.does("2.") == english("about-docket/1 weekday/1 press/1 else-stay")
        assert caller.does("1") == f"? {FindDocket(DOCKET)}"

    def test_with_another_matter_he_stays_on_the_line_or_types_ahead(self) -> None:
        known = Arrived(today=TODAY, docket=OpenDocket(DOCKET, "kwa", TUESDAY))
        assert Story(GENERAL, known).does("2.._") == MENU
        assert Story(GENERAL, known).does("2.2") == "→ queue: food in en"

    def test_whoever_calls_again_and_again_may_leave_a_message_or_ask_for_a_person(self) -> None:
        often = Arrived(today=TODAY, flooding=True)
        assert Story(GENERAL, often).does("2") == "en:notice"
        assert Story(GENERAL, often).does("2.") == english("flooding message-offer person")
        assert Story(GENERAL, often).does("2.2") == "en:leave-message"
        assert Story(GENERAL, often).does("2.0") == "→ queue: citizen in en"
        assert Story(GENERAL, often).does("2.._") == "→ goodbye: citizen in en"

    def test_his_message_is_not_recorded_before_the_notice(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, flooding=True))
        assert caller.does("22.") == "(records 60 s)"
        assert caller.session.notice == "2026-11"

    def test_in_a_surge_a_line_nobody_is_heard_on_is_released_after_saying_so(self) -> None:
        surge = Arrived(today=TODAY, surge=True)
        caller = Story(GENERAL, surge)
        assert caller.does("._.._._._") == "ml:silent-line"
        assert caller.does(".") == "→ goodbye: citizen in ml"
        assert Story(GENERAL, surge).does("._.._._._1") == "→ queue: citizen in ml"
        assert Story(GENERAL, surge).does("2.._._._") == "→ queue: citizen in en"


class TestAnnouncements:
    BROADCAST = ("", Announcement("announcement/7"))
    BURST = ("kwa", Announcement("announcement/8", True, datetime(2026, 11, 26, 18)))  # noqa: DTZ001

    def test_a_broadcast_is_heard_before_the_menu(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, announcements=(self.BROADCAST, self.BURST)))
        assert caller.does("2.") == "en:announcement/7"
        assert caller.does(".") == MENU

    def test_that_of_a_helpline_is_heard_by_whoever_comes_to_it_through_the_general_number(self) -> None:
        water = ("kwa", Announcement("announcement/9"))
        both = [(helpline, Announcement("announcement/10")) for helpline in ("citizen", "kwa")]
        caller = Story(GENERAL, Arrived(today=TODAY, announcements=(water, *both)))
        assert caller.does("2.") == "en:announcement/10"
        assert caller.does(".1") == f"en:announcement/9 {WATER_MENU}"

    def test_an_outage_is_heard_before_the_queue_of_its_helpline(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, announcements=(self.BURST,)))
        told = "announcement/8 outage-until/1 date/today clock/hour/6 clock/part/evening outage-closing"
        assert caller.does("2.10") == english(told)
        assert caller.does(".") == "→ queue: kwa in en"

    def test_any_key_cuts_an_outage_short(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, announcements=(self.BURST,)))
        assert caller.does("2.100") == "→ queue: kwa in en"

    def test_other_helplines_do_not_hear_of_it(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, announcements=(self.BURST,)))
        assert caller.does("2.2") == "→ queue: food in en"


class TestServices:
    FOUND = DocketFound(DocketState.WITH_OFFICE, "kwa", TUESDAY, office="office/kwa", due=date(2026, 11, 27))

    def test_the_state_of_a_docket_is_read_back_with_its_office_and_its_day(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, textable=True))
        assert caller.does("2.3") == "en:enter-docket"
        assert caller.does(DOCKET) == f"? {FindDocket(DOCKET)}"
        assert caller.is_answered(self.FOUND) == english(
            f"docket-said/1 {SPELT} docket-said/2 weekday/1 docket-with-office docket-at-office/1 "
            "office/kwa docket-due/1 date/tomorrow text-offer menu-again person"
        )

    def test_star_repeats_what_was_found_out(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, textable=True))
        caller.does("2.3" + DOCKET)
        told = caller.is_answered(self.FOUND)
        assert caller.does("*") == told
        assert caller.does("9").startswith("en:wrong-key en:text-offer")
        assert caller.does("*") == told
        caller.does("1")
        caller.is_answered(Done())
        assert caller.does("*") == told.replace("en:text-offer ", "")

    def test_it_is_sent_by_sms_once(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, textable=True))
        caller.does("2.3" + DOCKET)
        caller.is_answered(self.FOUND)
        assert caller.does("1") == f"? {SendText(f'docket/{DOCKET}')}"
        assert caller.is_answered(Done()) == english("text-sent menu-again person")

    def test_whoever_goes_on_to_a_person_takes_his_docket_along(self) -> None:
        caller = Story(GENERAL)
        caller.does("2.3" + DOCKET)
        caller.is_answered(self.FOUND)
        command = end_of(caller, "0")
        assert (command.docket, command.helpline) == (DOCKET, "kwa")

    def test_about_something_else_he_comes_to_the_people_of_the_menu(self) -> None:
        for keys in ("20", "2120"):
            caller = Story(GENERAL)
            caller.does("2.3" + DOCKET)
            caller.is_answered(replace(self.FOUND, helpline="food"))
            assert end_of(caller, keys).helpline == ("citizen" if keys == "20" else "kwa")

    def test_a_number_that_leads_to_one_helpline_leads_to_no_other(self) -> None:
        caller = Story(GENERAL)
        caller.does("2.3" + DOCKET)
        caller.is_answered(replace(self.FOUND, helpline="police"))
        assert end_of(caller, "0").helpline == "citizen"

    def test_an_open_docket_of_which_nothing_is_known_now_leads_to_its_people(self) -> None:
        caller = Story(GENERAL, Arrived(today=TODAY, docket=OpenDocket(DOCKET, "kwa", TUESDAY)))
        caller.does("2..1")
        assert caller.is_answered(Unanswered()) == "en:cannot-know"
        command = end_of(caller, ".")
        assert (command.docket, command.helpline) == (DOCKET, "kwa")

    def test_an_unknown_docket_may_be_keyed_again(self) -> None:
        caller = Story(GENERAL)
        caller.does("2.3" + DOCKET)
        assert caller.is_answered(NothingFound()) == english("docket-unknown enter-docket")

    def test_a_docket_too_short_is_said_to_be_none(self) -> None:
        assert Story(GENERAL).does("2.3123#") == english("docket-wrong enter-docket")
        assert Story(GENERAL).does("2.3123_") == english("docket-wrong enter-docket")

    def test_a_number_may_hold_noughts_and_be_begun_anew(self) -> None:
        caller = Story(GENERAL)
        assert caller.does("2.310") == "(8 s)"
        assert caller.does("*") == "en:enter-docket"
        assert caller.does("0") == "→ queue: citizen in en"

    def test_what_cannot_be_found_out_leads_to_a_person(self) -> None:
        caller = Story(GENERAL)
        caller.does("2.3" + DOCKET)
        assert caller.is_answered(Unanswered()) == "en:cannot-know"
        assert caller.does(".") == "→ queue: citizen in en"

    def test_a_ration_cards_number_is_read_back_before_it_is_asked_for(self) -> None:
        caller = Story(GENERAL)
        digits = " ".join(["digits/1"] * 10)
        assert caller.does("2.13" + "1" * 10) == english(f"you-keyed/1 {digits} confirm-keyed")
        assert caller.does("1") == f"? {FindRationCard('1' * 10)}"
        assert caller.is_answered(RationCardFound(CardKind.PHH, True, 4)) == english(
            f"card-said/1 {digits} card-phh card-active card-members/1 number/4 card-members/2 "
            "menu-again person"
        )

    def test_a_misheard_number_is_keyed_again(self) -> None:
        assert Story(GENERAL).does("2.13" + "1" * 10 + "2") == "en:enter-card"

    def test_an_office_says_where_it_is(self) -> None:
        caller = Story(GENERAL)
        assert caller.does("2.12") == english("office/kwa menu-again person")
        assert caller.does("2") == WATER_MENU


class TestWaiting:
    def test_the_place_and_the_time_are_told(self) -> None:
        caller = Story(PLAIN, Waits(place=4, minutes=(3, 5), callback=False), language="en")
        told = "place/1 number/4 wait-between/1 number/3 wait-between/2 number/5 wait-between/3"
        assert caller.transcript == [english(told)]
        assert caller.does(".") == "→ music: kwa in en"

    @pytest.mark.parametrize(
        ("minutes", "told"),
        [
            (None, "place-next"),
            ((0, 1), "place-next wait-soon"),
            ((2, 2), "place-next wait-about/1 number/2 wait-about/2"),
            ((0, 2), "place-next wait-between/1 number/1 wait-between/2 number/2 wait-between/3"),
        ],
    )
    def test_who_is_next_is_told_so(self, minutes: tuple[int, int] | None, told: str) -> None:
        caller = Story(PLAIN, Waits(place=1, minutes=minutes, callback=False), language="en")
        assert caller.transcript == [english(told)]

    def test_a_long_wait_can_be_spent_elsewhere(self) -> None:
        waits = Waits(place=4, minutes=None, callback=True)
        told = "place/1 number/4 callback-offer message-offer stay"
        assert Story(PLAIN, waits, language="en").transcript == [english(told)]
        assert Story(PLAIN, waits, language="en").does("1") == "→ callback: kwa in en"
        assert Story(PLAIN, waits, language="en").does("2") == "en:leave-message"

    def test_who_cannot_wait_is_told_why_and_what_he_can_do(self) -> None:
        cannot = CannotWait(why=Why.CLOSED, callable=True)
        told = english("closed callback-offer message-offer")
        assert Story(PLAIN, cannot, language="en").transcript == [told]
        assert Story(PLAIN, cannot, language="en").does("1") == "→ callback: kwa in en"
        assert Story(PLAIN, cannot, language="en").does("2") == "en:leave-message"
        assert Story(PLAIN, cannot, language="en").does("0") == told
        assert Story(PLAIN, cannot, language="en").does("._") == "→ goodbye: kwa in en"

    def test_who_cannot_be_called_is_not_offered_it(self) -> None:
        cannot = CannotWait(why=Why.FULL, callable=False)
        assert Story(PLAIN, cannot, language="en").transcript == [english("full message-offer")]

    def test_busy_lines_are_said_in_every_language(self) -> None:
        cannot = CannotWait(why=Why.LINES_BUSY, callable=False)
        assert Story(PLAIN, cannot).transcript == ["ml:all-lines-busy en:all-lines-busy ml:message-offer"]


class TestAfterTheTalk:
    def test_a_settled_matter_and_a_rating_are_kept(self) -> None:
        caller = Story(GENERAL, Talked(docket=DOCKET), language="en", helpline="kwa")
        assert caller.does("1") == f"? {KeepJudgement(DOCKET, True, None)}"
        assert caller.is_answered(Done()) == "en:rating-question"
        assert caller.does("5") == f"? {KeepJudgement(DOCKET, True, 5)}"
        assert caller.is_answered(Done()) == "en:thanks-for-judging"

    def test_one_not_settled_is_opened_again_and_that_is_said(self) -> None:
        caller = Story(GENERAL, Talked(docket=DOCKET), language="en")
        caller.does("2")
        assert caller.is_answered(Done()) == english("docket-reopened rating-question")

    def test_what_could_not_be_kept_is_not_said_to_be_opened_again(self) -> None:
        caller = Story(GENERAL, Talked(docket=DOCKET), language="en")
        caller.does("2")
        assert caller.is_answered(Unanswered()) == "en:rating-question"

    def test_silence_is_an_answer(self) -> None:
        assert Story(GENERAL, Talked(), language="en").does("._") == "→ goodbye: citizen in en"

    def test_nought_is_a_person_again(self) -> None:
        caller = Story(GENERAL, Talked(), language="en", helpline="kwa")
        assert caller.does("0") == "→ queue: kwa in en"


def end_of(caller: Story, keys: str) -> Finish:
    """Where *keys* lead."""
    caller.does(keys)
    assert isinstance(caller.command, Finish)
    return caller.command


def test_a_session_asks_one_thing_at_a_time() -> None:
    caller = Story(GENERAL, STRANGER)
    caller.does("2.3" + DOCKET)
    assert caller.command == Ask(FindDocket(DOCKET))
