"""Routes: what supervisors have said to every caller, and surge mode.

Two parts of the page renew themselves, each by its key, so that a sound being listened to is not cut off by
a queue that grows, nor the form by either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from twisted.internet.interfaces import IReactorTime
from werkzeug.exceptions import NotFound

from agents_ui import texts
from agents_ui.access import Doors
from agents_ui.announcement_ports import (
    AnnouncementForm,
    Announcements,
    BoardError,
    Kind,
    PutUp,
    SpokenFault,
    Unfit,
)
from agents_ui.exchange import Exchange
from agents_ui.pages import Pages, Region, safe
from agents_ui.ports import Visit
from agents_ui.security import seal
from agents_ui.submissions import Submissions, new_submission, submission_of
from routing.ids import AgentId, LanguageCode

HOME: Final = "/announcements"
# Half a minute of speech, as for every prompt; the board has the last word.
LONGEST_TEXT: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The form as it is shown."""

    form: AnnouncementForm
    submission: str = field(default_factory=new_submission)
    errors: Mapping[str, SpokenFault] = field(default_factory=dict)
    stale: bool = False
    """True when nothing was put up because the page was out of date."""
    done: bool = False
    """True after the one before it was put up."""


BLANK: Final = AnnouncementForm(kind=Kind.BROADCAST.value, helplines=(), texts=MappingProxyType({}), until="")


class AnnouncementsPage:
    """What a supervisor sees and does there."""

    def __init__(
        self, pages: Pages, announcements: Announcements, *, clock: IReactorTime, zone: ZoneInfo
    ) -> None:
        self._pages = pages
        self._announcements = announcements
        self._clock = clock
        self._zone = zone
        self._submissions: Submissions[PutUp, Unfit] = Submissions(PutUp)

    def add_to(self, doors: Doors) -> None:
        """Open the routes."""
        doors.get(HOME, self.announcements_page)
        doors.post(HOME, self.put_up_announcement, unsealed=self.put_up_again)
        doors.post(f"{HOME}/end", self.end_announcement)
        doors.post(f"{HOME}/surge", self.switch_surge)
        # A page that is only left open must not keep its session alive.
        doors.get(f"{HOME}/now/<part>", self.announcements_now, touch=False)
        doors.get(f"{HOME}/sound/<announcement>/<spoken>", self.announcement_sound)

    async def announcements_page(self, exchange: Exchange) -> str:
        done = exchange.field("done") == "1"
        return self._page(exchange.visitor, Draft(form=BLANK, done=done))

    async def announcements_now(self, exchange: Exchange, part: str) -> str:
        """One part of the page, unless the browser shows it as it is."""
        if part not in ("surge", "board"):
            raise NotFound()
        region = self._region(part, exchange.visitor)
        if region.key == exchange.field("shown"):
            exchange.request.setResponseCode(204)
            return ""
        return region.html

    async def put_up_announcement(self, exchange: Exchange) -> str:
        form, by = self._handed_in(exchange), _by(exchange)
        submission = submission_of(exchange.field("submission"))
        try:
            outcome = await self._submissions.once(
                by, submission, register=lambda: self._announcements.put_up(form, by=by)
            )
        except BoardError as refused:
            return self._refused(exchange, refused, form)
        if isinstance(outcome, Unfit):
            exchange.request.setResponseCode(422)
            return self._form(exchange, Draft(form=form, errors=outcome.errors))
        if exchange.wants_fragment:
            # The list fetches itself anew.
            exchange.request.setHeader("HX-Trigger", "board-changed")
            return self._form(exchange, Draft(form=BLANK, done=True))
        return exchange.see_other(f"{HOME}?done=1")

    async def put_up_again(self, exchange: Exchange) -> str:
        """What was typed, in a form with a fresh seal: nothing is put up, nothing is lost."""
        exchange.request.setResponseCode(403)
        return self._form(exchange, Draft(form=self._handed_in(exchange), stale=True))

    async def end_announcement(self, exchange: Exchange) -> str:
        await self._announcements.take_down(exchange.field("announcement"), by=_by(exchange))
        return self._changed(exchange, "board")

    async def switch_surge(self, exchange: Exchange) -> str:
        await self._announcements.switch_surge(exchange.field("surge") == "on", by=_by(exchange))
        return self._changed(exchange, "surge")

    async def announcement_sound(self, exchange: Exchange, announcement: str, spoken: str) -> bytes:
        sound = self._announcements.sound(announcement, spoken.removesuffix(".wav"))
        if sound is None:
            raise NotFound()
        exchange.request.setHeader("Content-Type", "audio/wav")
        return sound

    def _changed(self, exchange: Exchange, part: str) -> str:
        if exchange.wants_fragment:
            return self._region(part, exchange.visitor).html
        return exchange.see_other(HOME)

    def _refused(self, exchange: Exchange, refused: BoardError, form: AnnouncementForm) -> str:
        exchange.request.setResponseCode(409)
        text = texts.BOARD_FAULTS[refused.fault]
        if exchange.wants_fragment:
            return self._pages.notice(exchange, text, fault=refused.fault.value)
        return self._page(exchange.visitor, Draft(form=form), notice=text, fault=refused.fault.value)

    def _form(self, exchange: Exchange, draft: Draft) -> str:
        if exchange.wants_fragment:
            return self._form_html(exchange.visitor, draft)
        return self._page(exchange.visitor, draft)

    def _page(self, visit: Visit, draft: Draft, *, notice: str = "", fault: str = "") -> str:
        return self._pages.page(
            "announcements.html",
            visit.account.language,
            account=visit.account,
            csrf=seal(visit.csrf_secret),
            notice=notice,
            fault=fault,
            form_html=safe(self._form_html(visit, draft)),
            surge_html=safe(self._region("surge", visit).html),
            board_html=safe(self._region("board", visit).html),
        )

    def _form_html(self, visit: Visit, draft: Draft) -> str:
        known = self._announcements
        return self._pages.page(
            "_announcement_form.html",
            visit.account.language,
            csrf=seal(visit.csrf_secret),
            draft=draft,
            form=draft.form,
            kinds=texts.KINDS,
            spoken=known.languages,
            required=known.required,
            helplines=known.helplines,
            longest_text=LONGEST_TEXT,
            earliest=datetime.fromtimestamp(self._clock.seconds(), self._zone).strftime("%Y-%m-%dT%H:%M"),
        )

    def _region(self, part: str, visit: Visit) -> Region:
        """A part that renews itself; it tells what it shows when it asks whether that is still so."""
        language, known = visit.account.language, self._announcements
        inner = self._pages.page(
            f"_{part}.html",
            language,
            csrf=seal(visit.csrf_secret),
            kinds=texts.KINDS,
            spoken=known.languages,
            view=known.surge(),
            board=known.in_force(),
        )
        key = hashlib.sha256(inner.encode()).hexdigest()[:16]
        renewed = self._pages.page("_renewed.html", language, part=part, key=key, html=safe(inner))
        return Region(part, key, renewed)

    def _handed_in(self, exchange: Exchange) -> AnnouncementForm:
        return AnnouncementForm(
            kind=exchange.field("kind"),
            helplines=exchange.fields("helpline"),
            texts={
                LanguageCode(code): exchange.field(f"text-{code}") for code in self._announcements.languages
            },
            until=exchange.field("until"),
        )


def _by(exchange: Exchange) -> AgentId:
    return exchange.visitor.account.agent
