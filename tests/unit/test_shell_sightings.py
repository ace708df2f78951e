"""One look at a switch's channels: who is where, as a real Asterisk showed it and in every mixture."""

from __future__ import annotations

import pytest

from callcentre.telephony.ami.codec import Message
from callcentre.telephony.sightings import Sighting, Whereabouts, read, sightings
from routing.ids import AgentId, CallId, Phone
from tests.unit.parts.asterisk_scenes import looks
from tests.unit.parts.channel_rows import BRIDGE, caller_row, leg_row

SEATED = {Phone("1001"): AgentId("anu"), Phone("1003"): AgentId("cai")}


def seen(*rows: Message) -> dict[CallId, Sighting]:
    return sightings(read(rows), agent_at=SEATED.get)


def places(*rows: Message) -> dict[str, tuple[Whereabouts, str | None]]:
    """Where each caller is and with whom."""
    return {call: (sighting.whereabouts, sighting.agent) for call, sighting in seen(*rows).items()}


class TestRecorded:
    @pytest.mark.parametrize(
        ("scene", "whereabouts"),
        [
            (
                "offered, answered, caller hangs up",
                [(Whereabouts.WAITING, None), (Whereabouts.TALKING, "anu")],
            ),
            ("agent hangs up", [(Whereabouts.LEAVING, None)]),
            ("never answered", [(Whereabouts.RINGING, "anu"), (Whereabouts.WAITING, None)]),
            ("offer of a deposed router", [(Whereabouts.WAITING, None)]),
            # No CC_AGENT here: who is called or talks is known by the phone.
            (
                "native queue, caller hangs up",
                [(Whereabouts.RINGING, "cai"), (Whereabouts.TALKING, "anu")],
            ),
        ],
    )
    def test_looks(self, scene: str, whereabouts: list[tuple[Whereabouts, str | None]]) -> None:
        found = [list(places(*rows).values()) for rows in looks(scene)]
        assert found == [[one] for one in whereabouts]

    def test_the_sighting_carries_the_callers_own_account(self) -> None:
        ((call, sighting),) = seen(*looks("never answered")[0]).items()
        assert call == "node1-1795475178.4"
        assert sighting.channel.helpline == "kwa"
        assert sighting.channel.queued_at == 1795475178.165231
        assert sighting.channel.caller_raw == "9447012345"


class TestWhereSheIs:
    @pytest.mark.parametrize(
        ("context", "whereabouts"),
        [
            ("arrive", Whereabouts.MENU),
            ("helplines", Whereabouts.MENU),
            ("waiting", Whereabouts.WAITING),
            ("fallback", Whereabouts.FELL_BACK),
            ("connect", Whereabouts.RINGING),
            ("after", Whereabouts.LEAVING),
            ("turned-away", Whereabouts.LEAVING),
            ("callback-noted", Whereabouts.LEAVING),
            # A citizen whose phone rings, and one who has answered and hears who calls.
            ("from-trunk", Whereabouts.CALLED),
            ("call-back", Whereabouts.CALLED),
        ],
    )
    def test_alone(self, context: str, whereabouts: Whereabouts) -> None:
        assert places(caller_row("node1-1", context)) == {"node1-1": (whereabouts, None)}

    def test_offered_before_the_phone_is_called_she_names_the_agent_herself(self) -> None:
        assert places(caller_row("node1-1", "connect", agent="bea")) == {
            "node1-1": (Whereabouts.RINGING, "bea")
        }

    def test_her_leg_answered_but_not_yet_joined_still_rings(self) -> None:
        rows = [caller_row("node1-1", "connect", agent="anu"), leg_row("node1-1", "1001", bridge=BRIDGE)]
        assert places(*rows) == {"node1-1": (Whereabouts.RINGING, "anu")}

    def test_after_the_talk_the_name_on_her_channel_holds_nobody(self) -> None:
        assert places(caller_row("node1-1", "after", agent="anu")) == {"node1-1": (Whereabouts.LEAVING, None)}

    def test_whom_the_native_queue_has_connected_through_another_node_it_says_itself(self) -> None:
        rows = [
            caller_row("node1-1", "fallback", bridge=BRIDGE, MEMBERNAME="bea"),
            leg_row("node1-1", "node-node2", bridge=BRIDGE),
        ]
        assert places(*rows) == {"node1-1": (Whereabouts.TALKING, "bea")}

    def test_many_callers_and_their_legs_in_any_order(self) -> None:
        rows = [
            leg_row("node1-2", "1003", agent="cai"),
            caller_row("node1-1", "connect", agent="anu", bridge=BRIDGE),
            caller_row("node1-3", "waiting"),
            leg_row("node1-1", "1001", agent="anu", bridge=BRIDGE),
            caller_row("node1-2", "connect", agent="cai"),
        ]
        assert (
            places(*rows)
            == places(*reversed(rows))
            == {
                "node1-1": (Whereabouts.TALKING, "anu"),
                "node1-2": (Whereabouts.RINGING, "cai"),
                "node1-3": (Whereabouts.WAITING, None),
            }
        )

    def test_what_is_no_call_of_ours_is_not_seen(self) -> None:
        completed = Message.of(("Event", "CoreShowChannelsComplete"), ("ListItems", "1"))
        stranger = Message.of(("Event", "CoreShowChannel"), ("Channel", "PJSIP/1001-1"), ("Context", "x"))
        assert seen(completed, stranger, leg_row("node1-9", "1001")) == {}
