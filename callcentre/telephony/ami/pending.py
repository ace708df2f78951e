"""The actions that wait for their answers on one connection, matched by ActionID and bounded in time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from callcentre.telephony.ami.codec import Message
from callcentre.telephony.ami.errors import ActionFailed, ActionRefused, ActionTimedOut, ListTooLong

Answer = list[Message]
"""What came under the ActionID: the response, and the events of the list if one was asked for."""


# How the last event of a list says that it is the last (manager.c, astman_send_list_complete).
_LIST_ENDS: Final = ("complete", "cancelled")


@dataclass(slots=True)
class _Waiting:
    deadline: IDelayedCall
    answer: Deferred[Answer] | None
    """None once nobody waits any more."""
    heard: Answer = field(default_factory=list)

    def settle(self, error: ActionFailed | None) -> None:
        """Ends the wait, once: with *error*, or with what was heard."""
        if self.deadline.active():
            self.deadline.cancel()
        (answer, self.answer), (heard, self.heard) = (self.answer, None), (self.heard, [])
        if answer is None:
            return
        if error is None:
            answer.callback(heard)
        else:
            answer.errback(error)


class PendingActions:
    """Who waits for which answer; *prefix* keeps our ActionIDs apart from those of other sessions."""

    def __init__(self, clock: IReactorTime, *, prefix: str, list_events: int) -> None:
        self._clock = clock
        self._prefix = prefix
        self._list_events = list_events
        self._count = 0
        self._waiting: dict[str, _Waiting] = {}
        self._lists: dict[str, _Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def next_id(self) -> str:
        """An ActionID never used before."""
        self._count += 1
        return f"{self._prefix}-{self._count}"

    def expect(self, action_id: str, name: str, *, within: float, listing: bool = False) -> Deferred[Answer]:
        """The answer to an action about to be sent; *listing* waits for its list of events too.

        Fails with `ActionRefused`, `ActionTimedOut`, `ListTooLong`, or with what `fail_all` is given.
        """
        late = ActionTimedOut(f"{name}: no answer in {within} s")
        deadline = self._clock.callLater(within, self._give_up, action_id, late)
        answer: Deferred[Answer] = Deferred(lambda _: self._cancel(action_id))
        self._waiting[action_id] = waiting = _Waiting(deadline, answer)
        if listing:
            self._lists[action_id] = waiting
        return answer

    def hear_response(self, response: Message) -> bool:
        """Takes the response if it answers one of ours."""
        action_id = response.action_id or ""
        waiting = self._waiting.get(action_id)
        if waiting is None:
            return False
        waiting.heard.append(response)
        if response.get("Response").lower() == "error":
            self._finish(action_id, ActionRefused(response))
        elif action_id not in self._lists:
            self._finish(action_id, None)
        return True

    def hear_event(self, event: Message) -> bool:
        """Takes the event if it belongs to one of our lists."""
        if not self._lists:
            return False
        action_id = event.action_id or ""
        waiting = self._lists.get(action_id)
        if waiting is None:
            return False
        if event.get("EventList").lower() in _LIST_ENDS:
            self._finish(action_id, None)
        elif waiting.answer is not None:
            self._append(action_id, waiting, event)
        return True

    def fail_all(self, error: ActionFailed) -> None:
        """Fails whatever still waits, in the order it was sent."""
        for action_id in list(self._waiting):
            self._finish(action_id, error)

    def _append(self, action_id: str, waiting: _Waiting, event: Message) -> None:
        waiting.heard.append(event)
        # One of them is the response.
        if len(waiting.heard) - 1 > self._list_events:
            self._give_up(action_id, ListTooLong(f"a list has more than {self._list_events} events"))

    def _finish(self, action_id: str, error: ActionFailed | None) -> None:
        waiting = self._waiting.pop(action_id)
        self._lists.pop(action_id, None)
        waiting.settle(error)

    def _cancel(self, action_id: str) -> None:
        # Whoever cancels a Deferred also fires it.
        self._waiting[action_id].answer = None
        self._give_up(action_id, None)

    def _give_up(self, action_id: str, error: ActionFailed | None) -> None:
        # The rest of a list still comes: it stays known, to be swallowed and not taken for news.
        if action_id in self._lists:
            self._lists[action_id].settle(error)
        elif action_id in self._waiting:
            self._finish(action_id, error)
