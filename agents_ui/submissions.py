"""Keeps one form from becoming two tickets: a double click, a reload, a retry after a broken connection.

The same for announcements.  Each form that is shown carries a number of its own; what came of it is
remembered for a while, in memory.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, TypeAlias, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from routing.ids import AgentId

# An hour of tickets of 500 agents; a repeat comes within seconds.
REMEMBERED: Final = 5_000

# What new_submission makes, and nothing that means something in an address.
SUBMISSION: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")

Safe = TypeVar("Safe")
Refusal = TypeVar("Refusal")
_Key: TypeAlias = tuple[AgentId, str]


def new_submission() -> str:
    """The number of a form about to be shown."""
    return secrets.token_urlsafe(16)


def submission_of(shown: str) -> str:
    """The form's own number as it came back; a new one when that cannot be ours."""
    return shown if SUBMISSION.fullmatch(shown) else new_submission()


class Submissions(Generic[Safe, Refusal]):
    """What came of the forms handed in lately."""

    def __init__(self, safe: type[Safe]) -> None:
        """*safe* is what a form becomes that was taken; everything else is a refusal."""
        self._safe = safe
        self._saved: OrderedDict[_Key, Safe] = OrderedDict()
        self._waiting: dict[_Key, list[Deferred[Safe | Refusal]]] = {}

    def saved(self, agent: AgentId, submission: str) -> Safe | None:
        """What *submission* became, if it did and is remembered."""
        return self._saved.get((agent, submission))

    async def once(
        self,
        agent: AgentId,
        submission: str,
        *,
        register: Callable[[], Coroutine[Any, Any, Safe | Refusal]],
    ) -> Safe | Refusal:
        """What *register* answers, called once however often *submission* is handed in.

        It runs on when who waits for it goes away.  A form that was refused or failed may be handed in again.
        """
        key = (agent, submission)
        if known := self._saved.get(key):
            return known
        waiter: Deferred[Safe | Refusal] = Deferred()
        first = key not in self._waiting
        self._waiting.setdefault(key, []).append(waiter)
        if first:
            Deferred.fromCoroutine(register()).addBoth(self._finish, key)
        return await waiter

    def _finish(self, outcome: Safe | Refusal | Failure, key: _Key) -> None:
        if isinstance(outcome, self._safe):
            self._saved[key] = outcome
            if len(self._saved) > REMEMBERED:
                self._saved.popitem(last=False)
        for waiter in self._waiting.pop(key):
            # A Failure here makes the waiter fail.
            waiter.callback(outcome)
