"""The board of announcements and surge mode, as the console sees them."""

from __future__ import annotations

from agents_ui import announcement_ports as ports
from callcentre.announcements.board import Board, BoardFull, VoiceMissing
from callcentre.announcements.facts import AnnouncementMade, SurgeDeclared
from callcentre.announcements.form import AnnouncementForm, AnnouncementRefused
from routing.ids import AgentId, HelplineId, LanguageCode


class ConsoleAnnouncements:
    """``agents_ui.announcement_ports.Announcements``."""

    def __init__(self, board: Board) -> None:
        self._board = board

    @property
    def languages(self) -> tuple[LanguageCode, ...]:
        """Those of the callers; an empty text is spoken in the first one."""
        return self._board.listeners.languages

    @property
    def required(self) -> tuple[LanguageCode, ...]:
        """Those in which there must be words."""
        return self._board.listeners.required

    @property
    def helplines(self) -> tuple[HelplineId, ...]:
        """Those that an announcement may be for."""
        return self._board.listeners.helplines

    def in_force(self) -> tuple[ports.Announcement, ...]:
        """Everything that is up, the newest first."""
        return tuple(self._shown(made) for made in reversed(self._board.in_force()))

    async def put_up(self, form: ports.AnnouncementForm, *, by: AgentId) -> ports.PutUp | ports.Unfit:
        """Have it spoken and heard, with or without a database.  Raises BoardError."""
        try:
            made = await self._board.put_up(_board_form(form), by=by)
        except AnnouncementRefused as refused:
            return ports.Unfit({p.field: ports.SpokenFault(p.fault.value) for p in refused.problems})
        except BoardFull:
            raise ports.BoardError(ports.BoardFault.FULL) from None
        except VoiceMissing:
            raise ports.BoardError(ports.BoardFault.NO_VOICE) from None
        return ports.PutUp(made.announcement)

    async def take_down(self, announcement: str, *, by: AgentId) -> None:
        """End it now; nothing happens when it is not up."""
        await self._board.take_down(announcement, by=by)

    def sound(self, announcement: str, language: str) -> bytes | None:
        """How it sounds, as a WAV; None when there is no such sound."""
        return self._board.sound(announcement, language)

    def surge(self) -> ports.SurgeView:
        """How surge mode stands."""
        switch = self._board.switch
        crowd = switch.crowd()
        return ports.SurgeView(
            surge=None if switch.declared is None else _surge(switch.declared),
            waiting=crowd.waiting,
            arrivals=crowd.arrivals,
            waiting_limit=switch.limits.waiting,
            arrivals_limit=switch.limits.arrivals_per_minute,
        )

    async def switch_surge(self, on: bool, *, by: AgentId) -> None:
        """Begin or end it by hand."""
        await (self._board.switch.declare(by) if on else self._board.switch.end(by))

    def _shown(self, made: AnnouncementMade) -> ports.Announcement:
        return ports.Announcement(
            id=made.announcement,
            kind=ports.Kind(made.kind.value),
            helplines=tuple(sorted(made.helplines)),
            texts=dict(made.texts),
            made_at=made.at,
            by=made.by,
            until=made.until,
            heard=self._board.is_heard(made.announcement),
        )


def _board_form(form: ports.AnnouncementForm) -> AnnouncementForm:
    return AnnouncementForm(kind=form.kind, helplines=form.helplines, texts=form.texts, until=form.until)


def _surge(declared: SurgeDeclared) -> ports.Surge:
    return ports.Surge(
        cause=ports.SurgeCause(declared.cause.value),
        count=declared.count,
        since=declared.at,
        by=declared.by or "",
    )
