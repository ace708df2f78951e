"""Routes: what callers have spoken to nobody, to be heard by those who serve their helpline."""

from __future__ import annotations

import re
from typing import Final

from twisted.web.static import File
from werkzeug.exceptions import NotFound

from agents_ui.access import Doors
from agents_ui.exchange import Exchange, Unreadable
from agents_ui.message_ports import Messages
from agents_ui.pages import Pages
from agents_ui.security import seal

HOME: Final = "/messages"
# Anything else is nobody's; some of it, such as a NUL, PostgreSQL would not even look for.
DOCKET: Final = re.compile(r"[0-9]{1,20}")


class MessagesPage:
    """The list, and each recording."""

    def __init__(self, pages: Pages, messages: Messages) -> None:
        self._pages = pages
        self._messages = messages

    def add_to(self, doors: Doors) -> None:
        """Open the routes."""
        doors.get(HOME, self.messages_page)
        doors.get(f"{HOME}/<docket>.wav", self.message_recording)

    async def messages_page(self, exchange: Exchange) -> str:
        visit, before = exchange.visitor, exchange.field("before")
        if before and not DOCKET.fullmatch(before):
            raise Unreadable("before")
        found = await self._messages.newest(visit.account.agent, before=before)
        return self._pages.page(
            "messages.html",
            visit.account.language,
            account=visit.account,
            csrf=seal(visit.csrf_secret),
            messages=found.messages,
            more=found.more,
            before=before,
        )

    async def message_recording(self, exchange: Exchange, docket: str) -> File:
        if not DOCKET.fullmatch(docket):
            raise NotFound()
        path = await self._messages.recording(exchange.visitor.account.agent, docket)
        if path is None:
            raise NotFound()
        if "," in (exchange.request.getHeader("range") or ""):
            # No player asks for several parts at once; of three thousand overlapping ones there is no end.
            exchange.request.requestHeaders.removeHeader(b"range")
        # It answers in parts, so that a listener can go back and forth.
        recording = File(str(path))
        recording.type, recording.encoding = "audio/wav", None
        return recording
