"""What the hand-over's benchmark reads from Asterisk's events, on floors so small that it is plain."""

from __future__ import annotations

import pytest

from callcentre.telephony.ami.codec import Message
from tests.benchmarks.parts.handoff_record import Record, percentile, phone_of

ALI, BEA = "1001", "1002"
FIRST, SECOND, THIRD = "n1-1.1", "n1-2.2", "n1-3.3"


def queued(at: float, call: str, *, place: float | None = None) -> Message:
    """Our dialplan's word; *place* is when she first queued."""
    return Message.of(
        ("Event", "UserEvent"),
        ("Timestamp", f"{at:.6f}"),
        ("UserEvent", "CallQueued"),
        ("Uniqueid", call),
        ("ChanVariable", f"CC_QUEUED_AT={at if place is None else place:.6f}"),
    )


def joined(at: float, call: str) -> Message:
    """app_queue's word."""
    return Message.of(("Event", "QueueCallerJoin"), ("Timestamp", f"{at:.6f}"), ("Uniqueid", call))


def rings(at: float, call: str, agent: str) -> Message:
    """A call to the agent's phone begins."""
    return Message.of(
        ("Event", "DialBegin"),
        ("Timestamp", f"{at:.6f}"),
        ("Uniqueid", call),
        ("DestChannel", f"PJSIP/{agent}-0000002a"),
        ("DestUniqueid", leg(call, agent)),
    )


def over(at: float, call: str, agent: str) -> Message:
    """The agent's phone is free again."""
    return hangs_up(at, leg(call, agent))


def hangs_up(at: float, channel: str) -> Message:
    return Message.of(("Event", "Hangup"), ("Timestamp", f"{at:.6f}"), ("Uniqueid", channel))


def leg(call: str, agent: str) -> str:
    return f"{call}>{agent}"


class TestHandoffs:
    def test_last_from_an_agents_hang_up_to_her_own_next_call(self) -> None:
        record = Record(
            [
                *(queued(0, FIRST), queued(1, SECOND), queued(2, THIRD)),
                *(rings(3, FIRST, ALI), rings(3.5, SECOND, BEA)),
                over(5, FIRST, ALI),
                over(5.002, SECOND, BEA),
                rings(5.01, THIRD, ALI),
            ]
        )
        assert record.handoffs() == [pytest.approx(0.01)]

    def test_do_not_end_at_the_callers_own_hang_up(self) -> None:
        events = [queued(0, FIRST), rings(1, FIRST, ALI), hangs_up(4, FIRST), over(4.5, FIRST, ALI)]
        record = Record([*events, queued(4.6, SECOND), rings(5, SECOND, ALI)])
        assert record.handoffs() == [pytest.approx(0.5)]

    def test_of_an_agent_who_is_not_called_again_are_none(self) -> None:
        record = Record([queued(0, FIRST), rings(1, FIRST, ALI), over(2, FIRST, ALI)])
        assert record.handoffs() == []

    def test_a_call_that_has_not_ended_is_not_followed_by_one(self) -> None:
        calls = [queued(0, FIRST), queued(1, SECOND), rings(2, FIRST, ALI), rings(3, SECOND, ALI)]
        assert Record(calls).handoffs() == []


class TestDoubleOffers:
    def test_an_agent_who_is_called_while_she_talks(self) -> None:
        record = Record(
            [queued(0, FIRST), queued(1, SECOND), rings(2, FIRST, ALI), rings(3, SECOND, ALI)],
        )
        assert record.double_offers() == 1

    def test_a_caller_for_whom_two_phones_ring(self) -> None:
        record = Record([queued(0, FIRST), rings(1, FIRST, ALI), rings(1.5, FIRST, BEA)])
        assert record.double_offers() == 1

    def test_one_after_the_other_is_none(self) -> None:
        record = Record(
            [
                *(queued(0, FIRST), queued(0, SECOND)),
                *(rings(1, FIRST, ALI), over(2, FIRST, ALI), queued(2, FIRST)),
                *(rings(2, FIRST, BEA), rings(2, SECOND, ALI)),
            ]
        )
        assert record.double_offers() == 0


class TestFifoInversions:
    def test_whoever_queued_later_is_offered_first(self) -> None:
        record = Record(
            [queued(0, FIRST), queued(1, SECOND), rings(2, SECOND, ALI), rings(3, FIRST, BEA)],
        )
        assert record.fifo_inversions() == 1

    def test_every_offer_that_overtakes_counts_once_however_many_it_overtakes(self) -> None:
        early = [queued(0, FIRST), queued(1, SECOND), queued(2, THIRD)]
        record = Record([*early, rings(3, THIRD, ALI), rings(4, SECOND, BEA), hangs_up(5, "other")])
        assert record.fifo_inversions() == 2

    def test_in_order_is_none(self) -> None:
        record = Record(
            [queued(0, FIRST), queued(1, SECOND), rings(2, FIRST, ALI), rings(3, SECOND, BEA)],
        )
        assert record.fifo_inversions() == 0

    def test_one_who_left_at_that_moment_was_not_overtaken(self) -> None:
        record = Record(
            [
                queued(0, FIRST),
                queued(1, SECOND),
                rings(2, SECOND, ALI),
                hangs_up(2.05, FIRST),
                joined(9, "x"),
            ],
        )
        assert record.fifo_inversions() == 0

    def test_one_who_still_waits_at_the_end_was(self) -> None:
        record = Record(
            [queued(0, FIRST), queued(1, SECOND), rings(2, SECOND, ALI), over(8, SECOND, ALI)],
        )
        assert record.fifo_inversions() == 1

    def test_one_whose_turn_may_be_under_way_at_the_end_was_not(self) -> None:
        record = Record(
            [queued(0, FIRST), queued(1, SECOND), rings(2, SECOND, ALI), over(2.05, SECOND, ALI)],
        )
        assert record.fifo_inversions() == 0

    def test_one_who_hung_up_is_not_offered_and_overtakes_nobody(self) -> None:
        record = Record([queued(0, FIRST), queued(1, SECOND), hangs_up(2, SECOND), rings(3, FIRST, ALI)])
        assert record.fifo_inversions() == 0

    def test_whoever_came_back_has_the_place_of_before(self) -> None:
        back = [queued(0, FIRST), rings(1, FIRST, ALI), queued(1.5, SECOND), queued(2, FIRST, place=0)]
        assert Record([*back, rings(3, SECOND, BEA), rings(4, FIRST, ALI)]).fifo_inversions() == 1
        assert Record([*back, rings(3, FIRST, BEA), rings(4, SECOND, ALI)]).fifo_inversions() == 0

    def test_whoever_was_not_there_yet_was_not_overtaken(self) -> None:
        away = [queued(0, FIRST), rings(1, FIRST, ALI), queued(1.5, SECOND), rings(3, SECOND, BEA)]
        record = Record([*away, queued(3.5, FIRST, place=0), rings(5, FIRST, ALI)])
        assert record.fifo_inversions() == 0

    def test_in_app_queue_the_place_is_the_moment_of_joining(self) -> None:
        record = Record(
            [joined(0, FIRST), joined(1, SECOND), rings(2, SECOND, ALI), rings(3, FIRST, BEA)],
        )
        assert record.fifo_inversions() == 1


class TestIdleWhileWaiting:
    def test_an_agent_with_nothing_to_do_while_somebody_waits(self) -> None:
        served = [queued(0, FIRST), queued(0, SECOND), rings(1, FIRST, ALI), over(2, FIRST, ALI)]
        assert Record([*served, rings(2.2, SECOND, ALI)]).idle_while_waiting() == 1
        assert Record([*served, rings(2.05, SECOND, ALI)]).idle_while_waiting() == 0

    def test_counts_the_idleness_the_record_ends_with(self) -> None:
        record = Record(
            [
                *(queued(0, FIRST), queued(0, SECOND), rings(1, FIRST, ALI)),
                *(over(2, FIRST, ALI), hangs_up(3, "other")),
            ]
        )
        assert record.idle_while_waiting() == 1

    def test_in_an_empty_waiting_room_is_none(self) -> None:
        served = [queued(0, FIRST), rings(1, FIRST, ALI), over(2, FIRST, ALI)]
        assert Record([*served, queued(7, SECOND), rings(7.01, SECOND, ALI)]).idle_while_waiting() == 0

    def test_while_one_caller_after_another_waits_goes_on(self) -> None:
        served = [queued(0, FIRST), rings(1, FIRST, ALI), over(2, FIRST, ALI)]
        short = [queued(2, SECOND), queued(2.08, THIRD), hangs_up(2.08, SECOND), hangs_up(2.16, THIRD)]
        assert Record([*served, *short, queued(9, "4"), rings(9, "4", ALI)]).idle_while_waiting() == 1

    def test_while_one_waits_longer_than_another_goes_on(self) -> None:
        served = [queued(0, FIRST), queued(0, SECOND), rings(1, FIRST, ALI), queued(1.5, THIRD)]
        record = Record([*served, hangs_up(1.6, THIRD), over(2, FIRST, ALI), rings(3, SECOND, ALI)])
        assert record.idle_while_waiting() == 1

    def test_before_her_first_call_does_not_count(self) -> None:
        record = Record([queued(0, FIRST), queued(0, SECOND), rings(5, FIRST, ALI), hangs_up(9, "other")])
        assert record.idle_while_waiting() == 0


class TestLeastWaiting:
    def test_counts_who_waited_at_the_emptiest_moment(self) -> None:
        record = Record(
            [
                *(queued(0, FIRST), queued(1, SECOND), queued(2, THIRD)),
                *(rings(3, FIRST, ALI), hangs_up(4, SECOND), queued(5, "4")),
            ]
        )
        assert record.least_waiting(since=2.5) == 1
        assert record.least_waiting(since=4.5) == 1
        assert record.least_waiting(since=5) == 2

    def test_whoever_is_queued_again_without_having_left_waits_once(self) -> None:
        assert Record([queued(0, FIRST), queued(1, FIRST, place=0)]).least_waiting(since=2) == 1

    def test_before_anybody_came_does_not_count(self) -> None:
        record = Record([queued(0, FIRST), queued(1, SECOND)])
        assert record.least_waiting(since=1) == 2


class TestPercentile:
    @pytest.mark.parametrize(
        ("part", "found"), [(0.5, 50.0), (0.99, 99.0), (0.991, 100.0), (1.0, 100.0), (0.0, 1.0)]
    )
    def test_is_the_nearest_rank(self, part: float, found: float) -> None:
        assert percentile([float(n) for n in range(100, 0, -1)], part) == found

    def test_of_few_values_is_one_of_them(self) -> None:
        assert percentile([3.0, 1.0], 0.5) == 1.0
        assert percentile([3.0, 1.0], 0.99) == 3.0
        assert percentile([7.0], 0.5) == 7.0


def test_a_phone_is_named_by_its_channel() -> None:
    assert phone_of("PJSIP/1001-0000002a") == "1001"
    assert phone_of("PJSIP/front-desk-0000002a") == "front-desk"
