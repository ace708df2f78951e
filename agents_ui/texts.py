"""What the console calls things that come to it as codes: states, faults, reasons, languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agents_ui.announcement_ports import BoardFault, Kind, SpokenFault
from agents_ui.ports import DeskFault, FieldFault
from agents_ui.translations import marked as _
from routing.agent import AgentState
from routing.ids import LanguageCode

STATES: Final[Mapping[AgentState, str]] = {
    AgentState.LOGGED_OUT: _("Off duty"),
    AgentState.NOT_READY: _("Not ready"),
    AgentState.AVAILABLE: _("Available"),
    AgentState.RESERVED: _("Call coming"),
    AgentState.RINGING: _("Ringing"),
    AgentState.TALKING: _("Talking"),
    AgentState.WRAP_UP: _("Wrap-up"),
    AgentState.ON_BREAK: _("On break"),
    AgentState.MISSED: _("Call missed"),
    AgentState.UNREACHABLE: _("Phone not connected"),
}

DESK_FAULTS: Final[Mapping[DeskFault, str]] = {
    DeskFault.NO_PHONE: _("No phone is assigned to you. Ask your supervisor."),
    DeskFault.PHONE_TAKEN: _("Another agent is logged in at your phone. Ask your supervisor."),
    DeskFault.PHONE_UNREACHABLE: _("Your phone is not connected. Check its cable and try again."),
    DeskFault.NOT_AT_PHONE: _("You are off duty. Start your shift first."),
    DeskFault.REASON_UNKNOWN: _("This reason for a break no longer exists. Choose another."),
    DeskFault.ROUTER_AWAY: _("The telephone system does not answer. Try again in a few seconds."),
    DeskFault.NO_DOCKET_LEFT: _("No docket number could be given. Your text is kept: save again."),
}

KINDS: Final[Mapping[Kind, str]] = {
    Kind.BROADCAST: _("Broadcast: right after the language"),
    Kind.OUTAGE: _("Outage: before the queue"),
}

SPOKEN_FAULTS: Final[Mapping[SpokenFault, str]] = {
    SpokenFault.REQUIRED: _("Please fill this in."),
    SpokenFault.UNKNOWN: _("Please choose from the list."),
    SpokenFault.TOO_LONG: _("This is more than half a minute of speech. Say it in less."),
    SpokenFault.FIGURES: _("Write numbers in words: the voice would read the figures as one big number."),
    SpokenFault.NOT_WORDS: _("There is nothing here that can be spoken. Write plain words."),
    SpokenFault.UNSPOKEN: _("The voice could not say this. Write it in other words."),
    SpokenFault.NO_MOMENT: _("This is not a date and a time."),
    SpokenFault.PAST: _("This moment is over. Choose a later one."),
}

BOARD_FAULTS: Final[Mapping[BoardFault, str]] = {
    BoardFault.FULL: _("Too many announcements are in force. End one first."),
    BoardFault.NO_VOICE: _("The voice is not installed on the server. Tell the administrator."),
}

FIELD_FAULTS: Final[Mapping[FieldFault, str]] = {
    FieldFault.REQUIRED: _("Please fill this in."),
    FieldFault.TOO_LONG: _("This is too long. Please shorten it."),
    FieldFault.UNKNOWN: _("Please choose from the list."),
    FieldFault.CONTROL_CHARACTER: _("This contains a character that cannot be stored. Type it again."),
    FieldFault.NOT_A_PINCODE: _("A PIN code has six digits, the first of them not 0."),
}

# The site may have others; those are shown as the configuration writes them.
BREAK_REASONS: Final[Mapping[str, str]] = {
    "meal": _("Meal"),
    "tea": _("Tea"),
    "training": _("Training"),
    "meeting": _("Meeting"),
    "personal": _("Personal"),
}

LANGUAGES: Final[Mapping[LanguageCode, str]] = {
    LanguageCode("ml"): _("Malayalam"),
    LanguageCode("en"): _("English"),
    LanguageCode("hi"): _("Hindi"),
    LanguageCode("ta"): _("Tamil"),
    LanguageCode("kn"): _("Kannada"),
    LanguageCode("bn"): _("Bengali"),
}

# What the picture of a helpline's menus says of itself.
FLOW: Final[Mapping[str, str]] = {
    "whole": _("What callers of %(numbers)s go through: %(helpline)s"),
    "language": _("Language"),
    "first_language": _("Silence: %(language)s"),
    "notice": _("Recording notice, version %(version)s"),
    "unrecorded": _("The call is not recorded"),
    "menu": _("Menu"),
    "menu_of": _("Menu: %(helpline)s"),
    "person": _("Or silence, or three wrong keys: to a person of %(helpline)s"),
    "urgent": _("Emergency"),
    "in_line": _("To a person of %(helpline)s"),
    "served": _("Answered without a person; then the menu again, or a person"),
    "message": _("A message becomes a ticket"),
    "waiting": _("Waiting for a person"),
    "place": _("Place and time are told every %(seconds)s seconds"),
    "callback": _("A callback is offered from %(minutes)s minutes on"),
    "talked": _("After the talk"),
    "judgement": _("Is the matter settled? How was the service?"),
    **{f"language_{code}": name for code, name in LANGUAGES.items()},
}

REFUSED: Final = _("The name or the password is wrong.")
STALE_PAGE: Final = _("The page was open for too long. Please try again.")
FORM_NOT_OURS: Final = _("The page is out of date. Your text is kept: wait a moment and try again.")
SIGNED_OUT: Final = _(
    "You have been signed out. Your text is kept: sign in again in a new tab, then go on here."
)
STORAGE_AWAY: Final = _("The database does not answer at the moment. Please try again shortly.")
BROKEN: Final = _("Something went wrong on our side. It has been recorded. Please try again.")

ERROR_TITLES: Final[Mapping[int, str]] = {
    400: _("This request cannot be read"),
    401: _("You are signed out"),
    403: _("Not allowed"),
    404: _("Page not found"),
    405: _("Not possible here"),
    409: _("Not possible now"),
    500: _("An error on our side"),
    503: _("Please wait a moment"),
}
ERROR_TEXTS: Final[Mapping[int, str]] = {
    400: _("Go back and try again."),
    401: _("Sign in again to go on."),
    403: _("Your account may not open this page."),
    404: _("There is nothing at this address."),
    405: _("Go back and try again."),
    409: _("Go back and try again."),
    500: BROKEN,
    503: STORAGE_AWAY,
}
