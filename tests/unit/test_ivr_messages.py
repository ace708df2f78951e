"""Stories of callers who leave a message."""

from __future__ import annotations

import pytest

from ivr.exchange import (
    CannotWait,
    KeepMessage,
    Recorded,
    Registered,
    Situation,
    Unanswered,
    Waits,
    WantsToLeaveMessage,
    Why,
)
from tests.unit.parts.imagined_menus import DOCKET, GENERAL, PLAIN, SPELT, Story, english


class TestMessages:
    def test_a_message_becomes_a_ticket_and_its_docket_is_said_twice(self) -> None:
        caller = Story(GENERAL)
        assert caller.does("2.14.") == "(records 60 s)"
        kept = KeepMessage("kwa", "", "en", 12)
        assert caller.tell(Recorded(12, gone=False)) == f"? {kept}"
        told = f"message-kept docket-is {SPELT} docket-again {SPELT}"
        assert caller.is_answered(Registered(DOCKET)) == english(told)
        assert caller.does(".") == "→ goodbye: kwa in en"

    def test_star_repeats_the_docket(self) -> None:
        caller = Story(GENERAL)
        caller.does("2.14.")
        caller.tell(Recorded(12, gone=False))
        told = caller.is_answered(Registered(DOCKET))
        assert caller.does("*") == told
        assert caller.does("*****") == "→ goodbye: kwa in en"

    def test_who_hangs_up_after_speaking_is_kept_as_well(self) -> None:
        caller = Story(GENERAL)
        caller.does("2.14.")
        assert caller.tell(Recorded(12, gone=True)).startswith("? KeepMessage")
        assert caller.is_answered(Registered(DOCKET)) == "gone"

    def test_who_says_nothing_is_asked_again(self) -> None:
        caller = Story(GENERAL)
        caller.does("2.14.")
        assert caller.tell(Recorded(0, gone=False)) == english("message-empty leave-message")

    def test_what_could_not_be_kept_is_said(self) -> None:
        caller = Story(GENERAL)
        caller.does("2.14.")
        caller.tell(Recorded(12, gone=False))
        assert caller.is_answered(Unanswered()) == "en:message-not-kept"
        assert caller.does(".") == "→ queue: kwa in en"

    @pytest.mark.parametrize(
        ("situation", "end"),
        [
            (WantsToLeaveMessage(), "music"),
            (Waits(place=4, minutes=None, callback=True), "music"),
            (CannotWait(why=Why.FULL, callable=False), "goodbye"),
        ],
    )
    def test_who_is_in_line_keeps_his_place_when_his_message_is_not_kept(
        self, situation: Situation, end: str
    ) -> None:
        caller = self.spoken_by(situation)
        assert caller.is_answered(Unanswered()) == "en:message-not-kept"
        assert caller.does(".") == f"→ {end}: kwa in en"

    @pytest.mark.parametrize(
        "situation", [WantsToLeaveMessage(), Waits(place=4, minutes=None, callback=True)]
    )
    def test_who_is_in_line_and_wants_a_person_after_his_message_stays_in_line(
        self, situation: Situation
    ) -> None:
        caller = self.spoken_by(situation)
        caller.is_answered(Registered(DOCKET))
        assert caller.does("0") == "→ music: kwa in en"

    def spoken_by(self, situation: Situation) -> Story:
        """Whoever has just left a message in this situation."""
        caller = Story(PLAIN, situation, language="en")
        caller.does("." if isinstance(situation, WantsToLeaveMessage) else "2.")
        caller.tell(Recorded(12, gone=False))
        return caller

    def test_who_leaves_the_line_for_it_and_changes_his_mind_is_back_in_line(self) -> None:
        caller = Story(GENERAL, WantsToLeaveMessage(), language="en", helpline="kwa", category="leak")
        assert caller.transcript == ["en:leave-message"]
        assert caller.does("0") == "→ music: kwa/leak in en"
