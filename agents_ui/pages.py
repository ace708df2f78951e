"""Renders pages and their regions from values, in each language.

A region is a part of the desk that is replaced on its own.  Its key says what it shows: the same key, the
same content, nothing to send.  The ticket's key is the call alone, so that no update touches a form in
use.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from agents_ui import texts
from agents_ui.assets import Assets
from agents_ui.exchange import Exchange
from agents_ui.forms import LONGEST, TicketDraft, blank
from agents_ui.options import ConsoleOptions
from agents_ui.pincodes import PinPlace
from agents_ui.ports import DeskFault, DeskView, Role, Visit
from agents_ui.security import seal
from agents_ui.submissions import new_submission
from agents_ui.translations import INTERFACE_LANGUAGES, catalogue, named
from routing.agent import HOLDING, AgentState
from routing.ids import HelplineId, Instant, LanguageCode

# The same few queues are shown to everybody, and every change asks for every part: 500 desks of four parts.
REGIONS_KEPT: Final = 2_000

TEMPLATES: Final = Path(__file__).parent / "templates"

HTMX: Final = json.dumps(
    {
        # Both need what the Content-Security-Policy forbids.
        "includeIndicatorStyles": False,
        "allowEval": False,
        # A saved page would hold citizens' data in the browser's storage.
        "historyEnabled": False,
        # Refusals are fragments too: errors in the form, a notice.
        "responseHandling": [{"code": "204", "swap": False}, {"code": "...", "swap": True}],
    }
)


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the desk, and the key of what it shows."""

    name: str
    key: str
    html: str


class Pages:
    """The console's templates, ready in every language."""

    def __init__(self, options: ConsoleOptions, assets: Assets) -> None:
        self._options = options
        self._environments = {
            language: _environment(language, options=options, assets=assets)
            for language in INTERFACE_LANGUAGES
        }
        self._rendered = lru_cache(REGIONS_KEPT)(self._render)

    def page(self, template: str, language: LanguageCode, **values: object) -> str:
        """*template* in *language*."""
        return self._environments[language].get_template(template).render(**values)

    def desk(
        self,
        view: DeskView,
        visit: Visit,
        *,
        now: float,
        ticket: Region | None = None,
        fault: DeskFault | None = None,
    ) -> str:
        """The whole desk, with *ticket* in place of the region the view asks for."""
        regions = {region.name: region for region in self.regions(view, visit)}
        if ticket is not None:
            regions["ticket"] = ticket
        return self.page(
            "desk.html",
            visit.account.language,
            account=visit.account,
            csrf=seal(visit.csrf_secret),
            now=now,
            regions={name: (region.key, safe(region.html)) for name, region in regions.items()},
            notice=None if fault is None else texts.DESK_FAULTS[fault],
            fault="" if fault is None else fault.value,
        )

    def notice(self, exchange: Exchange, text: str, *, fault: str = "") -> str:
        """*text* above the desk, whatever part of it the request came from; nothing else is touched."""
        exchange.request.setHeader("HX-Retarget", "#notice")
        exchange.request.setHeader("HX-Reswap", "innerHTML")
        return self.page("_notice.html", exchange.language, notice=text, fault=fault)

    def regions(
        self, view: DeskView, visit: Visit, *, shown: Mapping[str, str] = MappingProxyType({})
    ) -> Sequence[Region]:
        """What the desk of *visit* shows, but for the parts whose keys are in *shown*, by their names."""
        language, csrf = visit.account.language, seal(visit.csrf_secret)
        asked = {
            "state": view.state,
            "since": view.since,
            "phone": view.phone,
            "intent": view.intent,
            "reason": view.reason,
            "held": view.state in HOLDING,
        }
        call = {"state": view.state, "card": view.card, "wrap_up_until": view.wrap_up_until}
        found = [
            self._region("state", language, csrf=csrf, **asked),
            self._region("waiting", language, waiting=_longest_first(view.waiting)),
            self._region("card", language, **call),
        ]
        if "ticket" not in shown or shown["ticket"] != ticket_key(view):
            found.append(self.ticket_region(view, visit))
        return [region for region in found if shown.get(region.name) != region.key]

    def ticket_region(self, view: DeskView, visit: Visit) -> Region:
        """A form for the call in hand, the docket of its ticket, or nothing to fill in."""
        card = view.card
        if card is None:
            return Region("ticket", ticket_key(view), self.page("_no_ticket.html", visit.account.language))
        if card.docket:
            html = self.saved(visit, docket=card.docket)
        else:
            html = self.ticket(TicketDraft(form=blank(card), submission=new_submission()), visit)
        return Region("ticket", ticket_key(view), html)

    def ticket(self, draft: TicketDraft, visit: Visit) -> str:
        """The form of *draft*."""
        return self.page(
            "_ticket.html",
            visit.account.language,
            draft=draft,
            form=draft.form,
            helpline=self._options.helpline(draft.form.helpline),
            csrf=seal(visit.csrf_secret),
        )

    def whereabouts(self, draft: TicketDraft, visit: Visit) -> str:
        """The part of the form of *draft* that its PIN code decides."""
        return self.page("_whereabouts.html", visit.account.language, draft=draft, form=draft.form)

    def saved(self, visit: Visit, *, docket: str, journalled: bool = False, answered: bool = False) -> str:
        """What is shown in place of the form once the ticket is safe."""
        return self.page(
            "_saved.html", visit.account.language, docket=docket, journalled=journalled, answered=answered
        )

    def _region(self, name: str, language: LanguageCode, **values: Hashable) -> Region:
        return self._rendered(name, language, tuple(values.items()))

    def _render(self, name: str, language: LanguageCode, values: tuple[tuple[str, Hashable], ...]) -> Region:
        html = self.page(f"_{name}.html", language, **dict(values))
        return Region(name, hashlib.sha256(html.encode()).hexdigest()[:16], html)


def safe(html: str) -> Markup:
    """What a template of ours has made, to stand in another one as it is."""
    return Markup(html)  # noqa: S704


def ticket_key(view: DeskView) -> str:
    """What the ticket region shows: the form, or the docket, of this call."""
    return "" if view.card is None else view.card.call


def _longest_first(waiting: Mapping[HelplineId, int]) -> tuple[tuple[HelplineId, int], ...]:
    """The longest queue first; equal ones keep the order of their ids, so that rows do not jump."""
    return tuple(sorted(waiting.items(), key=lambda entry: (-entry[1], entry[0])))


def _environment(language: LanguageCode, *, options: ConsoleOptions, assets: Assets) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # What the i18n extension adds when it is loaded.
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(_vocabulary(language, options))
    environment.globals["asset"] = assets.url
    environment.filters.update(
        phone=spoken_phone,
        docket=grouped_docket,
        clock=lambda moment: datetime.fromtimestamp(moment, options.timezone).strftime("%H:%M"),
        moment=lambda moment: datetime.fromtimestamp(moment, options.timezone).strftime("%d-%m-%Y %H:%M"),
        named=lambda entry: named(entry.names, language, otherwise=entry.id),
        names=lambda entry: [(code, text) for code, text in entry.names.items() if code != language],
    )
    return environment


def _vocabulary(language: LanguageCode, options: ConsoleOptions) -> dict[str, Any]:
    return {
        "language": language,
        "languages": INTERFACE_LANGUAGES,
        "site_name": options.site_name,
        "htmx_config": HTMX,
        "State": AgentState,
        "Role": Role,
        "PinPlace": PinPlace,
        "states": texts.STATES,
        "field_faults": texts.FIELD_FAULTS,
        "spoken_faults": texts.SPOKEN_FAULTS,
        "call_languages": texts.LANGUAGES,
        "reason_names": texts.BREAK_REASONS,
        "break_reasons": options.break_reasons,
        "districts": options.districts,
        "helpline": lambda helpline: options.helpline(HelplineId(helpline)),
        "longest": LONGEST,
        "waited": minutes_waited,
    }


def spoken_phone(number: str) -> str:
    """An Indian number in groups that can be read out; any other as it is."""
    if number.startswith("+91") and len(number) == len("+919876543210"):
        return f"+91 {number[3:8]} {number[8:]}"
    return number


def grouped_docket(docket: str) -> str:
    """``"2600012345"`` as ``"260 001 2345"``, the groups the farewell prompt speaks."""
    return f"{docket[:3]} {docket[3:6]} {docket[6:]}"


def minutes_waited(queued_at: Instant, answered_at: Instant) -> str:
    """How long a caller waited, as minutes and seconds."""
    minutes, seconds = divmod(max(0, int(answered_at - queued_at)), 60)
    return f"{minutes}:{seconds:02d}"
