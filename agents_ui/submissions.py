"""Keeps one form from becoming two tickets: a double click, a reload, a retry after a broken connection.

Each form that is shown carries a number of its own; what came of it is remembered for a while, in memory.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeAlias

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from agents_ui.ports import Invalid, Registered
from routing.ids import AgentId

# An hour of tickets of 500 agents; a repeat comes within seconds.
REMEMBERED: Final = 5_000

Outcome: TypeAlias = Registered | Invalid
_Key: TypeAlias = tuple[AgentId, str]


def new_submission() -> str:
    """The number of a form about to be shown."""
    return secrets.token_urlsafe(16)


class Submissions:
    """What came of the forms handed in lately."""

    def __init__(self) -> None:
        self._saved: OrderedDict[_Key, Registered] = OrderedDict()
        self._waiting: dict[_Key, list[Deferred[Outcome]]] = {}

    def saved(self, agent: AgentId, submission: str) -> Registered | None:
        """The ticket *submission* became, if it did and is remembered."""
        return self._saved.get((agent, submission))

    async def once(
        self, agent: AgentId, submission: str, *, register: Callable[[], Coroutine[Any, Any, Outcome]]
    ) -> Outcome:
        """What *register* answers, called once however often *submission* is handed in.

        It runs on when who waits for it goes away.  A form that was refused or failed may be handed in again.
        """
        key = (agent, submission)
        if known := self._saved.get(key):
            return known
        waiter: Deferred[Outcome] = Deferred()
        first = key not in self._waiting
        self._waiting.setdefault(key, []).append(waiter)
        if first:
            Deferred.fromCoroutine(register()).addBoth(self._finish, key)
        return await waiter

    def _finish(self, outcome: Outcome | Failure, key: _Key) -> None:
        if isinstance(outcome, Registered):
            self._saved[key] = outcome
            if len(self._saved) > REMEMBERED:
                self._saved.popitem(last=False)
        for waiter in self._waiting.pop(key):
            # A Failure here makes the waiter fail.
            waiter.callback(outcome)
