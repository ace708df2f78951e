"""What is to be done at a moment if nothing happens before: one thing for each call and each agent."""

from __future__ import annotations

from typing import Generic, TypeVar

from routing.ids import Instant
from routing.line import Line

Task = TypeVar("Task")


class Agenda(Generic[Task]):
    """Tasks by the name of whom they are about, in order of their moments."""

    def __init__(self) -> None:
        self._tasks: dict[str, tuple[Instant, Task]] = {}
        self._moments: Line[tuple[Instant, str]] = Line()

    def put(self, who: str, at: Instant, task: Task) -> None:
        """Have *task* come up at *at*, in place of any other about *who*."""
        self.strike(who)
        self._tasks[who] = (at, task)
        self._moments.join((at, who))

    def strike(self, who: str) -> None:
        """Have nothing come up about *who*."""
        put = self._tasks.pop(who, None)
        if put is not None:
            self._moments.leave((put[0], who))

    def due(self, now: Instant) -> list[Task]:
        """The tasks whose moment has come, in order."""
        due = []
        for at, who in self._moments:
            if at > now:
                break
            due.append(self._tasks[who][1])
        return due

    def next_moment(self) -> Instant | None:
        """When the next task comes up; None when there is none."""
        first = self._moments.first()
        return None if first is None else first[0]
